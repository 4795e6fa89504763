"""From a sale in Shopify to one sales order, and what becomes of it when the order lives on."""

from __future__ import annotations

from decimal import Decimal

import pytest

from mappings.models import RecordLink
from syncflows.models import Attempt, OrderRules, Sync
from syncflows.pipeline.run import drain
from tests.journeys.world import World

FIGURES_OF_1001 = [
    ("TEE", Decimal(2), Decimal("50.00"), Decimal("3.71")),
    ("Discount SAVE10", None, Decimal("-5.00"), Decimal(0)),
    ("MUG", Decimal(1), Decimal("15.00"), Decimal("1.11")),
    ("Discount SAVE10", None, Decimal("-1.50"), Decimal(0)),
    ("Shopify shipping", Decimal(1), Decimal("5.95"), Decimal(0)),
]


def lines(world: World, name: str) -> list[tuple[str, Decimal | None, Decimal, Decimal]]:
    return [
        (line.item, line.quantity, line.amount, sum((tax.amount for tax in line.taxes), Decimal(0)))
        for line in world.document(name).lines
    ]


def test_an_order_placed_on_the_shops_page_arrives_once(world: World) -> None:
    order_id, name = world.buy({"TEE": 2, "MUG": 1}, code="SAVE10")
    found = world.run()
    assert (found.new, world.outcome(name)) == (1, ("done", ""))
    document = world.document(name)
    assert lines(world, name) == FIGURES_OF_1001
    assert (document.total, document.tax, document.status) == (Decimal("69.27"), Decimal("4.82"), "B")
    assert (document.other_number, document.order_id, document.customer) == (name, order_id, "Ada Example")
    assert world.numbers_in_shopify()[name] == document.number

    world.again()
    assert world.outcome(name) == ("done", "")
    assert world.books.count() == 1

    world.do(order_id, "note", note="Please ring twice")
    assert world.run().changed == 1
    assert world.outcome(name) == ("done", "")
    assert world.document(name) == document
    assert Attempt.objects.filter(outcome="written").count() == 1


def test_an_unpaid_order_arrives_and_its_payment_and_shipment_change_nothing(world: World) -> None:
    order_id, name = world.buy({"CAP": 1}, pay="pending")
    world.run()
    document = world.document(name)
    assert (document.total, document.payment_method) == (Decimal("18.94"), "")
    for deed in ("pay", "ship", "archive"):
        world.do(order_id, deed)
        assert world.run().changed == 1
        assert world.outcome(name) == ("done", ""), deed
    assert world.document(name) == document
    assert world.books.count() == 1


@pytest.mark.parametrize(
    ("deed", "parts"),
    [
        ("quantity", {"quantity up"}),
        ("refund", {"refund", "payment"}),
        ("cancel", {"cancel", "refund", "payment"}),
    ],
)
def test_a_written_order_that_changes_in_shopify_blocks_with_the_parts_that_changed(
    world: World, deed: str, parts: set[str]
) -> None:
    order_id, name = world.buy({"TEE": 1})
    world.run()
    document = world.document(name)
    line = document.lines[0].source_id
    more = {"line": f"gid://shopify/LineItem/{line}"} if deed != "cancel" else {}
    world.do(order_id, deed, quantity="3", **more)
    world.run()
    sync = world.sync(name)
    assert (sync.state, sync.reason_code) == ("blocked", "ORDER_CHANGED")
    assert set(sync.reason_field.split(", ")) == parts
    number = document.number
    assert sync.reason.startswith(
        f"Order {name} was changed in Shopify after it was written. {number} is open. "
    )
    assert world.document(name) == document

    world.again()
    assert world.outcome(name) == ("blocked", "ORDER_CHANGED")
    sync.retry()
    drain(seconds=60)
    assert world.outcome(name) == ("blocked", "ORDER_CHANGED")
    assert world.document(name) == document
    assert world.books.count() == 1


def test_an_order_that_changes_before_it_is_written_is_written_as_it_is_now(world: World) -> None:
    order_id, name = world.buy({"TEE": 1})
    world.fault("netsuite", match={"operation": "suiteql"}, action="status_500", times=40)
    world.run()
    assert world.sync(name).state == "waiting"
    world.clear_faults()
    sku_line = Sync.objects.get(name=name).order.payload.document()["lineItems"]["nodes"][0]["id"]
    world.do(order_id, "quantity", line=sku_line, quantity="3")
    world.again()
    assert world.outcome(name) == ("done", "")
    assert lines(world, name) == [
        ("TEE", Decimal(3), Decimal("75.00"), Decimal("6.19")),  # 2.06 as placed + 4.13 for two more
        ("Shopify shipping", Decimal(1), Decimal("5.95"), Decimal(0)),
    ]
    assert world.document(name).total == Decimal("87.14")
    assert world.books.count() == 1


def test_a_document_deleted_in_netsuite_is_never_made_again_by_itself(world: World) -> None:
    world.place("#1001", "#1005")
    world.run()
    world.books.send("DELETE", f"/record/v1/salesOrder/{world.document('#1001').id}")
    assert world.books.count() == 1
    world.again()
    assert world.books.count() == 1
    world.do(world.names()["#1001"], "note", note="still here")
    world.run()
    world.sync("#1001").retry()
    drain(seconds=60)
    assert world.books.count() == 1
    assert RecordLink.objects.filter(kind="sales_order", unlinked_at=None).count() == 2
    world.do(world.names()["#1001"], "cancel")
    world.run()
    assert world.outcome("#1001") == ("blocked", "ORDER_CHANGED")
    assert world.sync("#1001").order.document_total is None
    assert world.books.count() == 1


def test_the_number_goes_back_to_shopify_unless_the_shop_does_not_want_it(world: World) -> None:
    OrderRules.objects.update(write_back=False)
    world.place("#1001")
    world.run()
    assert world.outcome("#1001") == ("done", "")
    assert world.numbers_in_shopify() == {"#1001": ""}

    OrderRules.objects.update(write_back=True)
    world.place("#1005")
    world.again()
    assert world.numbers_in_shopify() == {
        "#1001": world.document("#1001").number,
        "#1005": world.document("#1005").number,
    }
    writes = world.sync("#1001").order.written_back_at
    world.again()
    assert world.sync("#1001").order.written_back_at == writes
    assert world.outcome("#1001") == ("done", "")

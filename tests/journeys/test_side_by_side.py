"""Several shops on one account, and people who type orders into NetSuite themselves: nothing is mixed up or doubled."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from mappings.models import RecordLink
from sandbox.shopify.seeding import builder_for
from shops.models import Shop
from syncflows.models import Sync
from syncflows.pipeline.run import drain
from tests.journeys.world import World


def typed(total: float, **fields: Any) -> dict[str, Any]:
    line = {"item": {"id": "501"}, "quantity": 1, "rate": total, "amount": total, "price": {"id": "-1"}}
    return {
        "entity": {"id": "2001"}, "subsidiary": {"id": "1"}, "currency": {"id": "1"}, "tranDate": "2026-11-02",
        "taxDetailsOverride": True, "item": {"items": [line]}, **fields,
    }  # fmt: skip


def test_an_order_typed_by_hand_is_linked_and_lives_on_as_if_written(world: World) -> None:
    record = world.books.create("salesOrder", typed(69.27, otherRefNum="#1001"))
    other = world.books.create("salesOrder", typed(69.27, otherRefNum="#2001"))
    world.place("#1001", "#1005")
    world.run()
    link = RecordLink.objects.get(kind="sales_order", source_id=world.names()["#1001"])
    assert (link.erp_id, link.recovered) == (record, True)
    assert world.books.totals()[""] == [Decimal("69.27"), Decimal("69.27")]
    assert world.books.count() == 3
    (row,) = world.books.query(f"SELECT tranid FROM transaction WHERE id = {record}")
    assert world.numbers_in_shopify()["#1001"] == row["tranid"]

    world.again()
    assert world.books.count() == 3
    world.do(world.names()["#1001"], "cancel")
    world.run()
    assert world.outcome("#1001") == ("blocked", "ORDER_CHANGED")
    assert world.books.count() == 3
    assert not RecordLink.objects.filter(erp_id=other).exists()


def test_the_same_number_in_two_shops_is_two_orders(four_stores: World) -> None:
    world = four_stores
    twin = builder_for("demo-uk").build({
        "name": "#1001", "created": "2026-11-03T10:00:00Z", "customer": "olivia",
        "taxes": [{"title": "VAT", "rate": "0.20"}], "lines": [{"sku": "MUG", "price": "15.00", "tax": ["2.50"]}],
        "payments": [{"amount": "15.00"}],
    })  # fmt: skip
    world.place("#1001")
    world.pour([twin], "demo-uk")
    world.run()
    world.again()
    ours, theirs = world.document("#1001"), world.document("#1001", "demo-uk")
    assert (ours.total, ours.currency, ours.subsidiary) == (Decimal("69.27"), "USD", "Demo Inc.")
    assert (theirs.total, theirs.currency, theirs.subsidiary) == (Decimal("15.00"), "GBP", "Demo UK Ltd")
    assert ours.other_number == theirs.other_number == "#1001"
    assert world.books.count() == 2
    assert world.numbers_in_shopify() == {"#1001": ours.number}
    assert world.numbers_in_shopify("demo-uk") == {"#1001": theirs.number}


def test_one_shop_that_cannot_go_on_does_not_hold_up_the_others(four_stores: World) -> None:
    world = four_stores
    world.place("#1001")
    world.place("UK1001", store="demo-uk")
    world.place("JP1001", store="demo-jp")
    Shop.objects.filter(key="demo-uk").update(erp_connection=None)
    world.run()
    assert world.outcome("UK1001", "demo-uk") == ("blocked", "NO_CONNECTION")
    assert world.outcome("#1001") == world.outcome("JP1001", "demo-jp") == ("done", "")
    Shop.objects.filter(key="demo-uk").update(erp_connection=Shop.objects.get(key="demo-jp").erp_connection)
    world.sync("UK1001", "demo-uk").retry()
    drain(seconds=60)
    assert world.outcome("UK1001", "demo-uk") == ("done", "")
    assert world.books.count() == 3


def test_a_shop_that_is_switched_off_waits_untouched(four_stores: World) -> None:
    world = four_stores
    world.place("#1001")
    world.place("JP1001", store="demo-jp")
    Shop.objects.filter(key="demo-jp").update(is_active=False)
    world.run()
    assert world.outcome("JP1001", "demo-jp") == ("pending", "")
    assert world.books.count() == 1
    Shop.objects.filter(key="demo-jp").update(is_active=True)
    drain(seconds=60)
    assert not Sync.objects.exclude(state="done").exists()
    assert world.books.count() == 2


def test_a_buyer_of_two_shops_in_two_subsidiaries_is_one_customer_in_each(four_stores: World) -> None:
    world = four_stores
    first, second = (
        builder_for("demo-store").build({
            "name": name, "created": "2026-11-03T10:00:00Z", "customer": "olivia", "lines": [{"sku": "TEE"}],
            "payments": [{"amount": "25.00"}],
        })
        for name in ("#5001", "#5002")
    )  # fmt: skip
    world.place("UK1001", store="demo-uk")
    world.run()
    world.pour([first])
    world.run()
    sync = world.sync("#5001")
    assert (sync.state, sync.reason_code) == ("blocked", "ERP_CUSTOMER_REFUSED")
    assert "#5001" in sync.reason
    assert world.books.count() == 1

    world.books.create("customer", {
        "entityId": "Olivia (US)", "isPerson": True, "firstName": "Olivia", "lastName": "of Demo Inc.",
        "email": "olivia@example.co.uk", "subsidiary": {"id": "1"},
    })  # fmt: skip
    sync.retry()
    world.pour([second])
    world.place("UK1002", store="demo-uk")
    world.run()
    assert not Sync.objects.exclude(state="done").exists()
    for name in ("#5001", "#5002"):
        document = world.document(name)
        assert (document.customer, document.subsidiary) == ("Olivia of Demo Inc.", "Demo Inc.")
    for name in ("UK1001", "UK1002"):
        document = world.document(name, "demo-uk")
        assert (document.customer, document.subsidiary) == ("Olivia O'Brien-Smith", "Demo UK Ltd")


def test_a_customer_made_inactive_in_netsuite_blocks_and_the_one_that_follows_is_found(world: World) -> None:
    world.place("#1005")
    world.run()
    assert world.document("#1005").customer == "Ada Example"
    world.books.send("PATCH", "/record/v1/customer/2002", {"isInactive": True})
    world.place("#1001")
    world.run()
    assert world.outcome("#1001") == ("blocked", "ERP_CUSTOMER_REFUSED")
    world.sync("#1001").retry()
    drain(seconds=60)
    sync = world.sync("#1001")
    assert (sync.state, sync.reason_code) == ("blocked", "INACTIVE_CUSTOMER")
    assert sync.reason == (
        "Order #1001: the customer with the e-mail ada@example.com is inactive in the ERP: Ada Example (id 2002)."
    )
    world.books.send("PATCH", "/record/v1/customer/2002", {"email": "old@example.com"})
    world.sync("#1001").retry()
    drain(seconds=60)
    assert world.outcome("#1001") == ("done", "")
    assert world.document("#1001").customer == "Ada Lovelace"
    assert world.books.count() == 2

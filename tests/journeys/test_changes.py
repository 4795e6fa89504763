"""An order that changes in Shopify after it was written: by stage and policy, to the cent, once."""

from __future__ import annotations

import pytest

from mappings.models import RecordLink
from syncflows.models import Attempt, CancelPolicy, ChangePolicy, Outcome, WrittenDocument
from syncflows.pipeline.run import drain
from tests.journeys.changing import (
    MUG,
    D,
    answer,
    bought,
    by_rule,
    edit,
    line_gid,
    lines,
    notes,
    ship_and_bill,
)
from tests.journeys.world import World

# ------------------------------------------------------------------------------------------------ open documents


def test_an_open_document_is_amended_to_the_cent_and_only_once(world: World) -> None:
    by_rule(ChangePolicy.AMEND)
    order_id, name = bought(world)
    first = world.document(name)
    world.do(order_id, "quantity", line=line_gid(world, name), quantity="3")
    world.run()
    assert world.outcome(name) == ("done", "")
    assert lines(world, name) == [
        ("TEE", D(3), D("75.00"), D("6.19")),
        ("Shopify shipping", D(1), D("5.95"), D(0)),
    ]
    document = world.document(name)
    assert (document.id, document.number, document.total) == (first.id, first.number, D("87.14"))
    assert Attempt.objects.filter(sync__name=name, outcome=Outcome.AMENDED).count() == 1
    assert any("Quantity raised" in note and "(+54.13 USD)" in note for note in notes(world, name))
    link = RecordLink.objects.get(kind="sales_order")
    assert (link.total, link.verified_at is not None) == (D("87.14"), True)

    world.again()
    assert Attempt.objects.filter(sync__name=name, outcome=Outcome.AMENDED).count() == 1
    assert world.document(name) == document
    assert world.books.count() == 1


def test_lines_added_and_discounts_and_addresses_reach_the_open_document(world: World) -> None:
    by_rule(ChangePolicy.AMEND)
    order_id, name = bought(world, 2)  # 50.00 + 4.13 + 5.95 = 60.08
    edit(world, order_id, MUG)
    world.do(order_id, "details", city="Albany", po="PO-7")
    world.run()
    assert world.outcome(name) == ("done", "")
    document = world.document(name)
    assert document.total == D("76.32")  # + 15.00 + 1.24
    assert (document.shipping["city"], document.other_number) == ("Albany", "PO-7")
    gid = line_gid(world, name)
    edit(world, order_id, {"discount": {gid: {"title": "Sorry", "amount": "5.00", "tax": ["0.41"]}}})
    world.run()
    assert world.outcome(name) == ("done", "")
    assert world.document(name).total == D("70.91")
    edit(world, order_id, {"remove": {gid: 1}})
    world.run()
    assert world.outcome(name) == ("done", "")
    order = world.sync(name).order
    assert world.document(name).total == order.total == order.document_total
    assert world.document(name).lines[0].quantity == 1


def test_notes_tags_and_payments_are_noted_once_and_change_nothing(world: World) -> None:
    by_rule(ChangePolicy.AMEND)
    order_id, name = world.buy({"TEE": 1}, pay="pending")
    world.run()
    before = world.document(name)
    world.do(order_id, "note", note="Ring twice")
    world.do(order_id, "details", tags="vip")
    world.do(order_id, "pay")
    world.run()
    assert world.outcome(name) == ("done", "")
    found = notes(world, name)
    assert [note for note in found if note.startswith(("Note", "Tag", "Payment"))] == [
        "Payment: sale by Manual nothing → 33.01 USD success",
        "Note or attribute: Note nothing → Ring twice",
        "Tag: Tag nothing → vip",
        "Tag: Tag placed-by-hand → nothing",
    ]
    rows = Attempt.objects.filter(sync__name=name).count()
    world.again()
    assert Attempt.objects.filter(sync__name=name).count() == rows
    assert world.document(name) == before


def test_the_hubs_own_write_back_is_no_change(world: World) -> None:
    by_rule(ChangePolicy.AMEND, CancelPolicy.CLOSE)
    _, name = bought(world)
    assert world.numbers_in_shopify()[name]
    world.again()
    assert [row.outcome for row in Attempt.objects.filter(sync__name=name)] == [Outcome.WRITTEN]


def test_a_shipment_is_no_change_and_leaves_no_trace(world: World) -> None:
    by_rule(ChangePolicy.AMEND, CancelPolicy.CLOSE)
    order_id, name = bought(world)
    document = world.document(name)
    world.do(order_id, "ship")
    world.do(order_id, "archive")
    world.run()
    assert world.outcome(name) == ("done", "")
    assert [row.outcome for row in Attempt.objects.filter(sync__name=name)] == [Outcome.WRITTEN]
    assert world.document(name) == document


# ------------------------------------------------------------------------------------------------ asking


@pytest.mark.parametrize(
    ("deed", "kinds", "words"),
    [
        ("quantity", {"quantity up"}, "Quantity raised: Cotton tee - Navy / M 1 → 3 (+54.13 USD)"),
        ("refund", {"refund", "payment"}, "Refund or return: 1 lines of the sales ledger (-27.06 USD)"),
        ("cancel", {"cancel", "refund", "payment"}, "Cancelled: the order nothing → customer"),
    ],
)
def test_by_default_a_changed_order_asks_and_shows_what_changed(
    world: World, deed: str, kinds: set[str], words: str
) -> None:
    order_id, name = bought(world)
    document = world.document(name)
    world.do(order_id, deed, quantity="3", line=line_gid(world, name))
    world.run()
    sync = world.sync(name)
    assert (sync.state, sync.reason_code) == ("blocked", "ORDER_CHANGED")
    assert kinds <= set(sync.reason_field.split(", "))
    assert words.split(":", maxsplit=1)[0] in sync.reason
    record = WrittenDocument.objects.get()
    assert record.stage == "open"
    assert len(record.asked()) >= len(kinds)
    world.again()
    sync.retry()
    drain(seconds=60)
    assert world.outcome(name) == ("blocked", "ORDER_CHANGED")
    assert world.document(name) == document
    assert world.books.count() == 1


def test_a_person_applies_what_was_asked(world: World) -> None:
    order_id, name = bought(world)
    world.do(order_id, "quantity", line=line_gid(world, name), quantity="3")
    world.run()
    answer(world, name, "apply_change")
    assert world.outcome(name) == ("done", "")
    assert world.document(name).total == D("87.14")


def test_an_answer_holds_only_for_what_was_shown(world: World) -> None:
    order_id, name = bought(world)
    gid = line_gid(world, name)
    world.do(order_id, "quantity", line=gid, quantity="3")
    world.run()
    world.do(order_id, "quantity", line=gid, quantity="4")
    answer(world, name, "apply_change")
    assert world.outcome(name) == ("blocked", "ORDER_CHANGED")
    assert "1 → 4" in world.sync(name).reason
    assert world.document(name).total == D("33.01")


def test_a_document_is_kept_for_this_version_and_the_difference_stays_visible(world: World) -> None:
    order_id, name = bought(world)
    gid = line_gid(world, name)
    world.do(order_id, "quantity", line=gid, quantity="3")
    world.run()
    answer(world, name, "keep_document")
    sync = world.sync(name)
    assert (sync.state, world.document(name).total) == ("done", D("33.01"))
    assert (sync.order.books_total, sync.order.document_total) == (D("87.14"), D("33.01"))
    assert sync.order.components["goods"] == ["75.00", "25.00"]
    assert sync.order.components["total"] == ["87.14", "33.01"]
    assert sync.warnings == [
        "Left as it is in the ERP. Quantity raised: Cotton tee - Navy / M 1 → 3 (+54.13 USD)"
    ]
    world.again()
    assert world.sync(name).warnings == sync.warnings
    world.do(order_id, "quantity", line=gid, quantity="4")
    world.run()
    sync = world.sync(name)
    assert (sync.state, sync.reason_code) == ("blocked", "ORDER_CHANGED")
    assert "3 → 4" in sync.reason


def test_an_order_that_is_as_it_was_again_asks_nothing_any_more(world: World) -> None:
    order_id, name = bought(world)
    world.do(order_id, "details", city="Albany")
    world.run()
    assert world.outcome(name) == ("blocked", "ORDER_CHANGED")
    city = world.document(name).shipping["city"]
    world.do(order_id, "details", city=city)
    world.run()
    assert world.outcome(name) == ("done", "")
    record = WrittenDocument.objects.get()
    assert (record.changes, record.token) == ([], "")


# ------------------------------------------------------------------------------------------------ by stage


@pytest.mark.parametrize("steps", [("itemFulfillment",), ("invoice",), ("itemFulfillment", "invoice")])
def test_what_was_shipped_or_billed_is_never_altered(world: World, steps: tuple[str, ...]) -> None:
    by_rule(ChangePolicy.AMEND, CancelPolicy.CLOSE)
    order_id, name = bought(world)
    ship_and_bill(world, name, *steps)
    document = world.document(name)
    edit(world, order_id, MUG)
    world.run()
    assert world.outcome(name) == ("blocked", "ORDER_CHANGED")
    world.do(order_id, "cancel")
    world.run()
    assert world.outcome(name) == ("blocked", "ORDER_CHANGED")
    assert world.document(name) == document


def test_value_added_after_partial_billing_becomes_new_lines(world: World) -> None:
    by_rule(ChangePolicy.ADD)
    order_id, name = bought(world, 2)  # 50.00 + 4.13 + 5.95 = 60.08
    rows = [{"orderLine": 1, "quantity": 1}, {"orderLine": 2, "quantity": 0}]
    ship_and_bill(world, name, "invoice", item={"items": rows})
    edit(world, order_id, MUG)
    world.do(order_id, "quantity", line=line_gid(world, name), quantity="3")  # + 25.00 + 2.06
    world.run()
    assert world.outcome(name) == ("done", "")
    assert lines(world, name) == [
        ("TEE", D(2), D("50.00"), D("4.13")),
        ("Shopify shipping", D(1), D("5.95"), D(0)),
        ("TEE", D(1), D("25.00"), D("2.06")),
        ("MUG", D(1), D("15.00"), D("1.24")),
    ]
    assert world.document(name).total == D("103.38")
    world.again()
    assert len(world.document(name).lines) == 4


def test_value_removed_closes_lines_nothing_was_billed_of(world: World) -> None:
    by_rule(ChangePolicy.ADD)
    order_id, name = world.buy({"TEE": 1, "MUG": 2})
    world.run()
    total = world.document(name).total
    rows = [{"orderLine": 1, "quantity": 1}, {"orderLine": 2, "quantity": 0}, {"orderLine": 3, "quantity": 0}]
    ship_and_bill(world, name, "invoice", item={"items": rows})
    mug = f"gid://shopify/LineItem/{world.document(name).lines[1].source_id}"
    world.do(order_id, "quantity", line=mug, quantity="0")
    world.run()
    assert world.outcome(name) == ("done", "")
    assert world.document(name).total == total  # NetSuite goes on counting closed lines
    order = world.sync(name).order
    assert order.document_total == order.total
    state = world.books.send(
        "GET", f"/record/v1/salesOrder/{world.document(name).id}?expandSubResources=true"
    )
    assert [row["isClosed"] for row in state["item"]["items"]] == [False, True, False]


def test_value_that_was_shipped_and_not_billed_asks(world: World) -> None:
    by_rule(ChangePolicy.ADD)
    order_id, name = bought(world, 2)
    ship_and_bill(world, name, "itemFulfillment")
    document = world.document(name)
    world.do(order_id, "quantity", line=line_gid(world, name), quantity="1")
    world.run()
    sync = world.sync(name)
    assert (sync.state, sync.reason_code) == ("blocked", "ORDER_CHANGED")
    assert "of 2 pieces of 'Cotton tee - Navy / M' 0 were billed" in sync.reason
    assert sync.order.components["goods"] == ["25.00", "50.00"]
    assert world.document(name) == document


def test_the_document_of_a_cancelled_order_is_closed_by_rule(world: World) -> None:
    by_rule(cancelled=CancelPolicy.CLOSE)
    order_id, name = bought(world)
    world.do(order_id, "cancel")
    world.run()
    assert world.outcome(name) == ("done", "")
    (row,) = world.books.query(f"SELECT status FROM transaction WHERE id = {world.document(name).id}")
    assert row["status"] == "H"
    world.again()
    assert world.outcome(name) == ("done", "")
    assert Attempt.objects.filter(sync__name=name, outcome=Outcome.CLOSED).count() == 1


def test_a_cancelled_order_whose_document_people_closed_is_noted(world: World) -> None:
    order_id, name = bought(world)
    document = world.document(name)
    closing = [{"line": number, "isClosed": True} for number in (1, 2)]
    world.books.send("PATCH", f"/record/v1/salesOrder/{document.id}", {"item": {"items": closing}})
    world.do(order_id, "cancel")
    world.run()
    assert world.outcome(name) == ("done", "")
    assert "Cancelled: the order nothing → customer" in notes(world, name)

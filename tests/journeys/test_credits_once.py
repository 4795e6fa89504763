"""Credits and further documents exactly once, whatever is lost and whatever changes meanwhile."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from common.clock import now
from mappings.models import RecordLink
from syncflows.models import Attempt, ChangePolicy, Outcome, WrittenDocument
from tests.journeys.changing import MUG, D, answer, bought, by_rule, edit, line_gid, ship_and_bill
from tests.journeys.world import World

CREDIT = {"method": "POST", "path": "!transform/creditMemo"}


def memos(world: World) -> list[Decimal]:
    """What the credit memos of the account come to, oldest first."""
    rows = world.books.query("SELECT foreigntotal FROM transaction WHERE type = 'CustCred' ORDER BY id")
    return [-Decimal(row["foreigntotal"]) for row in rows]


def billed(world: World) -> tuple[str, str]:
    """Two TEEs, 60.08, shipped and billed."""
    order_id, name = bought(world, 2)
    ship_and_bill(world, name, "itemFulfillment", "invoice")
    return order_id, name


def remove(world: World, order_id: str, name: str) -> None:
    edit(world, order_id, {"remove": {line_gid(world, name): 1}})


def total(world: World, name: str) -> tuple[Decimal, Decimal | None]:
    order = world.sync(name).order
    return order.total, order.document_total


@pytest.mark.parametrize("by_person", [False, True])
def test_a_credit_whose_answer_was_lost_is_found_and_not_made_again(world: World, by_person: bool) -> None:
    by_rule(ChangePolicy.ASK if by_person else ChangePolicy.ADD)
    order_id, name = billed(world)
    remove(world, order_id, name)
    if by_person:
        world.run()
    world.fault("netsuite", match=CREDIT, action="drop_after_commit", times=1)
    if by_person:
        answer(world, name, "apply_change")
    else:
        world.run()
    assert (world.sync(name).state, memos(world)) == ("waiting", [D("27.07")])
    assert WrittenDocument.objects.get().pending["part"]["total"] == "27.07"
    world.again()
    assert world.outcome(name) == ("done", "")
    assert memos(world) == [D("27.07")]
    assert total(world, name) == (D("33.01"), D("33.01"))
    link = RecordLink.objects.get(kind="credit_memo")
    assert (link.recovered, link.verified_at is not None, link.erp_number) == (True, True, "CM10001")
    assert WrittenDocument.objects.get().pending == {}


def test_a_credit_that_never_arrived_is_sent_again_under_its_id(world: World) -> None:
    by_rule(ChangePolicy.ADD)
    order_id, name = billed(world)
    remove(world, order_id, name)
    world.fault("netsuite", match=CREDIT, action="timeout_before", times=1)
    world.run()
    assert (world.sync(name).state, memos(world)) == ("waiting", [])
    world.again()
    assert (world.outcome(name), memos(world)) == (("done", ""), [D("27.07")])
    names = set(Attempt.objects.filter(external_id__contains="-cm-").values_list("external_id", flat=True))
    assert len(names) == 1


def test_a_credit_that_may_still_come_is_waited_for_when_the_order_changed_again(world: World) -> None:
    by_rule(ChangePolicy.ADD)
    order_id, name = billed(world)
    remove(world, order_id, name)
    world.fault("netsuite", match=CREDIT, action="timeout_before", times=1)
    world.run()
    remove(world, order_id, name)
    edit(world, order_id, MUG)
    world.again()
    assert (world.outcome(name), memos(world)) == (("waiting", "CHANGE_IN_DOUBT"), [])
    record = WrittenDocument.objects.get()
    record.pending["started_at"] = (now() - timedelta(minutes=16)).isoformat()
    record.save()
    world.again()
    assert (world.outcome(name), memos(world)) == (("done", ""), [D("54.13")])
    assert total(world, name) == (D("22.19"), D("22.19"))


def test_a_credit_that_came_counts_when_the_order_changed_again(world: World) -> None:
    by_rule(ChangePolicy.ADD)
    order_id, name = billed(world)
    remove(world, order_id, name)
    world.fault("netsuite", match=CREDIT, action="drop_after_commit", times=1)
    world.run()
    edit(world, order_id, {**MUG, "remove": {line_gid(world, name): 1}})
    world.again()
    assert world.outcome(name) == ("done", ""), world.sync(name).reason
    assert memos(world) == [D("27.07"), D("27.06")]
    assert total(world, name) == (D("22.19"), D("22.19"))


def test_a_further_order_whose_answer_was_lost_is_found(world: World) -> None:
    by_rule(ChangePolicy.ADD)
    order_id, name = billed(world)
    edit(world, order_id, {**MUG, "remove": {line_gid(world, name): 1}})
    creating = {"method": "POST", "path": "/record/v1/salesOrder"}
    world.fault("netsuite", match=creating, action="drop_after_commit", times=1)
    world.run()
    assert (world.sync(name).state, world.books.count()) == ("waiting", 2)
    world.again()
    assert (world.outcome(name), world.books.count(), memos(world)) == (("done", ""), 2, [D("27.07")])
    assert total(world, name) == (D("49.25"), D("49.25"))
    rows = Attempt.objects.filter(sync__name=name).exclude(outcome=Outcome.INTENT).order_by("pk")
    assert [row.outcome for row in rows] == [
        Outcome.WRITTEN, Outcome.WRITTEN, Outcome.UNKNOWN, Outcome.UNCHANGED,
    ]  # fmt: skip


def test_a_credit_the_erp_refused_is_sent_again_when_a_person_mended_it(world: World) -> None:
    by_rule(ChangePolicy.ADD)
    order_id, name = billed(world)
    world.account(denied_records=["creditMemo"])
    remove(world, order_id, name)
    world.run()
    assert world.sync(name).state == "blocked"
    assert WrittenDocument.objects.get().pending == {}
    world.account(denied_records=[])
    world.sync(name).retry()
    world.run()
    assert (world.outcome(name), memos(world)) == (("done", ""), [D("27.07")])


def test_a_credit_that_was_saved_with_other_figures_blocks(world: World) -> None:
    by_rule(ChangePolicy.ADD)
    order_id, name = billed(world)
    remove(world, order_id, name)
    world.fault("netsuite", match=CREDIT, action="drop_after_commit", times=1)
    world.run()
    (row,) = world.books.query("SELECT id FROM transaction WHERE type = 'CustCred'")
    items = [{"line": 1, "quantity": 1, "amount": 20}]
    world.books.send("PATCH", f"/record/v1/creditMemo/{row['id']}", {"item": {"items": items}})
    world.again()
    assert world.outcome(name) == ("blocked", "READBACK_DIFFERS")
    assert len(memos(world)) == 1

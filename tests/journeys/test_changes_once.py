"""Amending and writing anew exactly once, whatever is lost, and never over what people changed in the ERP."""

from __future__ import annotations

from datetime import timedelta

import pytest

from common.clock import now
from mappings.models import RecordLink
from syncflows.models import Attempt, ChangePolicy, Outcome, Sync, WrittenDocument
from syncflows.pipeline.run import drain
from tests.journeys.changing import MUG, D, answer, bought, by_rule, edit, ship_and_bill
from tests.journeys.world import World

# ------------------------------------------------------------------------------------------------ two people


def test_what_people_changed_in_netsuite_is_not_overwritten_silently(world: World) -> None:
    by_rule(ChangePolicy.AMEND)
    order_id, name = bought(world)
    path = f"/record/v1/salesOrder/{world.document(name).id}"
    world.books.send("PATCH", path, {"item": {"items": [{"line": 1, "description": "x", "quantity": 5}]}})
    changed = world.document(name)
    edit(world, order_id, MUG)
    world.run()
    sync = world.sync(name)
    assert (sync.state, sync.reason_code) == ("blocked", "ORDER_CHANGED")
    assert {"in erp", "line added"} <= set(sync.reason_field.split(", "))
    assert world.document(name) == changed
    answer(world, name, "apply_change")
    assert world.outcome(name) == ("done", "")
    assert world.document(name).total == D("49.25")  # 33.01 + 15.00 + 1.24


# ------------------------------------------------------------------------------------------------ exactly once


def test_a_lost_answer_to_an_amendment_is_looked_up_and_not_sent_again(world: World) -> None:
    by_rule(ChangePolicy.AMEND)
    order_id, name = bought(world)
    edit(world, order_id, MUG)
    world.fault("netsuite", match={"method": "PATCH"}, action="drop_after_commit", times=1)
    world.run()
    assert world.sync(name).state == "waiting"
    document = world.document(name)
    assert document.total == D("49.25")
    world.again()
    assert world.outcome(name) == ("done", "")
    assert world.document(name) == document


def test_what_a_person_applied_goes_on_after_a_lost_answer(world: World) -> None:
    order_id, name = bought(world)
    edit(world, order_id, MUG)
    world.run()
    world.fault("netsuite", match={"method": "PATCH"}, action="drop_after_commit", times=1)
    answer(world, name, "apply_change")
    assert world.sync(name).state == "waiting"
    world.again()
    assert world.outcome(name) == ("done", "")
    assert world.document(name).total == D("49.25")
    assert Attempt.objects.filter(sync__name=name, outcome=Outcome.AMENDED).count() == 1


def test_a_change_made_in_netsuite_after_a_lost_answer_is_asked_about(world: World) -> None:
    order_id, name = bought(world)
    edit(world, order_id, MUG)
    world.run()
    world.fault("netsuite", match={"method": "PATCH"}, action="timeout_before", times=1)
    answer(world, name, "apply_change")
    assert world.sync(name).state == "waiting"
    world.clear_faults()
    path = f"/record/v1/salesOrder/{world.document(name).id}"
    world.books.send("PATCH", path, {"memo": "call first"})
    changed = world.document(name)
    world.again()
    assert world.outcome(name) == ("blocked", "ORDER_CHANGED")
    assert world.document(name) == changed


def test_lines_are_not_added_twice_when_the_answer_was_lost(world: World) -> None:
    by_rule(ChangePolicy.ADD)
    order_id, name = bought(world, 2)
    rows = [{"orderLine": 1, "quantity": 1}, {"orderLine": 2, "quantity": 0}]
    ship_and_bill(world, name, "invoice", item={"items": rows})
    edit(world, order_id, MUG)
    world.fault("netsuite", match={"method": "PATCH"}, action="drop_after_commit", times=1)
    world.run()
    assert world.sync(name).state == "waiting"
    world.again()
    assert world.outcome(name) == ("done", "")
    assert len(world.document(name).lines) == 3


def test_a_request_that_may_still_be_carried_out_is_waited_for(world: World) -> None:
    by_rule(ChangePolicy.ADD)
    order_id, name = bought(world, 2)
    rows = [{"orderLine": 1, "quantity": 1}, {"orderLine": 2, "quantity": 0}]
    ship_and_bill(world, name, "invoice", item={"items": rows})
    edit(world, order_id, MUG)
    world.fault("netsuite", match={"method": "PATCH"}, action="timeout_before", times=1)
    world.run()
    assert world.sync(name).state == "waiting"
    world.again()
    assert world.outcome(name) == ("waiting", "CHANGE_IN_DOUBT")
    assert len(world.document(name).lines) == 2
    Attempt.objects.filter(sync__name=name, outcome=Outcome.UNKNOWN).update(
        started_at=now() - timedelta(minutes=16)
    )
    WrittenDocument.objects.update(updated_at=now() - timedelta(minutes=30))
    world.again()
    assert world.outcome(name) == ("done", "")
    assert len(world.document(name).lines) == 3


# ------------------------------------------------------------------------------------------------ written anew


@pytest.mark.parametrize(("close_old", "status"), [(False, "B"), (True, "H")])
def test_a_person_has_the_order_written_anew_under_an_id_of_its_own(
    world: World, close_old: bool, status: str
) -> None:
    order_id, name = bought(world)
    first = world.document(name)
    edit(world, order_id, MUG)
    world.run()
    answer(world, name, "recreate", close_old=close_old)
    assert world.outcome(name) == ("done", "")
    second = world.books.document(f"{first.external_id}-2")
    assert (second.total, world.books.document(first.external_id).total) == (D("49.25"), D("33.01"))
    (row,) = world.books.query(f"SELECT status FROM transaction WHERE id = {first.id}")
    assert row["status"] == status
    assert RecordLink.objects.filter(kind="sales_order", unlinked_at=None).get().erp_id == second.id
    assert world.numbers_in_shopify()[name] == second.number
    world.again()
    assert world.books.count() == 2


def test_a_worker_that_stops_while_writing_anew_makes_no_third(world: World) -> None:
    order_id, name = bought(world)
    first = world.document(name)
    edit(world, order_id, MUG)
    world.run()
    world.fault(
        "netsuite",
        match={"method": "POST", "path": "/record/v1/salesOrder"},
        action="drop_after_commit",
        times=1,
    )
    answer(world, name, "recreate", close_old=True)
    assert world.sync(name).state == "waiting"
    Sync.objects.update(due_at=now())
    drain(seconds=60)
    assert world.outcome(name) == ("done", "")
    assert world.books.count() == 2
    assert (
        RecordLink.objects.get(unlinked_at=None, kind="sales_order").external_id == f"{first.external_id}-2"
    )


def test_a_lost_answer_to_closing_does_not_stop_writing_anew(world: World) -> None:
    order_id, name = bought(world)
    first = world.document(name)
    edit(world, order_id, MUG)
    world.run()
    world.fault("netsuite", match={"method": "PATCH"}, action="drop_after_commit", times=1)
    answer(world, name, "recreate", close_old=True)
    assert world.sync(name).state == "waiting"
    assert world.books.count() == 1
    world.again()
    assert world.outcome(name) == ("done", "")
    assert world.books.document(f"{first.external_id}-2").total == D("49.25")
    assert world.books.count() == 2


def test_a_billed_document_is_not_given_up(world: World) -> None:
    order_id, name = bought(world)
    ship_and_bill(world, name, "itemFulfillment", "invoice")
    edit(world, order_id, MUG)
    world.run()
    assert not answer(world, name, "recreate")
    assert world.outcome(name) == ("blocked", "ORDER_CHANGED")
    assert world.books.count() == 1

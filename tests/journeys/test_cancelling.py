"""Cancel, pressed in the admin: Shopify's job followed to its end, the ERP's side by its stage."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest

from common.clock import now
from syncflows.actions.outside import PATIENCE, follow_open
from syncflows.models import Action, Sync
from syncflows.pipeline.run import drain
from syncflows.pipeline.staging import discover
from tests.journeys.pressing import Person, entries, in_shopify, payments
from tests.journeys.world import World

ANSWERS = {"why": "CUSTOMER", "refund": "original", "restock": "on", "reason": "Ada changed her mind"}


def written(world: World) -> tuple[str, Sync]:
    """An order of one cap, paid and written to the ERP."""
    order_id, name = world.buy({"CAP": 1})
    world.run()
    assert world.outcome(name) == ("done", "")
    return order_id, world.sync(name)


def test_an_open_order_is_cancelled_on_both_sides(world: World) -> None:
    order_id, sync = written(world)
    total = f"{sync.order.total.normalize():f}"
    number = sync.order.document_number
    olga = Person()
    assert "Say why the order is cancelled." in olga.press(sync, "cancel", **{**ANSWERS, "reason": ""})
    assert in_shopify(world, order_id)["cancelledAt"] is None
    told = olga.press(sync, "cancel", **ANSWERS, staff_note="Called on Monday")
    assert told == f"Order {sync.name} was cancelled in Shopify. {number} was closed in the ERP."
    order = in_shopify(world, order_id)
    assert (order["cancelReason"], order["cancellation"]["staffNote"]) == ("CUSTOMER", "Called on Monday")
    assert payments(order)[-1] == ("REFUND", "shopify_payments", total)
    assert order["refunds"][0]["refundLineItems"]["nodes"] == [{"quantity": 1, "restockType": "CANCEL"}]
    assert status(world, order_id) == "H"
    assert entries() == [("cancel", "done", told)]
    drain(seconds=30)
    sync = world.sync(sync.name)
    assert sync.order.cancelled_at is not None
    assert "cancel" not in olga.buttons(sync)
    assert world.books.count() == 1


def test_nothing_is_refunded_or_restocked_unless_asked_for(world: World) -> None:
    order_id, sync = written(world)
    Person().press(sync, "cancel", why="STAFF", refund="none", reason="Typo")
    order = in_shopify(world, order_id)
    assert order["cancelReason"] == "STAFF"
    assert [kind for kind, _, _ in payments(order)] == ["SALE"]
    assert order["refunds"][0]["refundLineItems"]["nodes"] == [{"quantity": 1, "restockType": "NO_RESTOCK"}]


def test_the_refund_can_go_to_store_credit(world: World) -> None:
    order_id, sync = written(world)
    Person().press(sync, "cancel", **{**ANSWERS, "refund": "store_credit"})
    kind, gateway, _ = payments(in_shopify(world, order_id))[-1]
    assert (kind, gateway) == ("REFUND", "shopify_store_credit")


def test_an_order_that_is_not_in_the_erp_is_excluded(world: World) -> None:
    order_id, name = world.buy({"CAP": 1})
    sync = _staged(world, name)
    told = Person().press(sync, "cancel", **ANSWERS)
    assert told == f"Order {name} was cancelled in Shopify. The ERP has no document of it."
    drain(seconds=30)
    assert world.outcome(name) == ("skipped", "CANCELLED")
    assert in_shopify(world, order_id)["cancelledAt"] is not None


def status(world: World, order_id: str) -> str:
    """The status letter of the sales order: B pending fulfillment, H closed."""
    (row,) = world.books.query(
        f"SELECT status FROM transaction WHERE externalid = 'shp-demo-store-so-{order_id}'"
    )
    return row["status"].rpartition(":")[2]


def _staged(world: World, name: str) -> Sync:
    """A new order, found but not taken up yet."""
    for shop in world.shops.values():
        discover(shop)
    return world.sync(name)


def test_a_shipped_order_is_refused_with_shopifys_words(world: World) -> None:
    order_id, sync = written(world)
    world.do(order_id, "ship")
    told = Person().press(sync, "cancel", **ANSWERS)
    assert "Cannot cancel an order that has outstanding fulfillments" in told
    assert entries() == [("cancel", "failed", told)]
    assert in_shopify(world, order_id)["cancelledAt"] is None
    assert status(world, order_id) == "B"


def test_an_order_that_was_cancelled_in_shopify_meanwhile_is_a_success(world: World) -> None:
    order_id, sync = written(world)
    world.do(order_id, "cancel")
    told = Person().press(sync, "cancel", **ANSWERS)
    assert told.startswith(f"Order {sync.name} was cancelled in Shopify.")
    assert len(in_shopify(world, order_id)["refunds"]) == 1


@pytest.mark.parametrize("fault", ["drop_after_commit", "timeout_before"])
def test_an_answer_that_never_came_is_followed_not_repeated(
    world: World, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("syncflows.actions.deeds.cancelling.WAITS", (0.5, 1.0))
    order_id, sync = written(world)
    world.fault("shopify", match={"operation": "OrderCancel"}, action=fault, times=1)
    told = Person().press(sync, "cancel", **ANSWERS)
    if fault == "drop_after_commit":
        assert told.startswith(f"Order {sync.name} was cancelled in Shopify.")
        assert len(in_shopify(world, order_id)["refunds"]) == 1
        return
    assert entries()[0][1] == "followed"
    assert "cancel" in Person("piet").buttons(sync)
    assert "has begun 'Cancel order'" in Person("piet").press(sync, "cancel", **ANSWERS)
    assert follow_open() == 0
    assert follow_open(now() + PATIENCE + timedelta(minutes=1)) == 1
    kind, state, result = entries()[0]
    assert (kind, state) == ("cancel", "failed")
    assert result.startswith("It did not come to its end within 6 hours: look there.")


def test_a_job_that_takes_long_is_followed_in_the_background(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("syncflows.actions.deeds.cancelling.WAITS", ())
    monkeypatch.setattr("sandbox.shopify.order_mutations.CANCEL_SECONDS", 1.0)
    order_id, sync = written(world)
    told = Person().press(sync, "cancel", **ANSWERS)
    assert told == f"Shopify is cancelling order {sync.name}. The timeline will say what came of it."
    assert status(world, order_id) == "B"
    time.sleep(1.5)
    assert follow_open() == 1
    assert entries()[0][1:] == (
        "done",
        f"Order {sync.name} was cancelled in Shopify. {sync.order.document_number} was closed in the ERP.",
    )
    assert status(world, order_id) == "H"


def test_the_erp_that_is_down_is_asked_again(world: World) -> None:
    order_id, sync = written(world)
    world.fault("netsuite", match={"path": "salesOrder"}, action="status_500", times=50)
    told = Person().press(sync, "cancel", **ANSWERS)
    assert told.startswith(f"Order {sync.name} was cancelled in Shopify. Its document was not closed yet:")
    world.clear_faults()
    assert follow_open() == 1
    assert status(world, order_id) == "H"
    assert Action.objects.get().state == "done"

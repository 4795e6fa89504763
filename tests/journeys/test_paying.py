"""Mark as paid and capture, pressed in the admin: both sides read back, and what happens when it goes wrong."""

from __future__ import annotations

import threading

import pytest
from django.db import connection, connections

from syncflows.models import OrderRules, Sync
from syncflows.models.rules import Treatment
from syncflows.pipeline.run import drain
from tests.journeys.pressing import Person, entries, in_shopify, payments
from tests.journeys.world import World


def bought(world: World, pay: str) -> tuple[str, Sync]:
    """An order of one cap (22.00 and 5.95 shipping, tax 8.25 %: 30.26 or so), staged and taken through the rules."""
    order_id, name = world.buy({"CAP": 1}, pay=pay)
    world.run()
    return order_id, world.sync(name)


def test_an_order_held_for_payment_is_marked_as_paid_and_imported(world: World) -> None:
    OrderRules.objects.update(unpaid_orders=Treatment.HOLD)
    order_id, sync = bought(world, "pending")
    assert world.books.count() == 0
    olga = Person()
    assert "Say how the money came." in olga.press(sync, "mark_paid")
    told = olga.press(sync, "mark_paid", reason="Bank transfer 4711")
    assert told == f"Order {sync.name} was marked as paid in Shopify."
    order = in_shopify(world, order_id)
    assert order["displayFinancialStatus"] == "PAID"
    assert order["totalOutstandingSet"]["shopMoney"]["amount"] == "0.0"
    total = f"{sync.order.total.normalize():f}"
    assert payments(order) == [("SALE", "manual", total)]
    drain(seconds=30)
    assert world.outcome(sync.name) == ("done", "")
    assert world.books.count() == 1
    assert entries() == [("mark_paid", "done", told)]
    sync = world.sync(sync.name)
    assert "mark_paid" not in olga.buttons(sync)


def test_an_order_somebody_else_marked_is_a_success(world: World) -> None:
    order_id, sync = bought(world, "pending")
    world.do(order_id, "pay")
    told = Person().press(sync, "mark_paid", reason="Bank")
    assert told == f"Order {sync.name} was paid already in Shopify."
    assert len(payments(in_shopify(world, order_id))) == 1


def test_an_answer_that_never_came_is_looked_up(world: World) -> None:
    order_id, sync = bought(world, "pending")
    world.fault("shopify", match={"operation": "OrderMarkAsPaid"}, action="drop_after_commit", times=1)
    assert Person().press(sync, "mark_paid", reason="Bank").endswith("was marked as paid in Shopify.")
    assert len(payments(in_shopify(world, order_id))) == 1


def test_an_order_shopify_does_not_let_be_marked(world: World) -> None:
    order_id, sync = bought(world, "pending")
    world.do(order_id, "cancel")
    told = Person().press(sync, "mark_paid", reason="Bank")
    assert told == f"Shopify does not let order {sync.name} be marked as paid (it is cancelled)."
    assert entries() == [("mark_paid", "failed", told)]


def test_part_of_an_authorization_is_captured_after_it_was_shown(world: World) -> None:
    order_id, sync = bought(world, "authorized")
    total = f"{sync.order.total.normalize():f}"
    olga = Person()
    shown = olga.press(sync, "capture", amount="10.00")
    assert f"Capture 10.00 USD of {total} USD authorized" in shown
    assert "This payment can be captured once only" in shown
    assert payments(in_shopify(world, order_id)) == [("AUTHORIZATION", "shopify_payments", total)]
    token = shown.split('name="shown" value="')[1].split('"')[0]
    told = olga.press(sync, "capture", amount="10.00", shown=token)
    assert told == f"10.00 USD of order {sync.name} were captured."
    assert payments(in_shopify(world, order_id))[-1] == ("CAPTURE", "shopify_payments", "10.0")
    assert olga.press(sync, "capture", amount="10.00", shown=token).startswith("Nothing is left to capture")
    assert len(payments(in_shopify(world, order_id))) == 2


def test_more_than_is_authorized_is_refused(world: World) -> None:
    order_id, sync = bought(world, "authorized")
    told = Person().press(sync, "capture", amount="99999")
    assert "99999 USD are more than the" in told
    assert len(payments(in_shopify(world, order_id))) == 1


def test_a_paid_order_offers_neither(world: World) -> None:
    _, sync = bought(world, "paid")
    olga = Person()
    assert not {"mark_paid", "capture"} & olga.buttons(sync)
    assert "not in a state where this can be done" in olga.press(sync, "mark_paid", reason="x")


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="two at once need PostgreSQL")
def test_two_people_who_press_at_once_capture_once(world: World) -> None:
    assert connection.vendor == "postgresql"
    order_id, sync = bought(world, "authorized")
    people = [Person("olga"), Person("piet")]
    tokens = [
        person.press(sync, "capture").split('name="shown" value="')[1].split('"')[0] for person in people
    ]
    together = threading.Barrier(2)

    def press(person: Person, token: str) -> None:
        try:
            together.wait()
            person.send(sync, "capture", shown=token)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=press, args=pair) for pair in zip(people, tokens, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [kind for kind, _, _ in payments(in_shopify(world, order_id))] == ["AUTHORIZATION", "CAPTURE"]
    assert sum(state == "done" for _, state, _ in entries()) == 1, entries()

"""Held orders wait with a reason and an end, and go on by themselves when the reason is gone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from common.clock import now
from sandbox.shopify.seeding import demo_orders
from syncflows import actions, schedules
from syncflows.models import HoldRules, OrderRules, Sync
from syncflows.pipeline.run import drain
from syncflows.states import Hold
from tests.journeys.world import STORE, World


def held(world: World, name: str) -> tuple[str, str, str]:
    """State, hold and cause of an order."""
    sync = world.sync(name)
    return sync.state, sync.hold, sync.reason_code


def hold_rules(world: World, **values: object) -> None:
    HoldRules.objects.update_or_create(shop=world.shops[STORE], defaults=values)


def tagged(world: World, *tags: str) -> None:
    """#1044 with these tags, changed just now."""
    (order,) = [each for each in demo_orders(STORE) if each["name"] == "#1044"]
    world.pour([{**order, "tags": list(tags), "updatedAt": now().strftime("%Y-%m-%dT%H:%M:%SZ")}])


def test_an_order_is_held_while_it_has_the_tag(world: World) -> None:
    hold_rules(world, tags="check-*, rush-*")
    world.place("#1044", "#1001")
    world.run()
    world.again()
    assert held(world, "#1044") == ("pending", Hold.TAG, "TAG_HOLD")
    assert world.sync("#1044").reason == "Order #1044 is held while it has the tag rush-2026 in Shopify."
    assert world.outcome("#1001") == ("done", "")
    tagged(world, "VIP", "check-address")
    world.run()
    assert world.sync("#1044").reason_value == "check-address"
    tagged(world, "VIP")
    world.run()
    assert world.outcome("#1044") == ("done", "")
    assert world.books.count() == 2


def test_a_person_imports_an_order_in_spite_of_its_tag(world: World) -> None:
    hold_rules(world, tags="rush-*")
    world.place("#1044")
    world.run()
    actions.import_now(None, Sync.objects.all(), "The customer called")
    drain(seconds=60)
    assert world.outcome("#1044") == ("done", "")
    assert world.document("#1044").status == "B"


@pytest.mark.parametrize(
    ("then", "end"), [("exclude", ("skipped", "PAYMENT_EXPIRED")), ("block", ("blocked", "PAYMENT_EXPIRED"))]
)
def test_an_unpaid_order_is_given_up_after_its_days_and_comes_in_when_it_is_paid_after_all(
    world: World, then: str, end: tuple[str, str]
) -> None:
    OrderRules.objects.update(unpaid_orders="hold")
    hold_rules(world, unpaid_days=365, unpaid_then=then)
    (order,) = [each for each in demo_orders(STORE) if each["name"] == "#1030"]
    placed = now().replace(microsecond=0) - timedelta(days=20)
    world.pour([{**order, "createdAt": placed.isoformat(), "processedAt": placed.isoformat()}])
    world.run()
    assert held(world, "#1030") == ("pending", Hold.PAYMENT, "UNPAID")
    assert world.sync("#1030").held_until == placed + timedelta(days=365)

    hold_rules(world, unpaid_days=20)  # over this minute
    Sync.objects.update(held_until=placed + timedelta(days=20))
    schedules.tick()
    drain(seconds=60)
    assert world.outcome("#1030") == end
    assert world.sync("#1030").reason == "Order #1030 was not paid within 20 days (pending)."
    assert world.books.count() == 0

    world.do(world.names()["#1030"], "pay")
    world.run()
    assert world.outcome("#1030") == ("done", "")
    assert world.books.count() == 1

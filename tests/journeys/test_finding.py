"""No change is passed over, and no order waits for another's, however the searches fall."""

from __future__ import annotations

from decimal import Decimal

import pytest

from common.errors import Retryable
from sandbox.shopify.seeding import demo_orders
from syncflows.models import Cursor, Sync
from syncflows.pipeline.run import drain
from syncflows.pipeline.staging import discover
from tests.journeys.world import STORE, World


def test_a_change_in_the_second_an_order_was_read_is_not_missed(world: World) -> None:
    # Shopify's stamps have whole seconds: a second change may come with the stamp that was seen already.
    world.place("#1005")
    assert world.run().new == 1
    assert world.run().changed == 1
    assert world.outcome("#1005") == ("done", "")
    assert world.books.count() == 1


def test_an_order_that_has_rested_is_not_taken_up_again(world: World) -> None:
    world.post(f"{world.link.shopify}/_sandbox/reset", {"orders": "demo"})
    shop, there = world.shops[STORE], len(demo_orders(STORE))
    first = discover(shop)
    assert (first.seen, first.new, first.changed) == (there, there, 0)
    second = discover(shop, everything=True)
    assert (second.seen, second.new, second.changed) == (there, 0, 0)
    assert Sync.objects.count() == there


def test_a_search_shopify_cuts_off_says_so_and_the_next_one_loses_nothing(world: World) -> None:
    world.place("#1001")
    world.run()
    before = Cursor.objects.get().position
    world.place("#1005", "#1006")
    world.fault("shopify", match={"operation": "OrderHeaders"}, action="status_500", times=50)
    with pytest.raises(Retryable):
        world.run()
    cursor = Cursor.objects.get()
    assert (cursor.position, cursor.error_code) == (before, "SHOPIFY_DOWN")
    assert world.books.count() == 1
    world.clear_faults()
    assert world.run().new == 2
    assert Cursor.objects.get().error_code == ""
    assert {world.outcome(name) for name in ("#1001", "#1005", "#1006")} == {("done", "")}
    assert world.books.count() == 3


def test_what_was_staged_is_what_is_imported(world: World) -> None:
    world.place("#1001")
    discover(world.shops[STORE])
    staged = world.sync("#1001")
    assert (staged.state, staged.source_id) == ("pending", world.names()["#1001"])
    assert (staged.order.total, staged.order.currency) == (Decimal("69.27"), "USD")
    drain(seconds=30)
    order = world.sync("#1001").order
    assert (order.source_id, order.name, order.total) == (staged.source_id, staged.name, Decimal("69.27"))
    assert world.document("#1001").total == Decimal("69.27")

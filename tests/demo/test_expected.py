"""The list of where demo orders end names exactly the demo's orders, with causes that exist."""

from __future__ import annotations

from common.causes import CAUSES
from integration_hub.demo.results import EXPECTED
from sandbox.shopify.seeding import demo_orders, read_demo


def test_every_demo_order_is_listed_and_nothing_else() -> None:
    there = {store: {order["name"] for order in demo_orders(store)} for store in read_demo("stores")}
    assert {store: set(orders) for store, orders in EXPECTED.items()} == there


def test_states_and_causes_are_words_of_the_hub() -> None:
    listed = [row for orders in EXPECTED.values() for row in orders.values()]
    assert {row["state"] for row in listed} == {"done", "blocked", "skipped"}
    assert {row["code"] for row in listed if row["state"] != "done"} <= CAUSES.keys()
    assert not [row for row in listed if row["state"] == "done" and "code" in row]
    assert all(row["case"] for row in listed)

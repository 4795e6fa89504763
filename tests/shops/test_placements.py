"""Which location ships how many pieces of a line: read whole, however many fulfillment orders and lines there are."""

from __future__ import annotations

from typing import Any

import pytest

from canonical.orders import Order, StaffMember
from common.errors import HubError
from shops.shopify.client import ShopifyClient
from shops.shopify.fetching import fetch_orders
from shops.shopify.orders import normalize_order
from tests.shops.sandboxed import Json, Store, source_id

pytestmark = pytest.mark.django_db
STAFF = {"id": "gid://shopify/StaffMember/77", "name": "Grace Seller", "email": "grace@example.com"}


def read(client: ShopifyClient, order: Json) -> Order:
    found = fetch_orders(client, [source_id(order)])[source_id(order)]
    assert isinstance(found, dict), found
    return normalize_order(found)


def placed(order: Json, *rows: tuple[str, int, dict[int, int]]) -> Json:
    """The order with these fulfillment orders: status, location and pieces by the number of the line."""
    lines = order["lineItems"]["nodes"]
    nodes = [
        {
            "id": f"gid://shopify/FulfillmentOrder/{number}",
            "status": status,
            "assignedLocation": {"location": {"id": f"gid://shopify/Location/{place}"} if place else None},
            "lineItems": {
                "nodes": [
                    {
                        "id": f"gid://shopify/FulfillmentOrderLineItem/{number}{at}",
                        "lineItem": {"id": lines[at]["id"]}, "totalQuantity": pieces, "remainingQuantity": pieces,
                    }
                    for at, pieces in quantities.items()
                ]
            },
        }
        for number, (status, place, quantities) in enumerate(rows, start=1)
    ]  # fmt: skip
    return {**order, "fulfillmentOrders": {"nodes": nodes}}


def found(order: Order) -> list[tuple[int, str, int]]:
    """(number of the line, location, pieces)."""
    ids = [line.source_id for line in order.lines]
    return [(ids.index(each.line_id), each.location_id, each.quantity) for each in order.placements]


def test_every_line_of_an_order_in_one_place_is_there(store: Store) -> None:
    order = store.add(name="#1001", lines=[{"sku": "TEE", "qty": 2}, {"sku": "MUG"}])
    got = read(ShopifyClient(store.shop()), order)
    assert found(got) == [(0, "71001", 2), (1, "71001", 1)]
    assert {each.location_name for each in got.placements} == {"Main warehouse"}


def test_a_line_in_two_places_has_both_and_what_was_given_up_is_left_out(store: Store) -> None:
    order = store.add(name="#1001", lines=[{"sku": "TEE", "qty": 3}])
    given = (
        ("CLOSED", 71001, {0: 1}),
        ("CANCELLED", 71002, {0: 2}),
        ("OPEN", 71002, {0: 2}),
        ("OPEN", 0, {0: 1}),
    )
    store.put(placed(order, *given))
    assert found(read(ShopifyClient(store.shop()), order)) == [(0, "71001", 1), (0, "71002", 2)]


def test_many_fulfillment_orders_with_many_lines_come_in_whole(store: Store) -> None:
    order = store.add(name="#1001", lines=[{"sku": "TEE", "qty": 6}] * 60)
    one_each = dict.fromkeys(range(60), 1)
    store.put(placed(order, *(("OPEN", 71001 + n % 2, one_each) for n in range(6))))
    got = read(ShopifyClient(store.shop()), order)
    assert len(got.placements) == 360
    assert sum(each.quantity for each in got.placements) == 360
    assert store.operations["OrderAssignments"] == 1
    assert store.operations["OrderPlaced"] == 6


def test_an_order_that_was_stored_before_knows_only_its_own_location(store: Store) -> None:
    order = store.add(name="#1001", lines=[{"sku": "TEE"}])
    raw: Any = fetch_orders(ShopifyClient(store.shop()), [source_id(order)])[source_id(order)]
    assert not isinstance(raw, HubError)
    for row in raw["fulfillmentOrders"]["nodes"]:
        del row["lineItems"]
    old = normalize_order(raw)
    assert (old.assigned_location_id, old.placements) == ("71001", ())


def test_the_staff_member_is_read(store: Store) -> None:
    order = store.add(name="#1001", lines=[{"sku": "TEE"}])
    store.put({**order, "staffMember": STAFF})
    got = read(ShopifyClient(store.shop()), order)
    assert got.staff == StaffMember(source_id="77", name="Grace Seller", email="grace@example.com")


def test_a_plan_that_shows_no_staff_is_asked_once_and_the_order_comes_without(store: Store) -> None:
    order = store.add(name="#1001", lines=[{"sku": "TEE"}])
    store.put({**order, "staffMember": STAFF})
    granted = store.sandbox.tokens.app(store.name)["scopes"]
    store.sandbox.tokens.set_scopes(store.name, [s for s in granted if s != "read_users"])
    try:
        client = ShopifyClient(store.shop())
        for _ in range(2):
            assert read(client, order).staff is None
        assert store.operations["OrdersFull"] == 2
        assert client.staff_from > 0
    finally:
        store.sandbox.tokens.set_scopes(store.name, granted)

"""The location Shopify assigned an order to: one, none, deleted, replaced, and not for this app to read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from canonical.orders import Order
from common.errors import HubError, NeedsPerson
from shops.shopify.client import ShopifyClient
from shops.shopify.connection import check_shop
from shops.shopify.fetching import fetch_orders
from shops.shopify.orders import normalize_order
from tests.shops.sandboxed import Json, Store, source_id

pytestmark = pytest.mark.django_db
SCOPE = "read_merchant_managed_fulfillment_orders"
LINES = [{"sku": "TEE"}]


def read(client: ShopifyClient, order: Json) -> Order:
    found = fetch_orders(client, [source_id(order)])[source_id(order)]
    assert isinstance(found, dict), found
    return normalize_order(found)


def rows(*given: tuple[str, int | None]) -> Json:
    """Fulfillment orders by status and location."""
    return {
        "nodes": [
            {
                "id": f"gid://shopify/FulfillmentOrder/{number}",
                "status": status,
                "assignedLocation": {
                    "location": {"id": f"gid://shopify/Location/{place}", "name": "Here"} if place else None
                },
            }
            for number, (status, place) in enumerate(given, start=1)
        ]
    }


@pytest.fixture
def narrow(store: Store) -> Iterator[Store]:
    """The store as an app sees it that was not granted any scope for fulfillment orders."""
    granted = store.sandbox.tokens.app(store.name)["scopes"]
    store.sandbox.tokens.set_scopes(store.name, [s for s in granted if "fulfillment_orders" not in s])
    yield store
    store.sandbox.tokens.set_scopes(store.name, granted)


@pytest.mark.parametrize(("sold_at", "expected"), [({}, "71001"), ({"location": 71002}, "71002")])
def test_an_order_has_the_location_it_ships_from(store: Store, sold_at: Json, expected: str) -> None:
    order = store.add(name="#1001", lines=LINES, **sold_at)
    assert read(ShopifyClient(store.shop()), order).assigned_location_id == expected


def test_an_order_that_needs_no_shipping_has_none(store: Store) -> None:
    order = store.add(name="#1001", lines=[{"sku": "GIFT-50", "gift_card": True}])
    assert read(ShopifyClient(store.shop()), order).assigned_location_id == ""


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (rows(("OPEN", None)), ""),  # the location was deleted
        (rows(("CLOSED", 71001)), "71001"),  # shipped, or cancelled before that
        (rows(("CANCELLED", 71001), ("OPEN", 71002)), "71002"),
        (rows(("INCOMPLETE", 71001), ("SCHEDULED", 71002)), "71002"),
        (rows(("CLOSED", 71001), ("OPEN", 71002)), "71001"),
        (rows(("CANCELLED", 71001)), "71001"),
        (rows(), ""),
    ],
)
def test_the_first_fulfillment_order_that_was_not_given_up_counts(
    store: Store, given: Json, expected: str
) -> None:
    order = store.add(name="#1001", lines=LINES)
    store.put({**order, "fulfillmentOrders": given})
    assert read(ShopifyClient(store.shop()), order).assigned_location_id == expected


def test_one_that_was_moved_away_is_not_asked_for(store: Store) -> None:
    order = store.add(name="#1001", lines=LINES)
    given = rows(("CLOSED", 71001), ("OPEN", 71002))
    given["nodes"][0]["_hidden"] = True
    store.put({**order, "fulfillmentOrders": given})
    assert read(ShopifyClient(store.shop()), order).assigned_location_id == "71002"


def test_a_location_that_cannot_be_read_is_named(store: Store) -> None:
    order = store.add(name="#1001", lines=LINES)
    raw: Any = fetch_orders(ShopifyClient(store.shop()), [source_id(order)])[source_id(order)]
    raw["fulfillmentOrders"] = {"nodes": [{"status": "OPEN", "assignedLocation": {"location": {"id": 7}}}]}
    with pytest.raises(NeedsPerson, match=r"fulfillmentOrders\.0\.assignedLocation\.location\.id is '7'"):
        normalize_order(raw)


def test_without_the_scope_orders_come_without_location(narrow: Store) -> None:
    orders = [narrow.add(name=f"#{1001 + n}", lines=LINES) for n in range(3)]
    client = ShopifyClient(narrow.shop())
    found = fetch_orders(client, [source_id(order) for order in orders])
    assert [normalize_order(raw).name for raw in found.values() if isinstance(raw, dict)] == [
        "#1001", "#1002", "#1003",
    ]  # fmt: skip
    assert read(client, orders[0]).assigned_location_id == ""
    assert narrow.operations["OrdersFull"] == 3, "refused once, read without, and not asked for again"
    assert client._expected == {"orders_full": 172}


def test_a_scope_granted_later_is_noticed(narrow: Store) -> None:
    order = narrow.add(name="#1001", lines=LINES)
    client = ShopifyClient(narrow.shop())
    assert read(client, order).assigned_location_id == ""
    granted = narrow.sandbox.tokens.app(narrow.name)["scopes"]
    narrow.sandbox.tokens.set_scopes(narrow.name, [*granted, SCOPE])
    assert read(client, order).assigned_location_id == "", "not asked for again so soon"
    client.locations_from -= 600
    assert read(client, order).assigned_location_id == "71001"


def test_another_missing_scope_is_still_told(narrow: Store) -> None:
    order = narrow.add(name="#1001", lines=LINES, customer="ada")
    granted = narrow.sandbox.tokens.app(narrow.name)["scopes"]
    narrow.sandbox.tokens.set_scopes(narrow.name, [s for s in granted if "customers" not in s])
    error = fetch_orders(ShopifyClient(narrow.shop()), [source_id(order)])[source_id(order)]
    assert isinstance(error, HubError)
    assert (error.code, error.value) == ("MISSING_SCOPE", "read_customers")


def test_test_connection_says_that_locations_cannot_be_assigned(narrow: Store) -> None:
    narrow.add(name="#1001", lines=LINES)
    checks = {check.name: check for check in check_shop(narrow.shop())}
    assert [check.name for check in checks.values() if not check.ok] == [f"Scope {SCOPE}"]
    told = checks[f"Scope {SCOPE}"]
    assert "orders are still imported, but none can be assigned a location" in told.detail
    assert SCOPE in told.fix
    assert checks["Read orders with ledger and transactions"].detail == "Order #1001 was read in full."

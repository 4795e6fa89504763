"""Fulfillment orders: where an order ships from, how far it is, what it costs to ask, and who may."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.shopify.load import pour
from sandbox.shopify.scopes import ALL_SCOPES

from .conftest import Client

QUERY = """query($id: ID!) { order(id: $id) {
  id fulfillmentOrders(first: 2, displayable: true) { nodes { status assignedLocation { location { id name } } } }
} }"""
OWN = "read_merchant_managed_fulfillment_orders"


def _places(demo: Client, name: str) -> list[tuple[str, str]]:
    found = demo.run(QUERY, id=demo.order_id(name))["order"]["fulfillmentOrders"]["nodes"]
    return [(row["status"], row["assignedLocation"]["location"]["name"]) for row in found]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("#1001", [("OPEN", "Main warehouse")]),
        ("#1004", []),  # a gift card by mail needs no shipping
        ("#1015", [("CLOSED", "Boston store")]),  # sold and handed over at the till
        ("#1020", [("CLOSED", "Main warehouse")]),  # cancelled before shipping
        ("#1027", [("IN_PROGRESS", "Main warehouse")]),  # shipped in part
        ("#1028", [("CLOSED", "Main warehouse")]),  # shipped
    ],
)
def test_demo_orders_ship_from_one_location(demo: Client, name: str, expected: list[Any]) -> None:
    assert _places(demo, name) == expected


def test_without_a_scope_the_whole_order_is_null_because_the_field_cannot_be(demo: Client) -> None:
    gid = demo.order_id("#1001")
    demo.sandbox.tokens.set_scopes(
        demo.store, [scope for scope in ALL_SCOPES if "fulfillment_orders" not in scope]
    )
    answer = demo.post(QUERY, {"id": gid}).json()
    assert answer["data"] == {"order": None}
    [error] = answer["errors"]
    assert error["path"] == ["order", "fulfillmentOrders"]
    assert error["extensions"]["code"] == "ACCESS_DENIED"
    assert OWN in error["extensions"]["requiredAccess"]


def test_the_scope_of_fulfillment_services_does_not_show_the_shops_own(demo: Client) -> None:
    gid = demo.order_id("#1001")
    kept = [scope for scope in ALL_SCOPES if "merchant_managed" not in scope]
    assert "read_third_party_fulfillment_orders" in kept
    demo.sandbox.tokens.set_scopes(demo.store, kept)
    assert demo.run(QUERY, id=gid)["order"]["fulfillmentOrders"] == {"nodes": []}


def test_what_asking_costs(demo: Client) -> None:
    cost = demo.post(QUERY, {"id": demo.order_id("#1001")}).json()["extensions"]["cost"]
    assert cost["requestedQueryCost"] == 1 + 2 + 1 * (1 + 1 + 1)
    assert cost["actualQueryCost"] == 5  # 1 + 2 + 1/2 * 3, rounded up


def test_one_that_was_moved_away_is_seen_only_by_who_asks_for_all(demo: Client) -> None:
    shop = demo.sandbox.shop(demo.store)
    gid = demo.order_id("#1001")
    order = shop.editable(gid)
    assert order is not None
    [row] = order["fulfillmentOrders"]["nodes"]
    boston = {"location": {"id": "gid://shopify/Location/71002"}}
    moved = {**row, "id": row["id"] + "9", "assignedLocation": boston}
    order["fulfillmentOrders"] = {"nodes": [{**row, "status": "CLOSED", "_hidden": True}, moved]}
    shop.put("Order", order)
    assert _places(demo, "#1001") == [("OPEN", "Boston store")]
    everything = demo.run(QUERY.replace(", displayable: true", ""), id=gid)
    assert len(everything["order"]["fulfillmentOrders"]["nodes"]) == 2


def test_a_recorded_order_keeps_its_own_and_lacking_parts_are_filled_in(empty: Client) -> None:
    line = {"title": "A", "originalUnitPriceSet": {"shopMoney": {"amount": "1.0", "currencyCode": "USD"}}}
    gid = "gid://shopify/Order/1"
    recorded: dict[str, Any] = {
        "id": gid, "name": "#1", "currencyCode": "USD", "lineItems": {"nodes": [line]},
        "fulfillmentOrders": {"nodes": [{"status": "ON_HOLD"}]},
    }  # fmt: skip
    pour(empty.sandbox.shop(empty.store), [recorded])
    assert empty.run(QUERY, id=gid)["order"]["fulfillmentOrders"]["nodes"] == [
        {"status": "ON_HOLD", "assignedLocation": {"location": None}}
    ]

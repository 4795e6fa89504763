"""The fulfillment orders of an order: which location is to ship it, and how far that is.

Shopify makes them itself when an order is placed, and closes one when nothing of it is left to ship, whether it was
shipped or cancelled (recorded orders, 2025-01 to 2026-07). The sandbox routes a whole order to one place: the store it
was sold in, else the main warehouse. Recorded orders keep what they came with.
"""

from __future__ import annotations

from typing import Any

from sandbox.shopify.catalog import MAIN_WAREHOUSE
from sandbox.shopify.documents import number_of
from sandbox.shopify.linking import nodes

Json = dict[str, Any]


def settle_fulfillment_orders(order: Json) -> None:
    """Give an order that is to be shipped its fulfillment order, and bring the status of a single one up to date."""
    lines = [line for line in nodes(order["lineItems"]) if line["requiresShipping"]]
    rows = nodes(order.get("fulfillmentOrders"))
    if lines and not rows:
        rows = [_routed(order)]
    if len(rows) == 1:
        waiting = any(line["unfulfilledQuantity"] for line in lines)
        started = any(each["status"] == "SUCCESS" for each in order.get("fulfillments") or ())
        rows[0]["status"] = ("IN_PROGRESS" if started else "OPEN") if waiting else "CLOSED"
    order["fulfillmentOrders"] = {"nodes": rows}


def _routed(order: Json) -> Json:
    place = order.get("retailLocation") or {"id": f"gid://shopify/Location/{MAIN_WAREHOUSE}"}
    return {
        "id": f"gid://shopify/FulfillmentOrder/{number_of(order['id']) * 10000 + 1}",
        "status": "OPEN",
        "assignedLocation": {"location": {"id": place["id"]}},
    }

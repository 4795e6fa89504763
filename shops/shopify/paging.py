"""The pages of one order that did not fit the first answer: all lines, discounts, agreements and sales."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from common.errors import NeedsPerson
from shops.shopify.answers import Json
from shops.shopify.client import ShopifyClient

PAGE = 250
AGREEMENTS_PAGE = 40
SALES_IN_AGREEMENT = 50
PLACES_PAGE = 20
PLACED_LINES = 50
CONNECTIONS = {
    "lineItems": "order_lines",
    "shippingLines": "order_shipping_lines",
    "discountApplications": "order_discounts",
}


class OrderMoved(Exception):
    """The order changed in Shopify between two pages, so the pages do not belong together."""


def complete(client: ShopifyClient, node: Json) -> Json:
    """The order with every connection read to its end and flattened to {"nodes": [...]}; `node` is left as it is.

    Raises OrderMoved when `updatedAt` changed in between, NeedsPerson ORDER_GONE when the order vanished, and the
    client's errors.
    """
    order = dict(node)
    for field, operation in CONNECTIONS.items():
        order[field] = {"nodes": _all(client, order, operation, node[field], "nodes")}
    edges = _all(client, order, "order_agreements", node["agreements"], "edges")
    order["agreements"] = {"nodes": [_nested(client, order, _SALES, edges, at) for at in range(len(edges))]}
    if "fulfillmentOrders" in node:
        edges = _all(client, order, "order_assignments", node["fulfillmentOrders"], "edges")
        placed = [_nested(client, order, _PLACED, edges, at) for at in range(len(edges))]
        order["fulfillmentOrders"] = {"nodes": placed}
    return order


def _all(client: ShopifyClient, order: Json, operation: str, first: Json, key: str) -> list[Json]:
    rows = list(first[key])
    info = first["pageInfo"]
    while info["hasNextPage"]:
        variables: Json = {"id": order["id"], "first": PAGE, "after": info["endCursor"]}
        if operation == "order_agreements":
            variables |= {"first": AGREEMENTS_PAGE, "sales": SALES_IN_AGREEMENT}
        elif operation == "order_assignments":
            variables |= {"first": PLACES_PAGE, "placed": PLACED_LINES}
        page = _page(client, order, operation, variables, lambda found: found["page"])
        rows.extend(page[key])
        info = page["pageInfo"]
    return rows


@dataclass(frozen=True, slots=True)
class _Nested:
    """A connection inside the rows of another one: its field, the query that reads more of it, and the outer field."""

    field: str
    operation: str
    outer: str


_SALES = _Nested("sales", "order_sales", "agreements")
_PLACED = _Nested("lineItems", "order_placed", "fulfillmentOrders")


def _nested(client: ShopifyClient, order: Json, kind: _Nested, edges: list[Json], at: int) -> Json:
    """One row (an agreement, a fulfillment order) with all the rows in it. It cannot be read by its id, so it is
    reached as the first one after the one before it."""
    row: Json = edges[at]["node"]
    found = list(row[kind.field]["nodes"])
    info = row[kind.field]["pageInfo"]
    before = edges[at - 1]["cursor"] if at else None
    while info["hasNextPage"]:
        variables = {"id": order["id"], "before": before, "first": PAGE, "after": info["endCursor"]}

        def rows_of(answer: Json) -> Json:
            nodes = answer[kind.outer]["nodes"]
            if not nodes or nodes[0]["id"] != row["id"]:
                raise OrderMoved
            page: Json = nodes[0]["page"]
            return page

        page = _page(client, order, kind.operation, variables, rows_of)
        found.extend(page["nodes"])
        info = page["pageInfo"]
    return {**row, kind.field: {"nodes": found}}


def _page(
    client: ShopifyClient, order: Json, operation: str, variables: Json, pick: Callable[[Json], Any]
) -> Json:
    found = client.execute(operation, variables)["order"]
    if found is None:
        raise NeedsPerson(
            "ORDER_GONE",
            f"Order {order['name']} vanished from Shopify while it was read.",
            value=order["name"],
        )
    if found["updatedAt"] != order["updatedAt"]:
        raise OrderMoved
    page: Json = pick(found)
    return page

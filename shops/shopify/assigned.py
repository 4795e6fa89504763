"""The location Shopify assigned an order to, and orders without it where the app may not read fulfillment orders.

`Order.fulfillmentOrders` cannot be null, so a refusal takes the whole order out of the answer with it (the error's path
ends in the field). The query therefore leaves the field out on demand: the hub asks for it, and when Shopify refuses it
reads the same orders again without, and goes on without for a while. Nobody has to tell the hub of a scope that was
granted later; it asks again by itself.

Two fulfillment orders are asked for (the price of one: shopify.md, section 2.1), without those that were moved or
combined away (`displayable`), because one that was given up comes before the one that took its place.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

from shops.shopify.client import ShopifyClient
from shops.shopify.reading import Node, each, id_of, part, text

FIELD = "fulfillmentOrders"
ASK_AGAIN = 600.0
"""Seconds for which a client that was refused does not ask."""
GIVEN_UP = frozenset({"CANCELLED", "INCOMPLETE"})
"""Statuses of fulfillment orders that ship nothing (any more); what is left moves to another one."""


def may_ask(client: ShopifyClient) -> bool:
    """True unless Shopify refused the field to this client a short while ago."""
    return time.monotonic() >= client.locations_from


def refused(client: ShopifyClient, errors: Sequence[Mapping[str, Any]]) -> bool:
    """True when the errors of an answer say that fulfillment orders may not be read; the client remembers it."""
    found = any(
        FIELD in (error.get("path") or ()) and (error.get("extensions") or {}).get("code") == "ACCESS_DENIED"
        for error in errors
    )
    if found:
        client.locations_from = time.monotonic() + ASK_AGAIN
    return found


def read_assigned(order: Node) -> str:
    """The location of the order's first fulfillment order that was not given up (else of its first); "" when there is
    none, or when the location was deleted since. Raises Unreadable."""
    found = each(order, FIELD, _fulfillment_order)
    return next((place for status, place in found if status not in GIVEN_UP), found[0][1] if found else "")


def _fulfillment_order(node: Node) -> tuple[str, str]:
    return text(node, "status"), part(node, "assignedLocation", lambda place: id_of(place, "location")) or ""

"""The location Shopify assigned an order to, and orders without it where the app may not read fulfillment orders.

`Order.fulfillmentOrders` cannot be null, so a refusal takes the whole order out of the answer with it (the error's path
ends in the field). The query therefore leaves the field out on demand: the hub asks for it, and when Shopify refuses it
reads the same orders again without, and goes on without for a while. Nobody has to tell the hub of a scope that was
granted later; it asks again by itself.

Fulfillment orders are asked for with their lines, so that each line has the locations that ship it; without those that
were moved or combined away (`displayable`), because one that was given up comes before the one that took its place.

The staff member of an order is shown to some plans only, and with a scope of its own. That field may be null, so a
refusal leaves the order whole.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

import structlog

from canonical.orders import Placement
from shops.shopify.client import ShopifyClient
from shops.shopify.reading import Node, each, id_of, integer, part, text

log = structlog.get_logger(__name__)
FIELD = "fulfillmentOrders"
STAFF = "staffMember"
NO_LINES: Mapping[str, Any] = {"nodes": ()}
"""What orders that were stored before their lines were asked for have."""
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


def may_ask_staff(client: ShopifyClient) -> bool:
    """True unless Shopify refused to show staff to this client a short while ago."""
    return time.monotonic() >= client.staff_from


def without_staff(client: ShopifyClient, errors: Sequence[Mapping[str, Any]]) -> tuple[Any, ...]:
    """The errors of an answer but for those that say staff may not be read, which the plan or the scope decides: the
    field is null then, and the order whole. The first one is logged, and the field not asked for again for a while."""
    others = tuple(error for error in errors if STAFF not in (error.get("path") or ()))
    if len(others) < len(errors):
        if not client.staff_from:
            log.warning("staff_not_shown", detail="Shopify shows this app no staff members of orders.")
        client.staff_from = time.monotonic() + ASK_AGAIN
    return others


def read_assigned(order: Node) -> str:
    """The location of the order's first fulfillment order that was not given up (else of its first); "" when there is
    none, or when the location was deleted since. Raises Unreadable."""
    found = each(order, FIELD, _fulfillment_order)
    return next((place for status, place in found if status not in GIVEN_UP), found[0][1] if found else "")


def read_placements(order: Node) -> tuple[Placement, ...]:
    """The pieces of each line by the location that ships them, in the order of the fulfillment orders; what was given
    up or has lost its location is left out. Raises Unreadable."""
    return tuple(one for found in each(order, FIELD, _placed) for one in found)


def _fulfillment_order(node: Node) -> tuple[str, str]:
    return text(node, "status"), _place(node)


def _place(node: Node) -> str:
    return part(node, "assignedLocation", lambda place: id_of(place, "location")) or ""


def _placed(node: Node) -> tuple[Placement, ...]:
    place = _place(node)
    if not place or text(node, "status") in GIVEN_UP:
        return ()
    name = part(node, "assignedLocation", lambda found: text(found, "name")) or ""
    placed = (
        (id_of(row, "lineItem"), integer(row, "totalQuantity"))
        for row in (node.get("lineItems") or NO_LINES)["nodes"]
    )
    return tuple(
        Placement(line_id=line_id, location_id=place, location_name=name, quantity=quantity)
        for line_id, quantity in placed
        if line_id and quantity > 0
    )

"""Joining references inside an order document to the objects they name.

A sale names its line item, a refund its transactions, and so on. Stored, such a reference is only
`{"id": ...}`; in memory it is the very object, so that a query may select anything of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

Json = dict[str, Any]
Lookup = Callable[[str], "Json | None"]

_SALE_REFERENCES = ("lineItem", "shippingLine", "duty", "additionalFee", "fee")


def nodes(value: Any) -> list[Json]:
    """The rows of a stored connection (or plain list); empty for None."""
    if isinstance(value, dict):
        return list(value.get("nodes") or ())
    return list(value or ())


def _replace(row: Json, key: str, known: dict[str, Json]) -> None:
    reference = row.get(key)
    if isinstance(reference, dict):
        row[key] = known.get(reference.get("id", ""), reference)


def _by_id(rows: Iterable[Json]) -> dict[str, Json]:
    return {row["id"]: row for row in rows if row.get("id")}


def link_order(order: Json, lookup: Lookup) -> None:
    """Join all references inside one order, and its locations to the store's locations."""
    known = _by_id(nodes(order.get("lineItems")))
    known |= _by_id(nodes(order.get("shippingLines")))
    known |= _by_id(nodes(order.get("transactions")))
    known |= _by_id(nodes(order.get("refunds")))
    known |= _by_id(nodes(order.get("returns")))
    known |= _by_id(nodes(order.get("additionalFees")))
    for line in nodes(order.get("lineItems")):
        known |= _by_id(line.get("duties") or ())
    for agreement in nodes(order.get("agreements")):
        _replace(agreement, "refund", known)
        _replace(agreement, "return", known)
        for sale in nodes(agreement.get("sales")):
            for key in _SALE_REFERENCES:
                _replace(sale, key, known)
    for transaction in nodes(order.get("transactions")):
        _replace(transaction, "parentTransaction", known)
        _locate(transaction, "location", lookup)
    for refund in nodes(order.get("refunds")):
        _link_refund(refund, known, lookup)
    for fulfillment in nodes(order.get("fulfillments")):
        _locate(fulfillment, "location", lookup)
        for row in nodes(fulfillment.get("fulfillmentLineItems")):
            _replace(row, "lineItem", known)
    _locate(order, "retailLocation", lookup)
    _link_fulfillment_orders(order, known, lookup)


def _link_fulfillment_orders(order: Json, known: dict[str, Json], lookup: Lookup) -> None:
    for row in nodes(order.get("fulfillmentOrders")):
        assigned = row["assignedLocation"]
        _locate(assigned, "location", lookup)
        assigned.setdefault("name", (assigned["location"] or {}).get("name", "Deleted location"))
        for placed in nodes(row.get("lineItems")):
            _replace(placed, "lineItem", known)


def _link_refund(refund: Json, known: dict[str, Json], lookup: Lookup) -> None:
    _replace(refund, "return", known)
    for row in nodes(refund.get("refundLineItems")):
        _replace(row, "lineItem", known)
        _locate(row, "location", lookup)
    for row in nodes(refund.get("refundShippingLines")):
        _replace(row, "shippingLine", known)
    for row in refund.get("duties") or ():
        _replace(row, "originalDuty", known)
    transactions = refund.get("transactions")
    if isinstance(transactions, dict):
        transactions["nodes"] = [known.get(row.get("id", ""), row) for row in nodes(transactions)]


def _locate(row: Json, key: str, lookup: Lookup) -> None:
    reference = row.get(key)
    if isinstance(reference, dict) and reference.get("id"):
        row[key] = lookup(reference["id"]) or reference

"""Proof that an order came whole: what was read is counted against what Shopify says elsewhere on the order.

- `subtotalLineItemsQuantity` and `currentSubtotalLineItemsQuantity` are sums over lines, without tips and gift cards
  (schema descriptions; recorded edits show the second as the sum of `currentQuantity`), so the lines read must come to
  at least as much.
- `transactionsCount` is the number of transactions.
- Each refund an agreement names is in the list of refunds. Each sale of a line names a line that was read.
- No row came twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from common.errors import Retryable
from shops.shopify.answers import Json


def check_counts(order: Json) -> None:
    """Raise Retryable ORDER_INCOMPLETE, naming both figures, when a part of the order is missing."""
    lines = order["lineItems"]["nodes"]
    agreements = order["agreements"]["nodes"]
    sales = [sale for agreement in agreements for sale in agreement["sales"]["nodes"]]
    for what, rows in (("lines", lines), ("agreements", agreements), ("sales", sales)):
        _check_distinct(order, what, rows)
    for field, total in (
        ("quantity", order["subtotalLineItemsQuantity"]),
        ("currentQuantity", order["currentSubtotalLineItemsQuantity"]),
    ):
        read = sum(line[field] for line in lines)
        if read < total:
            raise _incomplete(order, f"pieces ({field})", read, total)
    count = order["transactionsCount"]
    read = len(order["transactions"])
    if count is not None and (
        read < count["count"] or (count["precision"] == "EXACT" and read > count["count"])
    ):
        raise _incomplete(order, "transactions", read, count["count"])
    _check_named(order, "refunds", order["refunds"], (a.get("refund") for a in agreements))
    _check_named(order, "lines", lines, (sale.get("lineItem") for sale in sales))
    if not agreements:
        raise _incomplete(order, "agreements", 0, 1)


def _check_distinct(order: Json, what: str, rows: Sequence[Json]) -> None:
    distinct = len({row["id"] for row in rows})
    if distinct != len(rows):
        raise _incomplete(order, f"different {what}", distinct, len(rows))


def _check_named(order: Json, what: str, rows: Iterable[Json], named: Iterable[Json | None]) -> None:
    read = {row["id"] for row in rows}
    wanted = {row["id"] for row in named if row is not None}
    if not wanted <= read:
        raise _incomplete(order, f"{what} the ledger names", len(wanted & read), len(wanted))


def _incomplete(order: Json, what: str, read: int, said: int) -> Retryable:
    return Retryable(
        "ORDER_INCOMPLETE",
        f"Order {order['name']} did not come whole from Shopify: {read} {what} of {said}.",
        value=str(order["name"]),
    )

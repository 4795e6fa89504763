"""The gate before every write: both sides are equal component by component, or differ by a bounded rounding."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from canonical.components import COMPONENTS, TOTAL, Components
from canonical.money import smallest_unit
from common.errors import ComponentDifference, NeedsPerson


@dataclass(frozen=True, slots=True)
class RoundingLimits:
    """Smallest units of the currency (cents) allowed per document line and per document, by the shop's rules."""

    line_units: int = 1
    document_units: int = 5

    def allowed(self, lines: int, currency: str) -> Decimal:
        """The largest difference that may become a rounding line, for a document of so many lines."""
        return min(self.line_units * lines, self.document_units) * smallest_unit(currency)


def tie_out(
    order_name: str, shopify: Components, document: Components, limits: RoundingLimits, lines: int
) -> Decimal:
    """The rounding line the document needs so that it comes to Shopify's total; zero in the usual case.

    `rounding = Shopify total - document total`, positive or negative. Every component must agree within the limit,
    so that two errors that cancel out in the total are found. Raises NeedsPerson TOTALS_DIFFER with all components
    that differ and the total.
    """
    if shopify.currency != document.currency:
        raise NeedsPerson(
            "TOTALS_DIFFER",
            f"Order {order_name} is in {shopify.currency}, but its document would be in {document.currency}.",
            field="currency",
            value="currency",
        )
    currency = shopify.currency
    allowed = limits.allowed(lines, currency)
    rows = [ComponentDifference(name, shopify.of(name), document.of(name), currency) for name in COMPONENTS]
    total = ComponentDifference(TOTAL, shopify.total, document.total, currency)
    if any(abs(row.difference) > allowed for row in (*rows, total)):
        apart = [row for row in rows if row.difference]
        worst = max((*apart, total), key=lambda row: abs(row.difference))
        raise NeedsPerson(
            "TOTALS_DIFFER",
            f"Order {order_name} comes to {shopify.total} {currency} in Shopify, but its document would come to "
            f"{document.total} {currency}; {worst.component.replace('_', ' ')} differs by {worst.difference}.",
            field=worst.component,
            value=worst.component,
            differences=(*apart, total),
        )
    return total.difference

"""Totals by component, of an order and of a document, so that both can be laid side by side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from canonical.documents import DocumentLine, LineKind, SalesDocument, TaxStrategy
from canonical.facts import LedgerFacts
from canonical.money import quantize
from canonical.sales import SaleKind

ZERO = Decimal(0)
SHIPPING_DISCOUNT = "shipping_discount"
TOTAL = "total"
COMPONENTS: tuple[str, ...] = (
    LineKind.GOODS,
    LineKind.DISCOUNT,
    LineKind.SHIPPING,
    SHIPPING_DISCOUNT,
    LineKind.TAX,
    LineKind.GIFT_CARD,
    LineKind.TIP,
    LineKind.DUTY,
    LineKind.FEE,
    LineKind.CASH_ROUNDING,
    LineKind.ROUNDING,
)
"""In the order they are shown. Discounts are negative; tax is all of it, wherever it stands in the document."""

KIND_OF_SALE: Mapping[SaleKind, LineKind] = {
    SaleKind.PRODUCT: LineKind.GOODS,
    SaleKind.SHIPPING: LineKind.SHIPPING,
    SaleKind.TIP: LineKind.TIP,
    SaleKind.GIFT_CARD: LineKind.GIFT_CARD,
    SaleKind.DUTY: LineKind.DUTY,
    SaleKind.ADDITIONAL_FEE: LineKind.FEE,
    SaleKind.FEE: LineKind.FEE,
}


@dataclass(frozen=True, slots=True)
class Components:
    """Amounts by component in major units of one currency, and what they are said to come to."""

    currency: str
    amounts: Mapping[str, Decimal]
    total: Decimal

    def of(self, component: str) -> Decimal:
        """The amount of one component, zero when it does not occur."""
        return self.amounts.get(component, ZERO)


def components_of_facts(facts: LedgerFacts, *, shipping_net: bool = False) -> Components:
    """What Shopify says. With `shipping_net` shipping is taken after its discounts, for documents that carry it as
    one figure in their body."""
    sums = dict.fromkeys(COMPONENTS, quantize(ZERO, facts.currency))
    for line in facts.lines:
        kind = KIND_OF_SALE[line.kind]
        sums[kind] += line.gross
        reduced: str = LineKind.DISCOUNT
        if kind is LineKind.SHIPPING:
            reduced = LineKind.SHIPPING if shipping_net else SHIPPING_DISCOUNT
        sums[reduced] -= line.discount
        sums[LineKind.TAX] += line.tax
    sums[LineKind.CASH_ROUNDING] += facts.cash_rounding
    return Components(facts.currency, sums, facts.total)


def components_of_document(document: SalesDocument) -> Components:
    """What the document comes to once the ERP has computed it. Discounts on shipping are the discount lines that
    carry a shipping line's id."""
    sums = dict.fromkeys(COMPONENTS, quantize(ZERO, document.currency))
    shipping = {line.source_id for line in document.lines if line.kind is LineKind.SHIPPING}
    for line in document.lines:
        if line.kind is LineKind.COMMENT:
            continue
        component: str = line.kind
        if line.kind is LineKind.DISCOUNT and line.source_id in shipping:
            component = SHIPPING_DISCOUNT
        elif line.kind is LineKind.TAX_VARIANCE:
            component = LineKind.TAX
        sums[component] += line.amount
        sums[LineKind.TAX] += _tax_beside(line, document)
    sums[LineKind.SHIPPING] += document.shipping_cost
    return Components(document.currency, sums, sum(sums.values(), ZERO))


def _tax_beside(line: DocumentLine, document: SalesDocument) -> Decimal:
    """Tax the ERP books for a line on top of its amount, by the document's strategy."""
    if document.tax_strategy is TaxStrategy.TAX_DETAILS:
        return sum((tax.amount for tax in line.taxes), ZERO)
    if document.tax_strategy is TaxStrategy.TAX_CODES:
        return computed_tax(line.amount, line.tax_code_rate, document.currency)
    return ZERO


def computed_tax(amount: Decimal, rate: Decimal | None, currency: str) -> Decimal:
    """What an ERP computes with a tax code of `rate` percent: rounded half up, line by line."""
    return quantize(amount * (rate or ZERO) / 100, currency)

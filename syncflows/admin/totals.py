"""Both totals side by side, by component."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from canonical.components import COMPONENTS, SHIPPING_DISCOUNT, TOTAL
from canonical.documents import LineKind
from common.errors import ComponentDifference
from syncflows.admin.labels import figure, words

_LABELS: dict[str, str] = {
    LineKind.GOODS: "Goods",
    LineKind.DISCOUNT: "Discounts",
    LineKind.SHIPPING: "Shipping",
    SHIPPING_DISCOUNT: "Discounts on shipping",
    LineKind.GIFT_CARD: "Gift cards sold",
    LineKind.TIP: "Tips",
    LineKind.DUTY: "Duties",
    LineKind.FEE: "Fees",
    LineKind.TAX: "Tax",
    LineKind.TAX_VARIANCE: "Tax variance",
    LineKind.CASH_ROUNDING: "Cash rounding",
    LineKind.ROUNDING: "Rounding difference",
}


@dataclass(frozen=True, slots=True)
class ComponentRow:
    """One component as shown: its name, both figures, what lies between them, and whether that is not nothing."""

    label: str
    shopify: str
    document: str
    difference: str
    differs: bool
    is_total: bool = False


def label(component: str) -> str:
    """The name of a component for people."""
    return _LABELS.get(component, words(component)) if component != TOTAL else "Total"


def _row(component: str, shopify: Decimal, document: Decimal, currency: str) -> ComponentRow:
    difference = shopify - document
    return ComponentRow(
        label(component),
        figure(shopify, currency),
        figure(document, currency),
        figure(difference, currency),
        differs=difference != 0,
        is_total=component == TOTAL,
    )


def component_rows(components: Mapping[str, Any], currency: str) -> list[ComponentRow]:
    """Rows of `Order.components` ({component: [Shopify, document]} as text), in the usual order, the total last.

    A database may keep the keys of JSON in an order of its own.

    Components that are nothing on both sides are left out; what is not a pair of amounts is left out too.
    """
    rows = []
    known = {component: place for place, component in enumerate(COMPONENTS)}
    for component in sorted(components, key=lambda name: (name == TOTAL, known.get(name, len(known)), name)):
        pair = components[component]
        try:
            shopify, document = (Decimal(str(side)) for side in pair)
        except (InvalidOperation, TypeError, ValueError):
            continue
        if shopify or document or component == TOTAL:
            rows.append(_row(component, shopify, document, currency))
    return rows


def difference_rows(differences: Iterable[ComponentDifference]) -> list[ComponentRow]:
    """Rows of the differences an error carries."""
    return [_row(d.component, d.shopify, d.document, d.currency) for d in differences]


def stored_difference_rows(differences: Iterable[Mapping[str, str]]) -> list[ComponentRow]:
    """Rows of the differences kept on a blocked Sync ({component, shopify, document, currency} as text)."""
    return [
        _row(d["component"], Decimal(d["shopify"]), Decimal(d["document"]), d["currency"])
        for d in differences
    ]

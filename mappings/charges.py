"""Lines for the parts of an order that are not products: shipping, duties, fees, cash rounding."""

from __future__ import annotations

from decimal import Decimal

from canonical.documents import LineKind, TaxStrategy
from canonical.facts import FactLine, LedgerFacts
from canonical.sales import SaleKind
from common.errors import ComponentDifference, NeedsPerson
from erps.models import ErpConnection, ShippingChoice
from mappings.building import Building
from mappings.discounts import discount_lines
from mappings.models import Charge, fee_source
from mappings.taxes import line_tax

ZERO = Decimal(0)
SOLD = frozenset({SaleKind.PRODUCT, SaleKind.GIFT_CARD, SaleKind.TIP})


def charge_lines(build: Building) -> Decimal:
    """Append shipping, duties, fees and cash rounding; returns the shipping cost that goes into the body."""
    in_body = shipping_in_body(build.context.connection, build.facts)
    cost = _shipping_cost(build) if in_body else ZERO
    if not in_body:
        for fact in _of(build, SaleKind.SHIPPING):
            _shipping(build, fact)
    for fact in _of(build, SaleKind.DUTY):
        _charge(build, fact, LineKind.DUTY, "Import duties", ())
    names = dict(build.order.fees)
    for fact in (*_of(build, SaleKind.ADDITIONAL_FEE), *_of(build, SaleKind.FEE)):
        name = names.get(fact.object_id, "").strip()
        _charge(build, fact, LineKind.FEE, name or "Fee", (fee_source(name),) if name else ())
    if build.facts.cash_rounding:
        item = build.items.of_charge(Charge.CASH_ROUNDING, build.label)
        build.add(LineKind.CASH_ROUNDING, item, build.facts.cash_rounding, "Cash rounding")
    return cost


def shipping_in_body(connection: ErpConnection, facts: LedgerFacts) -> bool:
    """Whether shipping goes into the document's own field: by the connection's choice, unless shipping is all that
    edits left of the order, because a document needs a line."""
    others = (
        fact.kind in SOLD or _is_worth(fact) for fact in facts.lines if fact.kind is not SaleKind.SHIPPING
    )
    return connection.shipping_as == ShippingChoice.BODY and (any(others) or bool(facts.cash_rounding))


def _is_worth(fact: FactLine) -> bool:
    return bool(fact.gross or fact.discount or fact.tax)


def _of(build: Building, kind: SaleKind) -> tuple[FactLine, ...]:
    """The objects of a kind that are worth something."""
    return tuple(fact for fact in build.facts.lines if fact.kind is kind and _is_worth(fact))


def _shipping(build: Building, fact: FactLine) -> None:
    """A shipping line at its price before discount, and its discounts under it: free shipping is 5.95 and -5.95."""
    line = build.shipping_lines.get(fact.object_id)
    item = build.items.of_charge(Charge.SHIPPING, build.label)
    title = line.title or line.code if line else ""
    build.add(
        LineKind.SHIPPING, item, fact.gross, f"Shipping: {title}" if title else "Shipping",
        source_id=fact.object_id, **line_tax(build, fact),
    )  # fmt: skip
    discount_lines(build, fact, line.discounts if line else ())


def _charge(build: Building, fact: FactLine, kind: LineKind, title: str, names: tuple[str, ...]) -> None:
    item = build.items.of_charge(kind.value, build.label, names)
    build.add(kind, item, fact.gross, title, source_id=fact.object_id, **line_tax(build, fact))
    discount_lines(build, fact, ())


def _shipping_cost(build: Building) -> Decimal:
    """Shipping after its discounts, for the document's own field. Only a tax line can carry the tax on it: the field
    takes neither tax details nor Shopify's amount. Raises NeedsPerson SHIPPING_TAX_IN_BODY."""
    facts = _of(build, SaleKind.SHIPPING)
    tax = sum((fact.tax for fact in facts), ZERO)
    if tax and build.strategy is not TaxStrategy.TAX_LINE:
        raise NeedsPerson(
            "SHIPPING_TAX_IN_BODY",
            f"{build.label}: shipping bears {tax} {build.facts.currency} of tax, which cannot be given for shipping "
            "in the document's shipping field.",
            field="shipping",
            value="shipping tax",
            differences=(ComponentDifference("tax", tax, ZERO, build.facts.currency),),
        )
    return sum((fact.net for fact in facts), ZERO)

"""Lines for what was sold: goods, gift cards and tips, at Shopify's amounts."""

from __future__ import annotations

from decimal import Decimal

from canonical.documents import LineKind, Ref
from canonical.facts import FactLine
from canonical.orders import OrderLine
from canonical.sales import SaleKind
from common.narrow import known
from mappings.building import Building, priced
from mappings.discounts import discount_lines
from mappings.models import Charge
from mappings.taxes import line_tax


def sold_lines(build: Building, location: Ref | None) -> None:
    """Append goods, gift cards sold and tips in the ledger's order, each with its discounts under it."""
    for fact in build.facts.lines:
        if fact.kind in {SaleKind.PRODUCT, SaleKind.GIFT_CARD, SaleKind.TIP}:
            _sold(build, fact, location)


def _sold(build: Building, fact: FactLine, location: Ref | None) -> None:
    line = build.order_lines.get(fact.object_id)
    kind = _kind(fact, line)
    quantity = (
        fact.quantity or 1
    )  # a tip need not say its pieces; goods without any are refused by the ledger checks
    rate, amount = priced(quantity, fact.gross, build.facts.currency)
    build.add(
        kind, _item(build, kind, line), amount, _description(line),
        quantity=Decimal(quantity), rate=rate, source_id=fact.object_id,
        location=location if kind is LineKind.GOODS else None, **line_tax(build, fact),
    )  # fmt: skip
    discount_lines(build, fact, line.discounts if line else ())


def _kind(fact: FactLine, line: OrderLine | None) -> LineKind:
    if fact.kind is SaleKind.TIP:
        return LineKind.TIP
    if fact.kind is SaleKind.GIFT_CARD or (line is not None and line.is_gift_card):
        return LineKind.GIFT_CARD
    return LineKind.GOODS


def _item(build: Building, kind: LineKind, line: OrderLine | None) -> Ref:
    if kind is LineKind.TIP:
        return build.items.of_charge(Charge.TIP, build.label)
    if kind is LineKind.GIFT_CARD:
        return build.items.of_charge(Charge.GIFT_CARD, build.label)
    sold = known(line)
    item = build.items.of_line(sold, build.order.name)
    if not sold.sku.strip() and sold.variant_id:
        build.warn(f"'{sold.label}' is a product without a SKU; it is booked on {item.name or item.id}.")
    elif build.items.by_default(sold):
        build.warn(
            f"SKU {sold.sku.strip()} is not in the ERP; '{sold.label}' is booked on the default item "
            f"{item.name or item.id}."
        )
    return item


def _description(line: OrderLine | None) -> str:
    """The line as a person would name it, with what the customer asked for; attributes that begin with an
    underscore are Shopify's and apps' own."""
    if line is None:  # a tip that is no line item
        return "Tip"
    wishes = [f"{name}: {value}" for name, value in line.attributes if value and not name.startswith("_")]
    bundle = [f"part of {line.bundle_title}"] if line.bundle_title else []
    extra = "; ".join([*bundle, *wishes])
    return f"{line.label} ({extra})" if extra else line.label

"""Lines for what was sold: goods, gift cards and tips, at Shopify's amounts."""

from __future__ import annotations

from decimal import Decimal

from canonical.documents import LineKind, Ref
from canonical.facts import FactLine
from canonical.orders import OrderLine
from canonical.sales import SaleKind
from common.narrow import known
from mappings.building import Building, priced
from mappings.bundles import Kit, kits_of
from mappings.discounts import booked_discounts, discount_shares
from mappings.models import Charge
from mappings.placing import Places, places_of
from mappings.splitting import Share, merged, merged_shares, split
from mappings.taxes import line_tax


def sold_lines(build: Building) -> None:
    """Append goods, gift cards sold and tips in the ledger's order, each with its discounts under it."""
    kits = kits_of(build)
    for fact in build.facts.lines:
        kit = kits.get(fact.object_id) if fact.kind is SaleKind.PRODUCT else None
        if kit is not None:
            if fact.object_id == kit.facts[0].object_id:
                _kit(build, kit)
        elif fact.kind in {SaleKind.PRODUCT, SaleKind.GIFT_CARD, SaleKind.TIP}:
            _sold(build, fact)


def _sold(build: Building, fact: FactLine) -> None:
    line = build.order_lines.get(fact.object_id)
    kind = _kind(fact, line)
    shares = discount_shares(build, fact, line.discounts if line else ())
    quantity = (
        fact.quantity or 1
    )  # a tip need not say its pieces; goods without any are refused by the ledger checks
    item = _item(build, kind, line)
    places: Places = [(None, quantity)]
    if kind is LineKind.GOODS:
        places = places_of(build, fact.object_id, quantity)
    _booked(build, kind, (item, _description(line)), (fact, shares), places)


def _kit(build: Building, kit: Kit) -> None:
    """A bundle as one line: the kit item at the price of all parts, from where the first part ships."""
    fact = merged(kit.facts, kit.quantity)
    shares = merged_shares(
        [
            discount_shares(build, part, line.discounts)
            for line, part in zip(kit.lines, kit.facts, strict=True)
        ]
    )
    place, _ = places_of(build, kit.facts[0].object_id, kit.quantity)[0]
    item = build.items.of_line(kit.line, build.order.name)
    _booked(build, LineKind.GOODS, (item, kit.description), (fact, shares), [(place, kit.quantity)])


def _booked(
    build: Building,
    kind: LineKind,
    named: tuple[Ref, str],
    sold: tuple[FactLine, list[Share]],
    places: Places,
) -> None:
    """Append what was sold, one line for each place it ships from, each with its share of the discounts under it.
    `named` are item and description."""
    currency, (item, description) = build.facts.currency, named
    parts = [sold] if len(places) == 1 else list(split(*sold, [pieces for _, pieces in places], currency))
    for (part, shares), (place, pieces) in zip(parts, places, strict=True):
        rate, amount = priced(pieces, part.gross, currency)
        build.add(
            kind, item, amount, description, quantity=Decimal(pieces), rate=rate, source_id=part.object_id,
            location=place, **line_tax(build, part),
        )  # fmt: skip
        booked_discounts(build, part, shares)


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

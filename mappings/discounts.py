"""Discount lines: one per discount application, directly under the line it reduces."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from canonical.documents import LineKind, Ref, TaxStrategy
from canonical.facts import FactLine
from canonical.money import allocate, side_of
from canonical.orders import DiscountAllocation, DiscountApplication
from mappings.building import Building
from mappings.models import Charge, MapKind
from mappings.taxes import line_code

ZERO = Decimal(0)


def discount_lines(build: Building, fact: FactLine, allocations: Sequence[DiscountAllocation]) -> None:
    """Append the discounts of one object, negative, with the object's id.

    The ledger's discount (net of tax) is what is booked; the allocations say how it splits into applications.
    """
    if not fact.discount:
        return
    code: dict[str, Any] = line_code(build, fact) if build.strategy is TaxStrategy.TAX_CODES else {}
    for application, amount in _shares(build, fact, allocations):
        label = application.label if application else ""
        item = _item(build, application)
        build.add(
            LineKind.DISCOUNT, item, -amount, f"Discount {label}".strip(),
            quantity=None, source_id=fact.object_id, **code,
        )  # fmt: skip


def _shares(
    build: Building, fact: FactLine, allocations: Sequence[DiscountAllocation]
) -> Iterator[tuple[DiscountApplication | None, Decimal]]:
    """The discount by application; all of it without one when Shopify names none for this object."""
    policy = build.context.shop.money_policy
    weights: dict[int, Decimal] = {}
    for allocation in allocations:
        weight = abs(side_of(allocation.amount, policy))
        weights[allocation.application_index] = weights.get(allocation.application_index, ZERO) + weight
    weights = {index: weight for index, weight in weights.items() if weight}
    if not weights:
        yield None, fact.discount
        return
    by_index = {application.index: application for application in build.order.discounts}
    shares = allocate(fact.discount, list(weights.values()), build.facts.currency)
    for index, amount in zip(weights, shares, strict=True):
        if amount:
            yield by_index.get(index), amount


def _item(build: Building, application: DiscountApplication | None) -> Ref:
    """The item of a discount: by its code or title, else the discount map's default row, else, with a warning, the
    charge *discount*."""
    label = application.label.strip() if application else ""
    names = [label] if label else []
    row = build.context.row(MapKind.DISCOUNT, names)
    if row is not None or build.context.charge_row(Charge.DISCOUNT) is None:
        return build.items.of_row(MapKind.DISCOUNT, row, names, build.label)
    item = build.items.of_charge(Charge.DISCOUNT, build.label)
    shown = f"Discount '{label}'" if label else "A discount without a name"
    build.warn(f"{shown} is not mapped; it is booked on {item.name or item.id}.")
    return item

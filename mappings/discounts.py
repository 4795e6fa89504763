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
from mappings.context import Row
from mappings.models import Behaviour, Charge, MapKind
from mappings.taxes import line_code

ZERO = Decimal(0)
SET_UP = frozenset({"code", "automatic", "script"})
"""Kinds of discounts somebody set up in Shopify under a name, so that a row can be made for them."""


def discount_lines(build: Building, fact: FactLine, allocations: Sequence[DiscountAllocation]) -> None:
    """Append the discounts of one object, negative, with the object's id.

    The ledger's discount (net of tax) is what is booked; the allocations say how it splits into applications.
    """
    booked_discounts(build, fact, discount_shares(build, fact, allocations))


def discount_shares(
    build: Building, fact: FactLine, allocations: Sequence[DiscountAllocation]
) -> list[tuple[DiscountApplication | None, Decimal]]:
    """What each application took off an object, positive; they add up to the ledger's discount."""
    return list(_shares(build, fact, allocations)) if fact.discount else []


def booked_discounts(
    build: Building, fact: FactLine, shares: Sequence[tuple[DiscountApplication | None, Decimal]]
) -> None:
    """Append the lines of an object's discounts."""
    if not shares:
        return
    code: dict[str, Any] = line_code(build, fact) if build.strategy is TaxStrategy.TAX_CODES else {}
    for application, amount in shares:
        label = application.label.strip() if application else ""
        row = build.context.row(MapKind.DISCOUNT, [label], default=False)
        item = _item(build, application, row)
        build.add(
            LineKind.DISCOUNT, item, -amount, f"Discount {label}".strip() + _promotion(build, row),
            quantity=None, source_id=fact.object_id, **code,
        )  # fmt: skip


def _shares(
    build: Building, fact: FactLine, allocations: Sequence[DiscountAllocation]
) -> Iterator[tuple[DiscountApplication | None, Decimal]]:
    """The discount by application; all of it without one when Shopify names none for this object."""
    policy = build.context.money_of(build.order)
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


def _item(build: Building, application: DiscountApplication | None, row: Row | None) -> Ref:
    """The item of a discount: that of its own row, else of the discount map's default row, else the charge *discount*.

    Whoever gave the discount a name should know when nobody mapped it, so that leaves a warning: always where there is
    no default row; with one only for codes and other discounts that are set up, not for what staff typed by hand.
    """
    label = application.label.strip() if application else ""
    names = [label] if label else []
    if row is not None and (row.target.id or row.behaviour != Behaviour.USE or not row.promotion):
        return build.items.of_row(MapKind.DISCOUNT, row, names, build.label)
    default = build.context.row(MapKind.DISCOUNT, ())
    if default is not None or build.context.charge_row(Charge.DISCOUNT) is None:
        item = build.items.of_row(MapKind.DISCOUNT, default, names, build.label)
    else:
        item = build.items.of_charge(Charge.DISCOUNT, build.label)
    typed = application is None or application.kind not in SET_UP
    if row is None and not (default is not None and typed):
        code = "code " if application and application.kind == "code" else ""
        shown = f"Discount {code}'{label}'" if label else "A discount without a name"
        build.warn(f"{shown} is unmapped; it is booked on {item.name or item.id}.")
    return item


def _promotion(build: Building, row: Row | None) -> str:
    """What the discount line says about the promotion its row names, "" for none. One that gives nothing of its own is
    put on the document as well."""
    if row is None or not row.promotion or row.behaviour != Behaviour.USE:
        return ""
    promotion = build.context.promotions.get(row.promotion)
    ref = promotion.ref if promotion else Ref(row.promotion)
    if promotion is not None and promotion.gives_nothing and ref not in build.promotions:
        build.promotions.append(ref)
    return f" (promotion {ref.name or ref.id})"

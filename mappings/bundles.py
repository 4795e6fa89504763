"""Bundles of Shopify as kit items of the ERP: one line with the price of all parts, where the shop wants that."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

from canonical.facts import FactLine
from canonical.orders import OrderLine
from canonical.sales import SaleKind
from mappings.building import Building
from mappings.context import MappingContext
from mappings.models import Behaviour, MapKind

COMPONENTS, MAPPED, KIT = "components", "mapped", "kit"


@dataclass(frozen=True, slots=True)
class Kit:
    """A bundle that becomes one line: its parts with their facts, the line as if the bundle had been one, and how many
    were sold."""

    lines: tuple[OrderLine, ...]
    facts: tuple[FactLine, ...]
    line: OrderLine
    quantity: int

    @property
    def description(self) -> str:
        """The bundle and what is in it."""
        parts = [
            f"{fact.quantity} x {line.label}" for line, fact in zip(self.lines, self.facts, strict=True)
            if line.sku.strip() != self.line.sku
        ]  # fmt: skip
        return f"{self.line.title} ({', '.join(parts)})" if parts else self.line.title


def wanted(context: MappingContext, sku: str) -> bool:
    """True when the shop wants one kit item for the bundle with this SKU."""
    if context.document.bundles == KIT:
        return bool(sku)
    if context.document.bundles != MAPPED or not sku:
        return False
    row = context.row(MapKind.ITEM, [sku], default=False)
    return row is not None and row.behaviour == Behaviour.USE


def kits_of(build: Building) -> dict[str, Kit]:
    """The kit each line is part of, by the line's id; lines that stay as sold are not in it."""
    if build.context.document.bundles == COMPONENTS:
        return {}
    groups: dict[str, list[OrderLine]] = {}
    for line in build.order.lines:
        if line.bundle_id:
            groups.setdefault(line.bundle_id, []).append(line)
    facts = {fact.object_id: fact for fact in build.facts.lines if fact.kind is SaleKind.PRODUCT}
    found: dict[str, Kit] = {}
    for lines in groups.values():
        first = lines[0]
        sku = first.bundle_sku.strip()
        if not wanted(build.context, sku):
            if build.context.document.bundles == KIT:
                build.warn(f"Bundle '{first.bundle_title}' has no SKU; its components are booked.")
            continue
        kit = _kit(lines, facts, sku)
        if kit is None:
            build.warn(f"Bundle '{first.bundle_title}' is not whole any more; its components are booked.")
            continue
        found.update((line.source_id, kit) for line in lines)
    return found


def _kit(lines: list[OrderLine], facts: dict[str, FactLine], sku: str) -> Kit | None:
    """The kit of these parts; None when edits left another share of one part than of the others."""
    known = [facts.get(line.source_id) for line in lines]
    parts = [fact for fact in known if fact is not None]
    if len(parts) != len(lines):
        return None
    first = lines[0]
    sets = {
        Fraction((fact.quantity or 0) * first.bundle_quantity, line.quantity)
        for line, fact in zip(lines, parts, strict=True)
        if line.quantity
    }
    quantity = int(next(iter(sets), 0))
    if sets != {quantity} or quantity < 1:
        return None
    line = replace(first, sku=sku, title=first.bundle_title, variant_title="", attributes=(), bundle_title="")
    return Kit(tuple(lines), tuple(parts), line, quantity)

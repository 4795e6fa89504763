"""A sales document while it is being built: what every part of the mapper needs."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any

from canonical.documents import DocumentLine, LineKind, Ref, TaxStrategy
from canonical.facts import LedgerFacts
from canonical.money import quantize
from canonical.orders import Order, OrderLine, Placement, ShippingLine
from mappings.context import MappingContext
from mappings.items import Items

ONE = Decimal(1)
RATE_SCALE = Decimal("0.00000001")
"""Unit rates have up to eight decimals, the most NetSuite keeps."""


@dataclass
class Building:
    """One order on its way to a document: the lines so far and what people should know about them."""

    context: MappingContext
    items: Items
    order: Order
    facts: LedgerFacts
    lines: list[DocumentLine] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    promotions: list[Ref] = field(default_factory=list)

    @property
    def label(self) -> str:
        """How sentences name the order."""
        return f"Order {self.order.name}"

    @cached_property
    def strategy(self) -> TaxStrategy:
        """How the connection wants tax."""
        return TaxStrategy(self.context.connection.tax_strategy)

    @cached_property
    def country(self) -> str:
        """Where the order goes, for taxes mapped by country (ISO alpha-2, empty without address)."""
        place = self.order.shipping or self.order.billing
        return place.country if place else ""

    @cached_property
    def order_lines(self) -> dict[str, OrderLine]:
        """Line items by id."""
        return {line.source_id: line for line in self.order.lines}

    @cached_property
    def placements(self) -> dict[str, list[Placement]]:
        """Where the pieces of each line item ship from, by the line's id."""
        found: dict[str, list[Placement]] = {}
        for placement in self.order.placements:
            found.setdefault(placement.line_id, []).append(placement)
        return found

    @cached_property
    def shipping_lines(self) -> dict[str, ShippingLine]:
        """Shipping lines by id, removed ones too."""
        return {line.source_id: line for line in self.order.shipping_lines}

    def add(
        self, kind: LineKind, item: Ref, amount: Decimal, description: str, **values: Any
    ) -> DocumentLine:
        """Append a line of one unit at an amount."""
        line = DocumentLine(
            kind=kind, item=item, amount=amount, description=description,
            **{"quantity": ONE, "rate": amount, **values},
        )  # fmt: skip
        self.lines.append(line)
        return line

    def warn(self, sentence: str) -> None:
        """Keep something people should know; each sentence once."""
        if sentence not in self.warnings:
            self.warnings.append(sentence)


def priced(quantity: int, gross: Decimal, currency: str) -> tuple[Decimal, Decimal]:
    """Unit rate and amount of a line: the rate that gives the amount back when multiplied and rounded.

    With up to eight decimals that is exact for any quantity below some hundred thousands; beyond, the amount is what
    the ERP will compute, and the tie-out decides about the difference.
    """
    exact = gross / quantity
    rate = quantize(exact, currency)
    if rate * quantity != gross:
        rate = exact.quantize(RATE_SCALE)
    return rate, quantize(rate * quantity, currency)

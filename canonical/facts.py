"""An order's sales added up per object: what the mapper books from."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from canonical.sales import SaleKind


@dataclass(frozen=True, slots=True)
class FactTax:
    """Tax of one tax line on one object; `rate` is the decimal fraction as text ("0.0825")."""

    title: str
    rate: str
    channel_liable: bool
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class FactLine:
    """One object of the order with what was sold of it, in the books currency.

    `gross` is net of tax and before discount, `discount` net of tax (>= 0 for a reduction), `total` = gross - discount
    + tax. `object_id` is the line item, shipping line, duty or fee ("" when Shopify no longer names it).
    """

    kind: SaleKind
    object_id: str
    quantity: int | None
    gross: Decimal
    discount: Decimal
    tax: Decimal
    total: Decimal
    taxes: tuple[FactTax, ...] = ()

    @property
    def net(self) -> Decimal:
        """After discount, without tax."""
        return self.gross - self.discount


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerFacts:
    """An order's sales added up. `total` is what the order comes to, cash rounding included."""

    currency: str
    lines: tuple[FactLine, ...]
    cash_rounding: Decimal
    total: Decimal

    @property
    def sold(self) -> Decimal:
        """Everything sold with tax, before cash rounding."""
        return self.total - self.cash_rounding

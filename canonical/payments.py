"""Money that moved: transactions and payment terms of an order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from canonical.money import MoneyBag


@dataclass(frozen=True, slots=True, kw_only=True)
class Transaction:
    """An order transaction. `kind` and `status` are Shopify's words (AUTHORIZATION, CAPTURE, SALE, REFUND, VOID)."""

    source_id: str
    kind: str
    status: str
    gateway: str
    gateway_name: str
    amount: MoneyBag
    processed_at: datetime | None
    parent_id: str = ""
    manual: bool = False
    test: bool = False
    error_code: str = ""
    card_company: str = ""

    @property
    def succeeded(self) -> bool:
        """True when money or an authorization really came about."""
        return self.status == "SUCCESS"


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentTerms:
    """Payment terms of an order: name as shown, type (NET, FIXED, RECEIPT ...), days where they apply."""

    name: str
    kind: str
    due_in_days: int | None = None
    due_at: datetime | None = None

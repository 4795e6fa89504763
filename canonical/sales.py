"""The sales ledger of an order: agreements and their sales, as Shopify recorded them.

Facts are append-only. Signs, nulls and beliefs follow the ledger notes: ORDER sales are >= 0, RETURN sales carry
negative quantity, amount, tax and discount; quantity is None on shipping and adjustments; `total` is after discount
and includes tax.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from canonical.money import MoneyBag


class AgreementReason(StrEnum):
    """Why an agreement was made (Shopify: OrderActionType of the agreement)."""

    ORDER = "ORDER"
    ORDER_EDIT = "ORDER_EDIT"
    REFUND = "REFUND"
    RETURN = "RETURN"


class SaleAction(StrEnum):
    """What a sale does to the order (Shopify: SaleActionType)."""

    ORDER = "ORDER"
    UPDATE = "UPDATE"
    RETURN = "RETURN"


class SaleKind(StrEnum):
    """What was sold (Shopify: SaleLineType)."""

    PRODUCT = "PRODUCT"
    SHIPPING = "SHIPPING"
    TIP = "TIP"
    GIFT_CARD = "GIFT_CARD"
    DUTY = "DUTY"
    ADDITIONAL_FEE = "ADDITIONAL_FEE"
    FEE = "FEE"
    ADJUSTMENT = "ADJUSTMENT"


@dataclass(frozen=True, slots=True, kw_only=True)
class SaleTax:
    """Tax of one tax line inside one sale."""

    title: str
    rate: str
    channel_liable: bool
    amount: MoneyBag


@dataclass(frozen=True, slots=True, kw_only=True)
class Sale:
    """One line of the ledger. `object_id` is the line item, shipping line, duty or fee it is about ("" when gone)."""

    source_id: str
    action: str
    kind: str
    quantity: int | None
    object_id: str
    total: MoneyBag
    tax: MoneyBag
    discount_before_taxes: MoneyBag
    discount_after_taxes: MoneyBag
    taxes: tuple[SaleTax, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """One immutable agreement. `reason` and the sales' `action` and `kind` are kept as Shopify's words, because
    both enums can grow; a word outside AgreementReason, SaleAction or SaleKind is for the flow to refuse."""

    source_id: str
    reason: str
    happened_at: datetime
    refund_id: str = ""
    return_id: str = ""
    sales: tuple[Sale, ...] = ()

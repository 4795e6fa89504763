"""A Shopify order as facts: nothing computed, nothing rounded, both currencies kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from canonical.money import PRESENTMENT, SHOP, MoneyBag, MoneyPolicy
from canonical.parties import Address, Company, Customer
from canonical.payments import PaymentTerms, Transaction
from canonical.sales import Agreement


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxLine:
    """A tax line of an order, line item or shipping line; `rate` is the decimal fraction as text ("0.0825")."""

    title: str
    rate: str
    amount: MoneyBag
    channel_liable: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscountApplication:
    """One discount on the order. `kind` is code, automatic, manual or script; `label` the code or title."""

    index: int
    kind: str
    label: str
    target: str
    allocation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscountAllocation:
    """The part of a discount application that fell on one line."""

    application_index: int
    amount: MoneyBag


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderLine:
    """A line item. Ids are Shopify's numeric ids as text. `quantity` is as ordered, `current_quantity` after edits
    and refunds."""

    source_id: str
    title: str
    variant_title: str
    sku: str
    quantity: int
    current_quantity: int
    unit_price: MoneyBag
    is_gift_card: bool = False
    taxable: bool = True
    requires_shipping: bool = True
    product_id: str = ""
    variant_id: str = ""
    discounts: tuple[DiscountAllocation, ...] = ()
    taxes: tuple[TaxLine, ...] = ()
    attributes: tuple[tuple[str, str], ...] = ()
    bundle_title: str = ""
    bundle_id: str = ""
    bundle_sku: str = ""
    bundle_quantity: int = 1
    unfulfilled_quantity: int = 0

    @property
    def label(self) -> str:
        """Title with variant, as a person would name the line."""
        return f"{self.title} - {self.variant_title}" if self.variant_title else self.title


@dataclass(frozen=True, slots=True, kw_only=True)
class ShippingLine:
    """A shipping line with its price before and after discount."""

    source_id: str
    title: str
    code: str
    source: str
    original: MoneyBag
    discounted: MoneyBag
    removed: bool = False
    discounts: tuple[DiscountAllocation, ...] = ()
    taxes: tuple[TaxLine, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffMember:
    """Who took an order, as far as Shopify shows it to the app."""

    source_id: str
    name: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """So many pieces of a line item that ship from one location, by the fulfillment order they are in."""

    line_id: str
    location_id: str
    quantity: int
    location_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderTotals:
    """The order's own totals, used to check the ledger. `current_*` are after edits, refunds and returns."""

    original_total: MoneyBag
    total: MoneyBag
    tax: MoneyBag
    shipping: MoneyBag
    discounts: MoneyBag
    tip: MoneyBag
    current_total: MoneyBag
    current_subtotal: MoneyBag
    current_tax: MoneyBag
    current_shipping: MoneyBag
    current_discounts: MoneyBag
    received: MoneyBag
    refunded: MoneyBag
    outstanding: MoneyBag
    cash_rounding: MoneyBag
    current_duties: MoneyBag | None = None
    current_fees: MoneyBag | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A whole order with its ledger and its transactions. `source_id` is the numeric id as text; times are UTC."""

    source_id: str
    name: str
    created_at: datetime
    processed_at: datetime
    updated_at: datetime
    currency: str
    presentment_currency: str
    totals: OrderTotals
    number: int = 0
    po_number: str = ""
    email: str = ""
    phone: str = ""
    note: str = ""
    tags: tuple[str, ...] = ()
    test: bool = False
    confirmed: bool = True
    edited: bool = False
    closed_at: datetime | None = None
    cancelled_at: datetime | None = None
    cancel_reason: str = ""
    taxes_included: bool = False
    tax_exempt: bool = False
    requires_shipping: bool = True
    financial_status: str = ""
    fulfillment_status: str = ""
    return_status: str = ""
    gateways: tuple[str, ...] = ()
    source_name: str = ""
    channel: str = ""
    retail_location: str = ""
    risk: str = ""
    attributes: tuple[tuple[str, str], ...] = ()
    customer: Customer | None = None
    company: Company | None = None
    billing: Address | None = None
    shipping: Address | None = None
    payment_terms: PaymentTerms | None = None
    discounts: tuple[DiscountApplication, ...] = ()
    lines: tuple[OrderLine, ...] = ()
    shipping_lines: tuple[ShippingLine, ...] = ()
    fees: tuple[tuple[str, str], ...] = ()
    duty_ids: tuple[str, ...] = ()
    agreements: tuple[Agreement, ...] = ()
    transactions: tuple[Transaction, ...] = field(default=())
    refund_ids: tuple[str, ...] = ()
    assigned_location_id: str = ""
    placements: tuple[Placement, ...] = ()
    staff: StaffMember | None = None

    def policy_in(self, currency: str) -> MoneyPolicy:
        """Which side of the order's amounts is in a currency (ISO code); the shop's where both are."""
        return PRESENTMENT if currency == self.presentment_currency != self.currency else SHOP

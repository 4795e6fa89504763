"""The JSON view of an order that field mappings read: plain words, amounts as exact numbers in the books' currency,
times in the shop's accounting zone. `catalogue.FACTS` names its entries."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from canonical.markets import MarketArea
from canonical.money import MoneyPolicy, side_of
from canonical.orders import Order, OrderLine, ShippingLine
from canonical.parties import Address
from mappings.dimensions import order_markets

JsonView = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ViewSettings:
    """What a shop adds to the view: its zone (IANA), which side of amounts its books take (`books` says it for one
    order, where that differs), where orders are looked at,
    names of locations by Shopify id, the store's markets."""

    zone: str = "UTC"
    money_policy: str = "shop"
    order_url: str = ""
    locations: Mapping[str, str] = field(default_factory=dict)
    markets: Sequence[MarketArea] = ()
    books: Callable[[Order], MoneyPolicy] | None = None


def order_view(order: Order, settings: ViewSettings) -> JsonView:
    """The view for mappings of the header and of customers; `line_view` adds a line."""
    return {
        "order": _order(order, settings),
        "customer": _customer(order),
        "company": _company(order),
        "shipping": _address(order.shipping),
        "billing": _address(order.billing),
    }


def line_view(view: JsonView, order_line: JsonView) -> JsonView:
    """The view for mappings of one line; `order_line` is one of `view["order"]["lines"]`."""
    return {**view, "line": order_line}


def _order(order: Order, settings: ViewSettings) -> JsonView:
    policy = settings.books(order) if settings.books else settings.money_policy
    totals = order.totals
    kept = next((line for line in order.shipping_lines if not line.removed), None)
    terms = order.payment_terms
    market = next(iter(order_markets(order, settings.markets)), None)
    place = next(
        (settings.locations[i] for i in (order.assigned_location_id, order.retail_location) if i in settings.locations),
        "",
    )  # fmt: skip
    return {
        "id": order.source_id, "name": order.name, "number": order.number,
        "url": settings.order_url.replace("{id}", order.source_id),
        "created_at": _time(order.created_at, settings), "created_date": _day(order.created_at, settings),
        "processed_at": _time(order.processed_at, settings), "processed_date": _day(order.processed_at, settings),
        "note": order.note, "attributes": dict(order.attributes), "tags": list(order.tags),
        "po_number": order.po_number, "email": order.email, "phone": order.phone,
        "channel": order.channel or order.source_name, "source_name": order.source_name, "test": order.test,
        "currency": order.presentment_currency if policy == "presentment" else order.currency,
        "shop_currency": order.currency, "customer_currency": order.presentment_currency,
        "total": side_of(totals.current_total, policy), "subtotal": side_of(totals.current_subtotal, policy),
        "tax": side_of(totals.current_tax, policy), "shipping": side_of(totals.current_shipping, policy),
        "discounts": side_of(totals.current_discounts, policy), "tip": side_of(totals.tip, policy),
        "discount_codes": [each.label for each in order.discounts], "gateways": list(order.gateways),
        "financial_status": order.financial_status, "fulfillment_status": order.fulfillment_status,
        "risk": order.risk, "shipping_method": _method(kept), "shipping_code": kept.code if kept else "",
        "terms": terms.name if terms else "",
        "due_date": _day(terms.due_at, settings) if terms else None,
        "market": market.handle if market else "", "location": place,
        "b2b": order.company is not None, "tax_exempt": order.tax_exempt,
        "taxes_included": order.taxes_included, "line_count": len(order.lines),
        "lines": [_line(line, policy) for line in order.lines],
    }  # fmt: skip


def _method(line: ShippingLine | None) -> str:
    return line.title or line.code if line else ""


def _line(line: OrderLine, policy: str) -> JsonView:
    return {
        "id": line.source_id, "title": line.title, "variant_title": line.variant_title, "sku": line.sku,
        "quantity": line.current_quantity, "unit_price": side_of(line.unit_price, policy),
        "attributes": dict(line.attributes), "gift_card": line.is_gift_card, "taxable": line.taxable,
        "requires_shipping": line.requires_shipping, "bundle": line.bundle_title,
        "product_id": line.product_id, "variant_id": line.variant_id,
    }  # fmt: skip


def _customer(order: Order) -> JsonView | None:
    who = order.customer
    if who is None:
        return None
    return {
        "id": who.source_id, "name": who.name, "first_name": who.first_name, "last_name": who.last_name,
        "email": who.email, "phone": who.phone, "tags": list(who.tags), "tax_exempt": who.tax_exempt,
    }  # fmt: skip


def _company(order: Order) -> JsonView | None:
    firm = order.company
    if firm is None:
        return None
    return {
        "id": firm.source_id, "name": firm.name, "external_id": firm.external_id, "location_id": firm.location_id,
        "location_name": firm.location_name, "location_external_id": firm.location_external_id,
        "tax_id": firm.tax_registration_id,
    }  # fmt: skip


def _address(address: Address | None) -> JsonView | None:
    if address is None:
        return None
    return {
        "name": address.name, "first_name": address.first_name, "last_name": address.last_name,
        "company": address.company, "address1": address.address1, "address2": address.address2,
        "zip": address.zip, "city": address.city, "province": address.province,
        "province_name": address.province_name, "country": address.country, "phone": address.phone,
    }  # fmt: skip


def _time(at: datetime | None, settings: ViewSettings) -> str | None:
    """`2026-11-20T07:00:00-05:00`."""
    return at.astimezone(ZoneInfo(settings.zone)).isoformat(timespec="seconds") if at else None


def _day(at: datetime | None, settings: ViewSettings) -> str | None:
    """`2026-11-20`."""
    return at.astimezone(ZoneInfo(settings.zone)).date().isoformat() if at else None

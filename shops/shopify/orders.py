"""A fetched order as canonical facts: pure, nothing computed, nothing rounded, both currencies kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from canonical.money import MoneyBag
from canonical.orders import Order, OrderTotals, StaffMember
from common.errors import NeedsPerson
from shops.shopify.assigned import read_assigned, read_placements
from shops.shopify.lines import read_discount, read_line, read_shipping_line
from shops.shopify.parties import read_address, read_company, read_customer
from shops.shopify.payments import read_terms, read_transaction
from shops.shopify.reading import (
    Node,
    Unreadable,
    each,
    flag,
    instant,
    instant_or_none,
    integer,
    money,
    money_or_none,
    pairs,
    part,
    required,
    source_id,
    storable,
    text,
    texts,
    zero,
)
from shops.shopify.sales import read_agreement


def normalize_order(raw: Mapping[str, Any]) -> Order:
    """Read an order as `shops.shopify.fetching` returns it.

    Raises NeedsPerson UNREADABLE_ORDER, naming the field by its path and the value that was found there.
    """
    try:
        return _order(raw)
    except Unreadable as error:
        name = storable(str(raw.get("name") or raw.get("id") or "without a name"))
        shown = "nothing" if error.value is None else f"'{storable(str(error.value)[:200])}'"
        raise NeedsPerson(
            "UNREADABLE_ORDER",
            f"Order {name} cannot be read: {error.path} is {shown}.",
            field=error.path,
            value=error.path.rsplit(".", 1)[-1],
            detail=f"{error.path} = {error.value!r:.2000}",
        ) from error


def _order(raw: Node) -> Order:
    lines = each(raw, "lineItems", read_line)
    return Order(
        source_id=source_id(raw),
        name=required(raw, "name"),
        created_at=instant(raw, "createdAt"),
        processed_at=instant(raw, "processedAt"),
        updated_at=instant(raw, "updatedAt"),
        currency=required(raw, "currencyCode"),
        presentment_currency=required(raw, "presentmentCurrencyCode"),
        totals=_totals(raw),
        number=integer(raw, "number"),
        po_number=text(raw, "poNumber"),
        email=text(raw, "email"),
        phone=text(raw, "phone"),
        note=text(raw, "note"),
        tags=texts(raw, "tags"),
        test=flag(raw, "test"),
        confirmed=flag(raw, "confirmed", default=True),
        edited=flag(raw, "edited"),
        closed_at=instant_or_none(raw, "closedAt"),
        cancelled_at=instant_or_none(raw, "cancelledAt"),
        cancel_reason=text(raw, "cancelReason"),
        taxes_included=flag(raw, "taxesIncluded"),
        tax_exempt=flag(raw, "taxExempt"),
        requires_shipping=flag(raw, "requiresShipping", default=True),
        financial_status=text(raw, "displayFinancialStatus"),
        fulfillment_status=text(raw, "displayFulfillmentStatus"),
        return_status=text(raw, "returnStatus"),
        gateways=texts(raw, "paymentGatewayNames"),
        source_name=text(raw, "sourceName"),
        channel=_channel(raw),
        retail_location=part(raw, "retailLocation", source_id) or "",
        risk=part(raw, "risk", _risk) or "",
        attributes=pairs(raw, "customAttributes"),
        customer=part(raw, "customer", read_customer),
        company=part(raw, "purchasingEntity", read_company),
        billing=part(raw, "billingAddress", read_address),
        shipping=part(raw, "shippingAddress", read_address),
        payment_terms=part(raw, "paymentTerms", read_terms),
        discounts=each(raw, "discountApplications", read_discount),
        lines=lines,
        shipping_lines=each(raw, "shippingLines", read_shipping_line),
        fees=each(raw, "additionalFees", lambda fee: (source_id(fee), text(fee, "name"))),
        duty_ids=tuple(duty for found in each(raw, "lineItems", _duties) for duty in found),
        agreements=each(raw, "agreements", read_agreement),
        transactions=each(raw, "transactions", read_transaction),
        refund_ids=each(raw, "refunds", source_id),
        assigned_location_id=read_assigned(raw),
        placements=read_placements(raw),
        staff=part(raw, "staffMember", _staff),
    )


def _totals(raw: Node) -> OrderTotals:
    rounding = part(raw, "totalCashRoundingAdjustment", lambda found: money(found, "paymentSet"))
    return OrderTotals(
        original_total=money(raw, "originalTotalPriceSet"),
        total=money(raw, "totalPriceSet"),
        tax=_or_zero(raw, "totalTaxSet"),
        shipping=money(raw, "totalShippingPriceSet"),
        discounts=_or_zero(raw, "totalDiscountsSet"),
        tip=money(raw, "totalTipReceivedSet"),
        current_total=money(raw, "currentTotalPriceSet"),
        current_subtotal=money(raw, "currentSubtotalPriceSet"),
        current_tax=money(raw, "currentTotalTaxSet"),
        current_shipping=money(raw, "currentShippingPriceSet"),
        current_discounts=money(raw, "currentTotalDiscountsSet"),
        received=money(raw, "totalReceivedSet"),
        refunded=money(raw, "totalRefundedSet"),
        outstanding=money(raw, "totalOutstandingSet"),
        cash_rounding=rounding if rounding is not None else _zero(raw),
        current_duties=money_or_none(raw, "currentTotalDutiesSet"),
        current_fees=money_or_none(raw, "currentTotalAdditionalFeesSet"),
    )


def _or_zero(raw: Node, key: str) -> MoneyBag:
    return money_or_none(raw, key) or _zero(raw)


def _zero(raw: Node) -> MoneyBag:
    return zero(required(raw, "currencyCode"), required(raw, "presentmentCurrencyCode"))


def _channel(raw: Node) -> str:
    """The sales channel as people know it; the app that made the order where Shopify names no channel."""
    return (
        part(raw, "attribution", lambda found: text(found, "displayName"))
        or part(raw, "app", lambda found: text(found, "name"))
        or ""
    )


def _risk(node: Node) -> str:
    """Shopify's recommendation; HIGH when there is none but an assessment is high."""
    recommendation = text(node, "recommendation")
    levels = each(node, "assessments", lambda found: text(found, "riskLevel"))
    return "HIGH" if recommendation in {"", "NONE"} and "HIGH" in levels else recommendation


def _staff(node: Node) -> StaffMember:
    return StaffMember(source_id=source_id(node), name=text(node, "name"), email=text(node, "email"))


def _duties(line: Node) -> tuple[str, ...]:
    return each(line, "duties", source_id)

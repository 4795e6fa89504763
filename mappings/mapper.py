"""From an order and its facts to the document the ERP is asked to write. Pure: no database, no HTTP."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from canonical.documents import DocumentKind, DocumentLine, LineKind, Ref, SalesDocument
from canonical.external_ids import external_id
from canonical.facts import LedgerFacts
from canonical.money import PRESENTMENT
from canonical.naming import AddressStyle
from canonical.orders import Order
from canonical.refunded import GIFT_CARD, STORE_CREDIT
from common.clock import date_in_zone
from common.errors import Skip
from mappings.building import ONE, Building
from mappings.charges import charge_lines
from mappings.context import MappingContext
from mappings.items import Items
from mappings.lines import sold_lines
from mappings.models import Charge, MapKind
from mappings.overrides import note
from mappings.placing import document_location
from mappings.taxes import closing_lines

MONEY_IN = frozenset({"SALE", "AUTHORIZATION", "CAPTURE"})
STORED_VALUE = frozenset({GIFT_CARD, STORE_CREDIT})
"""Gateways of money paid in before: they name the payment method only where nothing else paid."""
EXCHANGE_SCALE = Decimal("0.00000001")


def map_document(
    context: MappingContext,
    items: Items,
    order: Order,
    facts: LedgerFacts,
    customer: Ref,
    *,
    kind: DocumentKind = DocumentKind.SALES_ORDER,
) -> SalesDocument:
    """The document of an order, every reference resolved, at Shopify's amounts.

    `items` must have been prepared for the order. Raises NeedsPerson with the cause of the first value that is not
    mapped, Skip NOTHING_LEFT when edits took everything off the order.
    """
    build = Building(context, items, order, facts)
    sold_lines(build)
    location = document_location(build, kind)
    cost = charge_lines(build)
    closing_lines(build)
    if not build.lines:
        raise Skip("NOTHING_LEFT", f"Nothing is left on order {order.name}: there is nothing to book.")
    _comment_line(build)
    return SalesDocument(
        kind=kind,
        external_id=external_id(context.shop.key, kind, order.source_id),
        source_id=order.source_id,
        order_name=order.name,
        customer=customer,
        currency=facts.currency,
        date=date_in_zone(order.processed_at, context.shop.document_zone),
        due_date=_due_date(build, kind),
        number=order.name if context.document.own_number else "",
        lines=tuple(build.lines),
        total=facts.total,
        tax_strategy=build.strategy,
        po_number=order.po_number,
        memo=f"Shopify order {order.name}",
        source_url=context.shop.admin_order_url(order.source_id),
        exchange_rate=exchange_rate(context, order, facts.currency),
        subsidiary=context.dimension(MapKind.SUBSIDIARY, order),
        location=location,
        department=context.dimension(MapKind.DEPARTMENT, order),
        classification=context.dimension(MapKind.CLASS, order),
        sales_rep=_sales_rep(build),
        terms=None if kind is DocumentKind.CASH_SALE else _terms(build),
        payment_method=_payment_method(build),
        ship_method=_ship_method(build),
        shipping_cost=cost,
        billing=order.billing,
        shipping=order.shipping,
        style=_style(context, order),
        email=order.email or (order.customer.email if order.customer else ""),
        promotions=tuple(build.promotions),
        warnings=tuple(build.warnings),
    )


def _style(context: MappingContext, order: Order) -> AddressStyle:
    place = order.shipping or order.billing
    return context.template(place.country if place else "").style()


def _comment_line(build: Building) -> None:
    """Put the order's number on a first line of its own, where the shop wants it."""
    if build.context.document.comment_line:
        item = build.items.of_charge(Charge.COMMENT, build.label)
        text = f"Shopify order {build.order.name}"
        line = DocumentLine(kind=LineKind.COMMENT, item=item, amount=Decimal(0), description=text)
        build.lines.insert(0, line)


def with_rounding(document: SalesDocument, items: Items, rounding: Decimal) -> SalesDocument:
    """The document with its rounding line, on the item mapped for it; as it is when there is nothing to round."""
    if not rounding:
        return document
    line = DocumentLine(
        kind=LineKind.ROUNDING,
        item=items.of_charge(Charge.ROUNDING, f"Order {document.order_name}"),
        amount=rounding,
        description="Rounding difference to Shopify",
        quantity=ONE,
        rate=rounding,
    )
    warning = (
        f"A rounding line of {rounding} {document.currency} makes the document equal to Shopify's total."
    )
    return replace(document, lines=(*document.lines, line), warnings=(*document.warnings, warning))


def exchange_rate(context: MappingContext, order: Order, currency: str) -> Decimal | None:
    """Shop currency for one unit of the document's currency, as the ERP multiplies with it (EUR 100.00 booked as
    110.00 USD: 1.1); None when the document is in the shop's own currency, nothing was charged, or the shop leaves
    the rate to the ERP."""
    if order.policy_in(currency) != PRESENTMENT or context.rate_of_erp(order):
        return None
    for bag in (order.totals.current_total, order.totals.original_total):
        if bag.presentment.amount and bag.shop.amount:
            return (bag.shop.amount / bag.presentment.amount).quantize(EXCHANGE_SCALE).normalize() + 0
    return None


def _terms(build: Building) -> Ref | None:
    """By the name of the terms, or type and days ("NET 30"), or type; orders without terms have none."""
    terms = build.order.payment_terms
    if terms is None:
        return None
    days = [f"{terms.kind} {terms.due_in_days}"] if terms.due_in_days is not None else []
    return build.context.resolve(MapKind.PAYMENT_TERMS, [terms.name, *days, terms.kind], build.label)


def _due_date(build: Building, kind: DocumentKind) -> date | None:
    """When an invoice is due by Shopify's payment schedule, as a day of the shop's accounting zone; None where there is
    no schedule, so that the ERP counts from the terms."""
    terms = build.order.payment_terms
    if kind is not DocumentKind.INVOICE or terms is None or terms.due_at is None:
        return None
    return date_in_zone(terms.due_at, build.context.shop.document_zone)


def _payment_method(build: Building) -> Ref | None:
    """By the gateway that took or holds the money; a gift card or store credit only when nothing else paid.
    Orders without a payment, and shops that map no payment methods, have none."""
    paid = [t for t in build.order.transactions if t.succeeded and t.kind in MONEY_IN and not t.parent_id]
    if not paid:
        return None
    first = next((each for each in paid if each.gateway not in STORED_VALUE), paid[0])
    return build.context.resolve_in_use(
        MapKind.PAYMENT_METHOD, [first.gateway, first.gateway_name], build.label
    )


def _sales_rep(build: Building) -> Ref | None:
    """By e-mail, name or id of the staff member who took the order; orders without one, and shops that map none, have
    none."""
    staff = build.order.staff
    if staff is None:
        return None
    names = [staff.email, staff.name, staff.source_id]
    return build.context.resolve_in_use(MapKind.SALES_REP, names, build.label)


def _ship_method(build: Building) -> Ref | None:
    """By code or title of the first shipping line that was not removed; orders without shipping have none."""
    chosen = build.context.chosen_for(build.order.source_id)
    if chosen.ship_method is not None:
        build.warn(note("Ship method", chosen.ship_method, chosen.ship_method_by))
        return chosen.ship_method
    kept = next((line for line in build.order.shipping_lines if not line.removed), None)
    if kept is None:
        return None
    return build.context.resolve(MapKind.SHIPMENT_METHOD, [kept.code, kept.title], build.label)

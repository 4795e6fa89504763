"""The page of one order: where it stands, both totals, its facts, its documents and its timeline."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import structlog
from django.contrib.admin import AdminSite
from django.db.models import Q
from django.http import Http404, HttpRequest
from django.urls import reverse

from canonical.documents import SALES_DOCUMENTS, DocumentKind
from canonical.orders import Order as OrderFacts
from common.causes import Cause, cause
from common.errors import HubError
from mappings.models import RecordLink
from shops.shopify.orders import normalize_order
from syncflows.actions.registry import registered
from syncflows.admin import facts as shown
from syncflows.admin.access import may
from syncflows.admin.changed import changed
from syncflows.admin.deep_links import fix_url, record_url
from syncflows.admin.json_text import json_text, spread
from syncflows.admin.labels import figure, instant, money, state_words
from syncflows.admin.timeline import entries
from syncflows.admin.totals import component_rows, stored_difference_rows
from syncflows.models import Attempt, Order, OrderOverrides, OrderPayload, Sync

log = structlog.get_logger(__name__)
GONE = ("READBACK_MISSING", "ORDER_CHANGED")
"""Causes under which a document without a total is one the ERP does not show any more."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The stored payload as read: the canonical order, or why it cannot be read and the raw text, masked."""

    payload: OrderPayload | None
    facts: OrderFacts | None = None
    problem: str = ""
    raw: str = ""


def read(order: Order) -> Reading:
    """Read the payload of an order. A payload that cannot be read is shown as it is, never an error page."""
    payload = OrderPayload.objects.filter(pk=order.pk).first()
    if payload is None:
        return Reading(None)
    try:
        document = payload.document()
    except (zlib.error, ValueError) as error:
        return Reading(payload, problem=f"The stored order cannot be unpacked: {error}")
    raw = json_text(document)
    try:
        return Reading(payload, normalize_order(document), raw=raw)
    except HubError as error:
        return Reading(payload, problem=error.message, raw=raw)
    except Exception as error:
        log.warning("unreadable_payload", order=order.name, exc_info=error)
        return Reading(payload, problem=f"The hub cannot read it: {type(error).__name__}.", raw=raw)


def documents(order: Order, links: list[RecordLink]) -> list[dict[str, Any]]:
    """The records this order became, with links into both systems."""
    rows = [
        {
            "system": "Shopify",
            "kind": "Order",
            "number": order.name,
            "url": order.shop.admin_order_url(order.source_id),
            "total": money(order.total, order.currency),
            "note": "",
        }
    ]
    return [*rows, *(_document(link) for link in links)]


def _document(link: RecordLink) -> dict[str, Any]:
    note = "Found in the ERP, not created by the hub" if link.recovered else ""
    if link.part_of_id and not note:
        note = "For an edit of the order"
    return {
        "system": link.connection.get_kind_display(),
        "kind": link.get_kind_display().capitalize(),
        "number": link.erp_number or link.erp_id,
        "url": record_url(link.connection, link.erp_id, link.erp_number, link.kind),
        "total": money(_signed(link), link.currency),
        "note": "Unlinked" if link.unlinked_at else note,
    }


def _signed(link: RecordLink) -> Decimal | None:
    """What a document counts for its order: a credit takes from it."""
    return -link.total if link.total and link.kind == DocumentKind.CREDIT_MEMO else link.total


def _sum(order: Order, links: list[RecordLink], currency: str) -> list[tuple[str, str]]:
    """What the order's documents come to one by one, where there are several: name and amount."""
    live = [link for link in links if link.unlinked_at is None]
    if order.document_total is None or not any(link.part_of_id for link in live):
        return []
    amounts = [(link.erp_number or link.erp_id, _signed(link) or Decimal(0)) for link in live]
    closed = order.document_total - sum((amount for _, amount in amounts), Decimal(0))
    rows = [*amounts, *([("Closed lines", closed)] if closed else [])]
    return [(name, figure(amount, currency)) for name, amount in rows]


def _totals(sync: Sync, order: Order, links: list[RecordLink]) -> dict[str, Any]:
    """Both totals and the rows of components: the differences of a blocked order first of all."""
    currency = order.books_currency or order.currency
    document = order.document_total
    gone = bool(order.document_number) and document is None and sync.reason_code in GONE
    rows = stored_difference_rows(sync.differences) or component_rows(order.components, currency)
    shopify = order.books_total if order.books_total is not None else order.total
    return {
        "currency": currency,
        "rows": [] if gone else rows,
        "blocked": bool(sync.differences),
        "written": sync.reason_code == "READBACK_DIFFERS",
        "gone": gone,
        "shopify": figure(shopify, currency),
        "erp": figure(document, currency),
        "documents": _sum(order, links, currency),
        "difference": figure(shopify - document, currency) if document is not None else "",
        "differs": document is not None and shopify != document,
        "mapped": bool(order.components),
    }


def _advice(sync: Sync) -> tuple[Cause | None, str]:
    """What to do about the reason an order stands where it stands."""
    if not sync.reason_code:
        return None, ""
    entry = cause(sync.reason_code)
    return entry, fix_url(entry.where, sync.shop, sync.reason_value)


def page(request: HttpRequest, site: AdminSite, object_id: str) -> dict[str, Any]:
    """The context of the order page, in a constant number of queries. Raises Http404 for no such order."""
    order = (
        Order.objects.select_related("sync", "shop__erp_connection").filter(pk=int(object_id)).first()
        if object_id.isdigit()
        else None
    )
    if order is None:
        raise Http404
    sync, shop = order.sync, order.shop
    sync.shop = shop
    links = list(
        RecordLink.objects.filter(
            Q(kind__in=SALES_DOCUMENTS, source_id=order.source_id) | Q(part_of__source_id=order.source_id),
            shop=shop,
        )
        .select_related("connection")
        .order_by("created_at")
    )
    reading = read(order)
    found = reading.facts
    zone = shop.iana_timezone
    advice, place = _advice(sync)
    chosen = OrderOverrides.objects.select_related("user").filter(pk=sync.pk).first()
    return {
        **site.each_context(request),
        "opts": Order._meta,
        "original": order,
        "title": f"Order {order.name}",
        "order": order,
        "sync": sync,
        "shop": shop,
        "state": state_words(sync),
        "advice": advice,
        "fix_url": place,
        "placed": instant(order.created_at, zone),
        "total": money(order.total, order.currency),
        "totals": _totals(sync, order, links),
        "reading": reading,
        "lines": shown.lines(found) if found else None,
        "ledger": shown.ledger(found, zone) if found else None,
        "payments": shown.payments(found, zone) if found else None,
        "particulars": shown.particulars(found) if found else [],
        "chosen": chosen.told() if chosen is not None else [],
        "changed": changed(links),
        "attributes": found.attributes if found else (),
        "billing": shown.address(found.billing) if found else [],
        "shipping": shown.address(found.shipping) if found else [],
        "documents": documents(order, links),
        "timeline": [
            (entry, instant(entry.at, zone)) for entry in entries(sync, order, found, reading.payload, links)
        ],
        "buttons": buttons(request, sync),
        "customer_url": reverse("admin:syncflows_order_customer", args=[order.pk]),
        "preview_url": reverse("admin:syncflows_order_preview_order", args=[order.pk]),
    }


def buttons(request: HttpRequest, sync: Sync) -> list[dict[str, Any]]:
    """What this person can do to this order now."""
    return [
        {"deed": action, "url": reverse(f"admin:syncflows_order_{action.name}", args=[sync.pk])}
        for action in registered().values()
        if may(request, action.permission) and action.available(sync)
    ]


def calls(attempt: Attempt) -> list[dict[str, Any]]:
    """The requests and answers of an attempt, masked once more and with JSON spread over lines."""
    return [
        {**call, "request": spread(call.get("request", "")), "response": spread(call.get("response", ""))}
        for call in attempt.calls()
    ]

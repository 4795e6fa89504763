"""All that is stored of one customer, as one report: what a data request has to be answered with."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from django.forms.models import model_to_dict

from canonical.documents import DocumentKind
from common.clock import now
from mappings.models import RecordLink
from shops.models import Shop
from syncflows.inbox.erasing import buyers, orders_of
from syncflows.models import InboxEvent, Order, PrivacyRequest, WrittenDocument

Json = dict[str, Any]


def collect(request: PrivacyRequest, shops: Sequence[Shop], email: str) -> tuple[Json, dict[str, int]]:
    """Orders with payload, document, attempts and what people did; links to ERP customers; stored webhooks. Orders are
    those Shopify named and those with the same e-mail. Returns the report and how many of each."""
    orders = list(orders_of(shops, request.order_ids, email).select_related("sync", "shop").order_by("pk"))
    raw = [order.payload.document() for order in orders if hasattr(order, "payload")]
    names = {request.customer_id, *buyers(raw)} - {""}
    links = RecordLink.objects.filter(shop__in=shops, kind=DocumentKind.CUSTOMER, source_id__in=names)
    ids = [order.source_id for order in orders]
    about_orders = InboxEvent.objects.filter(shop__in=shops, source_id__in=ids)
    about_customer = InboxEvent.objects.filter(
        shop__in=shops, topic__startswith="customers/", source_id=request.customer_id
    )
    events = (about_orders | about_customer if request.customer_id else about_orders).select_related(
        "body", "shop"
    )
    report = {
        "what": "Everything Integration Hub stores of one customer of a Shopify store",
        "store": request.shop.domain,
        "customer_id": request.customer_id,
        "request_id": request.request_id,
        "collected_at": now().isoformat(),
        "orders": [_order(order) for order in orders],
        "erp_customers": [_link(link) for link in links.select_related("connection", "shop")],
        "webhooks": [_event(event) for event in events.order_by("pk")],
    }
    counts = {part: len(found) for part, found in report.items() if isinstance(found, list)}
    return report, counts


def _order(order: Order) -> Json:
    sync = order.sync
    documents = WrittenDocument.objects.filter(link__shop=order.shop, link__source_id=order.source_id)
    return {
        "record": order.shop.key,
        "columns": model_to_dict(order),
        "placed_at": order.created_at,
        "standing": {
            "state": sync.state, "reason": sync.reason, "value": sync.reason_value, "detail": sync.detail,
            "candidates": sync.candidates, "warnings": sync.warnings,
        },
        "as_fetched_from_shopify": order.payload.document() if hasattr(order, "payload") else None,
        "documents_written": [
            {"order": each.raw_order(), "sent": each.body()} for each in documents.select_related("link")
        ],
        "attempts": [
            {
                "at": each.started_at, "outcome": each.outcome, "message": each.message, "detail": each.detail,
                "notes": each.notes, "calls": each.calls(),
            }
            for each in sync.attempt_rows.all()
        ],
        "what_people_did": [
            {"at": each.at, "what": each.kind, "reason": each.reason, "result": each.result, "details": each.details}
            for each in sync.actions.all()
        ],
    }  # fmt: skip


def _link(link: RecordLink) -> Json:
    return {
        "record": link.shop.key, "shopify": link.source_id, "connection": link.connection.key, "erp_id": link.erp_id,
        "erp_number": link.erp_number, "external_id": link.external_id, "linked_at": link.created_at,
        "unlinked_at": link.unlinked_at, "unlink_reason": link.unlink_reason,
    }  # fmt: skip


def _event(event: InboxEvent) -> Json:
    text = event.body.text()
    try:
        body: Any = json.loads(text) if text else None
    except ValueError:
        body = text.decode(errors="replace")
    return {"topic": event.topic, "received_at": event.received_at, "headers": event.headers, "body": body}

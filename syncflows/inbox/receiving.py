"""Storing a delivery: headers and body become a row before anything is answered, and nothing else is done."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import DatabaseError, IntegrityError, transaction

from common.clock import parse_instant
from shops.models import Shop
from syncflows.models import InboxBody, InboxEvent, WebhookEndpoint

KEPT_HEADERS = (
    "X-Shopify-Topic", "X-Shopify-Sub-Topic", "X-Shopify-Shop-Domain", "X-Shopify-API-Version", "X-Shopify-Webhook-Id",
    "X-Shopify-Event-Id", "X-Shopify-Triggered-At", "X-Shopify-Name", "Content-Type", "User-Agent",
)  # fmt: skip
"""The signature is not kept: it says nothing once it was checked."""
_LONGEST = 300


def endpoint_of(token: str) -> WebhookEndpoint | None:
    """The endpoint an address belongs to, with its shop; one query."""
    return WebhookEndpoint.objects.select_related("shop").filter(token=token).first()


def store(shop: Shop, headers: Mapping[str, str], body: bytes) -> bool:
    """Store one delivery; False when its webhook id is stored already. Raises DatabaseError when it could not be
    stored: then Shopify has to be told to come again."""
    kept = {name: _clean(headers[name]) for name in KEPT_HEADERS if headers.get(name)}
    content, digest = InboxBody.pack(body)
    webhook_id = kept.get("X-Shopify-Webhook-Id", "")[:100] or digest
    event = InboxEvent(
        shop=shop,
        webhook_id=webhook_id,
        event_id=kept.get("X-Shopify-Event-Id", "")[:100],
        topic=kept.get("X-Shopify-Topic", "")[:100],
        api_version=kept.get("X-Shopify-API-Version", "")[:20],
        triggered_at=_instant(kept.get("X-Shopify-Triggered-At", "")),
        headers=kept,
        sha256=digest,
        size=len(body),
    )
    try:
        with transaction.atomic():
            event.save(force_insert=True)
            InboxBody(event=event, content=content).save(force_insert=True)
    except IntegrityError as error:
        if not InboxEvent.objects.filter(shop=shop, webhook_id=webhook_id).exists():
            raise DatabaseError(str(error)) from error
        return False
    return True


def _clean(value: str) -> str:
    return value.replace("\x00", "")[:_LONGEST]


def _instant(text: str) -> datetime | None:
    try:
        return parse_instant(text)
    except ValueError:
        return None

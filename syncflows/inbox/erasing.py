"""Erasing personal data from stored orders and what hangs on them.

Figures, ids and links stay. Doing it twice changes nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from canonical.documents import DocumentKind
from canonical.fingerprint import fingerprint
from common.clock import now
from common.errors import HubError
from mappings.identities import known_as
from mappings.models import RecordLink
from shops.models import Shop
from shops.shopify.orders import normalize_order
from syncflows.inbox.scrubbing import ERASED, Eraser, names_in, scrubbed
from syncflows.models import (
    Action,
    Attempt,
    BulkItem,
    InboxBody,
    InboxEvent,
    Order,
    OrderOverrides,
    OrderPayload,
    Sync,
    WrittenDocument,
)
from syncflows.states import State

AT_ONCE = 100
Counts = Counter[str]


def erase_orders(orders: QuerySet[Order], because: str) -> tuple[Counts, int]:
    """Erase in these orders, one transaction each. Returns what was erased, by kind, and how many orders a worker has
    in its hands just now: those have to be erased later."""
    counts: Counts = Counter()
    busy = 0
    last = 0
    while pks := list(orders.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:AT_ONCE]):
        for pk in pks:
            found = _erase_order(pk, because)
            busy += found is None
            counts.update(found or {})
        last = pks[-1]
    return counts, busy


def _erase_order(pk: int, because: str) -> Counts | None:
    with transaction.atomic():
        sync = Sync.objects.select_for_update(of=("self",)).select_related("order", "shop").get(pk=pk)
        if sync.state == State.RUNNING:
            return None
        order = sync.order
        payload = OrderPayload.objects.filter(pk=pk).first()
        documents = list(WrittenDocument.objects.filter(link__shop=sync.shop, link__source_id=sync.source_id))
        raw = [payload.document()] if payload else []
        raw += [document.raw_order() for document in documents]
        texts = [order.customer_name, order.email, *(text for each in raw for text in names_in(each))]
        eraser, counts = Eraser(texts), Counter({"orders": 1})
        counts["customer links"] += _erase_links(sync.shop, raw, eraser)
        if payload is not None:
            payload.body = OrderPayload.pack(scrubbed(raw[0]))
            payload.save(update_fields=["body"])
        for document in documents:
            _erase_document(document, order, eraser)
        counts["documents as written"] += len(documents)
        Order.objects.filter(pk=pk).update(
            customer_name="", email="", tags=eraser.text(order.tags),
            write_back_error=eraser.text(order.write_back_error), fingerprint=order.fingerprint,
        )  # fmt: skip
        _erase_sync(sync, eraser)
        counts["attempts"] += _erase_attempts(sync, eraser)
        counts["actions"] += _erase_actions(sync, eraser)
        counts["webhooks"] += blank(
            InboxEvent.objects.filter(shop=sync.shop, source_id=sync.source_id), because
        )
    return counts


def blank(events: QuerySet[InboxEvent], because: str) -> int:
    """Blank the bodies of these events; their hashes stay."""
    bodies = InboxBody.objects.filter(event__in=events.values("pk"), blanked_at__isnull=True)
    return bodies.update(content=b"", blanked_at=now(), blanked_because=because)


def _erase_document(document: WrittenDocument, order: Order, eraser: Eraser) -> None:
    """What the document stood for when it was written. The hashes a later change is told by are made again from it."""
    clean = scrubbed(document.raw_order())
    document.order = WrittenDocument.pack(clean)
    if document.sent:
        document.sent = WrittenDocument.pack(
            eraser.anything(scrubbed({"body": document.body(), "lines": document.lines()}))
        )
    document.changes, document.kept = eraser.anything(document.changes), eraser.anything(document.kept)
    document.save(update_fields=["order", "sent", "changes", "kept"])
    if order.fingerprint:
        try:
            order.fingerprint = fingerprint(normalize_order(clean))
        except HubError:  # an order that could not be read before cannot be compared either
            return


def _erase_sync(sync: Sync, eraser: Eraser) -> None:
    Sync.objects.filter(pk=sync.pk).update(
        reason=eraser.text(sync.reason), reason_value=eraser.text(sync.reason_value), detail=eraser.text(sync.detail),
        candidates=[], warnings=eraser.anything(sync.warnings),
    )  # fmt: skip
    OrderOverrides.objects.filter(pk=sync.pk).update(customer_name="")
    for item in BulkItem.objects.filter(sync=sync).exclude(message=""):
        BulkItem.objects.filter(pk=item.pk).update(message=eraser.text(item.message))


def _erase_attempts(sync: Sync, eraser: Eraser) -> int:
    rows = list(Attempt.objects.filter(sync=sync))
    for row in rows:
        calls = [_without_bodies(call) for call in row.calls()]
        row.exchange = Attempt.pack(eraser.anything(calls))
        row.message, row.detail = eraser.text(row.message), eraser.text(row.detail)
        row.notes = eraser.anything(row.notes)
        row.save(update_fields=["exchange", "message", "detail", "notes"])
    return len(rows)


def _without_bodies(call: dict[str, Any]) -> dict[str, Any]:
    return {**call, **{part: ERASED for part in ("request", "response") if call.get(part)}}


def _erase_actions(sync: Sync, eraser: Eraser) -> int:
    rows = list(Action.objects.filter(sync=sync))
    for row in rows:
        row.reason, row.result = eraser.text(row.reason), eraser.text(row.result)
        row.details = eraser.anything(row.details)
        row.save(update_fields=["reason", "result", "details"])
    return len(rows)


def _erase_links(shop: Shop, raw: Sequence[dict[str, Any]], eraser: Eraser) -> int:
    """The link of the buyer stays; where its number was a name, the name goes."""
    links = RecordLink.objects.filter(shop=shop, kind=DocumentKind.CUSTOMER, source_id__in=buyers(raw))
    for link in links:
        RecordLink.objects.filter(pk=link.pk).update(
            erp_number=eraser.text(link.erp_number), unlink_reason=eraser.text(link.unlink_reason)
        )
    return len(links)


def buyers(raw: Iterable[dict[str, Any]]) -> list[str]:
    """The ids buyers of raw orders may be linked under; of orders that cannot be read none."""
    found: set[str] = set()
    for each in raw:
        try:
            found.update(known_as(normalize_order(each)))
        except HubError:
            continue
    return sorted(found)


def orders_of(shops: Sequence[Shop], ids: Iterable[str], email: str = "") -> QuerySet[Order]:
    """Orders of a store's records by Shopify id, and by the buyer's e-mail where one is given."""
    mine = Q(source_id__in=list(ids))
    if email:
        mine |= Q(email__iexact=email)
    return Order.objects.filter(mine, shop__in=shops)

"""What people do to orders: each leaves an audit entry with the reason given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import structlog
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet

from canonical.documents import CustomerDocument, DocumentKind, Ref
from common.errors import HubError, NeedsPerson
from erps.registry import adapter_for
from erps.slots import one_slot
from mappings.batch import Batch
from mappings.links import live_links
from shops.models import Shop
from shops.shopify.client import client_for
from shops.shopify.fetching import fetch_orders
from shops.shopify.orders import normalize_order
from syncflows.flows import orders as flow
from syncflows.jobs import request_discovery, wake
from syncflows.models import Action, ActionKind, Sync
from syncflows.pipeline.staging import rules_of
from syncflows.pipeline.work import classify

log = structlog.get_logger(__name__)
CHUNK = 500


def _each(
    user: User | None, syncs: QuerySet[Sync], kind: ActionKind, reason: str, move: Callable[[Sync], bool]
) -> int:
    """Apply a move to every row, in chunks of one transaction each, with its audit entry; returns how many moved."""
    moved = 0
    pks = list(syncs.values_list("pk", flat=True))
    for start in range(0, len(pks), CHUNK):
        with transaction.atomic():
            rows = [s for s in Sync.objects.filter(pk__in=pks[start : start + CHUNK]) if move(s)]
            Action.objects.bulk_create(
                [Action(sync=row, user=user, kind=kind, reason=reason) for row in rows]
            )
            moved += len(rows)
    return moved


def _release(sync: Sync) -> bool:
    Sync.objects.filter(pk=sync.pk).update(released=True)
    return sync.retry()


def import_now(user: User | None, syncs: QuerySet[Sync], reason: str = "") -> int:
    """Import orders now, in spite of a hold or a rule that holds such orders. Exclusion rules still apply."""
    moved = _each(user, syncs, ActionKind.IMPORT, reason, _release)
    wake()
    return moved


def retry(user: User | None, syncs: QuerySet[Sync], reason: str = "") -> int:
    """Take orders up again now, under the same rules."""
    moved = _each(user, syncs, ActionKind.RETRY, reason, Sync.retry)
    wake()
    return moved


def exclude(user: User | None, syncs: QuerySet[Sync], reason: str) -> int:
    """Leave orders out, with a reason. Orders that are running or in the ERP are not touched.

    Raises ValueError without a reason.
    """
    if not reason.strip():
        raise ValueError("Say why the order is left out.")
    return _each(user, syncs, ActionKind.EXCLUDE, reason, lambda sync: sync.exclude(reason.strip()))


def sync_now(user: User | None, shop: Shop) -> None:
    """Search a shop now rather than at its next time; who asked is in the log."""
    log.info("sync_requested", shop=shop.key, user=user.get_username() if user else "")
    request_discovery(shop)


@dataclass(slots=True)
class Preview:
    """A dry run: what would be written, or why it would not be. Nothing is written anywhere."""

    payload: dict[str, Any] = field(default_factory=dict)
    components: dict[str, Any] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    customer: str = ""
    error: HubError | None = None


def preview(sync: Sync) -> Preview:
    """Fetch, decide, map and tie out one order as it is now, without writing. Errors are part of the answer."""
    answer = Preview()
    try:
        _preview(sync, answer)
    except Exception as error:  # noqa: BLE001 - whatever would stop the order is what the preview shows
        answer.error = classify(error)
    return answer


def _preview(sync: Sync, answer: Preview) -> None:
    shop = sync.shop
    raw = fetch_orders(client_for(shop), [sync.source_id])[sync.source_id]
    if isinstance(raw, HubError):
        raise raw
    facts = normalize_order(raw)
    link = live_links(shop, DocumentKind.SALES_ORDER, [sync.source_id]).get(sync.source_id)
    if link is not None:
        number = link.erp_number or link.erp_id
        answer.warnings.append(
            f"The order is in the ERP already as {number}; importing it again writes nothing."
        )
    decision = flow.decide(facts, rules_of(shop), released=sync.released)
    answer.warnings.extend(decision.warnings)
    if shop.erp_connection is None:
        raise NeedsPerson("NO_CONNECTION", f"{shop.name} has no active ERP connection.")
    adapter = adapter_for(shop.erp_connection)
    batch = Batch(shop, adapter)
    with one_slot(shop.erp_connection):
        batch.prepare([facts])
    customer = batch.customer_for(facts)
    if isinstance(customer, CustomerDocument):
        answer.customer = f"New customer: {customer.name}"
        customer = Ref("new", customer.name)
    else:
        answer.customer = customer.name or customer.id
    mapped = batch.document_for(facts, customer)
    answer.components = mapped.components
    answer.warnings.extend(mapped.document.warnings)
    answer.payload = adapter.document_payload(replace(mapped.document, approved=decision.approved))

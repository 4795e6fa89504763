"""One order in the hands of a worker, and how its run ends."""

from __future__ import annotations

import hashlib
import json
import os
import socket
import traceback
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from typing import Any

import structlog
from django.db import transaction

from canonical.documents import DocumentKind, FoundDocument, SalesDocument
from canonical.orders import Order as OrderFacts
from common.clock import now
from common.errors import Held, HubError, NeedsPerson, Retryable, Skip, UnknownOutcome
from common.http import Call
from mappings.models import RecordLink
from syncflows.models import Attempt, Order, OrderPayload, Outcome, Sync
from syncflows.pipeline.cases import Amendment
from syncflows.retry import next_try
from syncflows.states import MoveError

log = structlog.get_logger(__name__)
WORKER = f"{socket.gethostname()[:40]}:{os.getpid()}"
BOUNDED_TRIES = {"CUSTOMER_CURRENCY_ADDED": 3, "ERP_WORKFLOW_LOCK": 5, "ERP_RECORD_CHANGED": 3}
"""Retryable causes that become a person's after so many tries."""


@dataclass(slots=True)
class Work:
    """A claimed order on its way: the rows it started from and what each stage added. `beside` is what the order's
    total has beyond that of its own document: further documents, less credits and closed lines."""

    sync: Sync
    order: Order
    attempt: Attempt
    raw: dict[str, Any] | None = None
    facts: OrderFacts | None = None
    fingerprint: dict[str, str] = field(default_factory=dict)
    document: SalesDocument | None = None
    approved: bool = True
    kind: DocumentKind = DocumentKind.SALES_ORDER
    link: RecordLink | None = None
    existing: FoundDocument | None = None
    payload: dict[str, Any] = field(default_factory=dict)
    payload_hash: str = ""
    amendment: Amendment | None = None
    beside: Decimal = Decimal(0)
    notes: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    ended: bool = False

    @classmethod
    def start(cls, sync: Sync) -> Work:
        """Take up a claimed row; the attempt is not saved yet."""
        return cls(
            sync=sync, order=sync.order, attempt=Attempt(sync=sync, number=sync.attempts, worker=WORKER)
        )


def payload_hash(payload: dict[str, Any]) -> str:
    """Fingerprint of a payload: the same document always has the same one."""
    text = json.dumps(payload, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def content_hash(raw: dict[str, Any]) -> str:
    """Fingerprint of a fetched order, without the moment it was last touched."""
    return payload_hash({key: value for key, value in raw.items() if key != "updatedAt"})


def classify(error: BaseException) -> HubError:
    """Turn whatever stopped an order into a classified error; a bug keeps its traceback."""
    if isinstance(error, HubError):
        return error
    log.error("bug", exc_info=error)
    detail = "".join(traceback.format_exception(error))
    return NeedsPerson(
        "BUG", f"Unexpected error: {type(error).__name__}. Nothing was written.", detail=detail
    )


def end(work: Work, error: HubError, *, calls: Iterable[Call] = ()) -> None:
    """End a run that wrote nothing (or may have): excluded, waiting or blocked, with its attempt."""
    outcome: Outcome
    if isinstance(error, Retryable) and work.sync.attempts >= BOUNDED_TRIES.get(error.code, 1_000_000):
        error = NeedsPerson(error.code, error.message, detail=error.detail, value=error.value)
    with transaction.atomic():
        try:
            if isinstance(error, Skip):
                outcome = Outcome.SKIPPED
                work.sync.finish_skipped(error)
            elif isinstance(error, Held):
                outcome = Outcome.HELD
                work.sync.finish_held(error)
            elif isinstance(error, Retryable):
                outcome = Outcome.UNKNOWN if isinstance(error, UnknownOutcome) else Outcome.WAITING
                work.sync.finish_waiting(error, next_try(error, work.sync.attempts))
            else:
                outcome = Outcome.BLOCKED
                work.sync.finish_blocked(error)
        except MoveError as lost:
            log.warning("lease_lost", sync=work.sync.pk, detail=str(lost))
            work.ended = True
            return
        close_attempt(work, outcome, error=error, calls=calls)
    work.ended = True


def choices_of(work: Work) -> list[str]:
    """The connection's choices behind a document, in words, for its timeline."""
    connection = work.sync.shop.erp_connection
    if work.document is None or connection is None or work.amendment is not None:
        return []
    kind = work.document.kind.words.capitalize()
    released = "released at once" if work.document.approved else "waiting for approval"
    tax, shipping = connection.get_tax_strategy_display(), connection.get_shipping_as_display()
    return [f"Tax: {tax}. Shipping: {shipping}. {kind} {released}."]


def guard(work: Work, step: Callable[[], None]) -> bool:
    """Run one stage of one order: its failure is its own. The one broad except of the system."""
    try:
        step()
    except Exception as error:  # noqa: BLE001 - an order that cannot go on blocks alone
        end(work, classify(error))
        return False
    return True


def close_attempt(
    work: Work, outcome: Outcome, *, error: HubError | None = None, calls: Iterable[Call] = ()
) -> None:
    """Save the attempt with its outcome, its sentence and its masked calls."""
    attempt = work.attempt
    attempt.outcome = outcome
    attempt.finished_at = now()
    attempt.notes = [*choices_of(work), *work.warnings, *work.notes]
    if error is not None:
        attempt.code, attempt.message, attempt.detail = error.code, error.message, error.detail
    packed = [asdict(call) for call in calls]
    if packed:
        attempt.exchange = Attempt.pack(packed)
    attempt.save()


def finish_done(work: Work) -> None:
    """The order is in the ERP and equal; a lost lease leaves it to whoever holds it now."""
    try:
        work.sync.finish_done(warnings=work.warnings)
    except MoveError as lost:
        log.warning("lease_lost", sync=work.sync.pk, detail=str(lost))
    work.ended = True


def save_payloads(works: Iterable[Work], api_version: str) -> None:
    """Keep the raw orders of a chunk, whatever becomes of them; unchanged ones are not written again."""
    fetched = {work.order.pk: work.raw for work in works if work.raw is not None}
    known = dict(OrderPayload.objects.filter(pk__in=fetched).values_list("pk", "content_hash"))
    at = now()
    rows = []
    for pk, raw in fetched.items():
        digest = content_hash(raw)
        if known.get(pk) != digest:
            rows.append(
                OrderPayload(
                    order_id=pk,
                    body=OrderPayload.pack(raw),
                    content_hash=digest,
                    api_version=api_version,
                    fetched_at=at,
                )
            )
    if rows:
        OrderPayload.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["order"],
            update_fields=["body", "content_hash", "api_version", "fetched_at"],
        )

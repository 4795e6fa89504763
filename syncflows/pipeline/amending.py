"""Changing a document that is there already, exactly once: made to fit, sent, recorded.

A replaced document is the same after one request or two. Added lines are not, so after an answer that was lost nothing
is added until it is certain that the request is not carried out late.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from django.db import transaction

from canonical.additions import negated, plan_additions
from canonical.components import components_of_document
from canonical.document_rows import line_of, row_of
from canonical.documents import DocumentKind, DocumentLine, LineKind, SalesDocument
from common.clock import now
from common.errors import HubError, NeedsPerson, Retryable
from common.http import Call, recording
from common.narrow import known
from erps.port import ErpAdapter
from mappings.models import RecordLink
from syncflows.models import Outcome, Wish, WrittenDocument
from syncflows.pipeline.cases import Amendment
from syncflows.pipeline.changing import ask
from syncflows.pipeline.crediting import plan_part, write
from syncflows.pipeline.parts import LATE, beside, parts_of
from syncflows.pipeline.sent import Sent
from syncflows.pipeline.work import Work, close_attempt, content_hash

ZERO, ONE = Decimal(0), Decimal(1)


def fit(work: Work, amendment: Amendment, adapter: ErpAdapter, erp: ErpAdapter) -> None:
    """Settle how the document becomes what was mapped, or which document is written beside it, or ask: when somebody
    changed it in the ERP, or when value would have to go that cannot be closed or credited. `erp` has its requests in
    slots. Raises Retryable CHANGE_IN_DOUBT."""
    case, document = amendment.case, known(work.document)
    if amendment.adding:
        try:
            _plan(work, amendment, adapter, erp)
        except NeedsPerson as error:
            ask(work, case, error.message)
            return
    else:
        amendment.sent = {"body": work.payload, "lines": [row_of(line) for line in document.lines]}
        amendment.there = bool(amendment.doubtful) and not adapter.changed_since(case.state, work.payload)
    if amendment.there:
        return
    if case.in_erp and not amendment.overwrites:
        ask(work, case)
        return
    if amendment.part is None:
        _refuse_late(work, amendment)


def _plan(work: Work, amendment: Amendment, adapter: ErpAdapter, erp: ErpAdapter) -> None:
    """Which lines are closed and added, and what the document will have been written with then. The lines are taken as
    they were before an earlier request of which nobody knows whether it was carried out."""
    case, document = amendment.case, known(work.document)
    before = [line_of(row) for row in case.record.lines()]
    rows = case.record.body()["item"]["items"]
    if len(case.state.lines) < len(before) or (
        len(case.state.lines) > len(before) and not amendment.doubtful
    ):
        raise NeedsPerson("BILLED_VALUE", f"Lines of {case.number} were added or removed in the ERP.")
    own = case.link.kind != DocumentKind.SALES_ORDER
    states = [
        replace(line, closed=bool(row.get("isClosed")), billed=line.quantity or ONE if own else line.billed)
        for line, row in zip(case.state.lines, rows, strict=False)
    ]
    others = beside(parts_of(case.record))
    plan = plan_additions(document.order_name, before, states, document.lines, others)
    stays = [
        line for place, line in enumerate(before) if place not in plan.close and not states[place].closed
    ]
    less = [negated(taken.line) for taken in plan.credit]
    check_additions(document, (*stays, *others, *plan.add, *less))
    if plan_part(work, amendment, plan, adapter, erp):
        return
    new = adapter.document_payload(replace(document, lines=plan.add))["item"]["items"] if plan.add else []
    closed = [{**row, "isClosed": True} if place in plan.close else row for place, row in enumerate(rows)]
    body = {**case.record.body(), "item": {"items": [*closed, *new]}}
    amendment.sent = {"body": body, "lines": [row_of(line) for line in (*before, *plan.add)]}
    amendment.additions = plan
    amendment.there = plan.nothing or (
        bool(amendment.doubtful) and not adapter.changed_since(case.state, body)
    )
    if not amendment.there:
        work.payload = adapter.addition_payload(document, case.state, before, plan)


def check_additions(document: SalesDocument, lines: tuple[DocumentLine, ...]) -> None:
    """Raise NeedsPerson TOTALS_DIFFER unless the lines that stay open and the new ones come to the order's total."""
    total = components_of_document(replace(document, lines=lines)).total
    if total != document.total:
        raise NeedsPerson(
            "TOTALS_DIFFER",
            f"The open lines would come to {total} {document.currency} instead of {document.total}.",
            field="total",
            value="total",
        )


def _refuse_late(work: Work, amendment: Amendment) -> None:
    """Wait while an earlier request whose answer was lost may still be carried out and would do harm."""
    for attempt in amendment.doubtful:
        harmless = not amendment.adding and attempt.payload_hash == work.payload_hash
        left = attempt.started_at + LATE - now()
        if not harmless and left > timedelta(0):
            raise Retryable(
                "CHANGE_IN_DOUBT",
                f"An earlier change of {amendment.case.number} for order {work.order.name} got no answer and may still "
                "be carried out.",
                retry_after=left.total_seconds(),
            )


def send(adapter: ErpAdapter, work: Work) -> Sent:
    """Change the document in a lane: HTTP only."""
    amendment, document = known(work.amendment), known(work.document)
    with recording() as calls:
        try:
            if amendment.part is not None:
                return Sent(write(adapter, amendment), None, tuple(calls.calls))
            if amendment.additions is None:
                body = amendment.case.record.body()
                adapter.amend_document(amendment.ref, document, body)
            else:
                adapter.extend_document(amendment.ref, work.payload)
            return Sent(amendment.ref, None, tuple(calls.calls))
        except HubError as error:
            return Sent(None, error, tuple(calls.calls))


def record_amended(work: Work, calls: Iterable[Call] = ()) -> None:
    """Record a changed document: link, what it stands for now, attempt and the order's figures, in one transaction."""
    amendment, document, link = known(work.amendment), known(work.document), known(work.link)
    record = amendment.case.record
    closed = record.closed_total + _closed_by(amendment)
    work.beside = record.beside_total - closed
    with transaction.atomic():
        link.total, link.payload_hash, link.verified_at = (
            document.total - work.beside,
            work.payload_hash,
            None,
        )
        RecordLink.objects.filter(pk=link.pk).update(
            total=link.total, payload_hash=work.payload_hash, verified_at=None
        )
        record.order = WrittenDocument.pack(known(work.raw))
        record.content_hash = content_hash(known(work.raw))
        record.sent = WrittenDocument.pack(amendment.sent)
        record.stage, record.closed_total = amendment.case.state.stage, closed
        record.changes, record.kept, record.token, record.wish = [], [], "", Wish.NONE
        record.pending = {}
        record.updated_at = now()
        record.save()
        work.warnings = [text for text in work.warnings if not text.startswith("Left as it is")]
        work.order.fingerprint = work.fingerprint
        work.order.save(update_fields=["fingerprint"])
        nothing = amendment.additions is not None and amendment.additions.nothing
        close_attempt(work, Outcome.UNCHANGED if nothing else Outcome.AMENDED, calls=calls)


def _closed_by(amendment: Amendment) -> Decimal:
    """What the lines closed now come to with their tax: the ERP's total goes on counting them."""
    if amendment.additions is None:
        return ZERO
    before = [line_of(row) for row in amendment.case.record.lines()]
    lines = [before[place] for place in amendment.additions.close]
    return sum((line.amount + sum((t.amount for t in line.taxes), ZERO) for line in lines), ZERO)


def lines_expected(work: Work) -> int:
    """How many lines with an amount the document must have."""
    if work.amendment is not None:
        return sum(row["kind"] != LineKind.COMMENT for row in work.amendment.sent["lines"])
    return known(work.document).line_count

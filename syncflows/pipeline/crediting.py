"""Documents beside the order's own, exactly once: planned, tied out, named after Shopify's edit, sent, read back.

One run writes one of them and the next follows at once, so that every step starts from what is known to be there. The
credit of what went comes first, then what came.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal

import structlog
from django.db import transaction

from canonical.additions import Additions, Taken, negated
from canonical.components import TOTAL, Components, components_of_document
from canonical.crediting import CreditDocument, difference_of_facts, place_credit
from canonical.documents import DocumentKind, DocumentLine, LineKind, RecordRef
from canonical.external_ids import edit_external_id
from canonical.ledger import ledger_facts
from canonical.money import quantize
from canonical.sales import Agreement, AgreementReason
from canonical.stages import DocumentStage
from canonical.tie_out import RoundingLimits, tie_out
from common.clock import date_in_zone, now
from common.errors import ComponentDifference, NeedsPerson
from common.http import Call
from common.narrow import known
from erps.models import ShippingChoice
from erps.port import ErpAdapter
from mappings.links import record_link
from mappings.models import RecordLink
from syncflows.models import Order, Outcome, WrittenDocument
from syncflows.pipeline.cases import Amendment, Case
from syncflows.pipeline.parts import (
    Part,
    begun,
    beside,
    credited,
    parts_of,
    pending_part,
    refuse_in_doubt,
    since,
)
from syncflows.pipeline.work import Work, close_attempt, payload_hash
from syncflows.states import MoveError

log = structlog.get_logger(__name__)
ZERO = Decimal(0)
EXACT = RoundingLimits(line_units=0, document_units=0)
ASKED = frozenset({"ERP_PERIOD_CLOSED", "ERP_REFUSED", "ERP_DOCUMENT_IN_USE"})
"""Refusals of a document beside the order's own that a person may answer with *Keep*: it is then booked by hand."""

# ---------------------------------------------------------------------------------------------------- what is there


def settle_parts(work: Work, record: WrittenDocument, erp: ErpAdapter) -> None:
    """Find out what came of a document that was begun, and compare those not read back yet with what was sent. Raises
    NeedsPerson READBACK_DIFFERS, READBACK_MISSING."""
    part = pending_part(record)
    if part is not None:
        for found in erp.find_documents([part.external_id]):
            if found.external_id == part.external_id:
                ref = RecordRef(
                    kind=part.kind,
                    id=found.id,
                    external_id=part.external_id,
                    number=found.number,
                    recovered=True,
                )
                _record(work, record, part, ref)
                work.notes.append(f"{part.sentence} It was found in the ERP.")
    if record.parts:
        _read_back(work, record, erp)


def _read_back(work: Work, record: WrittenDocument, erp: ErpAdapter) -> None:
    links = {
        link.erp_id: link
        for link in RecordLink.objects.filter(
            part_of=record.link_id, verified_at__isnull=True, unlinked_at=None
        )
    }
    if not links:
        return
    found = {each.id: each for each in erp.read_back(list(links))}
    for part in parts_of(record):
        link = links.get(part.erp_id)
        if link is None:
            continue
        there = found.get(part.erp_id)
        if there is None:
            raise NeedsPerson(
                "READBACK_MISSING",
                f"A {part.kind.words} was written for order {work.order.name} ({link.external_id}), but the ERP does "
                "not show it.",
                value=link.external_id,
            )
        total = quantize(there.total or ZERO, part.currency)
        if total != part.total or there.line_count != len(part.lines):
            raise NeedsPerson(
                "READBACK_DIFFERS",
                f"{there.number} in the ERP comes to {total} {part.currency} in {there.line_count} lines, but "
                f"{part.total} {part.currency} in {len(part.lines)} lines was sent for order {work.order.name}.",
                value=there.number,
                differences=(ComponentDifference("total", part.total, total, part.currency),),
            )
        RecordLink.objects.filter(pk=link.pk).update(verified_at=now(), erp_number=there.number)


# ------------------------------------------------------------------------------------------------------ what is next


def plan_part(
    work: Work, amendment: Amendment, plan: Additions, adapter: ErpAdapter, erp: ErpAdapter
) -> bool:
    """Make the next document beside the order's own the amendment's, if there is to be one. Raises NeedsPerson
    BILLED_VALUE and TOTALS_DIFFER when it cannot be written to the cent, Retryable CHANGE_IN_DOUBT."""
    case = amendment.case
    further = bool(plan.add or plan.close) and case.state.stage is DocumentStage.BILLED
    if plan.credit:
        amendment.part = _credit(work, amendment, plan.credit, erp)
        work.payload = adapter.credit_payload(known(amendment.credit))
    elif further:
        amendment.part = _further(work, amendment, plan)
        work.payload = adapter.document_payload(known(amendment.further))
    part = amendment.part
    if part is None or part.stored() != case.record.pending.get("part"):
        refuse_in_doubt(case.record, work.order.name)
    if part is None:
        return False
    if any(each.external_id == part.external_id for each in parts_of(case.record)):
        raise NeedsPerson(
            "BILLED_VALUE",
            f"Order {work.order.name}: {part.external_id} is written already with other contents.",
        )
    work.payload_hash = payload_hash(part.stored())
    work.notes.append(part.sentence)
    return True


def _credit(work: Work, amendment: Amendment, taken: Sequence[Taken], erp: ErpAdapter) -> Part:
    case, document = amendment.case, known(work.document)
    _refuse_money_back(work, case)
    edit, before = _edit(work, case), parts_of(case.record)
    keys = [line.key for line in case.state.lines]
    billing, lines = place_credit(
        document.order_name, taken, keys, erp.billings(amendment.ref), credited(before)
    )
    rows = tuple(each.line for each in lines)
    comes_to = _tied(work, case, rows, went=True)
    name = edit_external_id(work.sync.shop.key, DocumentKind.CREDIT_MEMO, edit.source_id)
    amendment.credit = CreditDocument(
        external_id=name,
        order_name=document.order_name,
        billing=billing,
        currency=document.currency,
        date=date_in_zone(edit.happened_at, work.sync.shop.document_zone),
        lines=lines,
        total=comes_to.total,
        tax_strategy=document.tax_strategy,
        memo=f"Shopify order {document.order_name} was changed",
        applied=min(comes_to.total, billing.open_amount),
    )
    notes = tuple(_goods_notes(case, taken, before))
    work.warnings.extend(notes)
    return Part(
        kind=DocumentKind.CREDIT_MEMO, external_id=name, agreement=edit.source_id, total=comes_to.total,
        currency=document.currency, lines=rows, components=_texts(comes_to), bill=billing.id,
        bill_number=billing.number, keys=tuple(each.key for each in lines), notes=notes,
    )  # fmt: skip


def _further(work: Work, amendment: Amendment, plan: Additions) -> Part:
    """What came goes on a document of its own, of the kind of the order's: a billed one takes no lines any more."""
    case, document = amendment.case, known(work.document)
    kind = DocumentKind(case.link.kind)
    if plan.close or kind is DocumentKind.CASH_SALE:
        raise NeedsPerson(
            "BILLED_VALUE",
            f"Order {document.order_name}: {case.number} is billed, and what was added cannot be put beside it.",
            field="lines",
        )
    edit = _edit(work, case)
    comes_to = _tied(work, case, plan.add, went=False)
    name = edit_external_id(work.sync.shop.key, kind, edit.source_id)
    amendment.further = replace(
        document,
        kind=kind,
        external_id=name,
        lines=plan.add,
        total=comes_to.total,
        date=date_in_zone(edit.happened_at, work.sync.shop.document_zone),
        approved=kind is not DocumentKind.SALES_ORDER or work.sync.shop.order_rules.approve_documents,
        due_date=None,
        number="",
        promotions=(),
        shipping_cost=ZERO,
        memo=f"Shopify order {document.order_name}, added after {case.number}",
    )
    return Part(
        kind=kind, external_id=name, agreement=edit.source_id, total=comes_to.total, currency=document.currency,
        lines=plan.add, components=_texts(comes_to),
    )  # fmt: skip


def _edit(work: Work, case: Case) -> Agreement:
    """The newest edit the order did not have when its document was written: Shopify's own fact the part is named
    after."""
    known_before = {agreement.source_id for agreement in case.before.agreements}
    edits = [
        agreement
        for agreement in known(work.facts).agreements
        if agreement.reason == AgreementReason.ORDER_EDIT and agreement.source_id not in known_before
    ]
    if not edits:
        raise NeedsPerson(
            "BILLED_VALUE",
            f"Order {work.order.name}: Shopify names no edit that explains the change.",
            field="lines",
        )
    return max(edits, key=lambda agreement: (agreement.happened_at, agreement.source_id))


def _refuse_money_back(work: Work, case: Case) -> None:
    """Money that went back as well is a refund, which is not booked yet: a person looks at both together."""
    seen = {row.source_id for row in case.before.transactions if row.succeeded}
    rows = [
        row
        for row in known(work.facts).transactions
        if row.kind == "REFUND" and row.succeeded and row.source_id not in seen
    ]
    if rows:
        raise NeedsPerson(
            "BILLED_VALUE",
            f"Order {work.order.name}: money was given back as well. Refunds are not written yet.",
            field="lines",
        )


def _tied(work: Work, case: Case, lines: tuple[DocumentLine, ...], *, went: bool) -> Components:
    """What these lines come to by component, equal to the ledger facts of their objects that went (or came) since the
    order was last written. Raises NeedsPerson TOTALS_DIFFER for the smallest difference."""
    shop, document = work.sync.shop, replace(known(work.document), shipping_cost=ZERO)
    objects = {line.source_id for line in lines if line.source_id}
    was, is_now = (
        ledger_facts(order, shop.money_policy, refunds_apart=True)
        for order in (case.before, known(work.facts))
    )
    more, less = (was, is_now) if went else (is_now, was)
    net = known(shop.erp_connection).shipping_as == ShippingChoice.BODY
    shopify = difference_of_facts(more, less, objects, shipping_net=net)
    done = [line for line in beside(since(case.record, case.before)) if line.source_id in objects]
    booked = [negated(line) for line in done] if went else done
    both = components_of_document(replace(document, lines=(*lines, *booked)))
    tie_out(document.order_name, shopify, both, EXACT, len(lines))
    alone = components_of_document(replace(document, lines=lines))
    if alone.total < 0:
        raise NeedsPerson(
            "BILLED_VALUE",
            f"Order {document.order_name}: a credit would come to {alone.total}.",
            field="total",
        )
    return alone


def _texts(components: Components) -> dict[str, str]:
    found = {str(name): str(amount) for name, amount in components.amounts.items() if amount}
    return {**found, TOTAL: str(components.total)}


def _goods_notes(case: Case, taken: Sequence[Taken], before: Sequence[Part]) -> Iterable[str]:
    """What a credit does not see to: pieces that are still to be shipped, or were."""
    if DocumentKind(case.link.kind) is not DocumentKind.SALES_ORDER:
        return
    for each in taken:
        line = each.line
        if line.kind is not LineKind.GOODS or line.quantity is None:
            continue
        states = [case.state.lines[place] for place in each.places]
        told = sum((_pieces(row, line) for part in before if part.takes for row in part.lines), ZERO)
        unshipped = sum(((state.quantity or ZERO) - state.fulfilled for state in states), ZERO) - told
        waiting, name = min(line.quantity, max(unshipped, ZERO)), line.description or line.item.name
        gone = f"of '{name}' that are no longer sold"
        if waiting:
            yield f"{case.number} still lists {waiting.normalize():f} {gone} to be shipped."
        if line.quantity > waiting:
            yield f"{(line.quantity - waiting).normalize():f} {gone} were shipped: see to their return."


def _pieces(row: DocumentLine, line: DocumentLine) -> Decimal:
    same = (row.kind, row.source_id, row.item.id) == (line.kind, line.source_id, line.item.id)
    return (row.quantity or ZERO) if same else ZERO


# ------------------------------------------------------------------------------------------------------- written


def intend(work: Work) -> None:
    """Commit a part before it is sent: its id and hash, and what it holds, so that it can be booked when only a look-up
    finds it."""
    amendment = known(work.amendment)
    part, record = known(amendment.part), amendment.case.record
    record.pending = begun(part)
    with transaction.atomic():
        record.save(update_fields=["pending"])
        work.attempt.external_id, work.attempt.payload_hash = part.external_id, work.payload_hash
        work.attempt.outcome = Outcome.INTENT
        work.attempt.save()


def forget(work: Work) -> None:
    """The ERP refused the part and does not have it: nothing is begun any more."""
    record = known(work.amendment).case.record
    record.pending = {}
    record.save(update_fields=["pending"])


def write(adapter: ErpAdapter, amendment: Amendment) -> RecordRef:
    """Send the part in a lane: HTTP only."""
    if amendment.credit is not None:
        return adapter.create_credit(amendment.credit)
    return adapter.create_document(known(amendment.further))


def record_part(work: Work, ref: RecordRef, calls: Iterable[Call] = ()) -> None:
    """Record a part that was written or found, and let the next run follow at once."""
    amendment = known(work.amendment)
    with transaction.atomic():
        _record(work, amendment.case.record, known(amendment.part), ref)
        close_attempt(work, Outcome.RECOVERED if ref.recovered else Outcome.WRITTEN, calls=calls)
    try:
        work.sync.go_on()
    except MoveError as lost:
        log.warning("lease_lost", sync=work.sync.pk, detail=str(lost))
    work.ended = True


def _record(work: Work, record: WrittenDocument, part: Part, ref: RecordRef) -> None:
    with transaction.atomic():
        link = record_link(
            work.sync.shop,
            part.kind,
            f"e{part.agreement}",
            ref,
            total=part.total,
            currency=part.currency,
            payload_hash=payload_hash(part.stored()),
        )
        RecordLink.objects.filter(pk=link.pk).update(part_of=record.link_id)
        record.parts = [*record.parts, replace(part, erp_id=ref.id).stored()]
        record.pending = {}
        record.save(update_fields=["parts", "pending"])
        _count(work.order, part)


def _count(order: Order, part: Part) -> None:
    """Let the order's figures show what all of its documents come to."""
    sign = -1 if part.takes else 1
    components = {name: list(sides) for name, sides in order.components.items()}
    for name, amount in part.components.items():
        sides = components.setdefault(name, ["0", "0"])
        sides[1] = str(Decimal(sides[1]) + sign * Decimal(amount))
    order.components = components
    if order.document_total is not None:
        order.document_total += sign * part.total
    order.save(update_fields=["components", "document_total"])

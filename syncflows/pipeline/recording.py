"""After the write: link, outcome, read-back, and the number back to Shopify."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

import structlog
from django.db import transaction

from canonical.document_rows import row_of
from canonical.documents import DocumentKind, FoundDocument, RecordRef
from canonical.money import quantize
from common.clock import now
from common.errors import ComponentDifference, HubError, NeedsPerson, Retryable
from common.http import Call
from common.narrow import known
from erps.port import ErpAdapter
from mappings.identities import known_as
from mappings.links import live_links, record_link, unlink
from mappings.models import CustomerRules, RecordLink
from shops.models import Shop
from shops.shopify.client import client_for
from shops.shopify.writeback import write_numbers
from syncflows.models import Attempt, Order, Outcome
from syncflows.pipeline.amending import lines_expected
from syncflows.pipeline.changing import remember
from syncflows.pipeline.work import Work, close_attempt, end, finish_done

log = structlog.get_logger(__name__)
WRITE_BACK_BATCH = 250
CUSTOMER_REFUSED = "ERP_CUSTOMER_REFUSED"
"""Cause an adapter gives when the ERP does not take the customer of a document."""
CURRENCY_REFUSED = "ERP_CUSTOMER_CURRENCY"
"""Cause an adapter gives when the customer of a document does not trade in its currency."""


def save_intents(works: Sequence[Work]) -> None:
    """Commit what is about to be written, before it is: external id and payload hash."""
    for work in works:
        work.attempt.external_id = known(work.document).external_id
        work.attempt.payload_hash = work.payload_hash
        work.attempt.outcome = Outcome.INTENT
    Attempt.objects.bulk_create([work.attempt for work in works])


def record_written(work: Work, ref: RecordRef, calls: Iterable[Call] = ()) -> None:
    """Record one written (or found) document: link, attempt and the order's figures, in one transaction."""
    document = known(work.document)
    with transaction.atomic():
        work.link = record_link(
            work.sync.shop,
            ref.kind,
            work.sync.source_id,
            ref,
            total=document.total,
            currency=document.currency,
            payload_hash=work.payload_hash,
        )
        work.order.fingerprint = work.fingerprint
        work.order.document_number = ref.number or ref.id
        work.order.save(update_fields=["fingerprint", "document_number"])
        remember(work, work.link, _sent(work))
        close_attempt(work, Outcome.RECOVERED if ref.recovered else Outcome.WRITTEN, calls=calls)


def _sent(work: Work) -> dict[str, object]:
    """What the document was written with; nothing for one that was typed by hand."""
    if work.existing is not None and not work.existing.external_id:
        return {}
    return {"body": work.payload, "lines": [row_of(line) for line in known(work.document).lines]}


def forget_refused_customer(work: Work, error: HubError) -> None:
    """Break the link to a customer the ERP does not take on a document, so that the next run looks for the customer
    anew: it may have been merged there, made inactive, or belong to another subsidiary."""
    if error.code != CUSTOMER_REFUSED or work.facts is None:
        return
    for link in live_links(work.sync.shop, DocumentKind.CUSTOMER, known_as(work.facts)).values():
        unlink(link)


def with_missing_currency(work: Work, error: HubError, erp: ErpAdapter) -> HubError:
    """Where the rules allow it, let the customer trade in the currency it was refused for: the order then tries again.
    Otherwise, and when the ERP does not take it, the error as it is."""
    rules = CustomerRules.objects.filter(shop=work.sync.shop, add_currencies=True)
    if error.code != CURRENCY_REFUSED or work.document is None or not rules.exists():
        return error
    customer, currency = work.document.customer, work.document.currency
    try:
        erp.add_customer_currency(customer.id, currency)
    except HubError as refused:
        message = f"{error.message} It could not be added: {refused.message}"
        return NeedsPerson(error.code, message, field=error.field, value=error.value, detail=refused.detail)
    return Retryable(
        "CUSTOMER_CURRENCY_ADDED",
        f"Customer {customer.name or customer.id} did not have {currency}; it was added, and order "
        f"{work.order.name} is sent again.",
        retry_after=1,
    )


def verify(works: Sequence[Work], found: Iterable[FoundDocument]) -> None:
    """Compare what the ERP saved with what was sent and end each run done, or blocked with the difference."""
    by_id = {document.id: document for document in found}
    at = now()
    verified = []
    for work in works:
        link = known(work.link)
        there = by_id.get(link.erp_id)
        error = difference(work, link, there) or _changed_meanwhile(work)
        if there is None:
            work.order.document_total = None
        else:
            work.order.document_total = _open_total(work, there)
            work.order.document_number = there.number or link.erp_id
            link.erp_number = there.number
            _note_number(work, there)
        if error is None:
            link.verified_at = at
            verified.append(link)
        else:
            end(work, error)
    save_columns([work.order for work in works], ["document_total", "document_number"])
    RecordLink.objects.bulk_update(verified, ["verified_at", "erp_number"])
    for work in works:
        if not work.ended:
            finish_done(work)


def _note_number(work: Work, there: FoundDocument) -> None:
    """Say so when the ERP did not take the number a new document was given."""
    made = work.document is not None and work.existing is None and work.amendment is None
    wanted = work.document.number if made and work.document is not None else ""
    if wanted and there.number != wanted:
        work.warnings.append(f"The ERP numbered the document {there.number}, not {wanted} as asked.")


def _open_total(work: Work, there: FoundDocument) -> Decimal | None:
    """What the order's documents come to together, without lines the hub closed, which the ERP's total goes on
    counting."""
    return None if there.total is None else there.total + work.beside


def _changed_meanwhile(work: Work) -> NeedsPerson | None:
    """The cause, when a recovered record was sent by an earlier run with other contents than the order has now."""
    if work.existing is None or work.document is None or not work.existing.external_id:
        return None
    others = Attempt.objects.filter(
        sync=work.sync, external_id=work.document.external_id, outcome__in=(Outcome.INTENT, Outcome.UNKNOWN)
    ).exclude(payload_hash=work.payload_hash)
    if not others.exists():
        return None
    return NeedsPerson(
        "ORDER_CHANGED",
        f"Order {work.order.name} was changed while it was being written: "
        f"{work.order.document_number} shows it as it was before.",
        field="document",
    )


def save_columns(orders: Sequence[Order], columns: Sequence[str]) -> None:
    """Save some columns of many orders with one statement."""
    if orders:
        Order.objects.bulk_create(
            orders, update_conflicts=True, unique_fields=["sync"], update_fields=list(columns)
        )


def difference(work: Work, link: RecordLink, there: FoundDocument | None) -> NeedsPerson | None:
    """The cause, when the saved record is not what was sent; None when it is equal."""
    if there is None:
        return NeedsPerson(
            "READBACK_MISSING",
            f"Order {work.order.name} was written as {link.erp_number or link.erp_id}, but the ERP does not show it.",
            value=link.external_id,
        )
    total = quantize(there.total or Decimal(0), link.currency)
    expected = total if link.total is None else quantize(link.total, link.currency)
    if total != expected:
        return NeedsPerson(
            "READBACK_DIFFERS",
            f"{there.number} in the ERP comes to {total} {link.currency}, but {expected} {link.currency} was sent for "
            f"order {work.order.name}.",
            value=there.number,
            differences=(ComponentDifference("total", expected, total, link.currency),),
        )
    document = work.document
    if work.existing is not None and not work.existing.external_id:
        return None  # typed by hand: the same total in lines of its own
    if document is not None and there.line_count is not None and there.line_count != lines_expected(work):
        return NeedsPerson(
            "READBACK_DIFFERS",
            f"{there.number} in the ERP has {there.line_count} lines, but {lines_expected(work)} were sent for order "
            f"{work.order.name}.",
            value=there.number,
        )
    return None


def write_back(shop: Shop) -> int:
    """Write the ERP numbers of verified documents to their Shopify orders; returns how many were settled.

    A failed call holds up nothing: it is logged and made again with the next run. What Shopify refuses is kept with
    its reason on the order and not sent again.
    """
    waiting = list(
        Order.objects.filter(
            shop=shop,
            written_back_at=None,
            write_back_error="",
            sync__state="done",
            shop__order_rules__write_back=True,
        )
        .exclude(document_number="")
        .order_by("pk")[:WRITE_BACK_BATCH]
    )
    if not waiting:
        return 0
    try:
        answers = write_numbers(client_for(shop), [(o.source_id, o.document_number, "") for o in waiting])
    except HubError as error:
        log.warning("write_back_failed", shop=shop.key, code=error.code, detail=error.message)
        return 0
    refused = {o.pk: e.message for o in waiting if (e := answers.get(o.source_id)) is not None}
    for pk, message in refused.items():
        Order.objects.filter(pk=pk).update(write_back_error=message)
    Order.objects.filter(pk__in={order.pk for order in waiting} - set(refused)).update(written_back_at=now())
    return len(waiting)

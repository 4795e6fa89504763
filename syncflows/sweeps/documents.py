"""The ERP's side of a sweep: documents that carry our external ids, and second looks for those that were not found."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

from canonical.documents import SALES_DOCUMENTS, DocumentKind, FoundDocument, RecordRef
from canonical.external_ids import order_of
from common.clock import now
from common.errors import HubError
from common.narrow import known
from mappings.links import document_links, record_link
from mappings.models import RecordLink
from shops.models import MoneyPolicy
from syncflows.models import FLOW_ORDERS, Attempt, Outcome, SweepFinding, SweepOutcome, Sync
from syncflows.pipeline.staging import stage_found
from syncflows.states import State
from syncflows.sweeps.comparing import Links, document_outcome
from syncflows.sweeps.looking import parts
from syncflows.sweeps.orders import here
from syncflows.sweeps.recording import Book, Said

APART = timedelta(minutes=10)
"""Between the two looks for a document."""
DOUBTS_AT_ONCE = 200


def doubts(book: Book) -> Iterator[None]:
    """Look a second time for documents an earlier sweep did not find: gone now means blocked, never written again."""
    open_doubts = SweepFinding.objects.filter(
        shop=book.run.shop_id, open=True, at__lte=now() - APART
    ).select_related("sync")
    for part in parts(open_doubts.order_by("pk").iterator(chunk_size=DOUBTS_AT_ONCE), DOUBTS_AT_ONCE):
        there = book.sight.there(one.erp_id for one in part if one.erp_id)
        if book.sight.connection is None:
            return
        with book.chunk():
            links = document_links(book.run.shop, [one.source_id for one in part])
            told = book.known(one.source_id for one in part)
            for one in part:
                link = links.get(one.source_id)
                if (link.erp_id if link else "") == one.erp_id and one.erp_id not in there and one.sync_id:
                    _lose(book, one, said=one.source_id in told)
            SweepFinding.objects.filter(pk__in=[one.pk for one in part]).update(open=False)
        yield


def _lose(book: Book, doubt: SweepFinding, *, said: bool) -> None:
    sync = known(doubt.sync)
    number = doubt.erp_number or doubt.erp_id
    sentence = (
        f"Order {sync.name} was written as {number}, but the ERP does not show it: two looks, at least ten minutes "
        "apart, did not find it."
        if number
        else f"Order {sync.name} counts as written, but no document is linked to it."
    )
    if not sync.lose_document(sentence):
        return
    # Unverified, so that a retry reads the document back before the order counts as done again.
    RecordLink.objects.filter(shop=sync.shop_id, source_id=sync.source_id, erp_id=doubt.erp_id).update(
        verified_at=None
    )
    Attempt.objects.create(
        sync=sync, number=sync.attempts, outcome=Outcome.BLOCKED, code=sync.reason_code, message=sentence,
        worker="sweep", finished_at=now(),
    )  # fmt: skip
    if not said:
        outcome = SweepOutcome.DOCUMENT_GONE
        lost = Said(
            doubt.source_id, outcome, sync.name, sync.pk, kind=doubt.kind, erp_id=doubt.erp_id,
            erp_number=doubt.erp_number,
        )  # fmt: skip
        book.say([lost])


def documents(book: Book) -> Iterator[None]:
    """Go through the ERP's documents of this shop's orders, a page at a time."""
    run = book.run
    while book.sight.connection is not None:
        page, after = book.sight.page(run.since, run.after)
        orders = [
            (one, order_of(run.shop.key, one.external_id)) for one in page if one.kind in SALES_DOCUMENTS
        ]
        _judge(book, [(one, source_id) for one, source_id in orders if source_id], after)
        yield
        if not after:
            return


def _judge(book: Book, page: Sequence[tuple[FoundDocument, str]], after: str) -> None:
    shop, ids = book.run.shop, [source_id for _, source_id in page]
    rows, links = here(shop.pk, ids), _links(book, page)
    outcomes = {
        one.id: document_outcome(one, source_id, rows.get(source_id), links) for one, source_id in page
    }
    unknown = [source_id for one, source_id in page if outcomes[one.id] is None]
    shown = {header.source_id: header for header in book.sight.shown(list(dict.fromkeys(unknown)))}
    with book.chunk():
        for part in parts(shown.values()):
            stage_found(shop, part)
        rows |= here(shop.pk, list(shown))
        told = book.known(ids)
        said = []
        for one, source_id in page:
            outcome = outcomes[one.id]
            if outcome is None:
                outcome = SweepOutcome.MISSING if source_id in shown else SweepOutcome.ORPHAN
            if outcome is SweepOutcome.IN_ORDER or source_id in told:
                continue
            row = rows.get(source_id)
            if outcome is SweepOutcome.RELINKED and not _relink(book, one, source_id):
                continue
            told.add(source_id)
            header = shown.get(source_id)
            said.append(
                Said(
                    source_id, outcome, header.name if header else _name(row.pk if row else None),
                    row.pk if row else None, kind=one.kind, erp_id=one.id, erp_number=one.number,
                )
            )  # fmt: skip
        book.say(said)
        book.run.after = after


def _name(sync_id: int | None) -> str:
    return Sync.objects.values_list("name", flat=True).get(pk=sync_id) if sync_id else ""


def _links(book: Book, page: Sequence[tuple[FoundDocument, str]]) -> Links:
    connection = known(book.sight.connection)
    ids, orders = [one.id for one, _ in page], [source_id for _, source_id in page]
    rows = RecordLink.objects.filter(connection=connection, kind__in=SALES_DOCUMENTS, erp_id__in=ids)
    live: set[str] = set()
    broken: set[str] = set()
    for erp_id, unlinked_at in rows.values_list("erp_id", "unlinked_at"):
        (live if unlinked_at is None else broken).add(erp_id)
    by_order = {source_id: link.erp_id for source_id, link in document_links(book.run.shop, orders).items()}
    return Links(frozenset(live), by_order, frozenset(broken))


def _relink(book: Book, document: FoundDocument, source_id: str) -> bool:
    """Link an order to the document that carries its external id, and have the pipeline read it back. The total it is
    compared with is Shopify's. False when the order got a document or a worker meanwhile."""
    shop = book.run.shop
    rows = Sync.objects.select_for_update(of=("self",)).select_related("order")
    sync = rows.get(shop=shop, flow=FLOW_ORDERS, source_id=source_id)
    if sync.state == State.RUNNING or document_links(shop, [source_id]):
        return False
    order = sync.order
    total, currency = order.books_total, order.books_currency
    if total is None and shop.money_policy == MoneyPolicy.SHOP:
        total, currency = order.total, order.currency
    ref = RecordRef(
        kind=DocumentKind(document.kind), id=document.id, external_id=document.external_id,
        number=document.number, recovered=True,
    )  # fmt: skip
    try:
        record_link(shop, ref.kind, source_id, ref, total=total, currency=currency)
    except HubError:
        return False
    order.document_number = document.number or document.id
    order.save(update_fields=["document_number"])
    return sync.retry()

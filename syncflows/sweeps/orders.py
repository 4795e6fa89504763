"""The orders of a window: Shopify's beside those here, and the documents of those that are done."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from common.clock import now
from mappings.links import document_links
from mappings.models import RecordLink
from shops.shopify.discovery import Instant, discover_orders
from syncflows.models import FLOW_ORDERS, Order, SweepFinding, SweepOutcome, Sync
from syncflows.pipeline.staging import stage_found
from syncflows.states import State
from syncflows.sweeps.comparing import Here, Span, outcome_of, spans
from syncflows.sweeps.looking import parts
from syncflows.sweeps.recording import Book, Said

QUIET = timedelta(minutes=20)
"""For so long after it was linked a document is not looked for: NetSuite may commit up to 15 minutes late."""


def here(shop_id: int, source_ids: Sequence[str]) -> dict[str, Here]:
    """The rows of some orders, by Shopify's id."""
    columns = ("source_id", "pk", "state", "source_updated_at", "reason_code", "hold")
    rows = Sync.objects.filter(shop=shop_id, flow=FLOW_ORDERS, source_id__in=source_ids)
    return {row[0]: Here(*row[1:]) for row in rows.values_list(*columns)}


def placed(book: Book, mark: datetime, created_since: datetime | None) -> Iterator[None]:
    """Compare the orders placed in the window, both ways; a step for each piece that is committed."""
    run = book.run
    start = run.at or max(filter(None, (run.since, created_since)), default=None)
    pages = discover_orders(book.sight.client, start, by=Instant.CREATED)
    for span in spans(pages, Instant.CREATED, start):
        # First what Shopify does not have: the span counts as done once the rest of it is committed.
        for gone in _gone(book, span):
            with book.chunk():
                book.say(gone)
            yield
        _compare(book, span, Instant.CREATED, mark)
        yield


def changed(book: Book, mark: datetime, created_since: datetime | None) -> Iterator[None]:
    """Compare the orders placed before the window and changed in it."""
    run = book.run
    if run.since is None or (created_since is not None and created_since >= run.since):
        return
    start = run.at or run.since
    pages = discover_orders(book.sight.client, start, created_since=created_since, created_before=run.since)
    for span in spans(pages, Instant.UPDATED, start):
        _compare(book, span, Instant.UPDATED, mark)
        yield


def _compare(book: Book, span: Span, by: Instant, mark: datetime) -> None:
    """One span: outcomes, and what is missing or older staged, in one transaction with the run's place. What is younger
    than the run is left to the next one."""
    shop, run = book.sight.shop, book.run
    orders = [header for header in span.orders if by.of(header) < run.started_at]
    ids = [header.source_id for header in orders]
    rows = here(shop.pk, ids)
    doubts = _doubtful(book, [i for i in ids if i in rows and rows[i].state == State.DONE])
    with book.chunk():
        told = book.known(ids)
        left = [header for header in orders if header.source_id not in told]
        outcomes = {h.source_id: outcome_of(h, rows.get(h.source_id), mark) for h in orders}
        wrong = [h for h in orders if outcomes[h.source_id] != SweepOutcome.IN_ORDER]
        for part in parts(wrong):
            stage_found(shop, part)
        rows |= here(shop.pk, [h.source_id for h in wrong if h.source_id not in rows])
        said = []
        for header in left:
            doubt = doubts.get(header.source_id)
            if doubt is not None and outcomes[header.source_id] is SweepOutcome.IN_ORDER:
                said.append(doubt)
            else:
                row = rows.get(header.source_id)
                said.append(
                    Said(header.source_id, outcomes[header.source_id], header.name, row.pk if row else None)
                )
        book.say(said)
        run.at = span.end or run.started_at


def _doubtful(book: Book, source_ids: Sequence[str]) -> dict[str, Said]:
    """Done orders whose document the ERP does not show, but for those written a moment ago."""
    shop, sight = book.sight.shop, book.sight
    if sight.connection is None or not source_ids:
        return {}
    links = document_links(shop, source_ids)
    asked = [one for one in links.values() if one.connection_id == sight.connection.pk and _settled(one)]
    there = sight.there(link.erp_id for link in asked)
    lost: dict[str, RecordLink | None] = {link.source_id: link for link in asked if link.erp_id not in there}
    lost |= {source_id: None for source_id in source_ids if source_id not in links}
    if not lost:
        return {}
    rows = Sync.objects.filter(shop=shop, flow=FLOW_ORDERS, source_id__in=lost, changed_at__lt=now() - QUIET)
    open_doubts = SweepFinding.objects.filter(shop=shop, open=True, source_id__in=lost)
    doubted = set(open_doubts.values_list("source_id", flat=True))
    return {
        sync.source_id: _doubt(sync, lost[sync.source_id], again=sync.source_id in doubted)
        for sync in rows.only("pk", "source_id", "name")
    }


def _settled(link: RecordLink) -> bool:
    return max(link.created_at, link.verified_at or link.created_at) < now() - QUIET


def _doubt(sync: Sync, link: RecordLink | None, *, again: bool) -> Said:
    kind, erp_id, number = (link.kind, link.erp_id, link.erp_number) if link else ("", "", "")
    return Said(
        sync.source_id, SweepOutcome.DOUBTFUL, sync.name, sync.pk, kind=kind, erp_id=erp_id, erp_number=number,
        again=again,
    )  # fmt: skip


def _gone(book: Book, span: Span) -> Iterator[list[Said]]:
    """Orders placed here in a span that Shopify's list did not have, once Shopify was asked for each by its id."""
    run, listed = book.run, {header.source_id for header in span.orders}
    rows = Order.objects.filter(
        shop=run.shop_id, sync__flow=FLOW_ORDERS, created_at__lt=span.end or run.started_at
    )
    if span.start is not None:
        rows = rows.filter(created_at__gte=span.start)
    columns = rows.order_by("created_at", "pk").values_list("source_id", "pk", "name", "document_number")
    unlisted = (row for row in columns.iterator(chunk_size=2000) if row[0] not in listed)
    for part in parts(unlisted):
        shown = {header.source_id for header in book.sight.shown([row[0] for row in part])}
        told = book.known(row[0] for row in part)
        yield [
            Said(source_id, SweepOutcome.ORDER_GONE, name, pk, erp_number=number)
            for source_id, pk, name, number in part
            if source_id not in shown and source_id not in told
        ]

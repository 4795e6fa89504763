"""Discovery and staging: what Shopify has becomes Sync and Order rows, then the cursor moves."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from django.db import transaction
from django.db.models import Case, DateTimeField, Q, QuerySet, Value, When

from common.clock import now
from common.errors import HubError
from shops.models import Shop
from shops.shopify.client import client_for
from shops.shopify.discovery import OrderHeader, discover_orders
from syncflows.models import FLOW_ORDERS, Cursor, Order, OrderRules, Sync
from syncflows.states import BY_PERSON, RULE_HOLDS, Hold, Lane, State

NAME = 60
"""Width of the name of a Sync; an order may be named longer by an app."""
FRESH = timedelta(seconds=5)
"""How long after a change another one may still come with the same stamp: Shopify's `updatedAt` has whole seconds, and
its clock need not be ours."""


@dataclass(slots=True)
class Found:
    """What one discovery run came across."""

    seen: int = 0
    new: int = 0
    changed: int = 0


def rules_of(shop: Shop) -> OrderRules:
    """The order rules of a shop; a shop without any gets the defaults."""
    return OrderRules.objects.get_or_create(shop=shop)[0]


def discover(
    shop: Shop, *, everything: bool = False, progress: Callable[[Found], None] | None = None
) -> Found:
    """Find orders changed since the cursor, stage each page and move the cursor with it.

    `everything` starts from the beginning of what Shopify shows. Raises the client's errors after noting them on
    the cursor, so that the dashboard shows why discovery stands still.
    """
    rules = rules_of(shop)
    cursor, _ = Cursor.objects.get_or_create(shop=shop, flow=FLOW_ORDERS)
    cursor.started_at = now()
    since, replay = None, cursor.replay_from
    if cursor.position is not None and not everything:
        since = cursor.position - timedelta(minutes=rules.overlap_minutes)
        since = min(since, replay) if replay is not None else since
    found = Found()
    try:
        for page in discover_orders(client_for(shop), since, created_since=rules.import_since):
            stage_page(shop, cursor, page, found)
            if progress is not None:
                progress(found)
    except HubError as error:
        cursor.error_code, cursor.error = error.code, error.message
        cursor.save(update_fields=["started_at", "error_code", "error"])
        raise
    cursor.error_code = cursor.error = ""
    cursor.finished_at = now()
    cursor.found = found.seen
    cursor.save(update_fields=["started_at", "finished_at", "found", "error_code", "error"])
    if replay is not None:
        Cursor.objects.filter(pk=cursor.pk, replay_from=replay).update(replay_from=None)
    return found


def replay_from(shop: Shop, since: datetime) -> None:
    """Have the next search of a shop begin at `since` at the latest, whatever was found since then; an earlier wish
    stays."""
    row, _ = Cursor.objects.get_or_create(shop=shop, flow=FLOW_ORDERS)
    later = Q(replay_from__isnull=True) | Q(replay_from__gt=since)
    Cursor.objects.filter(later, pk=row.pk).update(replay_from=since)


def stage_page(shop: Shop, cursor: Cursor, page: Sequence[OrderHeader], found: Found) -> None:
    """Stage one page in one transaction: new orders get their rows, changed ones are taken up again, and the
    cursor moves to the newest change of the page."""
    if not page:
        return
    with transaction.atomic():
        new, changed = stage_found(shop, page)
        newest = max(header.updated_at for header in page)
        if cursor.position is None or newest > cursor.position:
            cursor.position = newest
            cursor.save(update_fields=["position"])
    found.seen += len(page)
    found.new += new
    found.changed += changed


def stage_found(shop: Shop, page: Sequence[OrderHeader]) -> tuple[int, int]:
    """Stage some orders, in the caller's transaction: rows for new ones, changed ones are taken up again. Returns how
    many of each. The cursor stays where it is."""
    ids = [header.source_id for header in page]
    known = {s.source_id: s for s in Sync.objects.filter(shop=shop, flow=FLOW_ORDERS, source_id__in=ids)}
    new = [header for header in page if header.source_id not in known]
    changed = [
        (known[h.source_id], h)
        for h in page
        if h.source_id in known and _newer(h.updated_at, known[h.source_id].source_updated_at)
    ]
    _add(shop, new)
    _take_up(changed)
    return len(new), len(changed)


def stage_orders(
    shop: Shop,
    headers: Sequence[OrderHeader],
    *,
    lane: Lane = Lane.FRESH,
    reason: tuple[str, str] = ("", ""),
    most: int | None = None,
) -> list[str]:
    """Stage orders somebody asked for (by number, by a backfill): rows for those that have none. With a `reason` (cause
    and sentence) they are excluded at once. Stages at most so many; returns the ids of the new ones. The
    cursor stays where it is."""
    with transaction.atomic():
        known = Sync.objects.filter(
            shop=shop, flow=FLOW_ORDERS, source_id__in=[header.source_id for header in headers]
        )
        there = set(known.values_list("source_id", flat=True))
        new = [header for header in headers if header.source_id not in there][:most]
        _add(shop, new, lane, reason)
    return [header.source_id for header in new]


class News(StrEnum):
    """What news of an order came to."""

    NEW = "new"
    TAKEN_UP = "taken up"
    SEEN = "seen"
    TOO_OLD = "too old"
    GONE = "gone"


def stage_news(
    shop: Shop, ids: Iterable[str], headers: Mapping[str, OrderHeader], always: Container[str] = ()
) -> dict[str, News]:
    """Stage orders that an event spoke of, by their headers as they are now, and say what came of each. A known order
    is taken up when it changed since it was seen, or is named in `always`; one that is gone from Shopify too, so that
    its run says so. The cursor stays where it is."""
    rules, wanted = rules_of(shop), list(ids)
    with transaction.atomic():
        rows = Sync.objects.filter(shop=shop, flow=FLOW_ORDERS, source_id__in=wanted)
        known = {sync.source_id: sync for sync in rows}
        new, changed, gone = [], [], []
        found: dict[str, News] = {}
        for each in wanted:
            header, sync = headers.get(each), known.get(each)
            if header is None:
                found[each] = News.TAKEN_UP if sync else News.GONE
                gone += [sync] if sync else []
            elif sync is None:
                old = rules.import_since is not None and header.created_at < rules.import_since
                found[each] = News.TOO_OLD if old else News.NEW
                new += [] if old else [header]
            elif each in always or _newer(header.updated_at, sync.source_updated_at):
                found[each] = News.TAKEN_UP
                changed.append((sync, header))
            else:
                found[each] = News.SEEN
        _add(shop, new)
        _take_up(changed)
        _due(Sync.objects.filter(pk__in=[sync.pk for sync in gone]), now())
    return found


def _newer(seen: datetime, kept: datetime | None) -> bool:
    return kept is None or seen > kept


def _kept(header: OrderHeader) -> datetime:
    """The change to remember as seen: one second earlier while its second may not be over, so that the next search
    takes the order up once more and a change with the same stamp is not missed."""
    fresh = abs(now() - header.updated_at) < FRESH
    return header.updated_at - timedelta(seconds=1) if fresh else header.updated_at


def _add(
    shop: Shop, headers: Sequence[OrderHeader], lane: Lane = Lane.FRESH, reason: tuple[str, str] = ("", "")
) -> None:
    if not headers:
        return
    code, sentence = reason
    Sync.objects.bulk_create(
        [
            Sync(
                shop=shop,
                flow=FLOW_ORDERS,
                source_id=h.source_id,
                name=h.name[:NAME],
                source_updated_at=_kept(h),
                lane=lane,
                state=State.SKIPPED if code else State.PENDING,
                reason_code=code,
                reason=sentence,
            )
            for h in headers
        ],
        ignore_conflicts=True,
        batch_size=250,
    )
    rows = dict(
        Sync.objects.filter(
            shop=shop, flow=FLOW_ORDERS, source_id__in=[h.source_id for h in headers]
        ).values_list("source_id", "pk")
    )
    Order.objects.bulk_create(
        [_order(shop, rows[h.source_id], h) for h in headers], ignore_conflicts=True, batch_size=250
    )


def _order(shop: Shop, sync_id: int, header: OrderHeader) -> Order:
    return Order(
        sync_id=sync_id,
        shop=shop,
        source_id=header.source_id,
        name=header.name,
        created_at=header.created_at,
        updated_at=header.updated_at,
        currency=header.currency,
        total=Decimal(header.total),
        financial_status=header.financial_status,
        fulfillment_status=header.fulfillment_status,
        channel=header.source_name,
        test=header.test,
        cancelled_at=header.cancelled_at,
    ).fit()


def _take_up(changed: Sequence[tuple[Sync, OrderHeader]]) -> None:
    """Changed orders become due, also those a rule holds; running ones are marked stale; what a person excluded or
    holds stays so."""
    if not changed:
        return
    at = now()
    pks = [sync.pk for sync, _ in changed]
    Sync.objects.filter(pk__in=pks).update(
        source_updated_at=Case(
            *(When(pk=sync.pk, then=Value(_kept(h))) for sync, h in changed), output_field=DateTimeField()
        ),
        seen_at=at,
        lane=Lane.FRESH,
    )
    _due(Sync.objects.filter(pk__in=pks), at)


def _due(rows: QuerySet[Sync], at: datetime) -> None:
    rows.filter(state=State.RUNNING).update(stale=True)
    rows.filter(state__in=(State.DONE, State.WAITING, State.BLOCKED)).update(
        state=State.PENDING, due_at=at, attempts=0, changed_at=at
    )
    rows.filter(state=State.PENDING, hold__in=RULE_HOLDS).update(
        hold=Hold.NONE, held_until=None, due_at=at, attempts=0, changed_at=at
    )
    rows.filter(state=State.SKIPPED).exclude(reason_code__in=BY_PERSON).update(
        state=State.PENDING, due_at=at, attempts=0, changed_at=at
    )

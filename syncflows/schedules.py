"""Schedules: when a shop is searched, and the sweeps that make lost wake-ups harmless."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from croniter import croniter
from django.db.models import Q
from django_q.models import Schedule

from common.clock import now
from shops.models import Shop
from syncflows.inbox.subscriptions import EVERY as WATCH_EVERY
from syncflows.jobs import (
    request_backfill,
    request_bulk,
    request_cleaning,
    request_discovery,
    request_every_minute,
    request_following,
    request_privacy,
    request_routing,
    request_sweep,
    request_watch,
    wake_if_due,
)
from syncflows.models import (
    Action,
    ActionState,
    Backfill,
    BackfillState,
    Beat,
    BulkRun,
    BulkState,
    InboxEvent,
    OrderRules,
    PrivacyRequest,
    PrivacyState,
    SweepKind,
    SweepRun,
    SweepTurn,
    Sync,
    WebhookEndpoint,
)
from syncflows.sweeps.running import window

TICK = "syncflows.schedules.tick"
OPEN = {"shop__is_active": True, "shop__disconnected_at": None}
"""Rows of shops that are switched on and let the hub in."""
ASK_AGAIN = timedelta(minutes=5)
"""A search that was asked for, or was at work, and gave no sign for this long is asked for again: its task was lost, or
its worker killed."""
MINUTE = "every minute"
EVERY = timedelta(minutes=1)
CLEANED = "inbox cleaned"
CLEAN_EVERY = timedelta(hours=6)
PRIVACY_EVERY = timedelta(minutes=10)
"""How long one run of a privacy request has before it is asked for again."""


def install() -> None:
    """Create the hub's django-q2 schedule, once: a tick every minute."""
    Schedule.objects.get_or_create(
        func=TICK, defaults={"name": "tick", "schedule_type": Schedule.MINUTES, "minutes": 1, "repeats": -1}
    )
    Beat.objects.get_or_create(name=MINUTE, defaults={"at": now() - EVERY})


def take_minute(name: str = MINUTE) -> bool:
    """Whether a minute has passed since this was last true. One of all that ask gets it."""
    at = now()
    over = Beat.objects.filter(name=name, at__lte=at - EVERY)
    return over.exists() and bool(over.update(at=at))


def next_run(rules: OrderRules, after: datetime) -> datetime:
    """The next search of a shop after `after` (aware UTC): cron in the shop's zone, else the interval."""
    if rules.cron:
        return next_cron(rules.cron, rules.shop, after)
    return after + timedelta(minutes=rules.interval_minutes)


def tick() -> int:
    """Queue the search of every shop whose time has come, and wake the workers if rows are due. What people
    had Shopify begin is looked at again.

    Each shop is taken by one UPDATE, so that two ticks at once queue it once.
    """
    at = now()
    queued = 0
    searched = OrderRules.objects.filter(enabled=True, **OPEN)
    for rules in searched.select_related("shop"):
        if _take(rules, at):
            request_discovery(rules.shop)
            queued += 1
    Sync.objects.expire_holds()
    if Action.objects.filter(state=ActionState.FOLLOWED).exists():
        request_following()
    for run_id in BulkRun.objects.filter(state=BulkState.RUNNING, due_at__lte=at).values_list(
        "pk", flat=True
    ):
        request_bulk(run_id)
    if take_minute():
        request_every_minute()
    _look_after_inbox(at)
    open_backfills = Backfill.objects.filter(state=BackfillState.RUNNING, due_at__lte=at, **OPEN)
    for backfill_id in open_backfills.values_list("pk", flat=True):
        request_backfill(backfill_id)
    sweep_due(at)
    wake_if_due()
    return queued


def _take(rules: OrderRules, at: datetime) -> bool:
    """Whether this tick is the one to ask for a shop's search: its time has come, or the last one asked for is lost."""
    mine = OrderRules.objects.filter(pk=rules.pk)
    if rules.next_run_at is None or rules.next_run_at <= at:
        mine = mine.filter(next_run_at=rules.next_run_at)
        return bool(mine.update(next_run_at=next_run(rules, at), search_asked_at=at))
    if rules.search_asked_at is not None and rules.search_asked_at <= at - ASK_AGAIN:
        return bool(mine.filter(search_asked_at=rules.search_asked_at).update(search_asked_at=at))
    return False


def _look_after_inbox(at: datetime) -> None:
    """Events nobody routed, subscriptions to look at, privacy requests to answer, bodies whose time is up."""
    if InboxEvent.objects.due().exists():
        request_routing()
    endpoints = WebhookEndpoint.objects.filter(wanted=True, **OPEN)
    due = Q(next_watch_at__isnull=True) | Q(next_watch_at__lte=at)
    for endpoint in endpoints.filter(due):
        mine = WebhookEndpoint.objects.filter(due, pk=endpoint.pk)
        if mine.update(next_watch_at=at + WATCH_EVERY):
            request_watch(endpoint.shop_id)
    for asked in PrivacyRequest.objects.filter(state=PrivacyState.OPEN, report=b"", next_try_at__lte=at).only(
        "pk"
    ):
        free = PrivacyRequest.objects.filter(pk=asked.pk, next_try_at__lte=at)
        if free.update(next_try_at=at + PRIVACY_EVERY):
            request_privacy(asked.pk)
    cleaned, _ = Beat.objects.get_or_create(name=CLEANED, defaults={"at": at})
    if Beat.objects.filter(pk=cleaned.pk, at__lte=at - CLEAN_EVERY).update(at=at):
        request_cleaning()


def sweep_due(at: datetime) -> None:
    """Begin the sweeps whose time has come, and have open ones gone on with."""
    rules = OrderRules.objects.filter(enabled=True, **OPEN).select_related("shop")
    turns = SweepTurn.objects.in_bulk()
    for one in rules:
        turn = turns.get(one.pk) or SweepTurn.objects.get_or_create(shop=one.shop)[0]
        if one.deep_sweep_cron and (turn.next_deep_at is None or turn.next_deep_at <= at):
            _begin(turn, "next_deep_at", next_cron(one.deep_sweep_cron, one.shop, at), SweepKind.DEEP, one)
        if one.sweep_minutes and (turn.next_quick_at is None or turn.next_quick_at <= at):
            pause, last = timedelta(minutes=one.sweep_minutes), turn.next_quick_at
            # From the time it was to begin: a tick that comes a moment late would put every one off by a tick.
            after = (last if last is not None and at - last < pause else at) + pause
            _begin(turn, "next_quick_at", after, SweepKind.QUICK, one)
    for run_id in SweepRun.objects.due(now()).filter(**OPEN).values_list("pk", flat=True):
        request_sweep(run_id)


def _begin(turn: SweepTurn, field: str, after: datetime, kind: SweepKind, rules: OrderRules) -> None:
    """Move the time of the next one by one UPDATE, and begin one if it was this tick that moved it. A shop's first time
    only begins to count."""
    last = getattr(turn, field)
    mine = SweepTurn.objects.filter(pk=turn.pk, **{field: last})
    if mine.update(**{field: after}) and last is not None:
        SweepRun.objects.begin(rules.shop, kind, window(rules, kind))


def next_cron(cron: str, shop: Shop, after: datetime) -> datetime:
    """The next time of a cron expression in a shop's zone (aware UTC)."""
    local = after.astimezone(ZoneInfo(shop.iana_timezone))
    return croniter(cron, local).get_next(datetime).astimezone(after.tzinfo)

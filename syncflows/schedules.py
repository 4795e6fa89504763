"""Schedules: when a shop is searched, and the sweeps that make lost wake-ups harmless."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from croniter import croniter
from django_q.models import Schedule

from common.clock import now
from shops.models import Shop
from syncflows.jobs import (
    request_backfill,
    request_bulk,
    request_discovery,
    request_following,
    request_sweep,
    wake_if_due,
)
from syncflows.models import (
    Action,
    ActionState,
    Backfill,
    BackfillState,
    BulkRun,
    BulkState,
    OrderRules,
    SweepKind,
    SweepRun,
    SweepTurn,
    Sync,
)
from syncflows.sweeps.running import window

TICK = "syncflows.schedules.tick"


def install() -> None:
    """Create the hub's django-q2 schedule, once: a tick every minute."""
    Schedule.objects.get_or_create(
        func=TICK, defaults={"name": "tick", "schedule_type": Schedule.MINUTES, "minutes": 1, "repeats": -1}
    )


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
    for rules in OrderRules.objects.filter(enabled=True, shop__is_active=True).select_related("shop"):
        if rules.next_run_at is not None and rules.next_run_at > at:
            continue
        mine = OrderRules.objects.filter(pk=rules.pk, next_run_at=rules.next_run_at)
        if mine.update(next_run_at=next_run(rules, at)):
            request_discovery(rules.shop)
            queued += 1
    Sync.objects.expire_holds()
    if Action.objects.filter(state=ActionState.FOLLOWED).exists():
        request_following()
    for run_id in BulkRun.objects.filter(state=BulkState.RUNNING, due_at__lte=at).values_list(
        "pk", flat=True
    ):
        request_bulk(run_id)
    open_backfills = Backfill.objects.filter(
        state=BackfillState.RUNNING, due_at__lte=at, shop__is_active=True
    )
    for backfill_id in open_backfills.values_list("pk", flat=True):
        request_backfill(backfill_id)
    sweep_due(at)
    wake_if_due()
    return queued


def sweep_due(at: datetime) -> None:
    """Begin the sweeps whose time has come, and have open ones gone on with."""
    rules = OrderRules.objects.filter(enabled=True, shop__is_active=True).select_related("shop")
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
    for run_id in SweepRun.objects.due(now()).filter(shop__is_active=True).values_list("pk", flat=True):
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

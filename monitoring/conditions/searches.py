"""Shops that are not searched any more, or whose orders are not counted any more."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from croniter import croniter
from django.urls import reverse

from monitoring.models import ShopifyCount
from monitoring.models.limits import AlertLimits, limits_by_shop
from monitoring.registry import Condition, Finding, Severity, register
from monitoring.words import moment, of, one_line
from syncflows.models import FLOW_ORDERS, Cursor, OrderRules

SHORTEST = timedelta(minutes=15)
FIRST = timedelta(hours=6)
"""How long the first search of a shop may take: it reads everything Shopify has."""


def deadline(rules: OrderRules, at: datetime, times: int) -> datetime:
    """The last search must have finished after this: the start of the last `times` intervals before `at`, by cron in
    the shop's zone or by minutes, and 15 minutes at least."""
    if rules.cron:
        past = croniter(rules.cron, at.astimezone(ZoneInfo(rules.shop.iana_timezone)))
        for _ in range(times):
            past.get_prev(datetime)
        begin = past.get_current(datetime).astimezone(at.tzinfo)
    else:
        begin = at - times * timedelta(minutes=rules.interval_minutes)
    return min(begin, at - SHORTEST)


def find(at: datetime) -> Iterator[Finding]:
    """Every shop that should be searched and was not, or not counted, in time; four queries."""
    limits = limits_by_shop()
    cursors = {row.shop_id: row for row in Cursor.objects.filter(flow=FLOW_ORDERS)}
    counts = ShopifyCount.objects.in_bulk()
    for rules in OrderRules.objects.filter(enabled=True, shop__is_active=True).select_related("shop"):
        own = limits.get(rules.shop_id) or AlertLimits(shop=rules.shop)
        due = deadline(rules, at, own.search_intervals)
        cursor = cursors.get(rules.shop_id)
        late = _search(rules, cursor, due, at)
        if late is not None:
            yield late
        elif cursor is not None and cursor.finished_at is not None:
            yield from _count(rules, counts.get(rules.shop_id), due)


def _search(rules: OrderRules, cursor: Cursor | None, due: datetime, at: datetime) -> Finding | None:
    shop = rules.shop
    last = cursor.finished_at if cursor else None
    error = cursor.error if cursor else ""
    begun = last or shop.created_at
    if begun > due or (last is None and not error and begun > at - FIRST):
        return None
    when = f"since {moment(last, shop.iana_timezone)}" if last else "yet"
    why = f" The last one failed: {one_line(error)}" if error else ""
    return Finding(
        f"No search of {of(shop)} has finished {when}.{why}",
        subject="search",
        shop=shop,
        since=begun,
        url=reverse("admin:shops_shop_change", args=[shop.pk]),
    )


def _count(rules: OrderRules, count: ShopifyCount | None, due: datetime) -> Iterator[Finding]:
    shop = rules.shop
    if count is None or (count.counted_at is not None and count.counted_at > due) or not count.error:
        return
    when = f"since {moment(count.counted_at, shop.iana_timezone)}" if count.counted_at else "yet"
    yield Finding(
        f"Shopify's number of orders of {of(shop)} has not been read {when}, so nobody knows whether all are here. "
        f"{one_line(count.error)}",
        subject="count",
        shop=shop,
        since=count.counted_at,
        url=reverse("admin:shops_shop_change", args=[shop.pk]),
        severity=Severity.WARNING,
    )


register(
    Condition(
        "search",
        "A shop is not searched",
        "No search of a shop has finished for 3 of its intervals (the number is one of the alert limits), or its "
        "orders could not be counted for as long.",
        "The sentence says why the last one failed. Press Test connection on the shop, then Sync now. If nothing "
        "failed, look whether a worker runs and at Schedules.",
        Severity.CRITICAL,
        find,
        lasting=timedelta(minutes=2),
    )
)

"""Orders stopped coming: a shop is silent for much longer than it ever is at this hour of the week.

The rule. Looked at are the last 8 weeks. For each of them, the clock hour of the week it is now (in the shop's zone)
and the hour before are taken, and the longest gap between two orders that reaches into these two hours. Of these
gaps, one for each week, the second longest is the shop's *usual wait* at this hour: one outage in the past does not
count. The shop is silent when its last order is longer ago than twice the usual wait, and than 15 minutes. A small
shop has its nights inside its gaps, so it is not silent at night. A shop whose first order is less than 4 weeks old,
or that had fewer than 20 orders in the weeks looked at, is too new for a rhythm.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from django.db.models import OuterRef, Subquery
from django.urls import reverse

from monitoring.models.limits import AlertLimits, limits_by_shop
from monitoring.registry import Condition, Finding, Severity, register
from monitoring.words import moment, of, span
from shops.models import Shop
from syncflows.models import Order

WEEKS = 8
NEEDED_WEEKS = 4
NEEDED_ORDERS = 20
TIMES = 2
SHORTEST = timedelta(minutes=15)
HOUR = timedelta(hours=1)


def usual_wait(arrivals: Sequence[datetime], at: datetime, zone: str) -> timedelta | None:
    """The usual wait at this hour of the week, by the rule above; None for a shop too new for a rhythm.

    `arrivals` are the instants of the orders of the last weeks in rising order.
    """
    begin = at - timedelta(weeks=WEEKS, days=1)
    seen = arrivals[bisect_left(arrivals, begin) : bisect_left(arrivals, at)]
    if len(seen) < NEEDED_ORDERS or seen[0] > at - timedelta(weeks=NEEDED_WEEKS):
        return None
    hour = at.astimezone(ZoneInfo(zone)).replace(minute=0, second=0, microsecond=0)
    waits = []
    for week in range(1, WEEKS + 1):
        start = (hour - timedelta(weeks=week)).astimezone(UTC)
        longest = _longest_gap(seen, start - HOUR, start + HOUR)
        if longest is not None:
            waits.append(longest)
    if len(waits) < NEEDED_WEEKS:
        return None
    return sorted(waits)[-2]


def _longest_gap(seen: Sequence[datetime], start: datetime, end: datetime) -> timedelta | None:
    """The longest gap that reaches into [start, end); None when the orders before or after it are not known."""
    first, last = bisect_right(seen, start) - 1, bisect_left(seen, end)
    if first < 0 or last >= len(seen):
        return None
    around = seen[first : last + 1]
    return max(after - before for before, after in pairwise(around))


def is_silent(last: datetime, at: datetime, usual: timedelta | None) -> bool:
    """Whether a wait since `last` is too long for a shop with this usual wait."""
    return usual is not None and at - last > max(TIMES * usual, SHORTEST)


@lru_cache(maxsize=2048)
def _usual(shop_id: int, zone: str, quarter: datetime, last: datetime) -> timedelta | None:
    """The past stays as it is: read once for each silence, quarter of an hour (zones differ by such) and process."""
    begin = quarter - timedelta(weeks=WEEKS, days=1)
    rows = Order.objects.filter(shop=shop_id, created_at__gte=begin, created_at__lte=last)
    return usual_wait(list(rows.order_by("created_at").values_list("created_at", flat=True)), quarter, zone)


def find(at: datetime) -> Iterator[Finding]:
    """Every active shop that is silent. Three queries, and one more for each shop without an order for 15 minutes."""
    lately = (
        Order.objects.filter(created_at__gte=at - SHORTEST)
        .order_by()
        .values_list("shop_id", flat=True)
        .distinct()
    )
    limits = limits_by_shop()
    newest = Order.objects.filter(shop=OuterRef("pk"), created_at__gte=at - timedelta(weeks=WEEKS, days=1))
    last_order = Subquery(newest.order_by("-created_at").values("created_at")[:1])
    quiet = Shop.objects.filter(is_active=True, order_rules__enabled=True).exclude(pk__in=list(lately))
    for shop in quiet.annotate(last_order=last_order):
        last = shop.last_order
        own = limits.get(shop.pk) or AlertLimits(shop=shop)
        if last is None or not own.silence:
            continue
        quarter = at.replace(minute=at.minute // 15 * 15, second=0, microsecond=0)
        usual = _usual(shop.pk, shop.iana_timezone, quarter, last)
        if usual is not None and is_silent(last, at, usual):
            yield Finding(
                f"No order of {of(shop)} for {span(at - last)}, the last one at {moment(last, shop.iana_timezone)}. "
                f"Usually it waits at most {span(usual)} at this hour of the week.",
                shop=shop,
                since=last,
                url=f"{reverse('admin:syncflows_order_changelist')}?shop={shop.pk}",
            )


register(
    Condition(
        "silence",
        "Orders stopped coming",
        "No order has come from a shop for more than twice its usual wait at this hour of the week.",
        "Place a test order in the store. If it goes through, press Sync now on the shop and look at Last search on "
        "the overview; if the store itself is down, tell those who run it.",
        Severity.WARNING,
        find,
    )
)

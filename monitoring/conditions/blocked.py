"""Blocked orders by cause: however many orders one cause blocks, it is one alert for a shop."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from urllib.parse import urlencode

from django.db.models import Count, Min, Sum
from django.urls import reverse

from common.causes import cause
from monitoring.registry import Condition, Finding, Severity, register
from monitoring.words import amounts, moment, of, orders
from shops.models import Shop
from syncflows.models import Sync
from syncflows.states import State


@dataclass(slots=True)
class _Group:
    oldest: datetime
    count: int = 0
    totals: dict[str, Decimal] = field(default_factory=dict)


def find(_at: datetime) -> Iterator[Finding]:
    """One finding for each shop and cause; two queries."""
    parts = (
        Sync.objects.filter(state=State.BLOCKED, shop__is_active=True)
        .order_by()
        .values_list("shop_id", "reason_code", "order__currency")
        .annotate(count=Count("pk"), total=Sum("order__total"), oldest=Min("changed_at"))
    )
    groups: dict[tuple[int, str], _Group] = {}
    for shop_id, code, currency, count, total, oldest in parts:
        group = groups.setdefault((shop_id, code), _Group(oldest))
        group.count += count
        group.oldest = min(group.oldest, oldest)
        if currency:
            group.totals[currency] = group.totals.get(currency, Decimal(0)) + (total or Decimal(0))
    shops = Shop.objects.in_bulk({shop_id for shop_id, _ in groups})
    for (shop_id, code), group in groups.items():
        yield _finding(shops[shop_id], code, group)


def _finding(shop: Shop, code: str, group: _Group) -> Finding:
    known, verb = cause(code), "is" if group.count == 1 else "are"
    worth = amounts(group.totals)
    query = urlencode({"state": State.BLOCKED.value, "cause": code, "shop": shop.pk})
    return Finding(
        f"{orders(group.count)} of {of(shop)} {verb} blocked: {known.title}. {f'{worth}, the' if worth else 'The'} "
        f"oldest since {moment(group.oldest, shop.iana_timezone)}.",
        subject=code,
        shop=shop,
        count=group.count,
        since=group.oldest,
        url=f"{reverse('admin:syncflows_sync_changelist')}?{query}",
        fix=f"{known.fix} Who can: {known.who}.",
    )


register(
    Condition(
        "blocked",
        "Orders are blocked",
        "Orders of a shop need a person. All orders with one cause are one alert, with number, amount and oldest.",
        "The alert says what to do for its cause; docs/errors.md lists all causes. Mend it, then retry the orders "
        "together under Errors by cause.",
        Severity.WARNING,
        find,
    )
)

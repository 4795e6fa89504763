"""Tells the mapping pages which values orders wait for, from the queue."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, User
from django.db.models import Count, Min, Q, Sum

from mappings import dimensions
from mappings.admin import waiting
from mappings.admin.waiting import WaitingValue
from mappings.models import MapKind
from shops.models import Shop
from syncflows.models import Order, Sync
from syncflows.states import State

OFFERED = 200
"""Known values offered while typing."""


@dataclass(slots=True)
class _Group:
    """Orders that wait for one value of one shop."""

    oldest: datetime
    orders: int = 0
    amounts: dict[str, Decimal] = field(default_factory=dict)
    codes: set[str] = field(default_factory=set)


class QueuedOrders:
    """The queue's answer to `mappings.admin.waiting.WaitingOrders`."""

    def values(self, codes: Sequence[str]) -> list[WaitingValue]:
        """Values orders are blocked for, the most orders first: one query over the index of causes."""
        blocked = Sync.objects.filter(state=State.BLOCKED, reason_code__in=codes)
        rows = (
            blocked.order_by()
            .values_list("shop_id", "shop__name", "reason_value", "order__currency", "reason_code")
            .annotate(orders=Count("pk"), amount=Sum("order__total"), oldest=Min("changed_at"))
        )
        groups: dict[tuple[int, str, str], _Group] = {}
        for shop_id, shop, value, currency, code, orders, amount, oldest in rows:
            group = groups.setdefault((shop_id, shop, value), _Group(oldest))
            group.orders += orders
            group.oldest = min(group.oldest, oldest)
            group.codes.add(code)
            if currency:
                group.amounts[currency] = group.amounts.get(currency, Decimal(0)) + (amount or Decimal(0))
        found = [
            WaitingValue(
                shop_id, shop, value, group.orders, tuple(sorted(group.amounts.items())), group.oldest,
                codes=frozenset(group.codes),
            )
            for (shop_id, shop, value), group in groups.items()
        ]  # fmt: skip
        return sorted(found, key=lambda v: (-v.orders, v.shop, v.value))

    def seen(self, shop: Shop, kind: MapKind, codes: Sequence[str]) -> list[str]:
        """Values orders of the shop were ever stopped for, or their sales channels."""
        if kind in dimensions.KINDS:
            rows = Order.objects.filter(shop=shop).exclude(channel="").order_by("channel")
            return list(rows.values_list("channel", flat=True).distinct()[:OFFERED])
        stopped = Sync.objects.filter(shop=shop, reason_code__in=codes).exclude(reason_value="")
        return list(
            stopped.order_by("reason_value").values_list("reason_value", flat=True).distinct()[:OFFERED]
        )

    def retry(
        self, user: AbstractBaseUser | AnonymousUser, codes: Sequence[str], values: Iterable[tuple[int, str]]
    ) -> int:
        """Take the blocked orders of these values up again, with an audit entry each."""
        from syncflows.actions import retry  # noqa: PLC0415 - brings both clients, for this button only

        wanted = Q(pk__in=[])
        for shop_id, value in values:
            wanted |= Q(shop_id=shop_id, reason_value=value)
        blocked = Sync.objects.filter(wanted, state=State.BLOCKED, reason_code__in=codes)
        person = user if isinstance(user, User) else None
        return retry(person, blocked, "The missing mapping was added.")


waiting.use(QueuedOrders())

"""Errors by cause: orders that cannot go on, grouped by what it is about rather than one by one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, Max, Min, QuerySet, Sum

from common.causes import Cause, cause
from shops.models import Shop
from syncflows.admin.deep_links import fix_url
from syncflows.admin.labels import age, money
from syncflows.models import FLOW_ORDERS, Sync
from syncflows.states import State

SHOWN_GROUPS = 100
"""Groups on one page, the largest first."""
STUCK = (State.BLOCKED, State.WAITING)


@dataclass(slots=True)
class Group:
    """The orders of one state, cause and value: how many, how much by currency, and since when."""

    state: State
    code: str
    value: str
    orders: int = 0
    amounts: dict[str, Decimal] = field(default_factory=dict)
    oldest: datetime | None = None
    shops: set[int] = field(default_factory=set)
    messages: set[str] = field(default_factory=set)
    shop: Shop | None = None

    @property
    def cause(self) -> Cause:
        """The catalogue's entry: title, remedy, role, place."""
        return cause(self.code)

    @property
    def sentence(self) -> str:
        """What is wrong. The orders' own sentence when they all have the same, else the title and the value."""
        if len(self.messages) == 1:
            return next(iter(self.messages))
        return f"{self.cause.title}: {self.value}" if self.value else self.cause.title

    @property
    def totals(self) -> str:
        """The amounts waiting, by currency: `4,812.40 USD, 12,000 JPY`."""
        return ", ".join(money(amount, currency) for currency, amount in sorted(self.amounts.items()))

    @property
    def oldest_age(self) -> str:
        """How long the first of them has been waiting."""
        return age(self.oldest)

    @property
    def fix_url(self) -> str:
        """Where it is mended, the value filled in; empty when the place is the order itself."""
        return fix_url(self.cause.where, self.shop, self.value)

    @property
    def query(self) -> dict[str, str]:
        """The group as parameters of an address; the order lists understand them as filters."""
        return {"state": self.state.value, "cause": self.code, "value": self.value}


def members(group: Mapping[str, str]) -> QuerySet[Sync]:
    """The orders of a group given by the parameters of an address. Nothing for a state that is not stuck."""
    state = group.get("state", "")
    if state not in {s.value for s in STUCK}:
        return Sync.objects.none()
    return Sync.objects.filter(
        flow=FLOW_ORDERS, state=state, reason_code=group.get("cause", ""), reason_value=group.get("value", "")
    )


def group_of(parameters: Mapping[str, str]) -> Group | None:
    """One group by the parameters of its address; None when no order is in it any more."""
    found = _collect(members(parameters))
    return found[0] if found else None


def groups(state: State, shop_id: int | None = None) -> list[Group]:
    """Every group of one state, largest first, in two queries."""
    rows = Sync.objects.filter(flow=FLOW_ORDERS, state=state)
    return _collect(rows.filter(shop_id=shop_id) if shop_id else rows)


def _collect(rows: QuerySet[Sync]) -> list[Group]:
    found: dict[tuple[str, str, str], Group] = {}
    parts = (
        rows.order_by()
        .values("state", "reason_code", "reason_value", "shop_id", "order__currency")
        .annotate(
            orders=Count("pk"),
            total=Sum("order__total"),
            oldest=Min("changed_at"),
            first=Min("reason"),
            last=Max("reason"),
        )
    )
    for part in parts:
        key = (part["state"], part["reason_code"], part["reason_value"])
        _add(found.setdefault(key, Group(State(key[0]), key[1], key[2])), dict(part))
    _name_shops(found.values())
    return sorted(found.values(), key=lambda group: (-group.orders, group.code, group.value))


def _add(group: Group, part: dict[str, Any]) -> None:
    group.orders += part["orders"]
    currency = part["order__currency"] or ""
    group.amounts[currency] = group.amounts.get(currency, Decimal(0)) + (part["total"] or Decimal(0))
    group.oldest = min(filter(None, (group.oldest, part["oldest"])), default=None)
    group.shops.add(part["shop_id"])
    group.messages |= {part["first"], part["last"]}


def _name_shops(found: Iterable[Group]) -> None:
    """Give each group its shop when all its orders are of one: the place of the fix depends on it."""
    single = [group for group in found if len(group.shops) == 1]
    shops = Shop.objects.in_bulk({next(iter(group.shops)) for group in single})
    for group in single:
        group.shop = shops.get(next(iter(group.shops)))


def totals(found: Iterable[Group]) -> tuple[int, str]:
    """Orders and amounts of several groups together."""
    whole = Group(State.BLOCKED, "", "")
    for group in found:
        whole.orders += group.orders
        for currency, amount in group.amounts.items():
            whole.amounts[currency] = whole.amounts.get(currency, Decimal(0)) + amount
    return whole.orders, whole.totals

"""The figures of the overview, and of the table the demo prints."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import TruncDate

from common.causes import cause
from common.clock import now
from monitoring.completeness import ShopFigures
from monitoring.completeness import figures as shop_figures
from monitoring.sharing import Groups, shared, speaking
from shops.models import Shop
from shops.stores import stores
from syncflows.models import FLOW_ORDERS, Order, Sync
from syncflows.states import State

DAYS = 14


@dataclass(frozen=True, slots=True)
class CauseFigure:
    """Orders with one cause: its code and title, how many, and their totals by Shopify currency (major units)."""

    code: str
    title: str
    orders: int
    amounts: dict[str, Decimal]


@dataclass(frozen=True, slots=True)
class CurrencyTotals:
    """Written orders of one currency: what they come to by Shopify's figures and by the ERP's (major units)."""

    currency: str
    orders: int
    shopify: Decimal
    erp: Decimal

    @property
    def difference(self) -> Decimal:
        """Shopify minus ERP."""
        return self.shopify - self.erp


@dataclass(frozen=True, slots=True)
class Summary:
    """Where every order is. `written + excluded + waiting + held + blocked == staged`; `found` adds the unexplained.

    `unexplained` is None while no shop has been counted. Records of one store are counted as one: each order once, and
    Shopify's number and what is unexplained by the record that has most of it.
    """

    shopify: int | None
    found: int
    staged: int
    written: int
    excluded: int
    waiting: int
    held: int
    blocked: int
    unexplained: int | None
    excluded_by: tuple[CauseFigure, ...]
    blocked_by: tuple[CauseFigure, ...]
    totals: tuple[CurrencyTotals, ...]

    @property
    def accounted_for(self) -> bool:
        """Every order Shopify counts has its state, and both sides come to the same."""
        return self.unexplained == 0 and all(row.difference == 0 for row in self.totals)


def summary(shop: Shop | None = None, shops: Sequence[ShopFigures] | None = None) -> Summary:
    """Sum the figures of one shop or of all; `shops` may hand in what `completeness.figures` gave already."""
    rows = shop_figures(shop) if shops is None else shops
    by_store = {one.pk: n for n, group in enumerate(stores(row.shop for row in rows)) for one in group}
    groups = shared(row.shop for row in rows)
    return Summary(
        shopify=_once((by_store[row.shop.pk], row.shopify) for row in rows),
        found=_once((by_store[row.shop.pk], row.found) for row in rows) or 0,
        staged=sum(row.staged - row.elsewhere for row in rows),
        written=sum(row.written for row in rows),
        excluded=sum(row.excluded for row in rows),
        waiting=sum(row.waiting for row in rows),
        held=sum(row.held for row in rows),
        blocked=sum(row.blocked for row in rows),
        unexplained=_once((by_store[row.shop.pk], row.unexplained) for row in rows),
        excluded_by=by_cause(State.SKIPPED, shop, groups),
        blocked_by=by_cause(State.BLOCKED, shop, groups),
        totals=totals(shop),
    )


def _once(numbers: Iterable[tuple[int, int | None]]) -> int | None:
    """The largest number of each store, added up; None when there is none at all."""
    largest: dict[int, int] = {}
    for store, number in numbers:
        if number is not None:
            largest[store] = max(number, largest.get(store, 0))
    return sum(largest.values()) if largest else None


def _syncs(shop: Shop | None) -> QuerySet[Sync]:
    rows = Sync.objects.filter(flow=FLOW_ORDERS)
    return rows.filter(shop=shop) if shop else rows


def by_cause(state: State, shop: Shop | None = None, groups: Groups = ()) -> tuple[CauseFigure, ...]:
    """Orders in one state by cause, most first; one query. `groups` are the stores with several records."""
    parts = (
        speaking(_syncs(shop).filter(state=state), groups)
        .order_by()
        .values_list("reason_code", "order__currency")
        .annotate(orders=Count("pk"), total=Sum("order__total"))
    )
    counts: dict[str, int] = {}
    amounts: dict[str, dict[str, Decimal]] = {}
    for code, currency, orders, total in parts:
        counts[code] = counts.get(code, 0) + orders
        if currency:
            amounts.setdefault(code, {})[currency] = total
    ranked = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return tuple(
        CauseFigure(code, cause(code).title, orders, amounts.get(code, {})) for code, orders in ranked
    )


def totals(shop: Shop | None = None) -> tuple[CurrencyTotals, ...]:
    """Both sides of the orders in the ERP by currency of the books.

    Shopify's side is the total each document was tied out to, the ERP's side the total read back from it. A written
    document that was not read back counts as nothing on the ERP's side, so it shows as a difference.
    """
    rows = (
        Order.objects.filter(sync__in=_syncs(shop).filter(state=State.DONE))
        .order_by("books_currency")
        .values_list("books_currency")
        .annotate(orders=Count("pk"), shopify=Sum("books_total"), erp=Sum("document_total"))
    )
    return tuple(
        CurrencyTotals(currency, orders, shopify or Decimal(0), erp or Decimal(0))
        for currency, orders, shopify, erp in rows
    )


@dataclass(frozen=True, slots=True)
class Day:
    """Orders placed on one day (UTC) by where they are now."""

    label: str
    written: int
    open: int
    blocked: int
    excluded: int


def per_day(days: int = DAYS, groups: Groups = ()) -> list[Day]:
    """Orders per day of the last days, today last, days without orders included; one query."""
    today = now().date()
    first = today - timedelta(days=days - 1)
    state = "sync__state"
    orders = Order.objects.filter(created_at__date__gte=first, sync__flow=FLOW_ORDERS)
    if groups:
        orders = orders.filter(sync__in=speaking(_syncs(None), groups))
    rows = (
        orders.annotate(day=TruncDate("created_at"))
        .order_by()
        .values("day")
        .annotate(
            written=Count("pk", filter=Q(**{state: State.DONE})),
            open=Count("pk", filter=Q(**{f"{state}__in": (State.PENDING, State.RUNNING, State.WAITING)})),
            blocked=Count("pk", filter=Q(**{state: State.BLOCKED})),
            excluded=Count("pk", filter=Q(**{state: State.SKIPPED})),
        )
    )
    found = {row[0]: row[1:] for row in rows.values_list("day", "written", "open", "blocked", "excluded")}
    span = (first + timedelta(days=offset) for offset in range(days))
    return [Day(day.strftime("%d %b"), *found.get(day, (0, 0, 0, 0))) for day in span]

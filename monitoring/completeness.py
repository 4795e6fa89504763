"""Is anything lost? Orders Shopify counts, and where each of them is in the hub."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db.models import Count, F, Max, Q

from common.clock import now
from common.errors import HubError, Retryable
from monitoring.models import ShopifyCount
from monitoring.sharing import Groups, shared, speaking
from shops.models import Shop
from shops.shopify.client import client_for
from syncflows.models import (
    FLOW_ORDERS,
    Cursor,
    Order,
    OrderRules,
    SweepFinding,
    SweepKind,
    SweepOutcome,
    SweepRun,
    SweepState,
    Sync,
)
from syncflows.states import Hold, State


@dataclass(frozen=True, slots=True)
class ShopFigures:
    """The orders of one shop by where they are. The states and `elsewhere` add up to `staged`; `elsewhere` are orders
    that another record of the same store answers for.

    `shopify` is Shopify's own count (None: not counted yet). `unexplained` is how many of those have no row here (rows
    of orders that sweeps found deleted in Shopify make up for none), and those whose document a sweep did not find and
    has yet to look for again; None with neither count nor sweep. `swept_at` is the end of the last finished sweep.
    `found` adds what came in after the count.
    """

    shop: Shop
    shopify: int | None
    exact: bool
    counted_at: datetime | None
    count_error: str
    staged: int
    written: int
    excluded: int
    waiting: int
    held: int
    blocked: int
    unexplained: int | None
    elsewhere: int = 0
    doubtful: int = 0
    swept_at: datetime | None = None

    @property
    def found(self) -> int:
        """Orders known to exist: those staged here and those Shopify counts beyond them."""
        return self.staged + (self.unexplained or 0) - self.doubtful


def figures(shop: Shop | None = None) -> list[ShopFigures]:
    """The figures of one shop or of every shop, by name, in seven queries; one more when stores have several records.

    One shop alone is shown with all it knows; of every shop, each order of a store is counted for one record."""
    shops = Shop.objects.filter(pk=shop.pk) if shop else Shop.objects.all()
    rows = list(shops.order_by("name").select_related("erp_connection"))
    counts = ShopifyCount.objects.in_bulk([s.pk for s in rows])
    groups = shared(rows)
    states = _states(rows, groups)
    known = _known(rows)
    staged = _staged(shop for group in groups for shop in group)
    swept = _swept(rows)
    return [
        _figures(
            s, counts.get(s.pk), states.get(s.pk, {}), known.get(s.pk, 0), staged.get(s.pk),
            swept.get(s.pk, Swept()),
        )
        for s in rows
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Swept:
    """What sweeps know of a shop: the end of the last finished one, documents in doubt, and orders counted here that
    were gone from Shopify at the last long one."""

    at: datetime | None = None
    doubtful: int = 0
    gone: int = 0


def _swept(shops: Iterable[Shop]) -> dict[int, Swept]:
    """What sweeps know of each of these shops; three queries."""
    keys = [shop.pk for shop in shops]
    ends = dict(
        SweepRun.objects.filter(shop__in=keys, state=SweepState.DONE)
        .order_by()
        .values_list("shop_id")
        .annotate(at=Max("finished_at"))
    )
    doubts = SweepFinding.objects.filter(shop__in=keys, open=True).order_by().values_list("shop_id")
    doubtful = dict(doubts.annotate(orders=Count("source_id", distinct=True)))
    asked = "shop__shopify_count__"
    deep = SweepRun.objects.filter(shop__in=keys, state=SweepState.DONE, kind=SweepKind.DEEP).order_by()
    last = deep.values("shop_id").annotate(last=Max("pk")).values("last")
    lost = SweepFinding.objects.filter(
        run__in=last, outcome=SweepOutcome.ORDER_GONE, sync__order__created_at__lte=F(f"{asked}until")
    ).filter(Q(**{f"{asked}since": None}) | Q(sync__order__created_at__gte=F(f"{asked}since")))
    gone = dict(lost.order_by().values_list("shop_id").annotate(orders=Count("source_id", distinct=True)))
    return {key: Swept(ends.get(key), doubtful.get(key, 0), gone.get(key, 0)) for key in keys}


def _staged(shops: Iterable[Shop]) -> dict[int, int]:
    """All orders of each of these shops."""
    keys = [shop.pk for shop in shops]
    if not keys:
        return {}
    rows = Sync.objects.filter(flow=FLOW_ORDERS, shop__in=keys).order_by().values_list("shop_id")
    return dict(rows.annotate(orders=Count("pk")))


def _states(shops: Iterable[Shop], groups: Groups) -> dict[int, dict[str, int]]:
    own = speaking(Sync.objects.filter(flow=FLOW_ORDERS, shop__in=shops), groups)
    found: dict[int, dict[str, int]] = {}
    for row in own.order_by().values("shop_id", "state", "hold").annotate(orders=Count("pk")):
        held = row["state"] == State.PENDING and row["hold"] != Hold.NONE
        state = "held" if held else row["state"]
        counts = found.setdefault(row["shop_id"], {})
        counts[state] = counts.get(state, 0) + row["orders"]
    return found


def _known(shops: Iterable[Shop]) -> dict[int, int]:
    """Orders of each shop that have a row and fall into what Shopify was asked to count."""
    asked = "shop__shopify_count__"
    rows = (
        Order.objects.filter(shop__in=shops, sync__flow=FLOW_ORDERS, created_at__lte=F(f"{asked}until"))
        .filter(Q(**{f"{asked}since": None}) | Q(created_at__gte=F(f"{asked}since")))
        .order_by()
        .values_list("shop_id")
        .annotate(orders=Count("pk"))
    )
    return dict(rows)


def _figures(  # noqa: PLR0917 - what the figures are made of
    shop: Shop,
    count: ShopifyCount | None,
    states: dict[str, int],
    known: int,
    staged: int | None,
    swept: Swept,
) -> ShopFigures:
    counted = count.orders if count else None
    own = sum(states.values())
    missing = max(0, counted - max(0, known - swept.gone)) if counted is not None else 0
    told = counted is not None or swept.at is not None
    return ShopFigures(
        shop=shop,
        shopify=counted,
        exact=count.exact if count else True,
        counted_at=count.counted_at if count else None,
        count_error=count.error if count else "",
        staged=own if staged is None else staged,
        written=states.get(State.DONE, 0),
        excluded=states.get(State.SKIPPED, 0),
        waiting=sum(states.get(state, 0) for state in (State.PENDING, State.RUNNING, State.WAITING)),
        held=states.get("held", 0),
        blocked=states.get(State.BLOCKED, 0),
        unexplained=missing + swept.doubtful if told else None,
        elsewhere=0 if staged is None else staged - own,
        doubtful=swept.doubtful,
        swept_at=swept.at,
    )


def until_of(cursor: Cursor | None) -> datetime:
    """Up to when every order must be known: the start of the last search that came to its end.

    Without one that is now: everything Shopify has is then unexplained, which is the truth. When the latest search
    failed, its start says nothing, so the end of the one before it counts.
    """
    if cursor is None or cursor.finished_at is None or cursor.started_at is None:
        return now()
    return min(cursor.started_at, cursor.finished_at)


def refresh(shop_id: int) -> ShopifyCount:
    """Ask Shopify how many orders it has and keep the answer.

    A failed count keeps the last figure and says why it is old. One request, 10 points.
    """
    shop = Shop.objects.get(pk=shop_id)
    rules = OrderRules.objects.filter(shop=shop).first()
    since = rules.import_since if rules else None
    until = until_of(Cursor.objects.filter(shop=shop, flow=FLOW_ORDERS).first())
    row, _ = ShopifyCount.objects.get_or_create(shop=shop)
    try:
        row.orders, row.exact = _ask(shop, since, until)
    except HubError as error:
        row.error = error.message
        row.save(update_fields=["error"])
        return row
    row.since, row.until, row.counted_at, row.error = since, until, now(), ""
    row.save()
    return row


def _ask(shop: Shop, since: datetime | None, until: datetime) -> tuple[int, bool]:
    """Shopify's `ordersCount` of the orders placed in a span, and whether it is exact."""
    terms = [f"created_at:<='{until.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}'"]
    if since is not None:
        terms.append(f"created_at:>='{since.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}'")
    count = client_for(shop).execute("orders_count", {"query": " AND ".join(terms)})
    try:
        count = count["ordersCount"]
        return int(count["count"]), count["precision"] == "EXACT"
    except (KeyError, TypeError, ValueError) as error:
        raise Retryable(
            "SHOPIFY_ANSWER", "Shopify's number of orders cannot be read.", detail=repr(count)
        ) from error


def refresh_all() -> int:
    """Count again for every active shop; returns how many were counted."""
    return sum(
        not refresh(pk).error for pk in Shop.objects.filter(is_active=True).values_list("pk", flat=True)
    )

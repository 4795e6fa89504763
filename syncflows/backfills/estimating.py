"""What a backfill would come to, before anything is begun."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Avg, F

from common.clock import now
from common.errors import NeedsPerson, Retryable
from shops.models import Shop
from shops.shopify.client import patient_client
from shops.shopify.discovery import search_terms
from shops.shopify.scopes import missing
from syncflows.models import Attempt, Backfill, BackfillState, Order, OrderRules, Outcome

VISIBLE = timedelta(days=60)
POINTS_A_RUN = 20
"""Ten for the export, one for each look."""
POINTS_AN_ORDER = 1.2
"""What reading an order of three lines in full is charged (docs/performance.md), rounded up."""
SECONDS_A_DOCUMENT = 3.0
"""Until documents were written: how long one request slot is busy with an order."""
MEASURED = 200


@dataclass(frozen=True, slots=True)
class Estimate:
    """Orders in Shopify, how many of them are here already, how many are older than *Import since*, how many would be
    staged; points of the store's budget and hours at the ERP's request slots."""

    orders: int
    exact: bool
    here: int
    excluded: int
    new: int
    points: int
    hours: float
    slots: int


def check_visible(shop: Shop, since: datetime) -> None:
    """Raise NeedsPerson BACKFILL_SCOPE when the app may not see orders so old."""
    granted = shop.scopes.replace(",", " ").split()
    if since >= now() - VISIBLE or not missing(granted, ["read_all_orders"]):
        return
    raise NeedsPerson(
        "BACKFILL_SCOPE",
        f"Without the scope read_all_orders Shopify shows the app of {shop.name} the orders of the last 60 days only.",
        value="read_all_orders",
    )


def search_of(since: datetime, until: datetime | None) -> str:
    """Shopify's search text for the orders of a backfill."""
    return search_terms(since, until)


def estimate(shop: Shop, since: datetime, until: datetime | None, cap: int | None) -> Estimate:
    """Ask Shopify how many orders there are, and reckon. One or two requests, 10 points each. Raises NeedsPerson
    BACKFILL_SCOPE and the client's errors."""
    check_visible(shop, since)
    rules, _ = OrderRules.objects.get_or_create(shop=shop)
    client = patient_client(shop)
    try:
        orders, exact = _count(client.execute("orders_count", {"query": search_of(since, until)}))
        excluded = 0
        if rules.import_since is not None and rules.import_since > since:
            before = min(filter(None, (rules.import_since, until)))
            excluded, _ = _count(client.execute("orders_count", {"query": search_of(since, before)}))
    finally:
        client.close()
    known = Order.objects.filter(shop=shop, created_at__gte=since)
    here = (known.filter(created_at__lt=until) if until else known).count()
    new = max(0, orders - here - excluded)
    new = min(new, cap) if cap is not None else new
    slots = shop.erp_connection.concurrency_limit if shop.erp_connection else 1
    hours = new * _seconds(shop) / max(slots, 1) / 3600
    points = POINTS_A_RUN + round(new * POINTS_AN_ORDER)
    return Estimate(orders, exact, here, excluded, new, points, round(hours, 2), slots)


def _count(answer: dict[str, object]) -> tuple[int, bool]:
    count = answer.get("ordersCount")
    if not isinstance(count, dict) or "count" not in count:
        raise Retryable("SHOPIFY_ANSWER", "Shopify's number of orders cannot be read.", detail=repr(answer))
    return int(count["count"]), count.get("precision") == "EXACT"


def _seconds(shop: Shop) -> float:
    """How long a document of this connection took lately, begin to end."""
    written = Attempt.objects.filter(
        outcome=Outcome.WRITTEN, finished_at__isnull=False, sync__shop__erp_connection=shop.erp_connection_id
    ).order_by("-pk")[:MEASURED]
    took = Attempt.objects.filter(pk__in=list(written.values_list("pk", flat=True))).aggregate(
        took=Avg(F("finished_at") - F("started_at"))
    )["took"]
    return max(took.total_seconds(), 0.1) if took else SECONDS_A_DOCUMENT


def plan(
    shop: Shop,
    since: datetime,
    until: datetime | None = None,
    cap: int | None = None,
    *,
    by: AbstractBaseUser | None = None,
) -> Backfill:
    """Estimate a backfill and keep it, to be started by a person; an older estimate of the shop is dropped.

    Raises NeedsPerson BACKFILL_OPEN when one of the shop is under way, and what `estimate` raises.
    """
    found = estimate(shop, since, until, cap)
    with transaction.atomic():
        Shop.objects.select_for_update().get(pk=shop.pk)
        Backfill.objects.filter(shop=shop, state=BackfillState.ESTIMATED).delete()
        going = Backfill.objects.filter(shop=shop, state__in=(BackfillState.RUNNING, BackfillState.PAUSED))
        if going.exists():
            raise NeedsPerson("BACKFILL_OPEN", f"The history of {shop.name} is being imported already.")
        return Backfill.objects.create(
            shop=shop,
            since=since,
            until=until,
            cap=cap,
            estimate=asdict(found),
            asked_by_id=by.pk if by else None,
        )

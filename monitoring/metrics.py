"""What Prometheus reads: the state of the queue as the database has it, so that any web process answers for all.

Names follow Prometheus' own rules (base units, `_total` only for counters). Nothing of an order is in it; shops and
connections are named by their keys.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Count, F, Min, Q
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from common.clock import now
from erps.models import ErpConnection
from monitoring.completeness import figures
from monitoring.vitals import worker_beat
from shops.models import ApiBudget
from syncflows.jobs import broker_answers
from syncflows.models import Attempt, Cursor, Sync
from syncflows.states import State

RECENT = timedelta(minutes=5)
"""The stretch throughput is counted over."""
OPEN_STATES = (State.PENDING, State.RUNNING, State.WAITING, State.BLOCKED)


def exposition() -> bytes:
    """The page, in Prometheus' text format; a fixed number of queries."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Hub())
    return generate_latest(registry)


def _gauge(name: str, text: str, *labels: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, text, labels=labels)


def _seconds(since: datetime | None, at: datetime) -> float:
    return max(0.0, (at - since).total_seconds()) if since else 0.0


class _Hub(Collector):
    """Reads everything when it is asked."""

    def describe(self) -> list[Metric]:
        """Nothing is known before it is asked."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Every figure."""
        at = now()
        yield from _vitals(at)
        yield from _queue(at)
        yield from _throughput(at)
        yield from _searches(at)
        yield from _completeness()
        yield from _budgets(at)


def _vitals(at: datetime) -> Iterator[Metric]:
    beat = _gauge(
        "hub_worker_beat_age_seconds", "Since a worker last executed a task; absent when none ever did."
    )
    last = worker_beat().at
    if last is not None:
        beat.add_metric([], _seconds(last, at))
    yield beat
    broker = _gauge("hub_broker_up", "1 when the queue that wakes the workers answers.")
    broker.add_metric([], 1.0 if broker_answers() else 0.0)
    yield broker


def _queue(at: datetime) -> Iterator[Metric]:
    """Rows by state, the oldest of each open state, and how late the most overdue row is."""
    rows = _gauge("hub_syncs", "Documents by state.", "shop", "flow", "state")
    oldest = _gauge("hub_oldest_sync_seconds", "Age in its state of the oldest row.", "shop", "flow", "state")
    found = Sync.objects.order_by().values_list("shop__key", "flow", "state")
    for shop, flow, state, count, since in found.annotate(Count("pk"), Min("changed_at")):
        rows.add_metric([shop, flow, state], count)
        if state in OPEN_STATES:
            oldest.add_metric([shop, flow, state], _seconds(since, at))
    yield rows
    yield oldest
    lag = _gauge(
        "hub_due_lag_seconds", "How long the most overdue row has been waiting for a worker.", "shop", "flow"
    )
    due = Sync.objects.due().order_by().values_list("shop__key", "flow")
    for shop, flow, since in due.annotate(Min("due_at")):
        lag.add_metric([shop, flow], _seconds(since, at))
    yield lag


def _throughput(at: datetime) -> Iterator[Metric]:
    made = _gauge(
        "hub_attempts_recent", "Attempts of the last five minutes by outcome.", "shop", "flow", "outcome"
    )
    recent = Attempt.objects.filter(started_at__gte=at - RECENT).order_by()
    for *labels, count in recent.values_list("sync__shop__key", "sync__flow", "outcome").annotate(
        Count("pk")
    ):
        made.add_metric(labels, count)
    yield made


def _searches(at: datetime) -> Iterator[Metric]:
    age = _gauge("hub_search_age_seconds", "Since the last finished search of a shop.", "shop", "flow")
    failing = _gauge("hub_search_failing", "1 while the search of a shop ends in an error.", "shop", "flow")
    for shop, flow, finished, error in Cursor.objects.filter(shop__is_active=True).values_list(
        "shop__key", "flow", "finished_at", "error_code"
    ):
        if finished is not None:
            age.add_metric([shop, flow], _seconds(finished, at))
        failing.add_metric([shop, flow], 1.0 if error else 0.0)
    yield age
    yield failing


def _completeness() -> Iterator[Metric]:
    unexplained = _gauge("hub_unexplained_orders", "Orders Shopify counts that have no state here.", "shop")
    for row in figures():
        if row.unexplained is not None:
            unexplained.add_metric([row.shop.key], row.unexplained)
    yield unexplained


def _budgets(at: datetime) -> Iterator[Metric]:
    """Points as Shopify last said them, refilled since; request slots in use and allowed."""
    points = _gauge("hub_shopify_points_available", "Points left in a store's bucket.", "store")
    most = _gauge("hub_shopify_points_maximum", "Size of a store's bucket.", "store")
    for budget in ApiBudget.objects.all():
        refilled = budget.available + budget.restore_rate * _seconds(budget.measured_at, at)
        points.add_metric([budget.key], min(budget.maximum, refilled))
        most.add_metric([budget.key], budget.maximum)
    yield points
    yield most
    used = _gauge("hub_erp_slots_used", "Requests an ERP connection has under way.", "connection")
    limit = _gauge("hub_erp_slots_limit", "Requests an ERP connection may have at once.", "connection")
    taken = Count("slots", filter=Q(slots__leased_until__gt=at) & ~Q(slots__token=""))
    for key, allowed, count in ErpConnection.objects.annotate(taken=taken).values_list(
        "key", F("concurrency_limit"), "taken"
    ):
        used.add_metric([key], count)
        limit.add_metric([key], allowed)
    yield used
    yield limit

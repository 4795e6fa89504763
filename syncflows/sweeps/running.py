"""One worker's turn at a sweep: phase by phase, until the run is finished or the time is up."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime, timedelta

import structlog

from common.clock import now
from common.errors import HubError, NeedsPerson, Retryable
from shops.models import Shop
from shops.shopify.client import patient_client
from shops.shopify.scopes import missing
from syncflows.jobs import Heart, request_sweep, wake
from syncflows.models import (
    FLOW_ORDERS,
    Cursor,
    OrderRules,
    SweepKind,
    SweepPhase,
    SweepRun,
    SweepState,
    SweepTurn,
)
from syncflows.models.sweeps import UNEXPLAINED
from syncflows.pipeline.staging import FRESH
from syncflows.retry import next_try
from syncflows.sweeps.documents import documents, doubts
from syncflows.sweeps.looking import Sight
from syncflows.sweeps.orders import changed, placed
from syncflows.sweeps.recording import Book, TurnLost

log = structlog.get_logger(__name__)
SECONDS = 40.0
VISIBLE = timedelta(days=60)
"""How far back an app without read_all_orders sees orders."""
FAILURES = 8
"""Failed turns in a row after which a run is given up; the next one begins at its time."""
KEEP = timedelta(days=90)
KEEP_UNREMARKABLE = timedelta(days=3)


def window(rules: OrderRules, kind: SweepKind) -> datetime | None:
    """From when on a sweep of this kind compares: never before *Import since*, None for everything."""
    days = rules.sweep_days if kind == SweepKind.QUICK else rules.deep_sweep_days
    since = now() - timedelta(days=days) if days else None
    return max(filter(None, (since, rules.import_since)), default=None)


def work(run_id: int, seconds: float = SECONDS) -> bool:
    """Go on with a run for up to `seconds`; True when it is over. One worker sweeps a shop at a time, and a short sweep
    that waits goes before a long one. Queues itself when more is left."""
    run = SweepRun.objects.select_related("shop__erp_connection").filter(pk=run_id).first()
    if run is None or run.state != SweepState.RUNNING:
        return True
    if run.kind == SweepKind.DEEP and _short_one_waits(run):
        return False
    token = SweepTurn.take(run.shop_id)
    if not token:
        return False
    try:
        run.refresh_from_db()
        return _Turn(run, token, seconds).work()
    finally:
        SweepTurn.give_back(run.shop_id, token)


def _short_one_waits(run: SweepRun) -> bool:
    others = SweepRun.objects.due(now()).filter(shop=run.shop_id, kind=SweepKind.QUICK)
    return bool(others.exists())


class _Turn:
    def __init__(self, run: SweepRun, token: str, seconds: float) -> None:
        self.run = run
        self.client = patient_client(run.shop)
        self.book = Book(run, token, Sight(run.shop, self.client))
        self.rules = OrderRules.objects.get_or_create(shop=run.shop)[0]
        self.deadline = time.monotonic() + seconds
        self.heart = Heart()

    def work(self) -> bool:
        before = self.run.repaired
        try:
            if self.run.state == SweepState.RUNNING:
                self._prepare()
                self._phases()
        except TurnLost:
            return False
        except HubError as error:
            self._fail(error)
        finally:
            self.client.close()
        if self.run.repaired > before:
            wake()
        if self.run.state == SweepState.RUNNING and self.run.due_at <= now():
            request_sweep(self.run.pk)
        return self.run.state != SweepState.RUNNING

    def _prepare(self) -> None:
        """What the app may not see is not compared: it would look deleted."""
        granted = self.run.shop.scopes.replace(",", " ").split()
        if not missing(granted, ["read_all_orders"]):
            return
        oldest = self.run.started_at - VISIBLE
        if self.run.since is None or self.run.since < oldest:
            with self.book.chunk():
                self.run.since = oldest
                self.run.note = (
                    "The app lacks the scope read_all_orders: Shopify shows it the orders of the last 60 days only, so "
                    "older ones were not compared."
                )

    def _phases(self) -> None:
        order = list(SweepPhase)
        while self.run.state == SweepState.RUNNING:
            phase = SweepPhase(self.run.phase)
            for _ in self._steps(phase):
                self.heart()
                if time.monotonic() >= self.deadline:
                    return
            with self.book.chunk():
                at = order.index(phase) + 1
                self.run.failures, self.run.error_code, self.run.error = 0, "", ""
                self.run.at, self.run.after = None, ""
                if at < len(order):
                    self.run.phase = order[at]
                else:
                    self._finish()

    def _steps(self, phase: SweepPhase) -> Iterator[None]:
        since = self.rules.import_since
        if phase == SweepPhase.DOUBTS:
            return doubts(self.book)
        if phase == SweepPhase.CREATED:
            return placed(self.book, mark(self.run.shop), since)
        if phase == SweepPhase.CHANGED:
            return changed(self.book, mark(self.run.shop), since)
        return documents(self.book)

    def _finish(self) -> None:
        run = self.run
        run.state, run.finished_at = SweepState.DONE, now()
        run.unexplained = sum(run.counts.get(outcome, 0) for outcome in UNEXPLAINED)
        forget_old(run.shop)

    def _fail(self, error: HubError) -> None:
        """Put the run off, or give it up when a person is needed or it failed too often."""
        run = self.run
        run.refresh_from_db()
        run.failures += 1
        run.error_code, run.error = error.code, error.message
        if isinstance(error, NeedsPerson) or run.failures >= FAILURES:
            run.state, run.finished_at = SweepState.FAILED, now()
        elif isinstance(error, Retryable):
            run.due_at = next_try(error, run.failures)
        run.save()
        log.warning("sweep_failed", shop=run.shop.key, code=error.code, message=error.message)


def mark(shop: Shop) -> datetime:
    """What is younger than this the next search finds by itself. Shopify's stamps have whole seconds, and the change of
    a second that was not over is remembered as a little older."""
    cursor = Cursor.objects.filter(shop=shop, flow=FLOW_ORDERS).first()
    if cursor is None or cursor.finished_at is None or cursor.started_at is None:
        return now()
    return min(cursor.started_at, cursor.finished_at) - FRESH


def forget_old(shop: Shop) -> None:
    """Drop runs nobody looks at any more: those that found nothing after three days, the others after ninety."""
    over = SweepRun.objects.filter(shop=shop).exclude(state=SweepState.RUNNING).exclude(findings__open=True)
    over.filter(started_at__lt=now() - KEEP).delete()
    plain = over.filter(started_at__lt=now() - KEEP_UNREMARKABLE, kind=SweepKind.QUICK, findings=None)
    plain.delete()

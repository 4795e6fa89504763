"""An action on many orders, in the background: begun once, worked off in chunks, resumed after a killed worker."""

from __future__ import annotations

import time
import uuid
from datetime import timedelta
from typing import Any

import structlog
from django.db import transaction
from django.db.models import QuerySet

from common.clock import now
from common.errors import HubError
from syncflows.actions.action import Ask, OrderAction
from syncflows.actions.performing import Performed, move, reach
from syncflows.actions.registry import action_of, registered
from syncflows.jobs import request_bulk
from syncflows.models import BulkItem, BulkRun, BulkState, ItemState

log = structlog.get_logger(__name__)
CHUNK = 200
"""Orders of one transaction, for actions that only move rows."""
LEASE = timedelta(minutes=2)
PAUSE = timedelta(minutes=1)
"""Until a run is taken up again that waits for other things people do to its last orders."""
SECONDS = 45.0
NOT_TOUCHED = "In the ERP, being worked on, or left out already."


def begin(
    action: OrderAction,
    keys: QuerySet[Any, int],
    ask: Ask,
    *,
    chosen_by: str = "",
    amounts: list[str] | None = None,
) -> BulkRun:
    """Fix the orders of a run, given as keys of Sync rows, and queue it. Raises ValueError without a needed reason."""
    if action.needs_reason and not ask.reason.strip():
        raise ValueError(action.missing_reason)
    with transaction.atomic():
        run = BulkRun.objects.create(
            kind=action.kind, values=dict(ask.values), reason=ask.reason, user=ask.user, chosen_by=chosen_by,
            amounts=amounts or [],
        )  # fmt: skip
        items = (BulkItem(run=run, sync_id=key) for key in keys.iterator(chunk_size=2000))
        run.count = len(BulkItem.objects.bulk_create(items, batch_size=2000))
        run.save(update_fields=["count"])
        transaction.on_commit(lambda: request_bulk(run.pk))
    return run


def work(run_id: int, seconds: float = SECONDS) -> int:
    """Work on a run for up to `seconds`; returns how many orders were dealt with. Queues itself when more is left."""
    run = BulkRun.objects.select_related("user").filter(pk=run_id).first()
    token = uuid.uuid4().hex
    if run is None or not run.take(token, LEASE):
        return 0
    action = registered().get(run.kind)
    if action is None or (run.user is not None and not _may(run, action)):
        run.end(BulkState.STOPPED, "Whoever began this may not do it any more.")
        return 0
    return _Worker(run, action, token, seconds).work()


def _may(run: BulkRun, action: OrderAction) -> bool:
    user = run.user
    return user is not None and user.is_active and user.has_perm(action.permission)


class _Worker:
    """One worker's turn at a run."""

    def __init__(self, run: BulkRun, action: OrderAction, token: str, seconds: float) -> None:
        self.run, self.action, self.token = run, action, token
        self.ask = Ask(run.user, run.reason, run.values)
        self.deadline = time.monotonic() + seconds
        self.put_off: set[int] = set()
        self.dealt = 0

    def work(self) -> int:
        step = self._one if self.action.outside else self._chunk
        while self.run.take(self.token, LEASE):  # also: was it stopped?
            if not step():
                self._finish()
                break
            if time.monotonic() >= self.deadline:
                self.run.give_back(self.token, now())
                request_bulk(self.run.pk)
                break
        if self.dealt:
            self.action.after()
        return self.dealt

    def _left(self) -> QuerySet[BulkItem]:
        return self.run.items.filter(state=ItemState.LEFT).exclude(pk__in=self.put_off).order_by("pk")

    def _finish(self) -> None:
        if self.put_off:
            self.run.give_back(self.token, now() + PAUSE)
        else:
            self.run.end(BulkState.DONE)

    def _chunk(self) -> bool:
        """A chunk of orders in one transaction: what a killed worker had not committed is done by the next one."""
        with transaction.atomic():
            items = list(self._left().select_for_update(of=("self",))[:CHUNK])
            if not items:
                return False
            done = Performed()
            move(self.action, [item.sync_id for item in items], self.ask, done)
            for item in items:
                _mark(item, done)
            BulkItem.objects.bulk_update(items, ["state", "message"])
        self.dealt += len(items)
        return True

    def _one(self) -> bool:
        """One order, by an action that speaks to Shopify or the ERP. Its own look before it acts keeps an order whose
        worker was killed from being done twice."""
        item = self._left().select_related("sync__order", "sync__shop__erp_connection").first()
        if item is None:
            return False
        done = Performed()
        try:
            reach(self.action, item.sync, self.ask, done)
        except Exception as error:
            log.exception("bulk_item_failed", run=self.run.pk, order=item.sync.name)
            done.errors[item.sync_id] = HubError("BUG", f"Unexpected error: {type(error).__name__}.")
        failed = done.errors.get(item.sync_id)
        if failed is not None and failed.code == "ACTION_RUNNING":
            self.put_off.add(item.pk)
            return True
        _mark(item, done)
        item.save(update_fields=["state", "message"])
        self.dealt += 1
        return True


def _mark(item: BulkItem, done: Performed) -> None:
    error = done.errors.get(item.sync_id)
    item.message = error.message if error else done.texts.get(item.sync_id, "")
    if error is not None:
        item.state = ItemState.FAILED
    elif item.sync_id in done.reached:
        item.state = ItemState.DONE
    else:
        item.state = ItemState.UNTOUCHED
        item.message = item.message or NOT_TOUCHED


def label_of(run: BulkRun) -> str:
    """What the run does, in words."""
    return action_of(run.kind).label if run.kind in registered() else run.kind


def report(run: BulkRun) -> list[list[Any]]:
    """Rows of the report: order, shop, total, currency, what came of it."""
    rows = run.items.select_related("sync__order", "sync__shop").order_by("pk")
    return [
        [
            item.sync.name, item.sync.shop.name, f"{item.sync.order.total:f}", item.sync.order.currency,
            item.get_state_display(), item.message,
        ]
        for item in rows.iterator(chunk_size=1000)
    ]  # fmt: skip

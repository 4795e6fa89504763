"""The Sync row: our queue. One per (shop, flow, source id), for ever."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.db.models import F

from common.clock import now
from common.errors import Held, HubError
from shops.models import Shop
from syncflows.states import DUE_STATES, Hold, Lane, MoveError, State, check_move

FLOW_ORDERS = "orders"
MAX_LOSSES = 3
"""Runs in a row that ended without a word (worker killed) before a Sync is blocked as poison."""


def lease_time() -> timedelta:
    """How long a claimed row is this worker's without a renewal (setting HUB_LEASE_SECONDS)."""
    return timedelta(seconds=settings.HUB_LEASE_SECONDS)


class SyncQuerySet(models.QuerySet["Sync"]):
    """Queries of the queue."""

    def due(self, at: datetime | None = None) -> SyncQuerySet:
        """Rows a worker may start: pending or waiting, not held, their time come."""
        return self.filter(state__in=DUE_STATES, hold=Hold.NONE, due_at__lte=at or now())

    def claim(self, limit: int, *, lease: timedelta | None = None) -> list[Sync]:
        """Take up to `limit` due rows for this worker: one UPDATE, a fresh lease token, attempts counted.

        Fresh orders go before backfilled ones, fresh work before old work that waits (fewest attempts first, then
        oldest due time). A row that lost a worker before is taken alone, so that a poisonous order costs its own lane
        only. Of one shop's rows the first are found in the index `sync_claims`, however many wait behind them.
        """
        at, lease = now(), lease_time() if lease is None else lease
        fresh = self.due(at).filter(losses=0).order_by("lane", "attempts", "due_at", "pk")
        return self._take(fresh, limit, at, lease) or self._take(
            self.due(at).order_by("due_at"), 1, at, lease
        )

    def _take(self, rows: SyncQuerySet, limit: int, at: datetime, lease: timedelta) -> list[Sync]:
        token = uuid.uuid4().hex
        with transaction.atomic():
            ids = list(
                rows.select_for_update(skip_locked=True, of=("self",)).values_list("pk", flat=True)[:limit]
            )
            if not ids:
                return []
            Sync.objects.filter(pk__in=ids, state__in=DUE_STATES).update(
                state=State.RUNNING,
                lease_token=token,
                lease_until=at + lease,
                attempts=F("attempts") + 1,
                stale=False,
                changed_at=at,
            )
        taken = Sync.objects.filter(lease_token=token, state=State.RUNNING)
        return list(taken.select_related("shop__erp_connection", "order").order_by("pk"))

    def keep(self, tokens: Iterable[str]) -> int:
        """Renew the leases of running rows claimed under these tokens."""
        rows = self.filter(state=State.RUNNING, lease_token__in=list(tokens))
        return rows.update(lease_until=now() + lease_time())

    def expire_holds(self) -> int:
        """Free the held rows whose time is up: the rules decide again."""
        at = now()
        over = self.filter(state=State.PENDING, held_until__lte=at).exclude(hold=Hold.NONE)
        return over.update(hold=Hold.NONE, held_until=None, due_at=at, changed_at=at)

    def reap(self) -> int:
        """Return rows whose lease ran out to waiting, or block them when that happened too often in a row."""
        at = now()
        lost = self.filter(state=State.RUNNING, lease_until__lt=at)
        freed = {"lease_token": "", "lease_until": None, "changed_at": at}
        poisoned = lost.filter(losses__gte=MAX_LOSSES - 1).update(
            state=State.BLOCKED,
            losses=0,
            reason_code="WORKER_LOST",
            reason=f"The worker stopped in the middle of this order {MAX_LOSSES} times in a row.",
            **freed,
        )
        returned = lost.update(
            state=State.WAITING,
            losses=F("losses") + 1,
            due_at=at,
            reason_code="LEASE_EXPIRED",
            reason="The worker that had this order stopped; it is taken up again.",
            **freed,
        )
        return poisoned + returned


class Sync(models.Model):
    """One document of one shop on its way through one flow. State changes only through the methods here."""

    shop = models.ForeignKey(Shop, on_delete=models.PROTECT, related_name="syncs")
    flow = models.CharField(max_length=20, default=FLOW_ORDERS)
    source_id = models.CharField(max_length=40)
    name = models.CharField(max_length=60, blank=True, default="")
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    hold = models.CharField(max_length=10, choices=Hold, default=Hold.NONE, blank=True)
    held_until = models.DateTimeField(
        null=True,
        blank=True,
        help_text="When the rules look at a held order again; empty: not by themselves.",
    )
    reason_code = models.CharField(max_length=40, blank=True, default="")
    reason = models.TextField(blank=True, default="")
    reason_field = models.CharField(max_length=60, blank=True, default="")
    reason_value = models.CharField(max_length=255, blank=True, default="")
    detail = models.TextField(blank=True, default="")
    differences = models.JSONField(default=list, blank=True)
    candidates = models.JSONField(default=list, blank=True, help_text="Records a person may choose from.")
    warnings = models.JSONField(default=list, blank=True)
    due_at = models.DateTimeField(default=now)
    attempts = models.PositiveIntegerField(default=0)
    losses = models.PositiveSmallIntegerField(default=0)
    lease_token = models.CharField(max_length=40, blank=True, default="", db_index=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    stale = models.BooleanField(default=False)
    lane = models.PositiveSmallIntegerField(choices=Lane, default=Lane.FRESH)
    released = models.BooleanField(
        default=False, help_text="A person imported it in spite of a rule that holds such orders."
    )
    source_updated_at = models.DateTimeField(null=True, blank=True)
    seen_at = models.DateTimeField(default=now)
    changed_at = models.DateTimeField(default=now)
    done_at = models.DateTimeField(null=True, blank=True)

    objects = SyncQuerySet.as_manager()

    class Meta:
        verbose_name = "sync"
        constraints = [
            models.UniqueConstraint(fields=["shop", "flow", "source_id"], name="one_sync_per_document")
        ]
        indexes = [
            models.Index(fields=["state", "hold", "due_at"], name="sync_due"),
            models.Index(
                fields=["held_until"], condition=models.Q(held_until__isnull=False), name="sync_held_until"
            ),
            models.Index(fields=["flow", "state", "-source_updated_at"], name="sync_by_flow_state"),
            models.Index(fields=["state", "reason_code", "reason_value"], name="sync_by_cause"),
            models.Index(fields=["shop", "flow", "-source_updated_at"], name="sync_by_shop"),
            models.Index(
                fields=["shop", "lane", "attempts", "due_at", "id"],
                condition=models.Q(state__in=["pending", "waiting"], hold=""),
                name="sync_claims",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name or self.source_id} ({self.get_state_display()})"

    # Moves made by the worker that holds the lease.

    def _finish(self, state: State, **values: Any) -> None:
        """Leave `running`, only if this worker's lease still stands; a stale row goes back to pending."""
        check_move(State.RUNNING, state)
        at = now()
        changes: dict[str, Any] = {
            "state": state,
            "lease_token": "",
            "lease_until": None,
            "changed_at": at,
            "losses": 0,
            "hold": Hold.NONE,
            "held_until": None,
            "differences": [],
            "candidates": [],
            "reason_code": "",
            "reason": "",
            "reason_field": "",
            "reason_value": "",
            "detail": "",
            **values,
        }
        held = Sync.objects.filter(pk=self.pk, state=State.RUNNING, lease_token=self.lease_token)
        if held.filter(stale=False).update(**changes):
            self._take_over(changes)
            return
        free = {"hold": Hold.NONE, "held_until": None}
        again = {**changes, **free, "state": State.PENDING, "due_at": at, "stale": False}
        if not held.filter(stale=True).update(**again):
            raise MoveError(f"The lease on {self.name or self.source_id} is no longer held by this worker.")
        self._take_over(again)

    def _take_over(self, changes: dict[str, Any]) -> None:
        for name, value in changes.items():
            setattr(self, name, value)

    def finish_done(self, *, warnings: Iterable[str] = ()) -> None:
        """The document is in the ERP and equal."""
        self._finish(State.DONE, attempts=0, done_at=now(), warnings=list(warnings))

    def go_on(self) -> None:
        """One of several documents is written: the next run follows at once."""
        self._finish(State.PENDING, attempts=0, due_at=now())

    def finish_skipped(self, error: HubError) -> None:
        """A rule says no."""
        self._finish(State.SKIPPED, attempts=0, **_reason(error))

    def finish_waiting(self, error: HubError, due_at: datetime) -> None:
        """It will try again by itself at `due_at`."""
        self._finish(State.WAITING, due_at=due_at, **_reason(error))

    def finish_blocked(self, error: HubError) -> None:
        """It needs a person."""
        self._finish(State.BLOCKED, attempts=0, **_reason(error))

    def finish_held(self, error: Held) -> None:
        """A rule keeps it waiting: pending, but not started until news, a person or `error.until` frees it."""
        self._finish(
            State.PENDING, attempts=0, hold=Hold(error.hold), held_until=error.until, **_reason(error)
        )

    # Moves made by events and by people.

    def _move(self, old: Iterable[State], new: State, **values: Any) -> bool:
        allowed = list(old)
        for state in allowed:
            check_move(state, new)
        changes = {"state": new, "changed_at": now(), **values}
        moved = bool(Sync.objects.filter(pk=self.pk, state__in=allowed).update(**changes))
        if moved:
            self._take_over(changes)
        return moved

    def retry(self) -> bool:
        """Take it up again now (a person's retry, or a new event); a running row is marked stale instead."""
        if Sync.objects.filter(pk=self.pk, state=State.RUNNING).update(stale=True):
            self.stale = True
            return True
        fresh = {
            "hold": Hold.NONE, "held_until": None, "due_at": now(), "attempts": 0, "losses": 0, "lane": Lane.FRESH,
        }  # fmt: skip
        if self._move((State.DONE, State.SKIPPED, State.WAITING, State.BLOCKED), State.PENDING, **fresh):
            return True
        return bool(Sync.objects.filter(pk=self.pk, state=State.PENDING).update(**fresh, changed_at=now()))

    def exclude(self, reason: str) -> bool:
        """A person leaves it out, with a reason. Not while a worker is on it."""
        return self._leave_out((State.PENDING, State.WAITING, State.BLOCKED), "EXCLUDED_BY_PERSON", reason)

    def give_up(self, reason: str) -> bool:
        """A person broke the link to its document: it is left out until a person brings it back."""
        allowed = (State.PENDING, State.WAITING, State.BLOCKED, State.DONE)
        return self._leave_out(allowed, "UNLINKED_BY_PERSON", reason)

    def lose_document(self, reason: str) -> bool:
        """Its document is not in the ERP any more: a person decides what becomes of it."""
        return self._move((State.DONE,), State.BLOCKED, **_left_out("READBACK_MISSING", reason))

    def handle_elsewhere(self, reference: str, reason: str) -> bool:
        """A person booked it elsewhere, under `reference`."""
        allowed = (State.PENDING, State.WAITING, State.BLOCKED)
        left_out = Sync.objects.filter(pk=self.pk, state=State.SKIPPED)
        values = _left_out("HANDLED_ELSEWHERE", reason, reference)
        if left_out.update(**values, changed_at=now()):
            self._take_over(values)
            return True
        return self._leave_out(allowed, "HANDLED_ELSEWHERE", reason, reference)

    def _leave_out(self, old: Iterable[State], code: str, reason: str, value: str = "") -> bool:
        return self._move(old, State.SKIPPED, hold=Hold.NONE, **_left_out(code, reason, value))

    def hold_back(self, reason: str) -> bool:
        """A person holds it: pending, but not started until a person lets it go. Not while a worker is on it."""
        held = {"hold": Hold.MANUAL, **_left_out("HELD_BY_PERSON", reason)}
        if self._move((State.WAITING, State.BLOCKED), State.PENDING, **held):
            return True
        moved = bool(Sync.objects.filter(pk=self.pk, state=State.PENDING).update(**held, changed_at=now()))
        if moved:
            self._take_over(held)
        return moved

    def let_go(self) -> bool:
        """A person takes the hold off: the rules decide, as for any other order."""
        free = {"hold": Hold.NONE, "due_at": now(), "attempts": 0, "changed_at": now(), **_left_out("", "")}
        held = Sync.objects.filter(pk=self.pk, state=State.PENDING).exclude(hold=Hold.NONE)
        moved = bool(held.update(**free))
        if moved:
            self._take_over(free)
        return moved


def _left_out(code: str, reason: str, value: str = "") -> dict[str, Any]:
    """The columns of a reason a person gave."""
    return {
        "held_until": None,
        "reason_code": code,
        "reason": reason,
        "reason_field": "",
        "reason_value": value[:255],
        "detail": "",
        "differences": [],
        "candidates": [],
    }


def _reason(error: HubError) -> dict[str, Any]:
    return {
        "reason_code": error.code,
        "reason": error.message,
        "reason_field": error.field[:60],
        "reason_value": error.value[:255],
        "detail": error.detail,
        "candidates": [asdict(each) for each in error.candidates],
        "differences": [
            {
                "component": d.component,
                "shopify": str(d.shopify),
                "document": str(d.document),
                "difference": str(d.difference),
                "currency": d.currency,
            }
            for d in error.differences
        ],
    }

"""What was tried and what people did: the rows behind an order's timeline."""

from __future__ import annotations

import json
import zlib
from typing import Any

from django.conf import settings
from django.db import models

from common.clock import now
from syncflows.models.sync import Sync


class Outcome(models.TextChoices):
    """How an attempt ended. `intent` is committed before a write; a row still at `intent` was cut off."""

    INTENT = "intent", "Cut off"
    WRITTEN = "written", "Written"
    AMENDED = "amended", "Document amended"
    CLOSED = "closed", "Document closed"
    RECOVERED = "recovered", "Found in the ERP and linked"
    UNCHANGED = "unchanged", "Nothing to do"
    SKIPPED = "skipped", "Excluded"
    HELD = "held", "Held"
    WAITING = "waiting", "Will try again"
    BLOCKED = "blocked", "Blocked"
    UNKNOWN = "unknown", "No answer"


class Attempt(models.Model):
    """One run of one Sync. Before a write it holds the intent: external id and payload hash."""

    sync = models.ForeignKey(Sync, on_delete=models.CASCADE, related_name="attempt_rows")
    number = models.PositiveIntegerField()
    outcome = models.CharField(max_length=10, choices=Outcome, default=Outcome.INTENT)
    external_id = models.CharField(max_length=100, blank=True, default="")
    payload_hash = models.CharField(max_length=64, blank=True, default="")
    code = models.CharField(max_length=40, blank=True, default="")
    message = models.TextField(blank=True, default="")
    detail = models.TextField(blank=True, default="")
    notes = models.JSONField(default=list, blank=True)
    exchange = models.BinaryField(blank=True, default=b"")
    worker = models.CharField(max_length=60, blank=True, default="")
    started_at = models.DateTimeField(default=now)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-started_at"]
        indexes = [
            models.Index(fields=["sync", "-started_at"], name="attempts_of_sync"),
            models.Index(fields=["started_at"], name="attempts_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.sync_id} #{self.number}: {self.get_outcome_display()}"

    @staticmethod
    def pack(calls: list[dict[str, Any]]) -> bytes:
        """Compress the masked calls of an attempt."""
        return (
            zlib.compress(json.dumps(calls, separators=(",", ":"), default=str).encode(), 1) if calls else b""
        )

    def calls(self) -> list[dict[str, Any]]:
        """The masked requests and answers of this attempt."""
        return json.loads(zlib.decompress(bytes(self.exchange))) if self.exchange else []


class ActionState(models.TextChoices):
    """How something a person asked for stands. The first two are open: nobody else may start one on the order."""

    RUNNING = "running", "Being done"
    FOLLOWED = "followed", "Followed to its end"
    DONE = "done", "Done"
    FAILED = "failed", "Not done"


OPEN_ACTIONS = (ActionState.RUNNING, ActionState.FOLLOWED)


class Action(models.Model):
    """Something a person did, with the reason given: the audit of the order. `kind` is that of the registered action,
    `result` a sentence for people, `details` what is needed to follow or to explain it."""

    sync = models.ForeignKey(Sync, on_delete=models.CASCADE, related_name="actions")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True)
    kind = models.CharField(max_length=30)
    state = models.CharField(max_length=10, choices=ActionState, default=ActionState.DONE)
    reason = models.TextField(blank=True, default="")
    result = models.TextField(blank=True, default="")
    details = models.JSONField(default=dict, blank=True)
    at = models.DateTimeField(default=now)

    class Meta:
        ordering = ["-at"]
        indexes = [models.Index(fields=["sync", "-at"], name="actions_of_sync")]
        constraints = [
            models.UniqueConstraint(
                fields=["sync"],
                condition=models.Q(state__in=["running", "followed"]),
                name="one_open_action_per_order",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} by {self.user}"

"""Backfills: the history of a shop, exported by Shopify in bulk and staged behind its fresh orders."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q

from common.clock import now
from shops.models import Shop


class BackfillState(models.TextChoices):
    """How a backfill stands."""

    ESTIMATED = "estimated", "Estimated, not started"
    RUNNING = "running", "Running"
    PAUSED = "paused", "Paused"
    DONE = "done", "Finished"
    STOPPED = "stopped", "Stopped"
    FAILED = "failed", "Failed"


OPEN_BACKFILLS = (BackfillState.ESTIMATED, BackfillState.RUNNING, BackfillState.PAUSED)


class Backfill(models.Model):
    """Orders placed from `since` until before `until` (None: until it was begun), at most `cap` new ones.

    `operation` is Shopify's id of the export being made or read, `offset` the byte of its file up to which orders are
    staged: it moves with them, in one transaction, so that a killed worker's backfill goes on there. A new export
    begins at byte 0 again, and what is here already is passed over. `lease_token` and `due_at` say whose turn it is.
    """

    shop = models.ForeignKey(Shop, on_delete=models.CASCADE, related_name="backfills")
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)
    cap = models.PositiveIntegerField(null=True, blank=True)
    state = models.CharField(max_length=10, choices=BackfillState, default=BackfillState.ESTIMATED)
    estimate = models.JSONField(default=dict, blank=True)
    operation = models.CharField(max_length=60, blank=True, default="")
    round = models.PositiveSmallIntegerField(default=1)
    exported = models.PositiveIntegerField(default=0)
    offset = models.BigIntegerField(default=0)
    size = models.BigIntegerField(default=0)
    staged = models.PositiveIntegerField(default=0)
    known = models.PositiveIntegerField(default=0)
    excluded = models.PositiveIntegerField(default=0)
    failures = models.PositiveSmallIntegerField(default=0)
    note = models.TextField(blank=True, default="")
    error_code = models.CharField(max_length=40, blank=True, default="")
    error = models.TextField(blank=True, default="")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True)
    created_at = models.DateTimeField(default=now)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    lease_token = models.CharField(max_length=40, blank=True, default="")
    due_at = models.DateTimeField(default=now)

    class Meta:
        ordering = ["-created_at"]
        permissions = [("start_backfill", "Can import the history of a shop")]
        constraints = [
            models.UniqueConstraint(
                fields=["shop"],
                condition=Q(state__in=["estimated", "running", "paused"]),
                name="one_open_backfill_of_a_shop",
            )
        ]
        indexes = [models.Index(fields=["state", "due_at"], name="backfill_due")]

    def __str__(self) -> str:
        return f"{self.shop} since {self.since:%Y-%m-%d}"

    @property
    def marker(self) -> str:
        """What tells this backfill's exports from others in Shopify."""
        return f"hub backfill {self.pk}.{self.round}"

    def take(self, token: str, lease: timedelta) -> bool:
        """Make it this worker's for `lease`, or go on having it; False when it is somebody else's, paused or stopped.
        One UPDATE; in a transaction it cannot be taken away before the end."""
        at = now()
        free = Q(due_at__lte=at) | Q(lease_token=token)
        mine = Backfill.objects.filter(free, pk=self.pk, state=BackfillState.RUNNING)
        return bool(mine.update(lease_token=token, due_at=at + lease))

    def give_back(self, token: str, due_at: datetime) -> None:
        """Let any worker go on with it from `due_at`."""
        Backfill.objects.filter(pk=self.pk, lease_token=token).update(lease_token="", due_at=due_at)

    def move(self, old: tuple[BackfillState, ...], new: BackfillState, note: str = "") -> bool:
        """Change its state, unless it is in none of `old` any more."""
        values: dict[str, object] = {"state": new, "note": note, "lease_token": "", "due_at": now()}
        if new == BackfillState.RUNNING:
            values |= {"error_code": "", "error": "", "failures": 0, "finished_at": None}
            if BackfillState.ESTIMATED in old:
                values["started_at"] = now()
        if new not in OPEN_BACKFILLS:
            values["finished_at"] = now()
        return bool(Backfill.objects.filter(pk=self.pk, state__in=old).update(**values))

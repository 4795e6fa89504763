"""Something done to many orders in the background: the run, and each order it was begun for."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q

from common.clock import now
from syncflows.models.sync import Sync


class BulkState(models.TextChoices):
    """How a run stands."""

    RUNNING = "running", "Running"
    STOPPED = "stopped", "Stopped"
    DONE = "done", "Finished"


class ItemState(models.TextChoices):
    """What came of one order of a run."""

    LEFT = "left", "Still to do"
    DONE = "done", "Done"
    UNTOUCHED = "untouched", "Not touched"
    FAILED = "failed", "Not done"


class BulkRun(models.Model):
    """One action on many orders: chosen by `chosen_by` (a filter, in words), fixed when it was confirmed. What is done
    is marked order by order in `BulkItem`, so that a killed worker's run goes on where it was."""

    kind = models.CharField(max_length=30)
    values = models.JSONField(default=dict, blank=True, encoder=DjangoJSONEncoder)
    reason = models.TextField(blank=True, default="")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True)
    chosen_by = models.TextField(blank=True, default="")
    amounts = models.JSONField(default=list, blank=True)
    count = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=10, choices=BulkState, default=BulkState.RUNNING)
    note = models.TextField(blank=True, default="")
    lease_token = models.CharField(max_length=40, blank=True, default="")
    due_at = models.DateTimeField(default=now)
    created_at = models.DateTimeField(default=now)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        verbose_name = "bulk run"
        indexes = [models.Index(fields=["state", "due_at"], name="bulk_due")]

    def __str__(self) -> str:
        return f"{self.kind} {self.count} orders"

    def take(self, token: str, lease: timedelta) -> bool:
        """Make the run this worker's for `lease`, or go on having it; False when it is somebody else's or was stopped.
        One UPDATE: of two workers one wins."""
        at = now()
        free = Q(due_at__lte=at) | Q(lease_token=token)
        mine = BulkRun.objects.filter(free, pk=self.pk, state=BulkState.RUNNING)
        return bool(mine.update(lease_token=token, due_at=at + lease))

    def give_back(self, token: str, due_at: datetime) -> None:
        """Let any worker go on with it from `due_at`."""
        BulkRun.objects.filter(pk=self.pk, lease_token=token).update(lease_token="", due_at=due_at)

    def end(self, state: BulkState, note: str = "") -> bool:
        """Finish or stop a running run; False when it is not running any more."""
        running = BulkRun.objects.filter(pk=self.pk, state=BulkState.RUNNING)
        return bool(running.update(state=state, note=note, finished_at=now(), lease_token=""))

    def counts(self) -> dict[str, int]:
        """Orders by what came of them."""
        found = dict(self.items.order_by().values_list("state").annotate(n=models.Count("pk")))
        return {state.value: found.get(state.value, 0) for state in ItemState}


class BulkItem(models.Model):
    """One order of a run, and what came of it."""

    run = models.ForeignKey(BulkRun, on_delete=models.CASCADE, related_name="items")
    sync = models.ForeignKey(Sync, on_delete=models.CASCADE, related_name="bulk_items")
    state = models.CharField(max_length=10, choices=ItemState, default=ItemState.LEFT)
    message = models.TextField(blank=True, default="")

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["run", "sync"], name="one_item_per_order_of_a_run")]
        indexes = [models.Index(fields=["run", "state"], name="bulk_items_by_state")]

    def __str__(self) -> str:
        return f"{self.sync_id}: {self.state}"

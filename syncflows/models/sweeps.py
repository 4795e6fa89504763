"""Completeness sweeps: the runs, what they found, and whose turn it is in each shop."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.db.models import Q

from common.clock import now
from shops.models import Shop
from syncflows.models.sync import Sync

LEASE = timedelta(minutes=3)
"""Longer than one chunk takes; a killed worker's turn ends with it."""


class SweepKind(models.TextChoices):
    """How far back a sweep looks."""

    QUICK = "quick", "Last days"
    DEEP = "deep", "Long window"


class SweepState(models.TextChoices):
    """How a run stands."""

    RUNNING = "running", "Running"
    DONE = "done", "Finished"
    FAILED = "failed", "Failed"


class SweepPhase(models.TextChoices):
    """What a run is at, in this order."""

    DOUBTS = "doubts", "Looks again for documents that were not found"
    DOCUMENTS = "documents", "Documents of the ERP"
    CREATED = "created", "Orders placed in the window"
    CHANGED = "changed", "Older orders changed in the window"


class SweepOutcome(models.TextChoices):
    """Where a sweep found an order: each order of a window has one."""

    IN_ORDER = "in_order", "Here and in order"
    FRESH = "fresh", "Newer than the last search"
    MISSING = "missing", "Was missing here, staged"
    STALE = "stale", "Was older here than in Shopify, taken up again"
    RELINKED = "relinked", "Document was in the ERP, link restored"
    DOUBTFUL = "doubtful", "Document not found in the ERP, looked for again"
    DOCUMENT_GONE = "document_gone", "Document gone from the ERP, order blocked"
    SECOND = "second", "Second document of one order in the ERP"
    ORPHAN = "orphan", "Document in the ERP, order not in Shopify"
    ORDER_GONE = "order_gone", "Order gone from Shopify"


REPAIRED = (SweepOutcome.MISSING, SweepOutcome.STALE, SweepOutcome.RELINKED)
REPORTED = (SweepOutcome.DOCUMENT_GONE, SweepOutcome.SECOND, SweepOutcome.ORPHAN, SweepOutcome.ORDER_GONE)
UNEXPLAINED = (SweepOutcome.DOUBTFUL,)
UNREMARKABLE = (SweepOutcome.IN_ORDER, SweepOutcome.FRESH)
"""Outcomes that are counted only."""


class SweepRunQuerySet(models.QuerySet["SweepRun"]):
    """Queries of runs."""

    def begin(
        self, shop: Shop, kind: SweepKind, since: datetime | None, *, user_id: int | None = None
    ) -> tuple[SweepRun, bool]:
        """A new run, or the one of this kind that is open already; and whether it is new."""
        try:
            with transaction.atomic():
                return self.create(shop=shop, kind=kind, since=since, asked_by_id=user_id), True
        except IntegrityError:
            open_run = self.filter(shop=shop, kind=kind, state=SweepState.RUNNING).first()
            if open_run is None:
                raise
            return open_run, False

    def due(self, at: datetime) -> SweepRunQuerySet:
        """Open runs somebody may go on with."""
        return self.filter(state=SweepState.RUNNING, due_at__lte=at)


class SweepRun(models.Model):
    """One comparison of a shop's orders in Shopify, here and in the ERP. Placed or changed from `since` on (None: from
    the first), up to its start. `phase`, `at` and `after` say how far it is: they move with what was found, in one
    transaction, so that a killed worker's run goes on where it was."""

    shop = models.ForeignKey(Shop, on_delete=models.CASCADE, related_name="sweeps")
    kind = models.CharField(max_length=10, choices=SweepKind)
    state = models.CharField(max_length=10, choices=SweepState, default=SweepState.RUNNING)
    since = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(default=now)
    finished_at = models.DateTimeField(null=True, blank=True)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True)
    phase = models.CharField(max_length=10, choices=SweepPhase, default=SweepPhase.DOUBTS)
    at = models.DateTimeField(null=True, blank=True)
    after = models.CharField(max_length=40, blank=True, default="")
    counts = models.JSONField(default=dict, blank=True)
    unexplained = models.PositiveIntegerField(default=0)
    points = models.FloatField(default=0)
    shopify_requests = models.PositiveIntegerField(default=0)
    erp_requests = models.PositiveIntegerField(default=0)
    failures = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(default=now)
    note = models.TextField(blank=True, default="")
    error_code = models.CharField(max_length=40, blank=True, default="")
    error = models.TextField(blank=True, default="")

    objects = SweepRunQuerySet.as_manager()

    class Meta:
        verbose_name = "sweep"
        ordering = ["-started_at"]
        permissions = [("start_sweeprun", "Can start completeness sweeps")]
        constraints = [
            models.UniqueConstraint(
                fields=["shop", "kind"], condition=Q(state="running"), name="one_open_sweep_of_a_kind"
            )
        ]
        indexes = [models.Index(fields=["shop", "-started_at"], name="sweeps_of_shop")]

    def __str__(self) -> str:
        return f"{self.shop}: {self.get_kind_display()}"

    def count(self, outcome: SweepOutcome, orders: int = 1) -> None:
        """Add orders to an outcome (not saved here)."""
        if orders:
            self.counts[outcome] = self.counts.get(outcome, 0) + orders

    @property
    def compared(self) -> int:
        """Orders that were given an outcome so far."""
        return sum(self.counts.values())

    @property
    def repaired(self) -> int:
        """Orders that were put right."""
        return sum(self.counts.get(outcome, 0) for outcome in REPAIRED)

    @property
    def reported(self) -> int:
        """Orders a person should look at."""
        return sum(self.counts.get(outcome, 0) for outcome in REPORTED)


class SweepFinding(models.Model):
    """One order of a run that was not simply in order. A doubt stays open until the second look settles it."""

    run = models.ForeignKey(SweepRun, on_delete=models.CASCADE, related_name="findings")
    shop = models.ForeignKey(Shop, on_delete=models.CASCADE, related_name="sweep_findings")
    sync = models.ForeignKey(Sync, on_delete=models.SET_NULL, null=True, related_name="sweep_findings")
    source_id = models.CharField(max_length=40)
    outcome = models.CharField(max_length=15, choices=SweepOutcome)
    name = models.CharField("Order", max_length=60, blank=True, default="")
    kind = models.CharField(max_length=20, blank=True, default="")
    erp_id = models.CharField(max_length=40, blank=True, default="")
    erp_number = models.CharField("ERP document", max_length=60, blank=True, default="")
    message = models.TextField(blank=True, default="")
    at = models.DateTimeField(default=now)
    open = models.BooleanField(default=False)

    class Meta:
        verbose_name = "sweep finding"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["run", "source_id"], name="one_outcome_per_order_of_a_sweep")
        ]
        indexes = [
            models.Index(fields=["run", "outcome"], name="findings_by_outcome"),
            models.Index(fields=["shop"], condition=Q(open=True), name="findings_open"),
        ]

    def __str__(self) -> str:
        return f"{self.name or self.source_id}: {self.outcome}"


class SweepTurn(models.Model):
    """Whose turn it is in a shop: one worker at a time sweeps it, whatever runs are open. Also when the next begin."""

    shop = models.OneToOneField(Shop, on_delete=models.CASCADE, related_name="sweep_turn", primary_key=True)
    next_quick_at = models.DateTimeField(null=True, blank=True)
    next_deep_at = models.DateTimeField(null=True, blank=True)
    token = models.CharField(max_length=40, blank=True, default="")
    until = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.shop_id}"

    @staticmethod
    def take(shop_id: int) -> str:
        """Take the turn; the token it is held by, or "" when another worker has it. One UPDATE: of two one wins."""
        SweepTurn.objects.get_or_create(shop_id=shop_id)
        token, at = uuid.uuid4().hex, now()
        free = SweepTurn.objects.filter(Q(until=None) | Q(until__lt=at), shop_id=shop_id)
        return token if free.update(token=token, until=at + LEASE) else ""

    @staticmethod
    def keep(shop_id: int, token: str) -> bool:
        """Hold the turn for longer; False when it was lost. In a transaction the turn cannot be lost before its end."""
        mine = SweepTurn.objects.filter(shop_id=shop_id, token=token)
        return bool(token) and bool(mine.update(until=now() + LEASE))

    @staticmethod
    def give_back(shop_id: int, token: str) -> None:
        """End the turn."""
        SweepTurn.objects.filter(shop_id=shop_id, token=token).update(token="", until=None)

"""Alerts: what is or was wrong, since when, and what people said to it."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models

from common.clock import now
from monitoring.registry import Condition, Severity, condition
from shops.models import Shop


class Alert(models.Model):
    """One thing that is wrong, from when it was first found until it is over. A new one is a new row.

    `noticed_at` is when it was first found and `opened_at` when it was told (None: it has not lasted long enough).
    `missed_since` is since when it is not found any more, `closed_at` when it was declared over. `key` names condition,
    shop and subject: of one key at most one row is not closed.
    """

    key = models.CharField(max_length=220, editable=False)
    condition = models.CharField(max_length=30)
    subject = models.CharField(max_length=120, blank=True, default="")
    shop = models.ForeignKey(Shop, on_delete=models.CASCADE, related_name="alerts", null=True, blank=True)
    severity = models.PositiveSmallIntegerField(choices=Severity, default=Severity.WARNING)
    sentence = models.TextField()
    fix = models.TextField(blank=True, default="")
    url = models.CharField(max_length=500, blank=True, default="")
    count = models.PositiveIntegerField(default=1)
    since = models.DateTimeField(null=True, blank=True)
    noticed_at = models.DateTimeField(default=now)
    opened_at = models.DateTimeField(null=True, blank=True)
    seen_at = models.DateTimeField(default=now)
    missed_since = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    reason = models.TextField(blank=True, default="")
    snoozed_until = models.DateTimeField(null=True, blank=True)
    reminders = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-noticed_at"]
        permissions = [("acknowledge_alert", "Can acknowledge and snooze alerts")]
        constraints = [
            models.UniqueConstraint(
                fields=["key"], condition=models.Q(closed_at=None), name="one_open_alert_per_key"
            )
        ]
        indexes = [models.Index(fields=["key", "-closed_at"], name="alerts_by_key")]

    def __str__(self) -> str:
        return f"{self.title}: {self.sentence}"[:200]

    @property
    def rule(self) -> Condition | None:
        """The condition it came from; None when the part of the hub that had it is gone."""
        return condition(self.condition)

    @property
    def title(self) -> str:
        """The condition's title."""
        return self.rule.title if self.rule else self.condition

    def is_snoozed(self, at: datetime) -> bool:
        """Whether a person put it off beyond this instant."""
        return self.snoozed_until is not None and self.snoozed_until > at


class DeedKind(models.TextChoices):
    """What a person did with an alert."""

    ACKNOWLEDGED = "acknowledged", "Acknowledged"
    SNOOZED = "snoozed", "Snoozed"


class AlertDeed(models.Model):
    """What a person did with an alert, and why."""

    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="deeds")
    kind = models.CharField(max_length=15, choices=DeedKind)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    reason = models.TextField()
    until = models.DateTimeField(null=True, blank=True)
    at = models.DateTimeField(default=now)

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.at}"

"""Deliveries: what a channel is to be told, and whether it was."""

from __future__ import annotations

from django.db import models

from common.clock import now
from monitoring.models.alerts import Alert
from monitoring.models.channels import Channel


class Event(models.TextChoices):
    """What happened to an alert."""

    OPENED = "opened", "Opened"
    WORSE = "worse", "Worse"
    ESCALATED = "escalated", "Not acknowledged"
    REMINDER = "reminder", "Still open"
    RECOVERED = "recovered", "Over"


class Delivery(models.Model):
    """One event of one alert for one channel: there is never a second row for it, so it is told once.

    `turn` tells repeated events of one kind apart. `due_at` is the end of quiet hours or the next try; a row without
    `sent_at` that was tried is undelivered, and is tried until it is delivered. `sentence` is the alert's at the time.
    """

    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="deliveries")
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="deliveries")
    event = models.CharField(max_length=10, choices=Event)
    turn = models.PositiveIntegerField(default=0)
    severity = models.PositiveSmallIntegerField()
    sentence = models.TextField()
    made_at = models.DateTimeField(default=now)
    due_at = models.DateTimeField(default=now)
    sent_at = models.DateTimeField(null=True, blank=True)
    message_id = models.CharField(max_length=40, blank=True, default="")
    attempts = models.PositiveIntegerField(default=0)
    error = models.TextField(blank=True, default="")
    lease_token = models.CharField(max_length=40, blank=True, default="")
    lease_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["made_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["alert", "channel", "event", "turn"], name="one_delivery_per_event"
            )
        ]
        indexes = [models.Index(fields=["due_at"], condition=models.Q(sent_at=None), name="deliveries_open")]

    def __str__(self) -> str:
        return f"{self.get_event_display()} to {self.channel}"

    @property
    def standing(self) -> str:
        """Where it is: sent, undelivered, or waiting for its time."""
        if self.sent_at is not None:
            return "sent"
        return "undelivered" if self.attempts else "waiting"

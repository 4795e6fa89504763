"""What a person does with an alert."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction

from common.clock import now
from monitoring.models import Alert, AlertDeed, DeedKind


def acknowledge(alert: Alert, user: User | None, reason: str) -> bool:
    """Somebody is on it: no second recipient is told. False when the alert is over."""
    return _do(alert, DeedKind.ACKNOWLEDGED, user, reason, None)


def snooze(alert: Alert, user: User | None, reason: str, until: datetime) -> bool:
    """Put it off until an instant (aware): it comes back with a reminder if it is still there then. False when it is
    over."""
    return _do(alert, DeedKind.SNOOZED, user, reason, until)


def _do(alert: Alert, kind: DeedKind, user: User | None, reason: str, until: datetime | None) -> bool:
    at = now()
    with transaction.atomic():
        values = {
            "acknowledged_at": at, "acknowledged_by": user, "reason": reason, "snoozed_until": until,
        }  # fmt: skip
        if not Alert.objects.filter(pk=alert.pk, closed_at=None).update(**values):
            return False
        AlertDeed.objects.create(alert=alert, kind=kind, user=user, reason=reason, until=until, at=at)
    for name, value in values.items():
        setattr(alert, name, value)
    return True

"""Which channel is to be told what, and when: deliveries are made here and sent elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from monitoring.models import Alert, Channel, Delivery, Event


def tell(alert: Alert, event: Event, at: datetime, channels: Iterable[Channel], *, turn: int = 0) -> None:
    """Make the deliveries of an event for every channel whose filter lets the alert through. A delivery there is
    already stays as it is."""
    rows = [
        Delivery(
            alert=alert,
            channel=channel,
            event=event,
            turn=turn,
            severity=alert.severity,
            sentence=alert.sentence,
            made_at=at,
            due_at=channel.free_at(at, alert.severity),
        )
        for channel in channels
        if channel.wants(alert.condition, alert.severity, alert.shop)
    ]
    Delivery.objects.bulk_create(rows, ignore_conflicts=True)


def tell_end(alert: Alert, at: datetime, channels: Sequence[Channel]) -> None:
    """Tell those who were told of the alert that it is over."""
    told = set(Delivery.objects.filter(alert=alert).values_list("channel_id", flat=True))
    tell(alert, Event.RECOVERED, at, [channel for channel in channels if channel.pk in told])


def escalate(at: datetime, channels: Iterable[Channel]) -> None:
    """Tell the second recipients of alerts that nobody acknowledged in time."""
    for channel in channels:
        if not channel.after_minutes:
            continue
        open_since = at - timedelta(minutes=channel.after_minutes)
        late = Alert.objects.filter(
            closed_at=None, missed_since=None, acknowledged_at=None, opened_at__lte=open_since
        )
        told = Delivery.objects.filter(channel=channel, event=Event.ESCALATED).values("alert")
        for alert in late.exclude(pk__in=told).select_related("shop"):
            if not channel.wants(alert.condition, alert.severity, alert.shop):
                continue
            with transaction.atomic():
                # The row is kept, so that nobody acknowledges it between the look and the message.
                row = Alert.objects.select_for_update(of=("self",)).select_related("shop").get(pk=alert.pk)
                if row.closed_at is None and row.acknowledged_at is None:
                    tell(row, Event.ESCALATED, at, [channel])


def remind(at: datetime, channels: Sequence[Channel]) -> None:
    """Alerts that were put off and are still there come back: unacknowledged, with one reminder."""
    over = Alert.objects.filter(closed_at=None, snoozed_until__lte=at).select_related("shop")
    for alert in over:
        with transaction.atomic():
            mine = Alert.objects.filter(pk=alert.pk, closed_at=None, snoozed_until=alert.snoozed_until)
            again = {"snoozed_until": None, "acknowledged_at": None, "acknowledged_by": None}
            if mine.update(**again, reminders=alert.reminders + 1):
                told = Q(deliveries__alert=alert) | Q(after_minutes=0)
                keys = set(Channel.objects.filter(told).values_list("pk", flat=True))
                here = [channel for channel in channels if channel.pk in keys]
                tell(alert, Event.REMINDER, at, here, turn=alert.reminders + 1)

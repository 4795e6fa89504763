"""Channels that do not deliver: told through the others."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Count, Max, Min
from django.urls import reverse

from monitoring.models import Channel, Delivery
from monitoring.registry import Condition, Finding, Severity, register
from monitoring.words import moment, one_line

PATIENCE = timedelta(minutes=10)


def find(at: datetime) -> Iterator[Finding]:
    """Every active channel with messages that could not be delivered for ten minutes; two queries."""
    failed = Delivery.objects.filter(
        sent_at=None, attempts__gt=0, made_at__lt=at - PATIENCE, channel__is_active=True
    )
    rows = (
        failed.order_by()
        .values("channel_id")
        .annotate(n=Count("pk"), oldest=Min("made_at"), error=Max("error"))
    )
    names = dict(Channel.objects.values_list("pk", "name"))
    for row in rows:
        count = row["n"]
        what = "message" if count == 1 else "messages"
        yield Finding(
            f"{count:,} {what} to {one_line(names[row['channel_id']], 100)} could not be delivered, the oldest of "
            f"{moment(row['oldest'])}. {one_line(row['error'])}",
            subject=str(row["channel_id"]),
            count=count,
            since=row["oldest"],
            url=reverse("admin:monitoring_channel_change", args=[row["channel_id"]]),
        )


register(
    Condition(
        "channel",
        "Messages are not delivered",
        "Messages to an alert channel have failed for 10 minutes. They are tried again until they arrive; the other "
        "channels are told of it.",
        "Open the channel and press Send a test: it shows the receiver's answer.",
        Severity.WARNING,
        find,
    )
)

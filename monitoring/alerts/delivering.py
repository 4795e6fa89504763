"""Sending what is due: each channel gets all of it as one message, again and again until it arrives."""

from __future__ import annotations

import hashlib
import uuid
from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.db.models import F, Q, QuerySet

from common.clock import now
from common.errors import HubError
from monitoring.alerts.sending import send
from monitoring.models import Channel, Delivery

log = structlog.get_logger(__name__)
LEASE = timedelta(minutes=5)
"""How long a message is one worker's; longer than sending it can take."""
FIRST = timedelta(minutes=1)
LONGEST = timedelta(hours=1)


def deliver() -> int:
    """Send what is due on every active channel; returns how many messages went out. A channel that fails does not keep
    the others waiting for long: its messages come again by themselves."""
    at = now()
    due = _due(at).filter(channel__is_active=True).values("channel")
    return sum(_deliver(channel) for channel in Channel.objects.filter(pk__in=due).defer("secret", "address"))


def _due(at: datetime) -> QuerySet[Delivery]:
    free = Q(lease_until=None) | Q(lease_until__lt=at)
    return Delivery.objects.filter(free, sent_at=None, due_at__lte=at)


def _deliver(channel: Channel) -> bool:
    """One message with everything that is due: what another worker takes or took is not taken again."""
    at, token = now(), uuid.uuid4().hex
    with transaction.atomic():
        due = _due(at).filter(channel=channel).select_for_update(skip_locked=True, of=("self",))
        keys = list(due.values_list("pk", flat=True))
        Delivery.objects.filter(pk__in=keys).update(lease_token=token, lease_until=at + LEASE)
    if not keys:
        return False
    mine = Delivery.objects.filter(channel=channel, lease_token=token, sent_at=None)
    rows = list(mine.select_related("alert__shop").order_by("made_at", "pk"))
    over = {"lease_token": "", "lease_until": None}
    message_id = _message_id(rows)
    try:
        send(channel, rows, message_id, at)
    except HubError as error:
        log.warning("alert_not_delivered", channel=channel.key, code=error.code, detail=error.detail)
        for row in rows:
            mine.filter(pk=row.pk).update(
                **over,
                attempts=F("attempts") + 1,
                error=error.message,
                due_at=channel.free_at(now() + pause(row.attempts + 1), row.severity),
            )
        return False
    mine.update(**over, attempts=F("attempts") + 1, error="", message_id=message_id, sent_at=now())
    return True


def _message_id(rows: list[Delivery]) -> str:
    """The same for the same deliveries, so that a receiver knows a message that comes a second time."""
    return hashlib.sha256(",".join(str(row.pk) for row in rows).encode()).hexdigest()[:32]


def pause(attempts: int) -> timedelta:
    """How long to wait after so many tries: 1, 2, 4, … minutes, at most an hour."""
    return min(FIRST * (1 << min(attempts - 1, 10)), LONGEST)

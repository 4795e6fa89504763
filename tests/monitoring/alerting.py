"""Channels for tests, and what arrived on them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import time_machine
from django.core import mail

from monitoring.alerts import every_minute
from monitoring.models import Channel


def mail_channel(key: str = "oncall", **values: Any) -> Channel:
    """A channel that mails one person, told of everything at once."""
    given = {"name": key.title(), "recipients": f"{key}@example.com", "minimum_severity": 1, **values}
    channel = Channel(key=key, **given)
    channel.full_clean()
    channel.save()
    return channel


def minutes(traveller: time_machine.Traveller, count: int) -> None:
    """Let the worker look every minute for so long."""
    for _ in range(count):
        traveller.shift(timedelta(minutes=1))
        every_minute()


def subjects() -> list[str]:
    """Subjects of the mails so far."""
    return [str(message.subject) for message in mail.outbox]

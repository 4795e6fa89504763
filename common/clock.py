"""Time: aware UTC inside, the shop's zone when shown or put on a document."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from django.utils import timezone


def now() -> datetime:
    """The current instant, aware, in UTC."""
    return timezone.now().astimezone(UTC)


def parse_instant(text: str) -> datetime:
    """Read an ISO 8601 instant ("2026-11-19T23:55:00Z" or with an offset) as aware UTC; ValueError if naive."""
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError(f"'{text}' has no time zone.")
    return instant.astimezone(UTC)


def date_in_zone(instant: datetime, zone: str) -> date:
    """The calendar date of an instant in an IANA zone: the date that goes on a document."""
    return instant.astimezone(ZoneInfo(zone)).date()

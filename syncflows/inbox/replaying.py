"""Routing events once more, because a person wants it."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.db.models import F, QuerySet

from common.clock import now
from syncflows.models import EventState, InboxEvent


def replayable(events: QuerySet[InboxEvent]) -> QuerySet[InboxEvent]:
    """Those that were settled and still have their body."""
    return events.exclude(state=EventState.RECEIVED).filter(body__blanked_at__isnull=True)


def replay(events: QuerySet[InboxEvent], person: User) -> int:
    """Have them routed again; their orders are looked at whatever their stamp says. One UPDATE; returns how many."""
    keys = replayable(events).order_by("pk").values_list("pk", flat=True)
    count = 0
    wanted = list(keys)
    for start in range(0, len(wanted), 500):
        rows = InboxEvent.objects.filter(pk__in=wanted[start : start + 500]).exclude(
            state=EventState.RECEIVED
        )
        count += rows.update(
            state=EventState.RECEIVED, due_at=now(), takes=0, retries=0, replays=F("replays") + 1, replayed_by=person,
            code="", reason="", duplicate_of=None, routed_at=None,
        )  # fmt: skip
    return count

"""Orders are due, and none gets finished."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Count, Min
from django.urls import reverse

from monitoring.registry import Condition, Finding, Severity, register
from monitoring.words import moment, orders, span
from syncflows.models import Sync
from syncflows.states import State

STILL = timedelta(minutes=10)
ENDS = (State.DONE, State.SKIPPED, State.BLOCKED, State.WAITING)
"""States a run ends in."""


def find(at: datetime) -> Iterator[Finding]:
    """Whether rows have been due for ten minutes and no run ended in that time; two queries."""
    due = Sync.objects.due(at - STILL).filter(shop__is_active=True)
    found = due.aggregate(count=Count("pk"), oldest=Min("due_at"))
    if not found["count"] or Sync.objects.filter(state__in=ENDS, changed_at__gt=at - STILL).exists():
        return
    verb = "is" if found["count"] == 1 else "are"
    yield Finding(
        f"{orders(found['count'])} {verb} due, and none was finished in the last {span(STILL)}. The oldest is due "
        f"since {moment(found['oldest'])}.",
        count=found["count"],
        since=found["oldest"],
        url=reverse("admin:syncflows_sync_changelist"),
    )


register(
    Condition(
        "queue",
        "The queue does not move",
        "Orders have been due for 10 minutes and no worker finished any order in that time.",
        "Look at the worker's log and at Failed jobs; restart the worker. Nothing is lost: the queue is kept in the "
        "database.",
        Severity.CRITICAL,
        find,
    )
)

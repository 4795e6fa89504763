"""Orders in the hands of a worker that is gone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Count, Min
from django.urls import reverse

from monitoring.registry import Condition, Finding, Severity, register
from monitoring.words import moment, orders, span
from syncflows.models import Sync
from syncflows.states import State

PATIENCE = timedelta(minutes=5)
"""A lease that ran out is taken back by the next drain, within a minute or two."""


def find(at: datetime) -> Iterator[Finding]:
    """Running orders whose lease ran out some minutes ago and was not taken back; one query."""
    stuck = Sync.objects.filter(state=State.RUNNING, lease_until__lt=at - PATIENCE)
    found = stuck.aggregate(count=Count("pk"), oldest=Min("lease_until"))
    if found["count"]:
        verb = "is" if found["count"] == 1 else "are"
        yield Finding(
            f"{orders(found['count'])} {verb} still marked as running {span(PATIENCE)} after the lease ran out, the "
            f"oldest since {moment(found['oldest'])}.",
            count=found["count"],
            since=found["oldest"],
            url=f"{reverse('admin:syncflows_sync_changelist')}?state={State.RUNNING}",
        )


register(
    Condition(
        "leases",
        "Orders are stuck with a worker that is gone",
        "A worker stopped in the middle of orders, and no other one took them back within 5 minutes.",
        "Start the worker, or look at its log: a running worker takes such orders back by itself and loses nothing.",
        Severity.WARNING,
        find,
    )
)

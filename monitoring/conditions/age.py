"""Orders that stay in one state for too long."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse

from monitoring.models.limits import AlertLimits, limits_by_shop
from monitoring.registry import Condition, Finding, Severity, register
from monitoring.words import moment, of, one_line, orders, span
from shops.models import Shop
from syncflows.models import Attempt, Sync
from syncflows.states import Hold, State

STATES = (
    (State.PENDING, "pending_minutes", "have been pending"),
    (State.WAITING, "waiting_minutes", "have been tried again and again"),
    (State.BLOCKED, "blocked_minutes", "have been blocked"),
)


def aged(state: State, shop: Shop) -> tuple[QuerySet[Sync], str]:
    """The rows of a shop in a state, and the name of the instant each has its age from.

    A pending row is as old as it is due (what is held waits on purpose and does not count), a blocked one as its block.
    A waiting row moves at each try, so it is as old as the first try of the present series.
    """
    rows = Sync.objects.filter(state=state, shop=shop)
    if state == State.PENDING:
        return rows.filter(hold=Hold.NONE), "due_at"
    if state == State.BLOCKED:
        return rows, "changed_at"
    first = Attempt.objects.filter(sync=OuterRef("pk"), number=1).order_by("-started_at").values("started_at")
    return rows.annotate(tried_since=Coalesce(Subquery(first[:1]), F("changed_at"))), "tried_since"


def find(at: datetime) -> Iterator[Finding]:
    """One finding for each active shop and state with orders older than the limit; two queries for each."""
    limits = limits_by_shop()
    for shop in Shop.objects.filter(is_active=True):
        own = limits.get(shop.pk) or AlertLimits(shop=shop)
        for state, name, what in STATES:
            limit = timedelta(minutes=getattr(own, name))
            rows, begun = aged(state, shop)
            late = rows.filter(**{f"{begun}__lt": at - limit})
            oldest = late.order_by(begun).first()
            if oldest is None:
                continue
            called, source_id, old_since = oldest.name, oldest.source_id, getattr(oldest, begun)
            count = late.count()
            verb = what if count != 1 else what.replace("have", "has", 1)
            yield Finding(
                f"{orders(count)} of {of(shop)} {verb} for longer than {span(limit)}. The oldest is "
                f"{one_line(called or source_id, 60)}, since {moment(old_since, shop.iana_timezone)}.",
                subject=state.value,
                shop=shop,
                count=count,
                since=old_since,
                url=f"{reverse('admin:syncflows_sync_changelist')}?state={state}&shop={shop.pk}",
            )


register(
    Condition(
        "age",
        "Orders are late",
        "Orders of a shop have been pending, waiting or blocked for longer than the shop's limit (defaults: 30 "
        "minutes, 2 hours, 8 hours).",
        "Open the list. Pending: look whether a worker runs. Waiting: the reason says which system does not answer. "
        "Blocked: the cause says who can mend it. The limits are under Monitoring, Alert limits.",
        Severity.WARNING,
        find,
    )
)

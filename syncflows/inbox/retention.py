"""How long the inbox keeps what it was sent: bodies first lose their content, later whole rows go.

Classes by how personal and how useful a body is: HUB_WEBHOOK_BODY_DAYS for what was settled, HUB_WEBHOOK_FAILED_DAYS
for what needs a person, HUB_WEBHOOK_ROW_DAYS for the rows with their headers and hash.
"""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db.models import QuerySet

from common.clock import now
from syncflows.inbox.erasing import blank
from syncflows.models import EventState, InboxEvent

AT_ONCE = 1_000


def sweep() -> tuple[int, int]:
    """Blank and delete what is older than its class allows; returns how many of each. Bounded steps, so that the inbox
    is never locked for long. An event that is still to be routed, and a privacy request's, stay."""
    at = now()
    settled = at - timedelta(days=settings.HUB_WEBHOOK_BODY_DAYS)
    failed = at - timedelta(days=settings.HUB_WEBHOOK_FAILED_DAYS)
    rows = at - timedelta(days=settings.HUB_WEBHOOK_ROW_DAYS)
    over = InboxEvent.objects.exclude(state=EventState.RECEIVED).filter(privacy_request__isnull=True)
    blanked = _blank(over.exclude(state=EventState.FAILED).filter(received_at__lt=settled))
    blanked += _blank(over.filter(state=EventState.FAILED, received_at__lt=failed))
    deleted = 0
    while pks := list(
        over.filter(received_at__lt=rows).order_by("pk").values_list("pk", flat=True)[:AT_ONCE]
    ):
        InboxEvent.objects.filter(pk__in=pks).delete()
        deleted += len(pks)
    return blanked, deleted


def _blank(events: QuerySet[InboxEvent]) -> int:
    total = 0
    unblanked = events.filter(body__blanked_at__isnull=True).order_by("pk")
    while pks := list(unblanked.values_list("pk", flat=True)[:AT_ONCE]):
        total += blank(InboxEvent.objects.filter(pk__in=pks), "retention")
    return total

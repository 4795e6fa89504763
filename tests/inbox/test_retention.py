"""How long what came is kept."""

from __future__ import annotations

from datetime import timedelta

from common.clock import now
from syncflows import jobs, schedules
from syncflows.models import Beat, InboxEvent, PrivacyKind, PrivacyRequest
from tests.inbox.knocking import Door


def test_bodies_go_first_and_rows_later_by_class(door: Door) -> None:
    """14 days for settled bodies, 60 for those that need a person, 90 for rows."""
    ages = {"kept": (13, 15, 91), "failed": (15, 61, 91), "received": (91,)}
    for state, days in ages.items():
        for age in days:
            door.knock("products/update", webhook_id=f"{state}-{age}")
            event = InboxEvent.objects.latest("pk")
            InboxEvent.objects.filter(pk=event.pk).update(
                state=state, received_at=now() - timedelta(days=age)
            )
    door.knock("customers/data_request", webhook_id="asked")
    asked = InboxEvent.objects.get(webhook_id="asked")
    PrivacyRequest.objects.create(event=asked, shop=door.shop, kind=PrivacyKind.DATA_REQUEST)
    InboxEvent.objects.filter(pk=asked.pk).update(state="done", received_at=now() - timedelta(days=400))
    jobs.clean_inbox()
    left = {event.webhook_id: bool(event.body.text()) for event in InboxEvent.objects.select_related("body")}
    assert left == {
        "kept-13": True, "kept-15": False, "failed-15": True, "failed-61": False, "received-91": True, "asked": True,
    }  # fmt: skip
    assert (
        InboxEvent.objects.get(webhook_id="kept-15").sha256
        == InboxEvent.objects.get(webhook_id="asked").sha256
    )


def test_cleaning_is_asked_for_every_six_hours(door: Door) -> None:
    from django.apps import apps

    tasks = apps.get_model("django_q", "OrmQ")
    schedules.tick()
    assert tasks.objects.count() == 0
    Beat.objects.filter(name="inbox cleaned").update(at=now() - timedelta(hours=6, seconds=1))
    schedules.tick()
    schedules.tick()
    assert [each.func() for each in tasks.objects.all()] == ["syncflows.jobs.clean_inbox"]

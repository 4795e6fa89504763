"""What the overview says about webhooks and privacy requests."""

from __future__ import annotations

from datetime import timedelta

from common.clock import now
from monitoring.news import alerts
from shops.models import Shop
from syncflows.models import PrivacyKind, PrivacyRequest, PrivacyState, WebhookEndpoint
from tests.inbox.knocking import Door


def test_the_overview_says_what_keeps_news_out_and_what_the_law_waits_for(door: Door) -> None:
    assert alerts([door.shop]) == []
    request = PrivacyRequest.objects.create(shop=door.shop, kind=PrivacyKind.DATA_REQUEST)
    assert alerts([door.shop]) == []  # 30 days left
    request.due_at = now() + timedelta(days=9)
    request.save()
    Shop.objects.update(disconnected_at=now())
    WebhookEndpoint.objects.update(wanted=True, error="Shopify cannot reach this hub.")
    lines = [text for name, text in alerts(list(Shop.objects.all())) if name == "Demo"]
    assert lines[0].startswith("Shopify does not let the app in any more")
    assert lines[1] == "Its webhooks could not be looked after. Shopify cannot reach this hub."
    assert (
        lines[2] == f"A privacy request (Data of a customer) is to be answered by {request.due_at:%d %b %Y}."
    )
    PrivacyRequest.objects.update(state=PrivacyState.DONE)
    assert len(alerts(list(Shop.objects.all()))) == 2

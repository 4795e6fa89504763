"""What keeps news of a shop from coming in, and what the law waits for: the alerts of the overview about webhooks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from common.clock import now
from shops.models import Shop
from syncflows.models import PrivacyRequest, PrivacyState, WebhookEndpoint

SOON = timedelta(days=10)
"""A privacy request is shown when it has so much of its 30 days left, or waits for a person's word."""

DISCONNECTED = (
    "Shopify does not let the app in any more, so the shop is not searched. Install the app again, then press Test "
    "connection."
)


def alerts(shops: Sequence[Shop]) -> list[tuple[str, str]]:
    """The name of the shop and a sentence: disconnected shops, webhooks that cannot be looked after, privacy requests
    that are due soon. Two queries."""
    lines = [(shop.name, DISCONNECTED) for shop in shops if shop.disconnected_at is not None]
    failing = (
        WebhookEndpoint.objects.filter(wanted=True, shop__in=shops).exclude(error="").select_related("shop")
    )
    lines += [(row.shop.name, f"Its webhooks could not be looked after. {row.error}") for row in failing]
    asked = PrivacyRequest.objects.exclude(state=PrivacyState.DONE).select_related("shop").defer("report")
    for request in asked:
        if request.state == PrivacyState.CHECK or request.due_at - now() < SOON:
            text = f"A privacy request ({request.get_kind_display()}) is to be answered by {request.due_at:%d %b %Y}."
            lines.append((request.shop.name, text))
    return lines

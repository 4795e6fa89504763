"""How a shop's webhooks stand, in sentences: for *Test connection* and the shop's page. Asks only the database."""

from __future__ import annotations

from common.causes import cause
from common.checks import Check
from common.clock import now
from common.errors import HubError
from shops.models import Shop
from syncflows.inbox.subscriptions import check_reachable
from syncflows.inbox.topics import NEEDS
from syncflows.models import InboxEvent, SubscriptionState, WebhookEndpoint, WebhookSubscription


def standing(shop: Shop) -> Check:
    """The line about webhooks. Not being registered is no failure: the regular search finds everything, only later."""
    endpoint = WebhookEndpoint.objects.filter(shop=shop).first()
    try:
        check_reachable(shop)
    except HubError as error:
        wanted = endpoint is not None and endpoint.wanted
        return Check(name="Webhooks", ok=not wanted, detail=error.message, fix=cause(error.code).fix)
    if endpoint is None or not endpoint.wanted:
        return Check(name="Webhooks", ok=True, detail="Not registered: orders are found by the regular search only.",
                     fix="Press Register webhooks to hear of changes at once.")  # fmt: skip
    if endpoint.error:
        return Check(name="Webhooks", ok=False, detail=endpoint.error, fix=cause(endpoint.error_code).fix)
    rows = WebhookSubscription.objects.filter(shop=shop)
    good = rows.filter(state=SubscriptionState.REGISTERED).count()
    lacking = [
        f"{row.topic} ({row.note.rstrip('.')})" for row in rows.exclude(state=SubscriptionState.REGISTERED)
    ]
    detail = f"{good} of {len(NEEDS)} topics are registered. {_heard(shop)}"
    if lacking:
        detail += f" Not: {', '.join(lacking)}."
    missing = good + len(lacking) < len(NEEDS) or rows.filter(state=SubscriptionState.REFUSED).exists()
    return Check(name="Webhooks", ok=not missing, detail=detail,
                 fix="Press Register webhooks again; it mends what is missing." if missing else "")  # fmt: skip


def _heard(shop: Shop) -> str:
    last = InboxEvent.objects.filter(shop=shop).order_by("-pk").values_list("received_at", flat=True).first()
    if last is None:
        return "None has come yet."
    minutes = int((now() - last).total_seconds() // 60)
    return (
        f"The last one came {minutes} min ago."
        if minutes < 120
        else f"The last one came on {last:%d %b %Y, %H:%M} UTC."
    )

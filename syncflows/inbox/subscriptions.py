"""The hub's own subscriptions at Shopify: registered, looked at every hour, mended when something happened to them.

Shopify removes a subscription after eight failed deliveries in a row, and keeps the API version it was made with. So
each is compared with what it should be; what was missing meanwhile is found by a search from before the gap.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urljoin, urlsplit

from django.conf import settings
from django.urls import reverse

from common.clock import now
from common.errors import HubError, NeedsPerson
from shops.models import Shop
from shops.shopify.answers import Refused
from shops.shopify.client import ShopifyClient, client_for
from shops.shopify.scopes import granted_with_implied
from shops.shopify.subscriptions import Subscribed, move, subscribe, subscriptions, unsubscribe
from shops.shopify.version import API_VERSION
from syncflows.inbox.topics import NEEDS
from syncflows.models import SubscriptionState, WebhookEndpoint, WebhookSubscription

EVERY = timedelta(hours=1)
"""Shopify gives up after four hours of failures; an hour later the subscription is back."""
Replay = Callable[[Shop, datetime], None]
_LOCAL_NAMES = (".local", ".localhost", ".internal", ".lan", ".home.arpa")


@dataclass(slots=True)
class Watched:
    """What one look came to: topics that stand, those mended (or made for the first time), and since when some were
    missing; None when none was."""

    good: list[str] = field(default_factory=list)
    mended: list[str] = field(default_factory=list)
    gap: datetime | None = None


def endpoint_for(shop: Shop) -> WebhookEndpoint:
    """The shop's endpoint, made when there is none."""
    return WebhookEndpoint.objects.get_or_create(shop=shop)[0]


def path_of(endpoint: WebhookEndpoint) -> str:
    """The path of the shop's address."""
    return reverse("syncflows:webhook", args=[endpoint.token])


def address_of(endpoint: WebhookEndpoint) -> str:
    """The address webhooks of the shop are delivered to."""
    return urljoin(str(settings.HUB_PUBLIC_URL), path_of(endpoint))


def check_reachable(shop: Shop) -> None:
    """Raise NeedsPerson when nothing can be registered: Shopify delivers by https to public addresses only, and what it
    delivers could not be checked without the client secret. A server of one's own in Shopify's place may be local."""
    if not shop.client_secret:
        raise NeedsPerson(
            "SHOP_CREDENTIALS",
            f"{shop.name} has no client secret, so nobody could tell a genuine webhook from a forged one.",
            field="client_secret",
        )
    parts = urlsplit(str(settings.HUB_PUBLIC_URL))
    own_server = bool(shop.api_base_url) and not (urlsplit(shop.api_base_url).hostname or "").endswith(
        ".myshopify.com"
    )
    if own_server or (parts.scheme == "https" and not _is_local(parts.hostname or "")):
        return
    raise NeedsPerson(
        "WEBHOOK_ADDRESS",
        f"Shopify cannot reach this hub at {settings.HUB_PUBLIC_URL}: webhooks are delivered by https to a public "
        "address only. Orders are found by the regular search meanwhile.",
        field="HUB_PUBLIC_URL",
        value=str(settings.HUB_PUBLIC_URL),
    )


def _is_local(host: str) -> bool:
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return "." not in host or host.endswith(_LOCAL_NAMES)


def watch(shop: Shop, replay: Replay) -> Watched:
    """Make and mend the shop's subscriptions. `replay` is told since when events may be missing, before the row that
    knows it is changed. Raises what the client raises, after noting it on the endpoint."""
    endpoint = endpoint_for(shop)
    try:
        check_reachable(shop)
        watched = _watch(shop, endpoint, replay)
    except HubError as error:
        WebhookEndpoint.objects.filter(pk=endpoint.pk).update(error_code=error.code, error=error.message)
        raise
    WebhookEndpoint.objects.filter(pk=endpoint.pk).update(
        wanted=True, watched_at=now(), error_code="", error="", next_watch_at=now() + EVERY
    )
    return watched


def _watch(shop: Shop, endpoint: WebhookEndpoint, replay: Replay) -> Watched:
    client, watched = client_for(shop), Watched()
    rows = {row.topic: row for row in WebhookSubscription.objects.filter(shop=shop)}
    mine = _mine(client, endpoint)
    scopes = granted_with_implied(shop.scopes.split())
    for topic, scope in NEEDS.items():
        row = rows.get(topic) or WebhookSubscription(shop=shop, topic=topic)
        if scope and scopes and scope not in scopes:
            _note(row, SubscriptionState.NO_SCOPE, f"The app lacks {scope}.")
            continue
        there = [each for each in mine if each.topic == topic]
        try:
            kept, was_right = _keep(client, topic, there, address_of(endpoint))
        except Refused as error:
            _note(row, SubscriptionState.REFUSED, error.message)
            continue
        if not was_right and row.seen_at is not None:
            watched.gap = min(watched.gap or row.seen_at, row.seen_at)
            replay(shop, row.seen_at)
            row.mended += 1
        (watched.good if was_right else watched.mended).append(topic)
        _note(row, SubscriptionState.REGISTERED, "", kept.id)
    for each in mine:
        if each.topic not in NEEDS:  # of an older version of the hub
            _remove(client, each)
    WebhookSubscription.objects.filter(shop=shop).exclude(topic__in=NEEDS).delete()
    return watched


def _mine(client: ShopifyClient, endpoint: WebhookEndpoint) -> list[Subscribed]:
    """Subscriptions the hub made for this shop record, wherever they point now. Another record of the same store, and
    whatever else the app is subscribed to, is left alone."""
    rows = WebhookSubscription.objects.filter(shop=endpoint.shop_id)
    ids = set(rows.values_list("source_id", flat=True)) - {""}
    return [each for each in subscriptions(client) if each.id in ids or each.uri.endswith(path_of(endpoint))]


def _is_right(each: Subscribed, address: str) -> bool:
    return each.uri == address and each.api_version == API_VERSION and each.whole


def _keep(
    client: ShopifyClient, topic: str, there: list[Subscribed], address: str
) -> tuple[Subscribed, bool]:
    """Have exactly one subscription of a topic, at the right address, whole, in the hub's API version; and whether it
    was so. Raises Refused with Shopify's reason."""
    right = [each for each in there if _is_right(each, address)]
    if not right:
        return _mend(client, topic, there, address), False
    for each in there:
        if each is not right[0]:
            _remove(client, each)
    return right[0], True


def _mend(client: ShopifyClient, topic: str, there: list[Subscribed], address: str) -> Subscribed:
    movable = [each for each in there if each.api_version == API_VERSION and each.whole]
    for each in there:
        if each not in movable[:1]:
            _remove(client, each)
    return move(client, movable[0].id, address) if movable else subscribe(client, topic, address)


def _remove(client: ShopifyClient, each: Subscribed) -> None:
    try:
        unsubscribe(client, each.id)
    except Refused:  # somebody took it away meanwhile
        return


def _note(row: WebhookSubscription, state: SubscriptionState, note: str, source_id: str = "") -> None:
    row.state, row.note, row.source_id = state, note, source_id
    if state == SubscriptionState.REGISTERED:
        row.seen_at = now()
    row.save()


def remove_all(shop: Shop) -> int:
    """Take the hub's subscriptions away and stop keeping them; returns how many there were. Raises the client's
    errors."""
    endpoint, client = endpoint_for(shop), client_for(shop)
    mine = _mine(client, endpoint)
    for each in mine:
        _remove(client, each)
    WebhookSubscription.objects.filter(shop=shop).delete()
    WebhookEndpoint.objects.filter(pk=endpoint.pk).update(
        wanted=False, next_watch_at=None, error="", error_code=""
    )
    return len(mine)

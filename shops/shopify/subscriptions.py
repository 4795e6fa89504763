"""Webhook subscriptions of the app in one store: list, create, change, delete.

The API version of what is delivered is that of the request that made the subscription, so the hub's own version goes
with it (shopify.md, section 6).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from common.errors import Retryable
from shops.shopify.answers import Json
from shops.shopify.client import ShopifyClient

PAGE = 100


@dataclass(frozen=True, slots=True)
class Subscribed:
    """One subscription as Shopify has it; `topic` as in the header of a delivery (`orders/create`)."""

    id: str
    topic: str
    uri: str
    api_version: str
    whole: bool
    """JSON, every field, nothing filtered out."""


def subscriptions(client: ShopifyClient) -> list[Subscribed]:
    """Every subscription of the app, whoever made it. Raises the client's errors."""
    found: list[Subscribed] = []
    after: str | None = None
    while True:
        page = client.execute("webhook_subscriptions", {"first": PAGE, "after": after})
        try:
            connection = page["webhookSubscriptions"]
            found += [_read(node) for node in connection["nodes"]]
            info = connection["pageInfo"]
            after = info["endCursor"]
            if not info["hasNextPage"]:
                return found
        except (KeyError, TypeError, AttributeError) as error:
            raise _unreadable(error) from error


def subscribe(client: ShopifyClient, topic: str, uri: str) -> Subscribed:
    """Make one. Raises Refused with Shopify's reason, and the client's errors."""
    root = "webhookSubscriptionCreate"
    variables = {"topic": enum_of(topic), "given": {"uri": uri, "format": "JSON"}}
    return _made(client.mutate("webhook_subscription_create", variables, root))


def move(client: ShopifyClient, gid: str, uri: str) -> Subscribed:
    """Have it delivered to another address. Raises Refused with Shopify's reason, and the client's errors."""
    root = "webhookSubscriptionUpdate"
    return _made(client.mutate("webhook_subscription_update", {"id": gid, "given": {"uri": uri}}, root))


def unsubscribe(client: ShopifyClient, gid: str) -> None:
    """Take one away. Raises Refused when there is none, and the client's errors."""
    client.mutate("webhook_subscription_delete", {"id": gid}, "webhookSubscriptionDelete")


def enum_of(topic: str) -> str:
    """`orders/create` as the API's enum writes it: ORDERS_CREATE."""
    return topic.replace("/", "_").upper()


_FAMILIES = (
    "app",
    "bulk_operations",
    "fulfillments",
    "locations",
    "order_transactions",
    "orders",
    "refunds",
    "returns",
)


def topic_of(enum: str) -> str:
    """ORDERS_CREATE as a header writes it. Of families the hub does not subscribe to, the enum as it is."""
    lower = enum.lower()
    family = next((name for name in _FAMILIES if lower.startswith(f"{name}_")), None)
    return enum if family is None else f"{family}/{lower.removeprefix(f'{family}_')}"


def _made(payload: Json) -> Subscribed:
    try:
        return _read(payload["webhookSubscription"])
    except (KeyError, TypeError) as error:
        raise _unreadable(error) from error


def _read(node: Mapping[str, Any]) -> Subscribed:
    plain = node["format"] == "JSON" and not node["includeFields"] and not node["filter"]
    return Subscribed(
        str(node["id"]), topic_of(node["topic"]), str(node["uri"]), str(node["apiVersion"]["handle"]), plain
    )


def _unreadable(error: Exception) -> Retryable:
    return Retryable("SHOPIFY_ANSWER", "Shopify's answer about webhooks cannot be read.", detail=repr(error))

"""Whether Shopify lets the app in, and with which scopes: asked of Shopify, never taken from a message."""

from __future__ import annotations

from common.clock import now
from common.errors import HubError, Retryable
from shops.models import Shop
from shops.shopify.client import ShopifyClient

GONE = frozenset({"SHOPIFY_LOGIN", "SHOPIFY_FORBIDDEN", "SHOPIFY_NOT_FOUND"})
"""Answers of a store the app was taken out of; anything else says nothing about it."""


def read_scopes(client: ShopifyClient) -> list[str]:
    """The scopes Shopify granted, saved on the shop. That they could be read shows that the app is let in. Raises the
    client's errors."""
    answer = client.execute("access_scopes")
    try:
        granted = [str(scope["handle"]) for scope in answer["currentAppInstallation"]["accessScopes"]]
    except (KeyError, TypeError) as error:
        raise Retryable(
            "SHOPIFY_ANSWER", "Shopify's list of scopes cannot be read.", detail=repr(error)
        ) from error
    text = " ".join(sorted(granted))
    Shop.objects.filter(pk=client.shop.pk).update(scopes=text, disconnected_at=None)
    client.shop.scopes, client.shop.disconnected_at = text, None
    return granted


def is_let_in(client: ShopifyClient) -> bool:
    """Ask whether the app is still installed; when it is not, the shop is marked disconnected. Raises the client's
    errors when the answer says neither."""
    try:
        read_scopes(client)
    except HubError as error:
        if error.code not in GONE:
            raise
        Shop.objects.filter(pk=client.shop.pk, disconnected_at=None).update(disconnected_at=now())
        return False
    return True

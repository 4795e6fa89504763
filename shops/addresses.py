"""Where a shop's API lives, and which addresses the hub is willing to send a token to.

Outside debug mode only `https://*.myshopify.com` is accepted, unless HUB_EXTRA_API_HOSTS names the host (`host` or
`host:port`). The rule holds when a shop is saved and again before each call.
"""

from __future__ import annotations

import re
from typing import Protocol
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError

from common.errors import NeedsPerson

_STORE_HOST = re.compile(r"[a-z0-9][a-z0-9-]*\.myshopify\.com")


class HasAddress(Protocol):
    """What is needed of a shop record to find its API."""

    domain: str
    api_base_url: str


def api_root(shop: HasAddress) -> str:
    """Scheme, host and path before `/admin` (no trailing slash). Not checked: see `usable_api_root`."""
    return shop.api_base_url.rstrip("/") or f"https://{shop.domain}"


def usable_api_root(shop: HasAddress) -> str:
    """The API root, checked; to be called before anything secret is sent. Raises NeedsPerson API_ADDRESS."""
    root = api_root(shop)
    try:
        check_api_address(root)
    except ValidationError as error:
        raise NeedsPerson("API_ADDRESS", error.messages[0], field="api_base_url", value=root) from error
    return root


def check_api_address(url: str) -> None:
    """Raise ValidationError, saying what to write, when a token must not be sent to this address."""
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError as error:
        raise ValidationError(f"'{url}' has no usable port number.") from error
    host = (parts.hostname or "").lower()
    if parts.scheme not in {"http", "https"} or not host:
        raise ValidationError(f"'{url}' is not a web address; write one like https://my-store.myshopify.com.")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValidationError("The API address holds only scheme, host and path: no user name, '?' or '#'.")
    if settings.DEBUG or _is_named(host, port) or _is_shopify(parts, host, port):
        return
    raise ValidationError(
        f"'{url}' is not a Shopify address. Leave the field empty for Shopify, or have an administrator add "
        f"'{parts.netloc}' to HUB_EXTRA_API_HOSTS."
    )


def _is_named(host: str, port: int | None) -> bool:
    named = {entry.lower() for entry in settings.HUB_EXTRA_API_HOSTS}
    return host in named or f"{host}:{port}" in named


def _is_shopify(parts: SplitResult, host: str, port: int | None) -> bool:
    return (
        parts.scheme == "https"
        and port in {None, 443}
        and _STORE_HOST.fullmatch(host) is not None
        and parts.path in {"", "/"}
    )


def store_domain(text: str) -> str:
    """The store's own domain in what a person copied: "https://admin.shopify.com/store/demo/orders" and
    "https://demo.myshopify.com/admin" are both demo.myshopify.com. What is neither is left as it is."""
    address = text.strip().lower().removeprefix("https://")
    host, _, path = address.partition("/")
    parts = path.split("/")
    if host == "admin.shopify.com" and len(parts) > 1 and parts[0] == "store" and parts[1]:
        return f"{parts[1].partition('?')[0]}.myshopify.com"
    return host if host.endswith(".myshopify.com") else text

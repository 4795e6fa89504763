"""The authorization code grant: the address a merchant is sent to, and proof that the answer is Shopify's.

Shopify answers with code, hmac, shop, state and timestamp; hmac is the hex HMAC-SHA256 of the other parameters,
sorted by name, under the client secret (shopify.md, section 7).
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping
from urllib.parse import urlencode

from common.clock import now
from common.errors import NeedsPerson
from common.http import Client
from shops.addresses import usable_api_root
from shops.models import Shop
from shops.shopify.auth import Grant, request_grant

SHOP_DOMAIN = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9\-]*\.myshopify\.com")
FRESH = 600
"""Seconds an answer may be old."""


def authorize_url(shop: Shop, *, scopes: Iterable[str], state: str, redirect_uri: str) -> str:
    """Where to send the merchant. Raises NeedsPerson API_ADDRESS or SHOP_CREDENTIALS."""
    if not shop.client_id or not shop.client_secret:
        raise NeedsPerson(
            "SHOP_CREDENTIALS",
            f"Client id and client secret of {shop.domain} are not filled in.",
            value=shop.domain,
        )
    root = usable_api_root(shop)
    asked = {
        "client_id": shop.client_id,
        "scope": ",".join(scopes),
        "redirect_uri": redirect_uri,
        "state": state,
    }
    return f"{root}/admin/oauth/authorize?{urlencode(asked)}"


def verify_callback(shop: Shop, parameters: Mapping[str, str], state: str) -> str:
    """The authorization code, after every proof held. Raises NeedsPerson OAUTH_CALLBACK saying which did not."""
    if not state or not hmac.compare_digest(parameters.get("state", "").encode(), state.encode()):
        raise _refused(shop, "it does not belong to the request this browser made")
    domain = parameters.get("shop", "")
    if not SHOP_DOMAIN.fullmatch(domain) or domain.lower() != shop.domain.lower():
        raise _refused(shop, f"it is for another store ({domain[:100]})")
    signed = "&".join(f"{name}={parameters[name]}" for name in sorted(parameters) if name != "hmac")
    expected = hmac.new(shop.client_secret.encode(), signed.encode(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(parameters.get("hmac", "").encode(), expected.encode()):
        raise _refused(shop, "its signature does not fit the client secret")
    stamp = parameters.get("timestamp", "")
    if not stamp.isascii() or not stamp.isdigit() or abs(now().timestamp() - int(stamp)) > FRESH:
        raise _refused(shop, "it is older than ten minutes")
    if not parameters.get("code"):
        raise _refused(shop, "it has no code")
    return parameters["code"]


def exchange_code(http: Client, shop: Shop, code: str) -> Grant:
    """The first token pair for a code. Raises NeedsPerson SHOPIFY_LOGIN or API_ADDRESS, or Retryable."""
    return request_grant(http, shop, {"code": code, "expiring": "1"})


def _refused(shop: Shop, why: str) -> NeedsPerson:
    return NeedsPerson(
        "OAUTH_CALLBACK", f"Shopify's answer for {shop.name} was not accepted: {why}.", value=shop.domain
    )

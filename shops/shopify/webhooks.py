"""Proof that a webhook is Shopify's: HMAC-SHA256 of the raw body under the client secret, in base64.

While a secret is changed Shopify signs with the oldest one that is not revoked, so the old and the new one are accepted
(shopify.md, section 6). Headers are not signed: what they say is never more than a hint.
"""

from __future__ import annotations

import base64
import hashlib
import hmac

from shops.models import Shop

SIGNATURE = "X-Shopify-Hmac-Sha256"
DOMAIN = "X-Shopify-Shop-Domain"


def signature(body: bytes, secret: str) -> str:
    """What Shopify writes into X-Shopify-Hmac-Sha256."""
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


def is_genuine(shop: Shop, domain: str, given: str, body: bytes) -> bool:
    """Whether the body was signed by one of the shop's client secrets and is meant for its store. Compares in constant
    time; a shop without a secret accepts nothing."""
    sent = given.strip().encode()
    fits = [hmac.compare_digest(signature(body, secret).encode(), sent) for secret in shop.webhook_secrets()]
    return any(fits) and domain.strip().lower() == shop.domain.lower()

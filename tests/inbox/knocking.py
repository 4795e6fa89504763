"""A shop with an endpoint, and deliveries as Shopify makes them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpResponse
from django.test import Client

from shops.models import AuthKind, Shop
from syncflows.models import WebhookEndpoint

SECRET = "shpss_the_clients_own_secret"


def signed(body: bytes, secret: str = SECRET) -> str:
    """X-Shopify-Hmac-Sha256, worked out here once more."""
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


@dataclass(slots=True)
class Door:
    """The address of one shop."""

    shop: Shop
    client: Client = field(default_factory=Client)

    @property
    def path(self) -> str:
        return f"/webhooks/shopify/{WebhookEndpoint.objects.get(shop=self.shop).token}/"

    def knock(
        self, topic: str = "orders/updated", body: Any = None, *, webhook_id: str = "w-1", event_id: str = "e-1",
        raw: bytes | None = None, path: str = "", **headers: str | None,
    ) -> HttpResponse:  # fmt: skip
        """Deliver; a header given as None is left out."""
        sent = json.dumps({"id": 5001} if body is None else body).encode() if raw is None else raw
        given: dict[str, str | None] = {
            "X-Shopify-Topic": topic, "X-Shopify-Hmac-Sha256": signed(sent), "X-Shopify-Webhook-Id": webhook_id,
            "X-Shopify-Shop-Domain": self.shop.domain, "X-Shopify-API-Version": "2026-10",
            "X-Shopify-Event-Id": event_id, "X-Shopify-Triggered-At": "2026-11-20T12:00:00.123Z",
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }  # fmt: skip
        kept = {name: value for name, value in given.items() if value is not None}
        answer = self.client.post(path or self.path, sent, content_type="application/json", headers=kept)
        assert isinstance(answer, HttpResponse)
        return answer


def make_door(key: str = "demo", **values: Any) -> Door:
    """A shop with a client secret, and its address."""
    shop = Shop.objects.create(
        key=key, name=key.title(), auth_kind=AuthKind.STATIC,
        **{"client_secret": SECRET, "domain": f"{key}.myshopify.com", "access_token": "shpat_x", **values},
    )  # fmt: skip
    WebhookEndpoint.objects.create(shop=shop)
    return Door(shop)

"""Signing and delivering webhooks, with the headers, the timing and the retries of the real ones.

A delivery is tried again after the given delays with the same body and ids; after the last failure it is
given up, and after eight failures in a row the subscription is removed, as Shopify does.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import json
import secrets
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import Any
from urllib.parse import urlsplit

from sandbox.shopify.auth import Tokens
from sandbox.shopify.rest_bodies import webhook_body
from sandbox.shopify.shop_state import ShopState, utc_now
from sandbox.shopify.versions import CURRENT

Json = dict[str, Any]

TIMEOUT_SECONDS = 5.0
FAILURES_BEFORE_REMOVAL = 8
_REMEMBERED = 1000


def sign(body: bytes, secret: str) -> str:
    """X-Shopify-Hmac-Sha256: base64 of the HMAC-SHA256 of the raw body with the client secret."""
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


@dataclass(order=True)
class _Delivery:
    due: float
    number: int
    shop: ShopState = field(compare=False)
    subscription_id: str = field(compare=False)
    uri: str = field(compare=False)
    headers: dict[str, str] = field(compare=False)
    body: bytes = field(compare=False)
    attempts: list[Json] = field(compare=False, default_factory=list)


class Deliveries:
    """A queue of deliveries and the thread that works through it; the thread starts with the first one."""

    def __init__(self, tokens: Tokens, delays: tuple[float, ...]) -> None:
        self._tokens = tokens
        self._delays = delays
        self._queue: list[_Delivery] = []
        self._done: deque[_Delivery] = deque(maxlen=_REMEMBERED)
        self._failures: dict[tuple[str, str], int] = {}
        self._wake = threading.Condition()
        self._thread: threading.Thread | None = None
        self._stopped = False
        self._number = 0
        self.copies = 1

    def announce(self, shop: ShopState, topic: str, document: Json) -> None:
        """Queue one delivery for every subscription to the topic."""
        name = topic.replace("/", "_").upper()
        rows = [row for row in shop.documents.all(shop.name, "WebhookSubscription") if row["topic"] == name]
        event = secrets.token_hex(16)
        for row in rows:
            body = _text(webhook_body(topic, document, row))
            for _ in range(self.copies):
                self._add(shop, row, topic, event, body)

    def send(self, shop: ShopState, topic: str, body: Json, uri: str = "") -> int:
        """Queue one delivery of any body, genuinely signed: to an address, as the compliance topics of an app's own
        configuration are, or to every subscription of the topic. Returns how many."""
        name = topic.replace("/", "_").upper()
        rows = [row for row in shop.documents.all(shop.name, "WebhookSubscription") if row["topic"] == name]
        if uri:
            rows = [{"id": "configured", "uri": uri, "apiVersion": {"handle": CURRENT}}]
        event = secrets.token_hex(16)
        for row in rows:
            self._add(shop, row, topic, event, _text(body))
        return len(rows)

    def _add(self, shop: ShopState, row: Json, topic: str, event: str, body: bytes) -> None:
        secret = self._tokens.app(shop.name)["client_secret"]
        headers = {
            "Content-Type": "application/json",
            "X-Shopify-Topic": topic,
            "X-Shopify-Hmac-Sha256": sign(body, secret),
            "X-Shopify-Shop-Domain": shop.domain,
            "X-Shopify-API-Version": row["apiVersion"]["handle"],
            "X-Shopify-Webhook-Id": secrets.token_hex(16),
            "X-Shopify-Event-Id": event,
            "X-Shopify-Triggered-At": utc_now(),
        }
        if row.get("name"):
            headers["X-Shopify-Name"] = row["name"]
        with self._wake:
            self._number += 1
            delivery = _Delivery(time.monotonic(), self._number, shop, row["id"], row["uri"], headers, body)
            heappush(self._queue, delivery)
            if self._thread is None and not self._stopped:
                self._thread = threading.Thread(target=self._work, daemon=True)
                self._thread.start()
            self._wake.notify()

    def _work(self) -> None:
        while True:
            with self._wake:
                while not self._stopped and (not self._queue or self._queue[0].due > time.monotonic()):
                    wait = self._queue[0].due - time.monotonic() if self._queue else None
                    self._wake.wait(wait)
                if self._stopped:
                    return
                delivery = heappop(self._queue)
            self._try(delivery)

    def _try(self, delivery: _Delivery) -> None:
        status, problem = _post(delivery)
        delivery.attempts.append({"at": utc_now(), "status": status, "error": problem})
        good = status is not None and 200 <= status < 300
        key = (delivery.shop.name, delivery.subscription_id)
        with self._wake:
            self._failures[key] = 0 if good else self._failures.get(key, 0) + 1
            if not good and self._failures[key] >= FAILURES_BEFORE_REMOVAL:
                delivery.shop.documents.delete(
                    delivery.shop.name, "WebhookSubscription", delivery.subscription_id
                )
            if good or len(delivery.attempts) > len(self._delays):
                self._done.append(delivery)
                return
            delivery.due = time.monotonic() + self._delays[len(delivery.attempts) - 1]
            heappush(self._queue, delivery)
            self._wake.notify()

    def as_json(self) -> list[Json]:
        """What was delivered, given up or is still waiting, oldest first."""
        with self._wake:
            rows = sorted([*self._done, *self._queue], key=lambda row: row.number)
            return [
                {
                    "topic": row.headers["X-Shopify-Topic"], "uri": row.uri, "attempts": list(row.attempts),
                    "webhook_id": row.headers["X-Shopify-Webhook-Id"], "waiting": row in self._queue,
                }
                for row in rows
            ]  # fmt: skip

    def clear(self) -> None:
        """Forget waiting and past deliveries."""
        with self._wake:
            self._queue.clear()
            self._done.clear()
            self._failures.clear()

    def stop(self) -> None:
        """End the thread; what was waiting is not delivered."""
        with self._wake:
            self._stopped = True
            self._wake.notify()
        if self._thread is not None:
            self._thread.join(TIMEOUT_SECONDS)


def _text(body: Json) -> bytes:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def _post(delivery: _Delivery) -> tuple[int | None, str | None]:
    parts = urlsplit(delivery.uri)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=TIMEOUT_SECONDS)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        connection.request("POST", path, delivery.body, delivery.headers)
        return connection.getresponse().status, None
    except (OSError, http.client.HTTPException) as error:
        return None, repr(error)
    finally:
        connection.close()

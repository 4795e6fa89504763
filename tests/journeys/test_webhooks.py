"""Orders arrive, change and are cancelled by webhook alone: the hub never searches.

The store delivers by HTTP to a mailbox; what is in it is put through the hub's door byte for byte, in the order, and as
often, as a test wants.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client
from werkzeug.wrappers import Request, Response

from sandbox.serving import serve
from shops.models import Shop
from syncflows import jobs
from syncflows.inbox.subscriptions import watch
from syncflows.models import Cursor, InboxEvent
from syncflows.pipeline.run import drain
from syncflows.pipeline.staging import replay_from
from tests.journeys.world import STORE, World

QUIET = 0.3
"""Seconds without a delivery after which nothing more is on its way."""


@dataclass(slots=True)
class Mailbox:
    """Takes what Shopify delivers."""

    mail: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)

    def __call__(self, environ: Any, start_response: Callable[..., Any]) -> Any:
        request = Request(environ)
        self.mail.append((request.path, dict(request.headers), request.get_data()))
        return Response(status=200)(environ, start_response)

    def collect(self, least: int) -> list[tuple[str, dict[str, str], bytes]]:
        """All that came, once at least so many are there and no more come."""
        deadline, seen = time.monotonic() + 10, -1
        while len(self.mail) < least or len(self.mail) != seen:
            assert time.monotonic() < deadline, [headers["X-Shopify-Topic"] for _, headers, _ in self.mail]
            seen = len(self.mail)
            time.sleep(QUIET)
        found, self.mail = self.mail, []
        return found


@dataclass(slots=True)
class Listening:
    """The world, with the hub registered at its store."""

    world: World
    mailbox: Mailbox

    def hear(self, least: int, *, order: Callable[[list[Any]], list[Any]] = list) -> dict[str, str]:
        """Bring the mail to the hub's door, have it routed and worked on; the state of each topic's last event."""
        before = InboxEvent.objects.count()
        for path, headers, body in order(self.mailbox.collect(least)):
            kept = {name: value for name, value in headers.items() if name not in ("Host", "Content-Length")}
            answer = Client().post(path, body, content_type="application/json", headers=kept)
            assert answer.status_code == 200
        jobs.route_inbox()
        drain(seconds=30)
        return {event.topic: event.state for event in InboxEvent.objects.order_by("pk")[before:]}


@pytest.fixture
def listening(world: World, settings: LazySettings) -> Iterator[Listening]:
    """The demo store, whose webhooks go to a mailbox."""
    mailbox = Mailbox()
    with serve(mailbox) as url:
        settings.HUB_PUBLIC_URL = url
        watched = watch(Shop.objects.get(pk=world.shops[STORE].pk), replay_from)
        assert len(watched.mended) == 24
        yield Listening(world, mailbox)
        assert not Cursor.objects.filter(position__isnull=False).exists()  # nobody searched
        world.post(f"{world.link.shopify}/_sandbox/reset", {"orders": "none"})


def test_an_order_goes_all_its_way_by_webhook(listening: Listening) -> None:
    world = listening.world
    order_id, name = world.buy({"CAP": 1})
    assert listening.hear(1) == {"orders/create": "routed"}
    assert world.outcome(name) == ("done", "")
    document = world.document(name)
    assert (document.order_id, str(document.total)) == (
        order_id,
        str(world.sync(name).order.total.quantize(document.total)),
    )
    listening.mailbox.collect(1)  # the number the hub wrote onto the order is a change, too
    world.do(order_id, "details", address1="2 Babbage Street", city="Albany", zip="12208")
    assert listening.hear(1)["orders/updated"] == "routed"
    assert world.sync(name).order.payload.document()["shippingAddress"]["address1"] == "2 Babbage Street"
    world.do(order_id, "cancel")
    assert listening.hear(2)["orders/cancelled"] == "routed"
    assert world.sync(name).order.cancelled_at is not None
    assert world.books.count() == 1


def test_late_double_and_disordered_news_makes_no_difference(listening: Listening) -> None:
    """Everything that ever happened to an order comes at once, backwards, and three times."""
    world = listening.world
    order_id, name = world.buy({"TEE": 2}, pay="pending")
    world.do(order_id, "pay")
    world.do(order_id, "ship")
    states = listening.hear(5, order=lambda mail: [*reversed(mail), *mail, *mail])
    assert set(states) == {
        "orders/create", "orders/updated", "order_transactions/create", "fulfillments/create"
    }  # fmt: skip
    assert world.outcome(name) == ("done", "")
    assert world.books.count() == 1
    count = InboxEvent.objects.count()
    assert count == len(set(InboxEvent.objects.values_list("webhook_id", flat=True)))
    listening.mailbox.collect(1)
    world.post(f"{world.link.shopify}/_sandbox/settings", {"webhook_copies": 2})
    try:
        world.do(order_id, "note", note="twice")
        assert listening.hear(2) == {"orders/updated": "duplicate"}
    finally:
        world.post(f"{world.link.shopify}/_sandbox/settings", {"webhook_copies": 1})
    assert world.books.count() == 1


def test_forged_news_is_not_let_in(listening: Listening) -> None:
    world = listening.world
    _, name = world.buy({"CAP": 1})
    path, headers, body = listening.mailbox.collect(1)[0]
    kept = {key: value for key, value in headers.items() if key not in ("Host", "Content-Length")}
    forged = body.replace(b'"test":false', b'"test":true ') + b" "
    answers = [
        Client().post(path, sent, content_type="application/json", headers={**kept, **more}).status_code
        for sent, more in (
            (forged, {}), (body, {"X-Shopify-Shop-Domain": "other.myshopify.com"}),
            (body, {"X-Shopify-Hmac-Sha256": "AAAA"}),
        )
    ]  # fmt: skip
    assert answers == [401, 401, 401]
    assert jobs.route_inbox() == 0
    assert not InboxEvent.objects.exists()
    assert world.books.count() == 0
    assert name in world.names()

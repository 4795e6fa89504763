"""The door: who is let in, what is stored, and what is answered when."""

from __future__ import annotations

import re
import threading
from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.db import DatabaseError, connection, connections
from django.test.utils import CaptureQueriesContext

from common.clock import now
from shops.models import Shop
from syncflows.inbox.receiving import store
from syncflows.models import InboxBody, InboxEvent
from tests.inbox.knocking import Door, make_door, signed


def test_a_genuine_webhook_is_stored_as_it_came(door: Door) -> None:
    raw = '{"id":5001,"note":"naïve \\u2603"}'.encode()
    answer = door.knock("orders/create", raw=raw, X_Shopify_Name="hub")
    assert (answer.status_code, answer.content) == (200, b"")
    event = InboxEvent.objects.get()
    assert (event.shop, event.topic, event.webhook_id, event.event_id) == (
        door.shop,
        "orders/create",
        "w-1",
        "e-1",
    )
    assert (event.state, event.size, event.api_version) == ("received", 34, "2026-10")
    assert f"{event.triggered_at:%Y-%m-%d %H:%M:%S.%f}" == "2026-11-20 12:00:00.123000"
    assert event.headers["X-Shopify-Name"] == "hub"
    assert "X-Shopify-Hmac-Sha256" not in event.headers
    assert event.sha256 == "214e32d9113f23631804f10b7d56865749914edd2a2f1bfa899912ca56f4e0cd"
    assert event.body.text() == raw
    assert bytes(event.body.content) != raw  # compressed


def test_the_same_webhook_again_is_answered_and_not_stored(door: Door) -> None:
    assert [door.knock().status_code for _ in range(3)] == [200, 200, 200]
    assert InboxEvent.objects.count() == 1
    assert door.knock(webhook_id="w-2").status_code == 200
    assert InboxEvent.objects.count() == 2


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"X_Shopify_Hmac_Sha256": signed(b'{"id": 5001}', "another secret")}, 401),
        ({"X_Shopify_Hmac_Sha256": signed(b'{"id": 5002}')}, 401),
        ({"X_Shopify_Hmac_Sha256": ""}, 401),
        ({"X_Shopify_Hmac_Sha256": None}, 401),
        ({"X_Shopify_Hmac_Sha256": "ünicode"}, 401),
        ({"X_Shopify_Shop_Domain": "other.myshopify.com"}, 401),
        ({"X_Shopify_Shop_Domain": None}, 401),
        ({"X_Shopify_Shop_Domain": "DEMO.myshopify.com"}, 200),
    ],
)
def test_what_is_not_genuine_is_refused_and_not_stored(
    door: Door, headers: dict[str, Any], status: int
) -> None:
    assert door.knock(**headers).status_code == status
    assert InboxEvent.objects.count() == (1 if status == 200 else 0)


def test_the_address_of_one_shop_takes_nothing_of_another(door: Door) -> None:
    other = make_door("other", client_secret="another-secret-of-another-app")
    assert door.knock(path=other.path).status_code == 401
    assert door.knock(path="/webhooks/shopify/nobody-has-this/").status_code == 404
    assert door.knock(path="/webhooks/elsewhere/").status_code == 404
    assert InboxEvent.objects.count() == 0


def test_a_shop_without_a_secret_believes_nobody(door: Door) -> None:
    Shop.objects.update(client_secret="")
    raw = b"{}"
    assert door.knock(raw=raw, X_Shopify_Hmac_Sha256=signed(raw, "")).status_code == 401


def test_old_and_new_secret_count_while_they_are_changed(door: Door) -> None:
    shop = door.shop
    shop.keep_previous_secret(shop.client_secret)
    shop.client_secret = "the-new-secret"
    shop.save()
    assert door.knock().status_code == 200
    raw = b'{"id": 1}'
    new = signed(raw, "the-new-secret")
    assert door.knock(raw=raw, webhook_id="w-2", X_Shopify_Hmac_Sha256=new).status_code == 200
    Shop.objects.update(previous_client_secret_until=now() - timedelta(seconds=1))
    assert door.knock(webhook_id="w-3").status_code == 401
    assert door.knock(raw=raw, webhook_id="w-4", X_Shopify_Hmac_Sha256=new).status_code == 200


def test_only_posts_and_only_up_to_the_limit(door: Door, settings: LazySettings) -> None:
    assert door.client.get(door.path).status_code == 405
    assert door.client.get(door.path)["Allow"] == "POST"
    settings.HUB_WEBHOOK_MAX_BYTES = 1000
    assert door.knock(raw=b"x" * 1000).status_code == 200
    assert door.knock(raw=b"x" * 1001, webhook_id="w-2").status_code == 413
    assert InboxEvent.objects.count() == 1


def test_a_body_larger_than_forms_may_be_is_taken(door: Door) -> None:
    assert door.knock(raw=b'{"id": 1, "pad": "' + b"x" * 4_000_000 + b'"}').status_code == 200
    assert InboxEvent.objects.get().size == 4_000_020


@pytest.mark.django_db(transaction=True)
def test_what_cannot_be_stored_is_never_answered_with_200(door: Door) -> None:
    postgres = connection.vendor == "postgresql"
    with connection.cursor() as cursor:
        cursor.execute("SET default_transaction_read_only = on" if postgres else "PRAGMA query_only = on")
    try:
        answer = door.knock()
    finally:
        with connection.cursor() as cursor:
            cursor.execute(
                "SET default_transaction_read_only = off" if postgres else "PRAGMA query_only = off"
            )
    assert (answer.status_code, answer["Retry-After"]) == (503, "60")
    assert InboxEvent.objects.count() == 0
    assert door.knock().status_code == 200


def test_it_costs_a_handful_of_queries_and_nobody_is_looked_up(door: Door) -> None:
    """The address, event and body in one transaction, the length of the queue, a wake-up."""
    person = User.objects.create_user("ada", is_staff=True)
    door.client.force_login(person)  # the browser's cookie must not matter
    path = door.path
    with CaptureQueriesContext(connection) as seen:
        answer = door.knock(path=path)
    assert answer.status_code == 200
    assert not answer.cookies
    tables = [re.findall(r'(?:FROM|INTO) "(\w+)"', each["sql"]) for each in seen.captured_queries]
    assert [table for found in tables for table in found] == [
        "syncflows_webhookendpoint", "syncflows_inboxevent", "syncflows_inboxbody", "django_q_ormq", "django_q_ormq"
    ]  # fmt: skip


def test_it_works_behind_a_proxy_with_debug_off(door: Door, settings: LazySettings) -> None:
    settings.DEBUG = False
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    settings.ALLOWED_HOSTS = ["hub.example.com"]
    fits: dict[str, Any] = {"Host": "hub.example.com", "X_Forwarded_Proto": "https"}
    assert door.knock(**fits).status_code == 200
    assert (
        door.knock(Host="hub.example.com").status_code == 301
    )  # plain http: Shopify counts that as a failure
    assert door.knock(Host="evil.example.com", X_Forwarded_Proto="https").status_code == 400


@pytest.mark.pg
@pytest.mark.django_db(transaction=True)
def test_twenty_at_once_make_one_row_and_all_hear_200() -> None:
    door = make_door()
    path, start, statuses = door.path, threading.Barrier(20), []

    def deliver() -> None:
        try:
            start.wait()
            statuses.append(Door(door.shop).knock(path=path).status_code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=deliver) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert statuses == [200] * 20
    assert (InboxEvent.objects.count(), InboxBody.objects.count()) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_a_row_that_was_refused_for_another_reason_is_no_repeat() -> None:
    """The shop was deleted while its webhook came in."""
    with pytest.raises(DatabaseError):
        store(Shop(pk=4711, key="gone"), {"X-Shopify-Webhook-Id": "w-1"}, b"{}")
    assert not InboxEvent.objects.exists()

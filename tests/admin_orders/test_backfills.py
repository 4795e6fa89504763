"""The pages of backfills: estimate, start, pause, resume, stop, and who may."""

from __future__ import annotations

from html import unescape
from typing import Any

import pytest
import responses
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from common.clock import now
from shops.models import AuthKind, Shop
from syncflows.models import Backfill
from tests.factories import make_connection, make_person, make_shop

API = "https://demo.myshopify.com/admin/api/2026-10/graphql.json"
DIALOG = {"_form_submitted": "True"}
TOLD = {
    "orders": 1200,
    "exact": True,
    "here": 0,
    "excluded": 0,
    "new": 1200,
    "points": 1460,
    "hours": 0.25,
    "slots": 4,
}


@pytest.fixture
def shop(db: None) -> Shop:
    return make_shop(
        "demo", erp_connection=make_connection(), auth_kind=AuthKind.STATIC, access_token="shpat_for_tests"
    )


def starter(client: Client) -> Client:
    person = make_person("olga", "view_order", "start_backfill")
    person.user_permissions.add(Permission.objects.get(codename="view_shop"))
    client.force_login(person)
    return client


def a_backfill(shop: Shop, **values: Any) -> Backfill:
    return Backfill.objects.create(**{"shop": shop, "since": now(), "estimate": TOLD, **values})


def press(client: Client, row: Backfill, name: str) -> Backfill:
    client.post(reverse(f"admin:syncflows_backfill_{name}_backfill", args=[row.pk]), DIALOG)
    row.refresh_from_db()
    return row


def page_of(client: Client, row: Backfill) -> str:
    return unescape(client.get(reverse("admin:syncflows_backfill_change", args=[row.pk])).content.decode())


@responses.activate
def test_the_dialog_estimates_and_begins_nothing(client: Client, shop: Shop) -> None:
    Shop.objects.update(scopes="read_orders,read_all_orders")
    cost = {"requestedQueryCost": 10, "actualQueryCost": 10,
            "throttleStatus": {"maximumAvailable": 2000, "currentlyAvailable": 1990, "restoreRate": 100}}  # fmt: skip
    answer = {"data": {"ordersCount": {"count": 1200, "precision": "EXACT"}}, "extensions": {"cost": cost}}
    responses.post(API, json=answer)
    url = reverse("admin:shops_shop_backfill", args=[shop.pk])
    sent = starter(client).post(url, {**DIALOG, "since": "2026-01-01", "until": "", "cap": ""})
    row = Backfill.objects.get()
    assert sent.headers["HX-Redirect"] == reverse("admin:syncflows_backfill_change", args=[row.pk])
    # Midnight in New York is 5:00 UTC in winter.
    assert (row.state, f"{row.since:%Y-%m-%d %H:%M}") == ("estimated", "2026-01-01 05:00")
    # 1,200 documents at 3 seconds in 4 slots are 900 seconds, 0.25 hours; 20 + 1,200 times 1.2 points.
    assert row.estimate == TOLD
    assert len(responses.calls) == 1


def test_a_history_beyond_sixty_days_needs_its_scope(client: Client, shop: Shop) -> None:
    url = reverse("admin:shops_shop_backfill", args=[shop.pk])
    answer = starter(client).post(url, {**DIALOG, "since": "2020-01-01"}, follow=True)
    assert answer.headers["HX-Redirect"] == reverse("admin:shops_shop_change", args=[shop.pk])
    page = unescape(client.get(reverse("admin:shops_shop_change", args=[shop.pk])).content.decode())
    assert "Without the scope read_all_orders" in page
    assert not Backfill.objects.exists()


def test_start_pause_resume_and_stop(client: Client, shop: Shop) -> None:
    row = a_backfill(shop)
    starter(client)
    assert "about 0.25 h at 4 request slots" in page_of(client, row)
    assert b"&lt;time" not in client.get(reverse("admin:syncflows_backfill_change", args=[row.pk])).content
    assert press(client, row, "pause").state == "estimated"
    assert press(client, row, "start").state == "running"
    assert "hx-get" in page_of(client, row)
    row = press(client, row, "pause")
    assert (row.state, row.note) == ("paused", "Paused by olga.")
    assert "Resume" in page_of(client, row)
    assert press(client, row, "start").state == "running"
    row = press(client, row, "stop")
    assert (row.state, row.note) == ("stopped", "Stopped by olga.")
    assert press(client, row, "start").state == "stopped"


def test_who_may_only_look_starts_nothing(client: Client, shop: Shop) -> None:
    row = a_backfill(shop)
    client.force_login(make_person("vera", "view_order"))
    assert "Start" not in page_of(client, row)
    assert press(client, row, "start").state == "estimated"


def test_an_error_says_what_to_do(client: Client, shop: Shop) -> None:
    row = a_backfill(
        shop, state="failed", error_code="BULK_DENIED", error="Shopify did not let the app export orders."
    )
    page = page_of(starter(client), row)
    assert "BULK_DENIED" in page
    assert "Press Test connection on the shop" in page


def test_the_list_costs_the_same_for_one_and_for_many(client: Client, shop: Shop) -> None:
    a_backfill(shop, state="done")
    starter(client)
    url = reverse("admin:syncflows_backfill_changelist")
    with CaptureQueriesContext(connection) as one:
        assert client.get(url).status_code == 200
    for _ in range(20):
        a_backfill(shop, state="done")
    with CaptureQueriesContext(connection) as many:
        client.get(url)
    assert len(many) == len(one)

"""The home page of the admin."""

from __future__ import annotations

import json
from datetime import timedelta
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from common.clock import now
from monitoring.models import ShopifyCount
from shops.models import Shop
from syncflows.models import Beat, Cursor
from tests.factories import NOON, blocked, make_person, make_shop, stage, written


@pytest.fixture
def viewer(db: None, client: Client) -> Client:
    client.force_login(make_person("vera", "view_order"))
    return client


@pytest.fixture
def shop(db: None) -> Shop:
    return make_shop("demo", name="Main Store")


def tiles(client: Client) -> dict[str, str]:
    return {tile["title"]: tile["number"] for tile in client.get("/admin/").context["overview"]["tiles"]}


def test_the_six_figures(viewer: Client, shop: Shop) -> None:
    written(shop, 1)
    written(shop, 2)
    blocked(shop, 3)
    stage(shop, 4, state="skipped")
    stage(shop, 5)
    stage(shop, 6, hold="review")
    ShopifyCount.objects.create(shop=shop, orders=1006, until=NOON, counted_at=NOON)
    assert tiles(viewer) == {
        "In Shopify": "1,006", "In the ERP": "2", "Excluded": "1", "Waiting": "1", "Held": "1", "Blocked": "1",
        "Unexplained": "1,000",
    }  # fmt: skip


def test_unexplained_orders_raise_an_alert(viewer: Client, shop: Shop) -> None:
    stage(shop, 1)
    count = ShopifyCount.objects.create(shop=shop, orders=2, until=NOON, counted_at=NOON)
    page = unescape(viewer.get("/admin/").content.decode())
    assert "<bdi>Main Store</bdi>: 1 order is in Shopify but not in the hub." in page
    count.orders = 1
    count.save()
    assert "in Shopify but not in the hub." not in viewer.get("/admin/").content.decode()


def test_a_count_that_failed_is_said(viewer: Client, shop: Shop) -> None:
    ShopifyCount.objects.create(shop=shop, error="Shopify refused the token.")
    assert "could not be read. Shopify refused the token." in unescape(viewer.get("/admin/").content.decode())


def test_the_worker_that_is_silent_raises_an_alert(viewer: Client, shop: Shop) -> None:
    assert b"The worker is not running" in viewer.get("/admin/").content
    beat = Beat.objects.create(name="worker", at=now())
    assert b"The worker is not running" not in viewer.get("/admin/").content
    beat.at = now() - timedelta(minutes=4)
    beat.save()
    assert b"The worker is not running" in viewer.get("/admin/").content


def test_last_order_and_last_search_of_each_shop(viewer: Client, shop: Shop) -> None:
    stage(shop, 1, created_at=NOON)
    Cursor.objects.create(
        shop=shop, flow="orders", started_at=now(), finished_at=now() - timedelta(minutes=7),
        error="Shopify refused the token.",
    )  # fmt: skip
    row = viewer.get("/admin/").context["overview"]["shops"][0]
    assert "20 Nov 2026 07:00" in row["last_order"]
    assert (row["searched"], row["search_error"]) == ("7 min ago", "Shopify refused the token.")


def test_the_chart_stacks_thick_bars(viewer: Client, shop: Shop) -> None:
    written(shop, 1, created_at=now())
    overview = viewer.get("/admin/").context["overview"]
    chart, options = json.loads(overview["chart"]), json.loads(overview["chart_options"])
    assert [series["label"] for series in chart["datasets"]] == [
        "In the ERP", "Waiting or held", "Blocked", "Excluded",
    ]  # fmt: skip
    assert chart["datasets"][0]["data"] == [0] * 13 + [1]
    assert options["maxBarThickness"] == 28
    assert options["scales"]["y"]["stacked"] is True


def test_an_empty_hub_says_what_to_do(viewer: Client) -> None:
    page = viewer.get("/admin/").content
    assert b"No order has been found yet" in page
    assert b"No shop is set up yet." in page


def test_who_may_not_view_orders_sees_no_figures(client: Client, shop: Shop) -> None:
    blocked(shop, 1)
    client.force_login(make_person("otto"))
    answer = client.get("/admin/")
    assert answer.status_code == 200
    assert "overview" not in answer.context
    assert b"Unexplained" not in answer.content


def test_names_of_shops_are_text(viewer: Client, shop: Shop) -> None:
    shop.name = "<script>alert(1)</script>"
    shop.save()
    ShopifyCount.objects.create(shop=shop, orders=5, until=NOON, counted_at=NOON)
    assert b"<script>alert" not in viewer.get("/admin/").content


def test_the_page_costs_the_same_for_one_shop_and_for_many(viewer: Client, shop: Shop) -> None:
    stage(shop, 1)
    viewer.get("/admin/")
    with CaptureQueriesContext(connection) as one:
        viewer.get("/admin/")
    for number in range(6):
        other = make_shop(f"shop-{number}")
        blocked(other, 50 + number, code=f"CODE_{number}")
    with CaptureQueriesContext(connection) as many:
        viewer.get("/admin/")
    assert len(many) == len(one)

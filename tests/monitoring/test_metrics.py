"""Figures for Prometheus: the truth of the queue, for whoever has the token, in a fixed number of queries."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families
from pytest_django import DjangoAssertNumQueries

from common.clock import now
from erps.models import RequestSlot
from monitoring.models import ShopifyCount
from shops.models import ApiBudget
from syncflows.models import Attempt, Beat, Cursor, Outcome, Sync
from tests.factories import blocked, make_connection, make_shop, written

pytestmark = pytest.mark.django_db
TOKEN = "only-for-tests-only-for-tests"
LABELS = ("shop", "flow", "state", "outcome", "store", "connection")


@pytest.fixture
def scrape(client: Client, settings: LazySettings) -> Any:
    settings.HUB_METRICS_TOKEN = TOKEN

    def scrape() -> dict[tuple[str, ...], float]:
        answer = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
        assert answer.status_code == 200
        assert answer["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
        return {
            (sample.name, *(sample.labels[name] for name in LABELS if name in sample.labels)): sample.value
            for family in text_string_to_metric_families(answer.content.decode())
            for sample in family.samples
        }

    return scrape


def near(seconds: float) -> Any:
    return pytest.approx(seconds, abs=5)


def test_every_figure(scrape: Any) -> None:
    at = now()
    connection = make_connection("books")
    type(connection).objects.update(concurrency_limit=5)
    shop = make_shop("main", erp_connection=connection)
    done, late = written(shop, 1), blocked(shop, 2)
    Sync.objects.filter(pk=late.pk).update(state="blocked", changed_at=at - timedelta(hours=2))
    due = blocked(shop, 3)
    Sync.objects.filter(pk=due.pk).update(
        state="waiting", due_at=at - timedelta(seconds=90), changed_at=at - timedelta(minutes=10)
    )
    Attempt.objects.all().delete()
    Attempt.objects.create(sync=done, number=1, outcome=Outcome.WRITTEN, started_at=at - timedelta(minutes=4))
    Attempt.objects.create(sync=late, number=1, outcome=Outcome.WRITTEN, started_at=at - timedelta(minutes=6))
    Beat.objects.create(name="worker", at=at - timedelta(seconds=30))
    Cursor.objects.create(
        shop=shop, flow="orders", finished_at=at - timedelta(minutes=3), error_code="THROTTLED"
    )
    ShopifyCount.objects.create(shop=shop, orders=5, until=at, counted_at=at)
    ApiBudget.objects.create(
        key="main.myshopify.com",
        maximum=2000,
        restore_rate=100,
        available=500,
        measured_at=at - timedelta(seconds=4),
    )
    RequestSlot.objects.create(
        connection=connection, number=1, token="a", leased_until=at + timedelta(minutes=1)
    )
    RequestSlot.objects.create(
        connection=connection, number=2, token="b", leased_until=at - timedelta(minutes=1)
    )
    RequestSlot.objects.create(connection=connection, number=3)
    found = scrape()
    assert found[("hub_syncs", "main", "orders", "done")] == 1
    assert found[("hub_syncs", "main", "orders", "blocked")] == 1
    assert found[("hub_oldest_sync_seconds", "main", "orders", "blocked")] == near(7200)
    assert found[("hub_oldest_sync_seconds", "main", "orders", "waiting")] == near(600)
    assert ("hub_oldest_sync_seconds", "main", "orders", "done") not in found
    assert found[("hub_due_lag_seconds", "main", "orders")] == near(90)
    assert found[("hub_attempts_recent", "main", "orders", "written")] == 1
    assert found[("hub_worker_beat_age_seconds",)] == near(30)
    assert found[("hub_broker_up",)] == 1
    assert found[("hub_search_age_seconds", "main", "orders")] == near(180)
    assert found[("hub_search_failing", "main", "orders")] == 1
    assert found[("hub_unexplained_orders", "main")] == 2
    assert found[("hub_shopify_points_available", "main.myshopify.com")] == pytest.approx(900, abs=500)
    assert found[("hub_shopify_points_available", "main.myshopify.com")] >= 900
    assert found[("hub_shopify_points_maximum", "main.myshopify.com")] == 2000
    assert found[("hub_erp_slots_used", "books")] == 1
    assert found[("hub_erp_slots_limit", "books")] == 5


def test_the_number_of_queries_stays(scrape: Any, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    def more(numbers: range) -> None:
        for number in numbers:
            written(make_shop(f"s{number}", erp_connection=make_connection(f"c{number}")), number + 1)

    more(range(1))
    with django_assert_num_queries(14):
        scrape()
    more(range(1, 5))
    with django_assert_num_queries(14):
        scrape()


def test_an_empty_hub_has_figures(scrape: Any) -> None:
    assert scrape() == {("hub_broker_up",): 1}


def test_without_the_token_there_is_nothing(client: Client, settings: LazySettings) -> None:
    settings.HUB_METRICS_TOKEN = ""
    assert client.get("/metrics").status_code == 404
    settings.HUB_METRICS_TOKEN = TOKEN
    for given in ("", "Bearer wrong", TOKEN, "Basic " + TOKEN, "Bearer \N{SNOWMAN}"):
        answer = client.get("/metrics", headers={"Authorization": given})
        assert (answer.status_code, answer.content) == (401, b"")
    assert client.post("/metrics").status_code == 405

"""Where every order is, with literal numbers."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
import responses
from django.db import connection
from django.test.utils import CaptureQueriesContext

from common.clock import now
from monitoring import completeness
from monitoring.figures import CauseFigure, CurrencyTotals, per_day, summary
from monitoring.models import ShopifyCount
from shops.models import AuthKind, Shop
from syncflows.models import Cursor, OrderRules
from tests.factories import NOON, blocked, make_connection, make_shop, stage, written

API = "https://demo.myshopify.com/admin/api/2026-10/graphql.json"


@pytest.fixture
def shop(db: None) -> Shop:
    return make_shop(
        "demo", erp_connection=make_connection(), auth_kind=AuthKind.STATIC, access_token="shpat_for_tests"
    )


def one_of_each(shop: Shop) -> None:
    """Ten orders: 3 written, 2 excluded, 2 blocked, 1 pending, 1 waiting, 1 held."""
    written(shop, 1)
    written(shop, 2, total="100.00", erp_total="99.95")
    written(shop, 3, total="12000", erp_total="12000", currency="JPY")
    stage(shop, 4, state="skipped", reason_code="TEST_ORDER")
    stage(shop, 5, state="skipped", reason_code="EXCLUDED_BY_PERSON", total="10.00")
    blocked(shop, 6, total="30.00")
    blocked(shop, 7, code="HIGH_RISK", value="", total="2.50")
    stage(shop, 8)
    stage(shop, 9, state="waiting")
    stage(shop, 10, hold="review")


def test_every_order_is_in_exactly_one_place(shop: Shop) -> None:
    one_of_each(shop)
    ShopifyCount.objects.create(shop=shop, orders=12, until=NOON, counted_at=NOON)
    found = summary()
    assert (found.shopify, found.found, found.staged) == (12, 12, 10)
    assert (found.written, found.excluded, found.waiting, found.held, found.blocked) == (3, 2, 2, 1, 2)
    assert found.written + found.excluded + found.waiting + found.held + found.blocked == found.staged
    assert found.unexplained == 2
    assert not found.accounted_for


def test_excluded_and_blocked_by_cause(shop: Shop) -> None:
    one_of_each(shop)
    found = summary()
    assert found.excluded_by == (
        CauseFigure("EXCLUDED_BY_PERSON", "Excluded by a person", 1, {"USD": Decimal("10.00")}),
        CauseFigure("TEST_ORDER", "Test order", 1, {"USD": Decimal("69.27")}),
    )
    assert [(row.code, row.orders, row.amounts) for row in found.blocked_by] == [
        ("HIGH_RISK", 1, {"USD": Decimal("2.50")}),
        ("UNKNOWN_SKU", 1, {"USD": Decimal("30.00")}),
    ]


def test_both_sides_by_currency(shop: Shop) -> None:
    one_of_each(shop)
    assert summary().totals == (
        CurrencyTotals("JPY", 1, Decimal(12000), Decimal(12000)),
        CurrencyTotals("USD", 2, Decimal("169.27"), Decimal("169.22")),
    )
    assert [row.difference for row in summary().totals] == [Decimal(0), Decimal("0.05")]


def test_a_document_that_was_not_read_back_shows_as_a_difference(shop: Shop) -> None:
    sync = written(shop, 1)
    sync.order.document_total = None
    sync.order.save()
    assert summary().totals[0].difference == Decimal("69.27")


def test_all_accounted_for(shop: Shop) -> None:
    written(shop, 1)
    assert summary().unexplained is None
    assert not summary().accounted_for  # nobody has counted yet
    ShopifyCount.objects.create(shop=shop, orders=1, until=NOON, counted_at=NOON)
    assert summary().accounted_for


def test_orders_younger_or_older_than_the_count_do_not_hide_a_missing_one(shop: Shop) -> None:
    since, until = NOON - timedelta(days=30), NOON
    stage(shop, 1, created_at=NOON - timedelta(days=31))
    stage(shop, 2, created_at=NOON)
    stage(shop, 3, created_at=NOON + timedelta(seconds=1))
    ShopifyCount.objects.create(shop=shop, orders=2, since=since, until=until, counted_at=NOON)
    assert completeness.figures()[0].unexplained == 1


def test_shops_do_not_make_up_for_each_other(shop: Shop) -> None:
    other = make_shop("pos")
    stage(shop, 1)
    stage(other, 2)
    stage(other, 3)
    ShopifyCount.objects.create(shop=shop, orders=2, until=NOON, counted_at=NOON)
    ShopifyCount.objects.create(shop=other, orders=1, until=NOON, counted_at=NOON)
    assert [row.unexplained for row in completeness.figures()] == [1, 0]
    assert summary().unexplained == 1
    assert summary(other).unexplained == 0
    assert summary(other).staged == 2


def test_figures_cost_the_same_for_one_shop_and_for_many(shop: Shop) -> None:
    one_of_each(shop)
    with CaptureQueriesContext(connection) as one:
        summary()
    for number in range(8):
        stage(make_shop(f"shop-{number}"), 100 + number)
    with CaptureQueriesContext(connection) as many:
        summary()
    assert len(many) == len(one) == 10


def test_until_when_every_order_must_be_known() -> None:
    started, finished = NOON, NOON + timedelta(minutes=1)
    assert completeness.until_of(Cursor(started_at=started, finished_at=finished)) == started
    failed_later = Cursor(started_at=NOON + timedelta(hours=1), finished_at=finished)
    assert completeness.until_of(failed_later) == finished
    assert now() - completeness.until_of(None) < timedelta(seconds=5)
    assert now() - completeness.until_of(Cursor(started_at=started)) < timedelta(seconds=5)


def _answers(body: dict[str, object]) -> None:
    responses.post(API, json=body, headers={"X-Shopify-API-Version": "2026-10"})


@responses.activate
def test_shopify_is_asked_for_its_own_count(shop: Shop) -> None:
    OrderRules.objects.create(shop=shop, import_since=NOON - timedelta(days=3))
    Cursor.objects.create(shop=shop, flow="orders", started_at=NOON, finished_at=NOON + timedelta(minutes=1))
    _answers({"data": {"ordersCount": {"count": 41, "precision": "EXACT"}}})
    row = completeness.refresh(shop.pk)
    assert (row.orders, row.exact, row.since, row.until, row.error) == (
        41,
        True,
        NOON - timedelta(days=3),
        NOON,
        "",
    )
    sent = responses.calls[0].request.body
    text = sent.decode() if isinstance(sent, bytes) else str(sent)
    assert "created_at:<='2026-11-20T12:00:00Z' AND created_at:>='2026-11-17T12:00:00Z'" in text
    assert "ordersCount" in text


@responses.activate
def test_a_count_that_is_a_lower_bound_is_marked(shop: Shop) -> None:
    _answers({"data": {"ordersCount": {"count": 10000, "precision": "AT_LEAST"}}})
    assert completeness.refresh(shop.pk).exact is False


@responses.activate
@pytest.mark.parametrize(
    "body", [{"data": {"ordersCount": None}}, {"data": {}}, {"data": {"ordersCount": {}}}]
)
def test_a_count_that_fails_keeps_the_last_one_and_says_so(shop: Shop, body: dict[str, object]) -> None:
    ShopifyCount.objects.create(shop=shop, orders=7, until=NOON, counted_at=NOON)
    _answers(body)
    assert completeness.refresh_all() == 0
    row = ShopifyCount.objects.get()
    assert (row.orders, row.counted_at) == (7, NOON)
    assert row.error == "Shopify's number of orders cannot be read."


def test_orders_per_day_with_empty_days(shop: Shop) -> None:
    today = now().replace(hour=0, minute=30)
    written(shop, 1, created_at=today)
    blocked(shop, 2, created_at=today - timedelta(days=1))
    stage(shop, 3, created_at=today - timedelta(days=1), state="skipped")
    stage(shop, 4, created_at=today - timedelta(days=14))
    days = per_day()
    assert len(days) == 14
    assert (days[-1].written, days[-1].open, days[-1].blocked, days[-1].excluded) == (1, 0, 0, 0)
    assert (days[-2].written, days[-2].open, days[-2].blocked, days[-2].excluded) == (0, 0, 1, 1)
    assert sum(day.written + day.open + day.blocked + day.excluded for day in days) == 3

"""Two records of one store on the overview: each order counts once, for the record that has come further with it."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from common.clock import now
from monitoring import completeness
from monitoring.figures import per_day, summary
from monitoring.models import ShopifyCount
from shops.models import Shop
from syncflows.models import Order
from tests.factories import NOON, blocked, make_connection, make_shop, stage, written


@pytest.fixture
def both(db: None) -> tuple[Shop, Shop]:
    """Five orders of one store in both records: what the first makes of them is told first.

    #1 written, not its own; #2 blocked on both; #3 not its own on both; #4 left out by a rule, not its own; #5 pending,
    excluded by a person.
    """
    online = make_shop("online", domain="one.myshopify.com", erp_connection=make_connection())
    pos = make_shop("pos", domain="one.myshopify.com")
    written(online, 1)
    blocked(online, 2, code="TWO_SHOPS_WANT_IT", value="")
    stage(online, 3, state="skipped", reason_code="NOT_WANTED")
    stage(online, 4, state="skipped", reason_code="TEST_ORDER")
    stage(online, 5)
    stage(pos, 1, state="skipped", reason_code="WRITTEN_BY_OTHER_SHOP")
    blocked(pos, 2, code="TWO_SHOPS_WANT_IT", value="")
    stage(pos, 3, state="skipped", reason_code="NOT_WANTED")
    stage(pos, 4, state="skipped", reason_code="NOT_WANTED")
    stage(pos, 5, state="skipped", reason_code="EXCLUDED_BY_PERSON")
    return online, pos


def test_each_order_counts_once(both: tuple[Shop, Shop]) -> None:
    for shop in both:
        ShopifyCount.objects.create(shop=shop, orders=5, until=NOON, counted_at=NOON)
    whole = summary()
    assert (whole.shopify, whole.found, whole.staged, whole.unexplained) == (5, 5, 5, 0)
    assert (whole.written, whole.blocked, whole.excluded, whole.waiting, whole.held) == (1, 1, 2, 1, 0)
    assert [(row.code, row.orders) for row in whole.excluded_by] == [("NOT_WANTED", 1), ("TEST_ORDER", 1)]
    online, pos = completeness.figures()
    assert (online.staged, online.elsewhere, pos.staged, pos.elsewhere) == (5, 0, 5, 5)
    assert whole.accounted_for


def test_an_order_one_record_has_not_found_is_unexplained_once(both: tuple[Shop, Shop]) -> None:
    for shop in both:
        ShopifyCount.objects.create(shop=shop, orders=6, until=NOON, counted_at=NOON)
    assert (summary().shopify, summary().found, summary().unexplained) == (6, 6, 1)
    stage(both[0], 6)
    assert (summary().found, summary().staged, summary().unexplained) == (
        6,
        6,
        1,
    )  # the other record lacks it


def test_one_record_alone_is_shown_with_all_it_knows(both: tuple[Shop, Shop]) -> None:
    _, pos = both
    own = summary(pos)
    assert (own.staged, own.excluded, own.blocked) == (5, 4, 1)


def test_the_same_number_in_another_store_is_another_order(both: tuple[Shop, Shop]) -> None:
    stranger = make_shop("stranger")
    stage(stranger, 1, state="skipped", reason_code="NOT_WANTED")
    assert (summary().staged, summary().excluded) == (6, 3)


def test_the_chart_counts_each_order_once(both: tuple[Shop, Shop]) -> None:
    today = now().replace(hour=0, minute=30)
    Order.objects.update(created_at=today)
    day = per_day(groups=[list(both)])[-1]
    assert (day.written, day.blocked, day.excluded, day.open) == (1, 1, 2, 1)


def test_a_shared_store_costs_one_query_more_however_many_there_are(both: tuple[Shop, Shop]) -> None:
    with CaptureQueriesContext(connection) as one:
        summary()
    for number in range(3):
        for key in ("a", "b"):
            stage(make_shop(f"{key}{number}", domain=f"store-{number}.myshopify.com"), 50 + number)
    with CaptureQueriesContext(connection) as many:
        summary()
    assert len(one) == len(many) == 11

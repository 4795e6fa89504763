"""Filters of the order lists: channel, country, tag, amount, day; on both lists the same."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from shops.models import Shop
from tests.factories import stage

TO_IMPORT = "/admin/syncflows/sync/"
ORDERS = "/admin/syncflows/order/"


@pytest.fixture
def orders(shop: Shop) -> None:
    """#1 web, US, 69.27; #2 POS, no country, 5.02, late in the evening; #3 draft, DE, 100.00, a day later."""
    stage(shop, 1, channel="Online Store", country="US", tags="VIP, wholesale-eu, a.b")
    stage(
        shop, 2, channel="Point of Sale", total="5.02", tags="my VIP, a-b",
        created_at=datetime(2026, 11, 20, 23, 59, 59, tzinfo=UTC),
    )  # fmt: skip
    stage(
        shop, 3, channel="Draft Orders", country="DE", total="100.00", tags="Wholesale",
        created_at=datetime(2026, 11, 21, 0, 0, tzinfo=UTC),
    )  # fmt: skip


@pytest.mark.parametrize("url", [TO_IMPORT, ORDERS])
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("channel=point", ["#2"]),
        ("channel=o", ["#1", "#2", "#3"]),
        ("channel=100%25", []),
        ("country=us", ["#1"]),
        ("country=DE, US", ["#1", "#3"]),
        ("country=", ["#1", "#2", "#3"]),
        ("tag=vip", ["#1"]),
        ("tag=*vip", ["#1", "#2"]),
        ("tag=wholesale*", ["#1", "#3"]),
        ("tag=wholesale-*", ["#1"]),
        ("tag=wholesale", ["#3"]),
        ("tag=a.b", ["#1"]),
        ("tag=vip, a-b", ["#1", "#2"]),
        ("tag=*", ["#1", "#2", "#3"]),
        ("tag=(", []),
        ("{order}total_from=5.02&{order}total_to=69.27", ["#1", "#2"]),
        ("{order}total_from=69.28", ["#3"]),
        ("{order}total_from=nonsense", ["#1", "#2", "#3"]),
        ("{order}created_at_from=2026-11-20&{order}created_at_to=2026-11-20", ["#1", "#2"]),
        ("{order}created_at_from=2026-11-21", ["#3"]),
        ("{order}created_at_to=someday", ["#1", "#2", "#3"]),
    ],
)
def test_each_filter(as_operator: Client, orders: None, url: str, query: str, expected: list[str]) -> None:
    path = "order__" if url == TO_IMPORT else ""
    answer = as_operator.get(f"{url}?{query.format(order=path)}".replace(" ", "%20"))
    assert answer.status_code == 200
    assert sorted(row.name for row in answer.context["cl"].result_list) == expected


def test_the_filters_cost_no_query(as_operator: Client, orders: None) -> None:
    as_operator.get(ORDERS)
    with CaptureQueriesContext(connection) as plain:
        as_operator.get(ORDERS)
    with CaptureQueriesContext(connection) as filtered:
        as_operator.get(f"{ORDERS}?tag=VIP&country=US&channel=web&total_from=1&created_at_from=2026-11-20")
    assert len(filtered) <= len(plain)

"""Orders to Import and Orders: what they show, find and cost."""

from __future__ import annotations

from datetime import timedelta
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from shops.models import Shop
from tests.factories import NOON, blocked, make_shop, stage, written

TO_IMPORT = "/admin/syncflows/sync/"
ORDERS = "/admin/syncflows/order/"
NB = "\xa0"


def names(client: Client, url: str) -> list[str]:
    """The orders of a list, top to bottom."""
    answer = client.get(url)
    assert answer.status_code == 200, answer
    return [row.name for row in answer.context["cl"].result_list]


def text(client: Client, url: str) -> str:
    return unescape(client.get(url).content.decode())


def queries(client: Client, url: str) -> int:
    with CaptureQueriesContext(connection) as caught:
        assert client.get(url).status_code == 200
    return len(caught)


def test_only_what_still_has_to_be_imported_newest_first(as_operator: Client, shop: Shop) -> None:
    blocked(shop, 1, created_at=NOON)
    stage(shop, 2, created_at=NOON + timedelta(hours=2))
    stage(shop, 3, state="waiting", created_at=NOON + timedelta(hours=1))
    stage(shop, 4, state="skipped", reason_code="TEST_ORDER")
    written(shop, 5)
    assert names(as_operator, TO_IMPORT) == ["#2", "#3", "#1"]


def test_excluded_orders_are_one_filter_away(as_operator: Client, shop: Shop) -> None:
    blocked(shop, 1)
    stage(shop, 2, state="skipped", reason_code="EXCLUDED_BY_PERSON", reason="Typed by hand")
    assert names(as_operator, f"{TO_IMPORT}?state=skipped") == ["#2"]
    assert "Typed by hand" in text(as_operator, f"{TO_IMPORT}?state=skipped")


def test_a_row_says_why_it_waits(as_operator: Client, shop: Shop) -> None:
    blocked(shop, 1, code="UNREACHABLE", reason="NetSuite cannot be reached.", total="1284.4")
    page = text(as_operator, TO_IMPORT)
    assert "NetSuite cannot be reached." in page
    assert "The other system cannot be reached" in page  # the cause's title
    assert f"1,284.40{NB}USD" in page
    assert "20 Nov 2026 07:00" in page  # noon UTC in New York


def test_held_orders_are_named_so(as_operator: Client, shop: Shop) -> None:
    stage(shop, 1, hold="review")
    stage(shop, 2, hold="manual")
    stage(shop, 3)
    assert set(names(as_operator, f"{TO_IMPORT}?hold=any")) == {"#1", "#2"}
    assert names(as_operator, f"{TO_IMPORT}?hold=review") == ["#1"]
    assert "To be reviewed" in text(as_operator, f"{TO_IMPORT}?hold=review")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (f"{TO_IMPORT}?q=%231", ["#1"]),
        (f"{TO_IMPORT}?q=5000000000002", ["#2"]),
        (f"{TO_IMPORT}?q=grace@", ["#2"]),
        (f"{TO_IMPORT}?q=Hopper", ["#2"]),
        (f"{ORDERS}?q=SO-3", ["#3"]),
        (f"{ORDERS}?q=Hopper", ["#2"]),
        (f"{TO_IMPORT}?cause=UNREACHABLE", ["#2"]),
        (f"{TO_IMPORT}?cause=UNKNOWN_SKU&value=TEE-RED-XL", ["#1"]),
        (f"{TO_IMPORT}?cause=UNKNOWN_SKU&value=MUG", []),
        (f"{ORDERS}?state=done", ["#3"]),
    ],
)
def test_search_and_filters(as_operator: Client, shop: Shop, url: str, expected: list[str]) -> None:
    blocked(shop, 1)
    stage(
        shop, 2, state="waiting", reason_code="UNREACHABLE", reason="x", email="grace@example.com",
        customer_name="Grace Hopper",
    )  # fmt: skip
    written(shop, 3)
    assert names(as_operator, url) == expected


def test_filter_by_shop(as_operator: Client, shop: Shop) -> None:
    other = make_shop("pos")
    stage(shop, 1)
    stage(other, 2)
    assert names(as_operator, f"{ORDERS}?shop={other.pk}") == ["#2"]
    assert names(as_operator, f"{ORDERS}?shop=nonsense") == []


def test_both_totals_and_the_link_into_the_erp(as_operator: Client, shop: Shop) -> None:
    written(shop, 7, total="70.00", erp_total="69.95")
    page = text(as_operator, ORDERS)
    assert f"70.00{NB}USD" in page
    assert f'<span class="hub-money hub-differs">69.95{NB}USD</span>' in page
    assert 'href="https://1234567.app.netsuite.com/' in page
    assert "id=907" in page
    assert "SO-7" in page


def test_yen_have_no_decimals(as_operator: Client, shop: Shop) -> None:
    stage(shop, 1, total="12000", currency="JPY")
    assert f"12,000{NB}JPY" in text(as_operator, ORDERS)


@pytest.mark.parametrize("url", [TO_IMPORT, ORDERS])
def test_a_list_costs_the_same_for_one_row_and_for_fifty(as_operator: Client, shop: Shop, url: str) -> None:
    make = blocked if url == TO_IMPORT else written
    make(shop, 1)
    as_operator.get(url)  # what is cached per process is cached now
    one = queries(as_operator, url)
    for number in range(2, 101):
        make(shop, number)
    assert queries(as_operator, f"{url}?all=1") == one
    assert one <= 12


@pytest.mark.parametrize("url", [TO_IMPORT, ORDERS])
def test_markup_from_an_order_is_text(as_operator: Client, shop: Shop, url: str) -> None:
    evil = "<script>alert(1)</script>"
    blocked(
        shop, 1, name=f"#{evil}"[:60], customer_name=evil, email=evil, reason=evil, value=evil, financial_status=evil,
        fulfillment_status=evil,
    )  # fmt: skip
    raw = as_operator.get(url).content.decode()
    assert "<script>alert" not in raw
    assert "&lt;script&gt;alert(1)" in raw


def test_a_sync_has_no_page_of_its_own(as_operator: Client, shop: Shop) -> None:
    sync = blocked(shop, 1)
    answer = as_operator.get(reverse("admin:syncflows_sync_change", args=[sync.pk]))
    assert answer.status_code == 302
    assert answer["Location"] == reverse("admin:syncflows_order_change", args=[sync.pk])

"""Errors by cause: counts and sums with literal numbers, and the way to the fix."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from common.clock import now
from shops.models import Shop
from syncflows.admin.deep_links import fix_url
from syncflows.admin.groups import group_of, groups, totals
from syncflows.states import State
from tests.factories import blocked, make_shop, stage, written

CAUSES = "/admin/syncflows/order/causes/"


def test_orders_are_grouped_by_cause_and_value(shop: Shop) -> None:
    for number, total in enumerate(["100.10", "200.20", "12.10"], start=1):
        blocked(shop, number, total=total)
    blocked(shop, 4, total="5000", currency="JPY")
    blocked(shop, 5, value="MUG", total="15.00")
    stage(shop, 6, state="waiting", reason_code="UNKNOWN_SKU", reason_value="TEE-RED-XL", reason="x")
    written(shop, 7)
    found = groups(State.BLOCKED)
    assert [(g.code, g.value, g.orders, g.amounts) for g in found] == [
        ("UNKNOWN_SKU", "TEE-RED-XL", 4, {"USD": Decimal("312.40"), "JPY": Decimal(5000)}),
        ("UNKNOWN_SKU", "MUG", 1, {"USD": Decimal("15.00")}),
    ]
    assert found[0].totals == "5,000\xa0JPY, 312.40\xa0USD"
    assert totals(found) == (5, "5,000\xa0JPY, 327.40\xa0USD")


def test_the_oldest_of_a_group_is_how_long_it_stands_blocked(shop: Shop) -> None:
    blocked(shop, 1, changed_at=now() - timedelta(minutes=150))
    blocked(shop, 2, changed_at=now() - timedelta(minutes=10))
    assert groups(State.BLOCKED)[0].oldest_age == "2 h"


def test_one_sentence_for_all_or_the_title_with_the_value(shop: Shop) -> None:
    blocked(shop, 1)
    blocked(shop, 2)
    blocked(shop, 3, code="HIGH_RISK", value="", reason="Shopify rates order #3 as a high risk.")
    blocked(shop, 4, code="HIGH_RISK", value="", reason="Shopify rates order #4 as a high risk.")
    assert {g.sentence for g in groups(State.BLOCKED)} == {
        "Item TEE-RED-XL is not in NetSuite.",
        "High risk of fraud",
    }


def test_groups_of_one_shop_only(shop: Shop) -> None:
    other = make_shop("pos")
    blocked(shop, 1)
    blocked(other, 2)
    assert [g.orders for g in groups(State.BLOCKED)] == [2]
    assert [g.orders for g in groups(State.BLOCKED, other.pk)] == [1]
    assert groups(State.BLOCKED)[0].shop is None
    assert groups(State.BLOCKED, other.pk)[0].shop == other


def test_a_group_that_is_mended_is_gone(shop: Shop) -> None:
    sync = blocked(shop, 1)
    group = groups(State.BLOCKED)[0]
    assert group_of(group.query) is not None
    sync.retry()
    assert group_of(group.query) is None


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("", ""),
        ("admin:nothing_here_changelist", ""),
        ("admin:shops_shop_changelist", "/admin/shops/shop/{shop}/change/"),
        ("admin:erps_erpconnection_changelist", "/admin/erps/erpconnection/{connection}/change/"),
        (
            "admin:mappings_itemmapping_changelist",
            "/admin/mappings/itemmapping/add/?shop={shop}&source=A%26B+%3Cb%3E",
        ),
    ],
)
def test_the_way_to_the_fix(shop: Shop, where: str, expected: str) -> None:
    assert fix_url(where, shop, "A&B <b>") == expected.format(shop=shop.pk, connection=shop.erp_connection_id)


def test_without_a_shop_the_list_is_opened(db: None) -> None:
    assert fix_url("admin:shops_shop_changelist", None, "") == "/admin/shops/shop/"


def test_the_page_shows_the_group_and_retry(as_operator: Client, shop: Shop) -> None:
    blocked(shop, 1, total="4000.00")
    blocked(shop, 2, total="812.40")
    page = " ".join(unescape(as_operator.get(CAUSES).content.decode()).replace("\xa0", "~").split())
    assert "Item TEE-RED-XL is not in NetSuite." in page
    assert '<strong>2 orders</strong>, <span class="hub-money">4,812.40~USD</span>, oldest' in page
    assert "Retry the 2" in page


def test_the_orders_of_a_group_are_listed_when_it_is_opened(as_operator: Client, shop: Shop) -> None:
    blocked(shop, 1)
    blocked(shop, 2, value="MUG")
    page = as_operator.get(
        f"{CAUSES}orders/?state=blocked&cause=UNKNOWN_SKU&value=TEE-RED-XL"
    ).content.decode()
    assert "#1" in page
    assert "#2" not in page
    assert "/admin/syncflows/sync/?state=blocked&amp;cause=UNKNOWN_SKU&amp;value=TEE-RED-XL" in page


def test_an_empty_page_says_why_it_is_empty(as_operator: Client, shop: Shop) -> None:
    written(shop, 1)
    assert b"No order is blocked and none is waiting" in as_operator.get(CAUSES).content


def test_markup_in_a_value_is_text(as_operator: Client, shop: Shop) -> None:
    blocked(shop, 1, value='"><script>alert(1)</script>', reason="<script>alert(2)</script>")
    page = as_operator.get(CAUSES).content.decode()
    assert "<script>alert" not in page


def test_the_page_costs_the_same_for_one_group_and_for_many(as_operator: Client, shop: Shop) -> None:
    blocked(shop, 1)
    as_operator.get(CAUSES)
    with CaptureQueriesContext(connection) as one:
        as_operator.get(CAUSES)
    for number in range(2, 60):
        blocked(shop, number, value=f"SKU-{number}")
    with CaptureQueriesContext(connection) as many:
        as_operator.get(CAUSES)
    assert len(many) == len(one)

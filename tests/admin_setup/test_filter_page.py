"""Preview filter: what a filter would take and leave, before it is saved; and the filter on the shop's page."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from shops.models import Shop
from syncflows.models import Action, HoldRules, OrderFilter, Sync
from syncflows.pipeline.trial import TAKEN, Trial, amounts, try_filter
from tests.factories import blocked, keep, make_shop, stage, written
from tests.raw_orders import raw_order

EMPTY = {
    "paid": "", "buyer": "", "test": "", "tags_include": "", "tags_exclude": "", "attributes_include": "",
    "attributes_exclude": "", "channels_include": "", "channels_exclude": "", "countries_include": "",
    "countries_exclude": "", "amount_from": "", "amount_to": "", "placed_from": "", "placed_to": "",
}  # fmt: skip


def order(shop: Shop, number: int, **raw: Any) -> Sync:
    """A staged order of 69.27 USD from the online store with the tag vip, fetched already."""
    sync = stage(shop, number)
    keep(sync, raw_order(name=f"#{number}", source_id=sync.source_id, **raw))
    return sync


def names(trial: Trial, *codes: str) -> list[str]:
    return sorted(row.order.name for row in trial.of(*codes))


def page(client: Client, shop: Shop, **values: Any) -> str:
    url = reverse("admin:shops_shop_filter", args=[shop.pk])
    answer = client.post(url, {**EMPTY, **values}, follow=True) if values else client.get(url)
    assert answer.status_code == 200
    return unescape(answer.content.decode())


@pytest.fixture
def orders(shop: Shop) -> Shop:
    """#1 web, vip; #2 pos; #3 web, wholesale-eu; #4 not fetched yet; #5 web, vip, in the ERP."""
    order(shop, 1)
    order(shop, 2, sourceName="pos", tags=[])
    order(shop, 3, tags=["wholesale-eu"])
    stage(shop, 4)
    written(shop, 5)
    return shop


def test_what_a_filter_would_do(orders: Shop) -> None:
    trial = try_filter(orders, OrderFilter(channels_exclude="pos", tags_include="vip"), 200)
    assert names(trial, TAKEN) == ["#1", "#5"]
    assert [(line, [row.order.name for row in rows]) for line, rows in trial.by_line()] == [
        ("Not from channels", ["#2"]),
        ("Tags", ["#3"]),
    ]
    assert (len(trial.rows), trial.unread) == (4, 1)
    assert amounts(trial.of(TAKEN)) == {"USD": Decimal("138.54")}
    assert {row.order.name for row in trial.rows if row.written} == {"#5"}
    assert len(try_filter(orders, OrderFilter(), 2).rows) + try_filter(orders, OrderFilter(), 2).unread == 2


def test_what_another_record_of_the_store_takes_too(orders: Shop) -> None:
    other = make_shop("twin", domain=orders.domain)
    OrderFilter.objects.create(shop=other, tags_include="wholesale-*")
    trial = try_filter(orders, OrderFilter(channels_exclude="pos"), 200)
    assert names(trial, "TWO_SHOPS_WANT_IT") == ["#3"]
    assert names(trial, TAKEN) == ["#1", "#5"]
    trial = try_filter(orders, OrderFilter(tags_exclude="wholesale-*"), 200)
    (row,) = trial.of("NOT_WANTED")
    assert (row.order.name, row.why, row.other) == ("#3", "it has the tag wholesale-eu", "Twin")


def test_the_page_tries_without_saving_and_saves_when_told(boss: Client, orders: Shop) -> None:
    assert "Left out: " not in page(boss, orders)
    shown = page(boss, orders, channels_exclude="pos", preview="")
    assert "Left out: Not from channels" in shown
    assert "it came from pos" in shown
    assert "Not saved" in shown
    assert "in the ERP already, not touched" in shown
    assert not OrderFilter.objects.exists()
    page(boss, orders, channels_exclude="pos", financial_statuses=["PAID"], amount_to="100", save="")
    saved = OrderFilter.objects.get(shop=orders)
    assert (saved.channels_exclude, saved.financial_statuses, saved.amount_to) == (
        "pos",
        ["PAID"],
        Decimal(100),
    )
    assert "Not saved" not in page(boss, orders)


def test_a_wrong_filter_is_said_at_its_line(boss: Client, orders: Shop) -> None:
    shown = page(boss, orders, countries_include="Germany", amount_from="10", amount_to="9", save="")
    assert "'Germany' is not a country code; write two letters, e.g. DE, FR." in shown
    assert not OrderFilter.objects.exists()


def test_who_may_look_and_who_may_save(client_of: Callable[[str], Client], orders: Shop) -> None:
    url = reverse("admin:shops_shop_filter", args=[orders.pk])
    for role in ("finance", "operations", "support", "auditor"):
        client = client_of(role)
        assert "Save this filter" not in page(client, orders)
        assert client.post(url, {**EMPTY, "tags_include": "x", "save": ""}).status_code == 403
    assert not OrderFilter.objects.exists()
    assert "Save this filter" in page(client_of("administrator"), orders)


def test_markup_in_a_tag_is_text(boss: Client, orders: Shop) -> None:
    order(orders, 6, tags=["<script>alert(1)</script>"])
    raw = boss.post(
        reverse("admin:shops_shop_filter", args=[orders.pk]),
        {**EMPTY, "tags_exclude": "<script>*", "preview": ""},
    ).content.decode()
    assert "<script>alert" not in raw
    assert "it has the tag &lt;script&gt;" in raw


def test_filters_are_applied_again_in_every_record_of_the_store(boss: Client, shop: Shop) -> None:
    other = make_shop("twin", domain=shop.domain)
    stranger = make_shop("stranger")
    for number, one in enumerate((shop, other, stranger), 1):
        stage(one, number, state="skipped", reason_code="NOT_WANTED")
        blocked(one, 10 + number, code="TWO_SHOPS_WANT_IT", value="")
        stage(one, 20 + number, state="skipped", reason_code="TEST_ORDER")
    boss.post(reverse("admin:shops_shop_apply_filters", args=[shop.pk]), {"_form_submitted": "True"})
    freed = Sync.objects.filter(state="pending").values_list("name", flat=True)
    assert sorted(freed) == ["#1", "#11", "#12", "#2"]
    assert Action.objects.count() == 4


def test_filter_and_holds_are_on_the_shops_page(boss: Client, shop: Shop) -> None:
    OrderFilter.objects.create(shop=shop, tags_include="vip", risks=["LOW"])
    HoldRules.objects.create(shop=shop, tags="check-*", unpaid_days=14)
    shown = unescape(boss.get(reverse("admin:shops_shop_change", args=[shop.pk])).content.decode())
    assert "Order filter" in shown
    assert "Hold while tagged" in shown
    assert 'value="LOW" selected' in shown
    assert "check-*" in shown

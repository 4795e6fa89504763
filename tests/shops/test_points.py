"""Points per order: the figures of the docstring in shops/shopify/fetching.py."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import connection

from shops.models import ApiBudget
from shops.shopify import fetching
from shops.shopify.client import ShopifyClient
from shops.shopify.fetching import BATCH, fetch_orders
from tests.shops.sandboxed import Store, source_id

LINES = [
    {"sku": "TEE", "qty": 2, "tax": ["2.00"]},
    {"sku": "MUG", "tax": ["0.60"]},
    {"sku": "CAP", "qty": 3, "tax": ["1.44"]},
]


@pytest.mark.parametrize("count", [1, 50, 100])
def test_points_per_call_do_not_grow_with_the_number_of_orders(store: Store, db: None, count: int) -> None:
    orders = [
        store.add(
            name=f"#{6000 + n}", lines=LINES, shipping=[{"code": "standard"}], payments=[{"amount": "10.00"}],
            taxes=[{"title": "NY State Tax", "rate": 0.04}],
        )
        for n in range(count)
    ]  # fmt: skip
    client = ShopifyClient(store.shop())
    fetch_orders(client, [source_id(order) for order in orders])
    assert store.operations["OrdersFull"] == 1
    assert client._expected == {"orders_full": 212}
    assert store.sandbox.stats.as_json()["points_used"] == 51


@pytest.mark.django_db
@pytest.mark.parametrize(("page", "asked", "charged"), [(10, 164, 59), (100, 244, 49)])
def test_other_page_lengths_are_no_better(
    store: Store, monkeypatch: pytest.MonkeyPatch, page: int, asked: int, charged: int
) -> None:
    monkeypatch.setattr(fetching, "PAGES", {**fetching.PAGES, "lines": page, "sales": page})
    order = store.add(
        name="#6000", lines=LINES, shipping=[{"code": "standard"}], payments=[{"amount": "10.00"}],
        taxes=[{"title": "NY State Tax", "rate": 0.04}],
    )  # fmt: skip
    client = ShopifyClient(store.shop())
    fetch_orders(client, [source_id(order)])
    assert client._expected == {"orders_full": asked}
    assert store.sandbox.stats.as_json()["points_used"] == charged


def test_ids_are_spread_evenly_over_the_calls(store: Store, db: None) -> None:
    orders = [store.add(name=f"#{6000 + n}", lines=[{"sku": "TEE"}]) for n in range(BATCH + 20)]
    fetch_orders(ShopifyClient(store.shop()), [source_id(order) for order in orders])
    assert store.operations["OrdersFull"] == 2


def test_the_budget_row_holds_what_shopify_said(store: Store, db: None, settings: Any) -> None:
    store.sandbox.set_bucket(2000, 100)
    shop = store.shop()
    order = store.add(name="#6000", lines=LINES)
    fetch_orders(ShopifyClient(shop), [source_id(order)])
    row = ApiBudget.objects.get(key=shop.budget_key)
    assert (row.maximum, row.restore_rate) == (2000, 100)
    assert 1940 <= row.available <= 1960


@pytest.mark.pg
@pytest.mark.django_db(transaction=True)
def test_workers_that_share_a_small_bucket_all_get_their_orders(store: Store) -> None:
    store.sandbox.set_bucket(400, 1000)
    shop = store.shop()
    order = store.add(name="#6000", lines=LINES)
    fetch_orders(ShopifyClient(shop), [source_id(order)])  # the size of the bucket is known from here on
    store.sandbox.stats.clear()
    got: list[object] = []

    def work() -> None:
        try:
            client = ShopifyClient(shop)
            client._expected["orders_full"] = 212
            got.extend(fetch_orders(client, [source_id(order)])[source_id(order)] for _ in range(5))
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [type(answer) for answer in got] == [dict] * 30
    assert store.sandbox.stats.as_json().get("throttled", 0) == 0

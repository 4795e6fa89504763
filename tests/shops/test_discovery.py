from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from common.errors import NeedsPerson
from shops.shopify import discovery
from shops.shopify.client import ShopifyClient
from shops.shopify.discovery import OrderHeader, discover_orders
from tests.shops.sandboxed import Store


@pytest.fixture
def client(store: Store, db: None) -> ShopifyClient:
    return ShopifyClient(store.shop())


def place(store: Store, number: int, day: int, second: int = 0, **more: Any) -> None:
    order = store.builder.build(
        {
            "name": f"#{number}",
            "created": f"2026-11-{day:02d}T10:00:{second:02d}Z",
            "lines": [{"sku": "TEE"}],
            **more,
        }
    )
    store.put(order)


def names(pages: list[list[OrderHeader]]) -> list[list[str]]:
    return [[header.name for header in page] for page in pages]


def test_a_header_holds_what_staging_needs(store: Store, client: ShopifyClient) -> None:
    place(store, 3001, 5, tags=["vip"], test=True)
    [[header]] = list(discover_orders(client, None))
    assert header == OrderHeader(
        source_id="6100000003001",
        name="#3001",
        created_at=datetime(2026, 11, 5, 10, tzinfo=UTC),
        updated_at=datetime(2026, 11, 5, 10, tzinfo=UTC),
        test=True,
        cancelled_at=None,
        closed_at=None,
        currency="USD",
        total=Decimal("25.00"),
        financial_status=header.financial_status,
        fulfillment_status="UNFULFILLED",
        source_name="web",
    )


def test_only_what_changed_since_is_found_oldest_change_first(store: Store, client: ShopifyClient) -> None:
    for number, day in ((3001, 5), (3002, 9), (3003, 7), (3004, 8)):
        place(store, number, day)
    since = datetime(2026, 11, 7, 10, tzinfo=UTC)
    assert names(list(discover_orders(client, since))) == [["#3003", "#3004", "#3002"]]


def test_orders_created_before_the_start_are_left_out(store: Store, client: ShopifyClient) -> None:
    for number, day in ((3001, 5), (3002, 9)):
        place(store, number, day)
    found = discover_orders(client, None, created_since=datetime(2026, 11, 6, tzinfo=UTC))
    assert names(list(found)) == [["#3002"]]


def test_an_empty_store_has_no_pages(store: Store, client: ShopifyClient) -> None:
    assert list(discover_orders(client, None)) == []


def test_the_next_page_is_read_only_when_it_is_wanted(
    store: Store, client: ShopifyClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(discovery, "PAGE", 2)
    for number in range(3001, 3006):
        place(store, number, number - 3000)
    pages = discover_orders(client, None)
    assert [header.name for header in next(pages)] == ["#3001", "#3002"]
    assert store.operations["OrderHeaders"] == 1
    assert names(list(pages)) == [["#3003", "#3004"], ["#3005"]]
    assert store.operations["OrderHeaders"] == 3


def test_beyond_the_depth_limit_a_new_search_goes_on_without_loss_or_repeat(
    store: Store, client: ShopifyClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(discovery, "PAGE", 2)
    monkeypatch.setattr(discovery, "DEPTH", 4)
    for number in range(3001, 3012):
        place(store, number, 5, second=(number - 3000) // 2)  # two orders in each second
    found = [name for page in names(list(discover_orders(client, None))) for name in page]
    assert found == [f"#{number}" for number in range(3001, 3012)]


def test_more_changes_in_one_second_than_can_be_paged_are_not_passed_over(
    store: Store, client: ShopifyClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(discovery, "PAGE", 2)
    monkeypatch.setattr(discovery, "DEPTH", 4)
    for number in range(3001, 3009):
        place(store, number, 5)
    with pytest.raises(NeedsPerson) as caught:
        list(discover_orders(client, None))
    assert caught.value.code == "TOO_MANY_CHANGES"

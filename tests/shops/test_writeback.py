from __future__ import annotations

import pytest

from common.errors import NeedsPerson, UnknownOutcome
from shops.shopify.client import ShopifyClient
from shops.shopify.writeback import write_numbers
from tests.shops.sandboxed import Json, Store, source_id


@pytest.fixture
def client(store: Store, db: None) -> ShopifyClient:
    return ShopifyClient(store.shop())


def orders(store: Store, count: int) -> list[Json]:
    return [store.add(name=f"#{4000 + n}", lines=[{"sku": "TEE"}]) for n in range(count)]


def written(store: Store, order: Json) -> dict[str, str]:
    kept = store.sandbox.shop(store.name).get(order["id"])
    assert kept is not None
    return {row["key"]: row["value"] for row in kept["metafields"]}


def test_numbers_go_onto_the_orders_25_at_a_time(store: Store, client: ShopifyClient) -> None:
    placed = orders(store, 30)
    result = write_numbers(client, [(source_id(o), f"SO-{n}", "") for n, o in enumerate(placed)])
    assert result == {source_id(o): None for o in placed}
    assert written(store, placed[29]) == {"document_no": "SO-29"}
    assert store.operations["MetafieldsSet"] == 2


def test_an_address_is_written_beside_the_number(store: Store, client: ShopifyClient) -> None:
    placed = orders(store, 13)
    write_numbers(client, [(source_id(o), "SO-1", "https://erp.example/1") for o in placed])
    assert written(store, placed[12]) == {"document_no": "SO-1", "document_url": "https://erp.example/1"}
    assert store.operations["MetafieldsSet"] == 2  # 12 orders of two metafields, then one


def test_a_refused_order_does_not_keep_the_others_from_being_written(
    store: Store, client: ShopifyClient
) -> None:
    placed = orders(store, 3)
    ids = [source_id(placed[0]), "424242", source_id(placed[1]), source_id(placed[2])]
    result = write_numbers(client, [(order_id, f"SO-{order_id}", "") for order_id in ids])
    refused = result.pop("424242")
    assert isinstance(refused, NeedsPerson)
    assert refused.code == "SHOPIFY_REFUSED"
    assert set(result.values()) == {None}
    assert written(store, placed[2]) == {"document_no": f"SO-{ids[3]}"}


def test_writing_twice_changes_nothing(store: Store, client: ShopifyClient) -> None:
    [order] = orders(store, 1)
    for _ in range(2):
        assert write_numbers(client, [(source_id(order), "SO-1", "")]) == {source_id(order): None}
    assert written(store, order) == {"document_no": "SO-1"}


def test_no_answer_is_reported_for_every_order_of_the_call(store: Store, client: ShopifyClient) -> None:
    placed = orders(store, 2)
    store.sandbox.faults.serve(
        "POST", {"match": {"operation": "MetafieldsSet"}, "action": "drop_after_commit", "times": 1}
    )
    result = write_numbers(client, [(source_id(o), "SO-1", "") for o in placed])
    assert [type(error) for error in result.values()] == [UnknownOutcome, UnknownOutcome]
    assert written(store, placed[0]) == {"document_no": "SO-1"}

from __future__ import annotations

from typing import Any

import pytest
from werkzeug.exceptions import InternalServerError

from common.errors import HubError, NeedsPerson, Retryable
from sandbox.shopify import execution
from shops.shopify.client import ShopifyClient
from shops.shopify.fetching import fetch_orders
from tests.shops.sandboxed import Json, Store, source_id

NY = [{"title": "NY State Tax", "rate": 0.04}]


@pytest.fixture
def client(store: Store, db: None) -> ShopifyClient:
    return ShopifyClient(store.shop())


def three_lines(store: Store, name: str, **more: Any) -> Json:
    lines = [{"sku": "TEE", "qty": 2, "tax": ["2.00"]}, {"sku": "MUG"}, {"sku": "CAP", "qty": 3}]
    return store.add(name=name, lines=lines, shipping=[{"code": "standard"}], taxes=NY, **more)


def whole(found: dict[str, Json | HubError], order: Json) -> Json:
    answer = found[source_id(order)]
    assert isinstance(answer, dict), answer
    return answer


def test_many_orders_come_in_one_call(store: Store, client: ShopifyClient) -> None:
    orders = [three_lines(store, f"#{2000 + n}") for n in range(60)]
    found = fetch_orders(client, [source_id(order) for order in orders])
    assert store.operations == {"OrdersFull": 1, "access_token": 1}
    assert list(found) == [source_id(order) for order in orders]
    order = whole(found, orders[7])
    assert order["name"] == "#2007"
    assert [line["sku"] for line in order["lineItems"]["nodes"]] == ["TEE", "MUG", "CAP"]
    assert [line["code"] for line in order["shippingLines"]["nodes"]] == ["standard"]
    assert len(order["agreements"]["nodes"]) == 1
    assert len(order["agreements"]["nodes"][0]["sales"]["nodes"]) == 4
    assert "pageInfo" not in order["lineItems"]


def test_global_ids_are_understood_and_are_the_keys(store: Store, client: ShopifyClient) -> None:
    order = three_lines(store, "#2000")
    assert list(fetch_orders(client, [order["id"]])) == [order["id"]]


def test_an_order_of_300_lines_and_60_refunds_comes_in_whole(store: Store, client: ShopifyClient) -> None:
    lines = [{"sku": f"SKU-{n}", "title": f"Thing {n}", "price": "1.00", "qty": 2} for n in range(300)]
    refunds = [{"refund": {"lines": [{"sku": f"SKU-{n}", "qty": 1}]}} for n in range(60)]
    order = store.add(
        name="#2300", lines=lines, then=refunds, payments=[{"gateway": "manual", "amount": "600.00"}]
    )
    found = whole(fetch_orders(client, [source_id(order)]), order)
    assert [line["sku"] for line in found["lineItems"]["nodes"]] == [f"SKU-{n}" for n in range(300)]
    assert sum(line["quantity"] for line in found["lineItems"]["nodes"]) == 600
    assert sum(line["currentQuantity"] for line in found["lineItems"]["nodes"]) == 540
    agreements = found["agreements"]["nodes"]
    assert [a["reason"] for a in agreements] == ["ORDER"] + ["REFUND"] * 60
    assert [len(a["sales"]["nodes"]) for a in agreements] == [300] + [1] * 60
    assert [a["refund"]["id"] for a in agreements[1:]] == [r["id"] for r in found["refunds"]]
    assert len(found["refunds"]) == 60
    assert len(found["transactions"]) == 61


def test_long_shipping_and_discount_lists_are_paged_too(store: Store, client: ShopifyClient) -> None:
    codes = [f"CODE{n}" for n in range(12)]
    order = store.add(
        name="#2001",
        discounts=[{"code": code, "amount": "1.00", "on": "line"} for code in codes],
        lines=[{"sku": "HOODIE", "disc": dict.fromkeys(codes, "1.00")}],
        shipping=[{"code": f"parcel-{n}", "title": f"Parcel {n}", "price": "1.00"} for n in range(9)],
    )
    found = whole(fetch_orders(client, [source_id(order)]), order)
    assert [d["code"] for d in found["discountApplications"]["nodes"]] == codes
    assert [s["code"] for s in found["shippingLines"]["nodes"]] == [f"parcel-{n}" for n in range(9)]


def test_sales_beyond_a_page_in_a_later_agreement_are_read(store: Store, client: ShopifyClient) -> None:
    lines = [{"sku": f"SKU-{n}", "title": f"Thing {n}", "price": "1.00"} for n in range(120)]
    everything = {"refund": {"lines": [{"sku": f"SKU-{n}", "qty": 1} for n in range(120)]}}
    order = store.add(name="#2002", lines=lines, then=[everything])
    found = whole(fetch_orders(client, [source_id(order)]), order)
    assert [len(a["sales"]["nodes"]) for a in found["agreements"]["nodes"]] == [120, 120]
    assert [s["actionType"] for s in found["agreements"]["nodes"][1]["sales"]["nodes"]] == ["RETURN"] * 120


def test_a_vanished_order_is_gone_and_the_others_come(store: Store, client: ShopifyClient) -> None:
    order = three_lines(store, "#2000")
    found = fetch_orders(client, ["999999", source_id(order)])
    gone = found["999999"]
    assert isinstance(gone, NeedsPerson)
    assert gone.code == "ORDER_GONE"
    assert isinstance(found[source_id(order)], dict)


def change_while_paging(store: Store, order: Json, monkeypatch: pytest.MonkeyPatch, times: int) -> None:
    """The order is saved with a later change instant just before each of the next `times` pages of it."""
    original = ShopifyClient.execute
    left = [times]

    def execute(self: ShopifyClient, operation: str, variables: Any = None) -> Json:
        if operation == "order_lines" and left[0]:
            left[0] -= 1
            order["updatedAt"] = f"2026-11-02T10:00:{left[0]:02d}Z"
            order["note"] = "changed meanwhile"
            store.put(order)
        return original(self, operation, variables)

    monkeypatch.setattr(ShopifyClient, "execute", execute)


@pytest.fixture
def long_order(store: Store) -> Json:
    lines = [{"sku": f"SKU-{n}", "title": f"Thing {n}", "price": "1.00"} for n in range(70)]
    return store.add(name="#2003", lines=lines)


def test_an_order_that_changes_between_pages_is_read_again(
    store: Store, client: ShopifyClient, long_order: Json, monkeypatch: pytest.MonkeyPatch
) -> None:
    change_while_paging(store, long_order, monkeypatch, times=2)
    found = whole(fetch_orders(client, [source_id(long_order)]), long_order)
    assert found["note"] == "changed meanwhile"
    assert len(found["lineItems"]["nodes"]) == 70
    assert store.operations["OrdersFull"] == 3


def test_an_order_that_never_stands_still_is_tried_later(
    store: Store, client: ShopifyClient, long_order: Json, monkeypatch: pytest.MonkeyPatch
) -> None:
    change_while_paging(store, long_order, monkeypatch, times=50)
    error = fetch_orders(client, [source_id(long_order)])[source_id(long_order)]
    assert isinstance(error, Retryable)
    assert error.code == "ORDER_CHANGING"


@pytest.mark.parametrize("part", ["subtotalLineItemsQuantity", "currentSubtotalLineItemsQuantity"])
def test_an_order_that_does_not_add_up_is_not_taken(store: Store, client: ShopifyClient, part: str) -> None:
    order = three_lines(store, "#2000")
    store.put({**order, part: 7})
    error = fetch_orders(client, [source_id(order)])[source_id(order)]
    assert isinstance(error, Retryable)
    assert error.code == "ORDER_INCOMPLETE"
    assert "#2000" in error.message
    assert "6" in error.message
    assert "7" in error.message


def test_a_query_that_costs_too_much_is_asked_with_shorter_pages(
    store: Store, client: ShopifyClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = three_lines(store, "#2000")
    monkeypatch.setattr(execution, "MAX_QUERY_COST", 120)
    found = whole(fetch_orders(client, [source_id(order)]), order)
    assert len(found["lineItems"]["nodes"]) == 3
    assert store.operations["OrdersFull"] == 3  # 206 points, then 143, then less than 120


def test_a_missing_scope_is_the_error_of_the_order(store: Store, client: ShopifyClient) -> None:
    order = three_lines(store, "#2000", customer="ada")
    scopes = store.sandbox.tokens.app(store.name)["scopes"]
    store.sandbox.tokens.set_scopes(store.name, [s for s in scopes if "customers" not in s])
    try:
        found = fetch_orders(client, [source_id(order)])
    finally:
        store.sandbox.tokens.set_scopes(store.name, scopes)
    error = found[source_id(order)]
    assert isinstance(error, NeedsPerson)
    assert (error.code, error.value) == ("MISSING_SCOPE", "read_customers")


def test_an_order_shopify_cannot_give_does_not_hold_up_the_others(
    store: Store, client: ShopifyClient
) -> None:
    good, bad = three_lines(store, "#2000"), three_lines(store, "#2001")
    store.put({**bad, "totalPriceSet": None})
    found = fetch_orders(client, [source_id(bad), source_id(good)])
    error = found[source_id(bad)]
    assert isinstance(error, Retryable)
    assert error.code == "SHOPIFY_DOWN"
    assert isinstance(found[source_id(good)], dict)


def fail_with(monkeypatch: pytest.MonkeyPatch, store: Store, poison: set[str]) -> None:
    """The sandbox answers 500 to every call that asks for one of these orders."""
    original = store.sandbox.engine.run

    def run(body: Json, *rest: Any, **more: Any) -> Json:
        if poison & set(body["variables"].get("ids", ())):
            raise InternalServerError
        return original(body, *rest, **more)

    monkeypatch.setattr(store.sandbox.engine, "run", run)


def test_a_call_shopify_fails_on_is_split_until_the_culprit_is_alone(
    store: Store, client: ShopifyClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    orders = [three_lines(store, f"#{2000 + n}") for n in range(16)]
    fail_with(monkeypatch, store, {orders[11]["id"]})
    found = fetch_orders(client, [source_id(order) for order in orders])
    assert list(found) == [source_id(order) for order in orders]
    failed = [order["name"] for order in orders if not isinstance(found[source_id(order)], dict)]
    assert failed == ["#2011"]
    assert store.operations["OrdersFull"] == 9


def test_an_outage_is_not_asked_order_by_order(
    store: Store, client: ShopifyClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    orders = [three_lines(store, f"#{2000 + n}") for n in range(16)]
    fail_with(monkeypatch, store, {order["id"] for order in orders})
    with pytest.raises(Retryable) as caught:
        fetch_orders(client, [source_id(order) for order in orders])
    assert caught.value.code == "SHOPIFY_DOWN"
    assert store.operations["OrdersFull"] == 5


def test_a_single_order_in_an_outage_is_an_outage(
    store: Store, client: ShopifyClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = three_lines(store, "#2000")
    fail_with(monkeypatch, store, {order["id"]})
    with pytest.raises(Retryable):
        fetch_orders(client, [source_id(order)])

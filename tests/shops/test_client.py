from __future__ import annotations

import json
import os
from typing import Any

import pytest
import responses
from structlog.testing import capture_logs

from common.errors import NeedsPerson, NotExecuted, Retryable, UnknownOutcome
from shops.models import ApiBudget, Shop
from shops.shopify import client
from shops.shopify.answers import Refused
from shops.shopify.client import ShopifyClient, client_for

URL = "https://main-store.myshopify.com/admin/api/2026-10/graphql.json"
COST = {
    "requestedQueryCost": 12,
    "actualQueryCost": 7,
    "throttleStatus": {"maximumAvailable": 2000, "currentlyAvailable": 1993, "restoreRate": 100},
}
SHOP = {"shop": {"name": "Main"}}


def answer(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> None:
    text = body if isinstance(body, str) else json.dumps(body)
    responses.post(
        URL, body=text, status=status, headers={"X-Shopify-API-Version": "2026-10", **(headers or {})}
    )


def ok(data: Any) -> dict[str, Any]:
    return {"data": data, "extensions": {"cost": COST}}


def failing(code: str, message: str = "No", **more: Any) -> dict[str, Any]:
    return {"errors": [{"message": message, "extensions": {"code": code, **more}}]}


@responses.activate
def test_a_query_sends_the_token_and_returns_the_data(shop: Shop) -> None:
    answer(ok(SHOP))
    assert ShopifyClient(shop).execute("shop") == SHOP
    call = responses.calls[0].request
    assert call.headers["X-Shopify-Access-Token"] == "shpat_1"
    assert json.loads(call.body or "")["query"].startswith("query Shop {")


@responses.activate
@pytest.mark.parametrize(
    ("status", "kind", "code"),
    [
        (402, NeedsPerson, "SHOPIFY_FROZEN"),
        (403, NeedsPerson, "SHOPIFY_FORBIDDEN"),
        (404, NeedsPerson, "SHOPIFY_NOT_FOUND"),
        (423, NeedsPerson, "SHOPIFY_LOCKED"),
        (418, NeedsPerson, "SHOPIFY_ANSWER"),
        (430, NotExecuted, "SHOPIFY_REJECTED"),
        (500, Retryable, "SHOPIFY_DOWN"),
        (503, Retryable, "SHOPIFY_DOWN"),
    ],
)
def test_each_status_is_classified(shop: Shop, status: int, kind: type[Exception], code: str) -> None:
    answer("<html>no</html>", status)
    with pytest.raises(kind) as caught:
        ShopifyClient(shop).execute("shop")
    assert caught.value.code == code  # type: ignore[attr-defined]
    assert not isinstance(caught.value, UnknownOutcome)


@responses.activate
@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("not json", "SHOPIFY_ANSWER"),
        ("[]", "SHOPIFY_ANSWER"),
        ("{}", "SHOPIFY_ANSWER"),
        ('{"data": 3}', "SHOPIFY_ANSWER"),
        ('{"data": null, "errors": {"query": "missing"}}', "SHOPIFY_ANSWER"),
        (failing("undefinedField", "Field 'x' doesn't exist on type 'Order'"), "SHOPIFY_QUERY"),
        (failing("INTERNAL_SERVER_ERROR", "Something went wrong"), "SHOPIFY_DOWN"),
        (failing("MAX_COST_EXCEEDED", "Query cost is 2003", cost=2003), "SHOPIFY_QUERY"),
        ({"errors": "Not Found"}, "SHOPIFY_QUERY"),
    ],
)
def test_errors_inside_200_are_classified(shop: Shop, body: Any, code: str) -> None:
    answer(body)
    with pytest.raises(Exception) as caught:  # noqa: PT011 - the code is what is asserted
        ShopifyClient(shop).execute("shop")
    assert caught.value.code == code  # type: ignore[attr-defined]


@responses.activate
def test_a_missing_scope_is_named(shop: Shop) -> None:
    denied = {
        "message": "Access denied for customer field. Required access: `read_customers` access scope.",
        "path": ["nodes", 0, "customer"],
        "extensions": {"code": "ACCESS_DENIED", "requiredAccess": "`read_customers` access scope."},
    }
    answer({"data": {"shop": None}, "errors": [denied]})
    with pytest.raises(NeedsPerson) as caught:
        ShopifyClient(shop).execute("shop")
    assert (caught.value.code, caught.value.value) == ("MISSING_SCOPE", "read_customers")
    assert "read_customers" in caught.value.message


@responses.activate
def test_user_errors_are_never_ignored(shop: Shop) -> None:
    refused = {"field": ["metafields", "0", "value"], "message": "can't be blank", "code": "BLANK"}
    answer(ok({"metafieldsSet": {"metafields": None, "userErrors": [refused]}}))
    with pytest.raises(Refused) as caught:
        ShopifyClient(shop).mutate("metafields_set", {"metafields": []}, "metafieldsSet")
    assert caught.value.code == "SHOPIFY_REFUSED"
    assert caught.value.field == "metafields.0.value"
    assert "metafields.0.value: can't be blank" in caught.value.message


@responses.activate
@pytest.mark.parametrize("body", [failing("INTERNAL_SERVER_ERROR"), {"data": {"metafieldsSet": None}}])
def test_a_mutation_without_a_clear_answer_may_have_been_done(shop: Shop, body: Any) -> None:
    answer(body)
    with pytest.raises(UnknownOutcome):
        ShopifyClient(shop).mutate("metafields_set", {"metafields": []}, "metafieldsSet")


@responses.activate
def test_a_mutation_answered_with_502_may_have_been_done(shop: Shop) -> None:
    answer("bad gateway", 502)
    with pytest.raises(UnknownOutcome):
        ShopifyClient(shop).mutate("metafields_set", {"metafields": []}, "metafieldsSet")


@responses.activate
def test_throttled_in_the_body_waits_and_tries_again(shop: Shop) -> None:
    busy = failing("THROTTLED", "Throttled")
    status = {"maximumAvailable": 2000, "currentlyAvailable": 8, "restoreRate": 100}
    busy["extensions"] = {
        "cost": {"requestedQueryCost": 12, "actualQueryCost": None, "throttleStatus": status}
    }
    answer(busy)
    answer(ok(SHOP))
    client = ShopifyClient(shop)
    client._expected["shop"] = 5
    ApiBudget.objects.create(
        key=shop.budget_key, measured_at="2026-01-01T00:00:00Z", maximum=2000, restore_rate=4000
    )
    assert client.execute("shop") == SHOP
    assert len(responses.calls) == 2


@responses.activate
def test_throttled_longer_than_patience_is_put_off_with_the_time_to_wait(shop: Shop) -> None:
    answer("slow down", 429, {"Retry-After": "7.5"})
    with pytest.raises(NotExecuted) as caught:
        ShopifyClient(shop, patience=1).execute("shop")
    assert (caught.value.code, caught.value.retry_after) == ("SHOPIFY_BUSY", 7.5)
    assert len(responses.calls) == 1


@responses.activate
def test_429_is_waited_out_within_patience(shop: Shop) -> None:
    answer("slow down", 429, {"Retry-After": "0.1"})
    answer(ok(SHOP))
    assert ShopifyClient(shop).execute("shop") == SHOP


@responses.activate
def test_a_served_version_that_differs_is_noticed(shop: Shop) -> None:
    answer(ok(SHOP), headers={"X-Shopify-API-Version": "2027-01"})
    client = ShopifyClient(shop)
    with capture_logs() as logs:
        client.execute("shop")
    assert client.served_version == "2027-01"
    assert logs[0]["event"] == "shopify_version_drift"
    assert (logs[0]["asked"], logs[0]["served"]) == ("2026-10", "2027-01")
    shop.refresh_from_db()
    assert shop.api_version_drift == "2027-01"
    answer(ok(SHOP))
    ShopifyClient(Shop.objects.get(pk=shop.pk)).execute("shop")
    shop.refresh_from_db()
    assert shop.api_version_drift == ""


@responses.activate
def test_an_address_that_became_forbidden_gets_no_token(shop: Shop, settings: Any) -> None:
    settings.DEBUG = False
    shop.api_base_url = "http://elsewhere.example"
    with pytest.raises(NeedsPerson) as caught:
        ShopifyClient(shop).execute("shop")
    assert caught.value.code == "API_ADDRESS"
    assert len(responses.calls) == 0


@responses.activate
def test_no_connection_is_not_executed_and_no_answer_to_a_query_is_retryable(shop: Shop) -> None:
    with pytest.raises(Retryable) as caught:  # responses refuses addresses nobody registered
        ShopifyClient(shop).execute("shop")
    assert caught.value.code in {"UNREACHABLE", "NO_ANSWER"}
    assert not isinstance(caught.value, UnknownOutcome)


def test_one_client_per_shop_until_its_credentials_change(shop: Shop) -> None:
    first = client_for(shop)
    assert client_for(Shop.objects.get(pk=shop.pk)) is first
    shop.access_token = "shpat_2"
    shop.save()
    second = client_for(shop)
    assert second is not first
    assert second.tokens.token() == "shpat_2"


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_forked_worker_makes_its_own_clients(shop: Shop) -> None:
    """The child only looks: beside other threads a fork may have inherited a lock that nobody frees any more."""
    kept = client_for(shop)
    child = os.fork()
    if child == 0:
        os._exit(0 if not client._clients and not client._clients_lock.locked() else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert client_for(shop) is kept

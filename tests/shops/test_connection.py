from __future__ import annotations

from typing import Any

import pytest

from common.checks import Check
from common.clock import now
from common.errors import NotExecuted
from common.http import Client
from shops.models import AuthKind, Location, Shop
from shops.shopify.auth import save_grant
from shops.shopify.client import client_for
from shops.shopify.connection import check_shop
from shops.shopify.oauth import exchange_code
from tests.shops.sandboxed import Store

pytestmark = pytest.mark.django_db


def by_name(checks: list[Check]) -> dict[str, Check]:
    return {check.name: check for check in checks}


def test_a_shop_that_works_passes_every_check_and_is_filled_in(store: Store) -> None:
    store.add(name="#1001", lines=[{"sku": "TEE"}])
    shop = store.shop()
    checks = check_shop(shop)
    assert [check for check in checks if not check.ok] == []
    assert [check.name for check in checks] == [
        "Sign-in", "API version", "Store", "Scopes", "Find orders", "Count orders",
        "Read orders with ledger and transactions", "Locations", "Markets", "API budget",
    ]  # fmt: skip
    saved = Shop.objects.get(pk=shop.pk)
    assert (saved.currency, saved.iana_timezone) == ("USD", "America/New_York")
    assert "write_orders" in saved.scopes.split()
    assert (
        by_name(checks)["Read orders with ledger and transactions"].detail == "Order #1001 was read in full."
    )
    assert list(Location.objects.values_list("source_id", "name", "is_active")) == [
        ("71002", "Boston store", True),
        ("71001", "Main warehouse", True),
    ]


def test_an_empty_store_passes_too(store: Store) -> None:
    assert all(check.ok for check in check_shop(store.shop()))


def test_wrong_credentials_stop_at_the_sign_in_and_say_what_to_do(store: Store) -> None:
    checks = check_shop(store.shop(client_secret="wrong"))
    assert [(check.name, check.ok) for check in checks] == [("Sign-in", False)]
    assert "client secret" in checks[0].detail
    assert checks[0].fix


def test_a_store_that_is_not_there_is_one_line(store: Store) -> None:
    shop = store.shop(api_base_url="http://127.0.0.1:9/none", auth_kind=AuthKind.STATIC, access_token="x")
    [check] = check_shop(shop)
    assert not check.ok
    assert "cannot be reached" in check.detail


def test_missing_scopes_are_listed_with_what_they_are_for(store: Store) -> None:
    store.add(name="#1001", lines=[{"sku": "TEE"}], customer="ada")
    all_scopes = store.sandbox.tokens.app(store.name)["scopes"]
    store.sandbox.tokens.set_scopes(
        store.name, [s for s in all_scopes if "customers" not in s and "all_orders" not in s]
    )
    try:
        checks = by_name(check_shop(store.shop()))
    finally:
        store.sandbox.tokens.set_scopes(store.name, all_scopes)
    assert not checks["Scope read_customers"].ok
    assert "who bought" in checks["Scope read_customers"].detail
    assert "read_customers" in checks["Scope read_customers"].fix
    assert not checks["Read orders with ledger and transactions"].ok
    assert "read_customers" in checks["Read orders with ledger and transactions"].detail
    assert checks["Scope read_all_orders"].ok
    assert "60 days" in checks["Scope read_all_orders"].detail


def test_a_retired_version_is_a_failed_check(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    from sandbox.shopify import app

    monkeypatch.setattr(app, "served_version", lambda _: "2027-01")
    checks = by_name(check_shop(store.shop()))
    assert not checks["API version"].ok
    assert "2027-01" in checks["API version"].detail


def test_a_location_that_is_gone_is_kept_as_inactive(store: Store) -> None:
    shop = store.shop()
    check_shop(shop)
    Location.objects.create(shop=shop, source_id="7", name="Closed", fetched_at="2026-01-01T00:00:00Z")
    check_shop(shop)
    assert Location.objects.get(source_id="7").is_active is False
    assert Location.objects.filter(is_active=True).count() == 2


def test_the_checks_use_the_processes_own_client(store: Store) -> None:
    shop = store.shop()
    check_shop(shop)
    assert client_for(shop).served_version == "2026-10"


def test_a_token_ended_by_shopify_is_replaced_unnoticed(store: Store, settings: Any) -> None:
    store.add(name="#1001", lines=[{"sku": "TEE"}])
    shop = store.shop()
    client = client_for(shop)
    client.execute("shop")
    first = client.tokens.token()
    store.sandbox.tokens.expire(store.name, first)
    assert client.execute("shop")["shop"]["currencyCode"] == "USD"
    assert client.tokens.token() != first


def test_an_expiring_pair_is_refreshed_and_a_lost_answer_asked_for_again(store: Store) -> None:
    code = store.sandbox.tokens.code(store.name, store.sandbox.tokens.app(store.name)["scopes"])
    shop = store.shop(auth_kind=AuthKind.AUTHORIZATION_CODE)
    http = Client("Shopify")
    save_grant(shop, exchange_code(http, shop, code))
    first = Shop.objects.get(pk=shop.pk)
    Shop.objects.update(access_token_expires_at=now())
    store.sandbox.faults.serve(
        "POST", {"match": {"operation": "access_token"}, "action": "drop_after_commit", "times": 1}
    )
    client = client_for(shop)
    with pytest.raises(NotExecuted):
        client.mutate("metafields_set", {"metafields": []}, "metafieldsSet")
    assert Shop.objects.get(pk=shop.pk).refresh_token == first.refresh_token
    assert client.execute("shop")["shop"]["currencyCode"] == "USD"
    second = Shop.objects.get(pk=shop.pk)
    assert second.refresh_token != first.refresh_token
    assert second.access_token == client.tokens.token() != first.access_token
    http.close()

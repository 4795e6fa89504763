"""Reading a store's markets and keeping them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from common.clock import now
from sandbox.shopify.markets import market_object
from shops.models import Market, Shop
from shops.shopify import markets
from shops.shopify.client import client_for
from shops.shopify.connection import check_shop
from shops.shopify.markets import refresh_if_old, refresh_markets
from tests.shops.sandboxed import Json, Store

pytestmark = pytest.mark.django_db


def put(store: Store, number: int, **given: object) -> None:
    store.sandbox.documents.put(store.name, "Market", market_object(number, dict(given)))


@pytest.fixture
def demo_markets(store: Store) -> object:
    """The demo store's markets as they were before the test, again after it."""
    documents = store.sandbox.documents
    before: list[Json] = documents.all(store.name, "Market")
    yield
    for gid in documents.summaries(store.name, "Market"):
        documents.delete(store.name, "Market", gid)
    for row in before:
        documents.put(store.name, "Market", row)


def test_markets_of_regions_are_kept_with_their_age(store: Store) -> None:
    shop = store.shop()
    read = refresh_markets(client_for(shop))
    assert read.words == ("5 markets of regions read. Not for regions alone, so not offered: Wholesale.")
    kept = {row.handle: row for row in Market.objects.filter(shop=shop)}
    assert sorted(kept) == ["europe", "north-america", "ontario", "united-kingdom", "united-states"]
    assert (kept["north-america"].name, kept["north-america"].regions) == (
        "North America",
        ["CA", "MX", "US"],
    )
    assert (kept["ontario"].regions, kept["ontario"].is_active) == (["CA-ON"], False)
    assert now() - kept["europe"].fetched_at < timedelta(minutes=1)
    assert kept["europe"].source_id == "900103"


@pytest.mark.usefixtures("demo_markets")
def test_many_markets_with_many_regions_are_read_to_the_end(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(markets, "PAGE", 2)
    monkeypatch.setattr(markets, "REGIONS", 3)
    monkeypatch.setattr(markets, "MORE_REGIONS", 4)
    put(store, 5, handle="world", name="World", regions=["*"])
    shop = store.shop()
    refresh_markets(client_for(shop))
    assert Market.objects.get(handle="europe").regions == [
        "AT", "BE", "CH", "DE", "ES", "FR", "GB", "IE", "IT", "NL", "SE",
    ]  # fmt: skip
    assert Market.objects.get(handle="world").regions == ["*"]
    assert Market.objects.count() == 6


@pytest.mark.usefixtures("demo_markets")
def test_a_renamed_market_keeps_its_rows_and_one_that_is_gone_is_inactive(store: Store) -> None:
    shop = store.shop()
    client = client_for(shop)
    put(store, 7, handle="nordics", name="Nordics", regions=["SE"])
    refresh_markets(client)
    put(store, 7, handle="scandinavia", name="Scandinavia", regions=["SE", "NO"])
    refresh_markets(client)
    refresh_markets(client)
    row = Market.objects.get(source_id="7")
    assert (row.handle, row.earlier_handles, row.regions) == ("scandinavia", ["nordics"], ["NO", "SE"])
    put(store, 8, handle="nordics", name="New", regions=["FI"])
    store.sandbox.documents.delete(store.name, "Market", "gid://shopify/Market/900101")
    refresh_markets(client)
    assert Market.objects.get(source_id="7").earlier_handles == []  # another market has the name now
    assert Market.objects.get(source_id="900101").is_active is False


def test_the_test_of_the_connection_reads_them_only_with_the_scope(store: Store) -> None:
    tokens = store.sandbox.tokens
    scopes = tokens.app(store.name)["scopes"]
    tokens.set_scopes(store.name, [scope for scope in scopes if scope != "read_markets"])
    try:
        checks = {check.name: check for check in check_shop(store.shop())}
    finally:
        tokens.set_scopes(store.name, scopes)
    assert checks["Scope read_markets"].ok
    assert "markets" in checks["Scope read_markets"].detail
    assert "Markets" not in checks
    assert not Market.objects.exists()


def test_they_are_read_again_when_a_day_old(store: Store) -> None:
    shop = store.shop()
    assert not refresh_if_old(shop)  # nothing read yet: Test connection begins
    check_shop(shop)
    shop = Shop.objects.get(pk=shop.pk)
    assert not refresh_if_old(shop)
    Market.objects.update(fetched_at=now() - timedelta(hours=25), name="Old")
    assert refresh_if_old(shop)
    assert not Market.objects.filter(name="Old").exists()
    Market.objects.update(fetched_at=now() - timedelta(hours=25))
    shop.scopes = "read_orders"
    assert not refresh_if_old(shop)

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs

import pytest
import responses
from django.db import connection

from common.clock import now
from common.errors import NeedsPerson, NotExecuted, Retryable
from common.http import Client
from shops.models import AuthKind, Shop
from shops.shopify import auth
from shops.shopify.auth import TokenSource, issued_to
from shops.shopify.client import ShopifyClient

TOKEN_URL = "https://main-store.myshopify.com/admin/oauth/access_token"
API_URL = "https://main-store.myshopify.com/admin/api/2026-10/graphql.json"


@pytest.fixture
def granted(shop: Shop) -> Shop:
    shop.auth_kind = AuthKind.CLIENT_CREDENTIALS
    shop.client_id, shop.client_secret, shop.access_token = "app", "secret", ""
    shop.save()
    return shop


@pytest.fixture
def paired(granted: Shop) -> Shop:
    granted.auth_kind = AuthKind.AUTHORIZATION_CODE
    granted.access_token, granted.refresh_token = "old", "refresh-1"
    granted.access_token_expires_at = now() + timedelta(minutes=2)
    granted.refresh_token_expires_at = now() + timedelta(days=30)
    granted.token_issued_to = issued_to(granted)
    granted.save()
    return granted


def source(shop: Shop) -> TokenSource:
    return TokenSource(shop, Client("Shopify"))


def sent(index: int = 0) -> dict[str, list[str]]:
    return parse_qs(str(responses.calls[index].request.body))


@responses.activate
def test_client_credentials_ask_once_and_keep_the_token(granted: Shop) -> None:
    responses.post(TOKEN_URL, json={"access_token": "t1", "scope": "read_orders", "expires_in": 86399})
    assert source(granted).token() == "t1"
    assert sent() == {"client_id": ["app"], "client_secret": ["secret"], "grant_type": ["client_credentials"]}
    saved = Shop.objects.get(pk=granted.pk)
    assert saved.access_token == "t1"
    assert timedelta(hours=23) < saved.access_token_expires_at - now() < timedelta(hours=24)  # type: ignore[operator]
    assert (saved.token_lease, saved.token_lease_until) == ("", None)
    assert source(granted).token() == "t1"  # another worker reads it
    assert len(responses.calls) == 1


@responses.activate
def test_a_token_is_renewed_before_it_ends(granted: Shop) -> None:
    for token, lifetime in (("short", 240), ("long", 86399)):
        responses.post(TOKEN_URL, json={"access_token": token, "expires_in": lifetime})
    tokens = source(granted)
    assert tokens.token() == "short"
    assert tokens.token() == "long"
    assert tokens.token() == "long"


@responses.activate
def test_a_refresh_saves_both_halves_of_the_pair(paired: Shop) -> None:
    responses.post(
        TOKEN_URL,
        json={
            "access_token": "new", "expires_in": 3600, "refresh_token": "refresh-2", "refresh_token_expires_in": 7776000
        },
    )  # fmt: skip
    assert source(paired).token() == "new"
    assert sent()["refresh_token"] == ["refresh-1"]
    saved = Shop.objects.get(pk=paired.pk)
    assert (saved.access_token, saved.refresh_token) == ("new", "refresh-2")


@responses.activate
def test_a_refresh_token_whose_end_is_not_known_is_tried(paired: Shop) -> None:
    Shop.objects.update(refresh_token_expires_at=None)
    paired.refresh_from_db()
    responses.post(TOKEN_URL, json={"access_token": "new", "expires_in": 3600, "refresh_token": "refresh-2"})
    assert source(paired).token() == "new"


@responses.activate
def test_a_refused_refresh_needs_a_person(paired: Shop) -> None:
    responses.post(TOKEN_URL, json={"error": "invalid_request"}, status=401)
    with pytest.raises(NeedsPerson) as caught:
        source(paired).token()
    assert caught.value.code == "SHOPIFY_LOGIN"
    assert "Connect the shop" in caught.value.message
    assert Shop.objects.get(pk=paired.pk).token_lease == ""
    assert Shop.objects.get(pk=paired.pk).refresh_token == "refresh-1"


@responses.activate
def test_an_expired_refresh_token_is_not_even_tried(paired: Shop) -> None:
    Shop.objects.update(refresh_token_expires_at=now() - timedelta(days=1))
    with pytest.raises(NeedsPerson):
        source(paired).token()
    assert len(responses.calls) == 0


@responses.activate
@pytest.mark.parametrize(("status", "body"), [(503, "down"), (429, "slow"), (200, "<html>"), (200, "{}")])
def test_a_login_that_fails_for_now_is_tried_again_later(granted: Shop, status: int, body: str) -> None:
    responses.post(TOKEN_URL, body=body, status=status)
    with pytest.raises(Retryable):
        source(granted).token()
    assert Shop.objects.get(pk=granted.pk).token_lease == ""


def test_missing_credentials_say_so(granted: Shop) -> None:
    Shop.objects.update(client_id="")
    with pytest.raises(NeedsPerson) as caught:
        source(granted).token()
    assert caught.value.code == "SHOP_CREDENTIALS"


@responses.activate
def test_a_token_of_other_credentials_is_not_used(granted: Shop) -> None:
    responses.post(TOKEN_URL, json={"access_token": "t1", "expires_in": 86399})
    source(granted).token()
    granted.client_secret = "rotated"
    granted.save(update_fields=["client_secret"])
    responses.replace(responses.POST, TOKEN_URL, json={"access_token": "t2", "expires_in": 86399})
    assert source(granted).token() == "t2"


@responses.activate
def test_a_401_gets_a_new_token_once(granted: Shop) -> None:
    for token in ("t1", "t2"):
        responses.post(TOKEN_URL, json={"access_token": token, "expires_in": 86399})
    responses.post(API_URL, status=401, json={"errors": "[API] Invalid API key or access token"})
    responses.post(API_URL, json={"data": {"shop": {"name": "Main"}}})
    assert ShopifyClient(granted).execute("shop") == {"shop": {"name": "Main"}}
    assert responses.calls[-1].request.headers["X-Shopify-Access-Token"] == "t2"


@responses.activate
def test_a_401_with_the_new_token_needs_a_person(granted: Shop) -> None:
    responses.post(TOKEN_URL, json={"access_token": "t1", "expires_in": 86399})
    responses.post(TOKEN_URL, json={"access_token": "t2", "expires_in": 86399})
    responses.post(API_URL, status=401, json={"errors": "no"})
    with pytest.raises(NeedsPerson) as caught:
        ShopifyClient(granted).execute("shop")
    assert caught.value.code == "SHOPIFY_LOGIN"
    assert [call.request.url for call in responses.calls] == [TOKEN_URL, API_URL, TOKEN_URL, API_URL]


@responses.activate
def test_a_refused_static_token_is_read_again_and_then_needs_a_person(shop: Shop) -> None:
    responses.post(API_URL, status=401, json={"errors": "no"})
    client = ShopifyClient(shop)
    with pytest.raises(NeedsPerson) as caught:
        client.execute("shop")
    assert caught.value.code == "SHOPIFY_LOGIN"
    assert len(responses.calls) == 1
    Shop.objects.filter(pk=shop.pk).update(access_token="shpat_2")
    responses.replace(responses.POST, API_URL, json={"data": {"shop": {}}})
    client.tokens.renew("shpat_1")
    client.execute("shop")
    assert responses.calls[-1].request.headers["X-Shopify-Access-Token"] == "shpat_2"


def test_another_workers_lease_is_waited_for(paired: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(auth, "PATIENCE", 0.3)
    Shop.objects.update(token_lease="other", token_lease_until=now() + timedelta(seconds=60))
    with pytest.raises(NotExecuted) as caught:
        source(paired).token()
    assert caught.value.code == "TOKEN_BUSY"


@responses.activate
def test_a_lease_that_ran_out_is_taken_over(paired: Shop) -> None:
    Shop.objects.update(token_lease="dead", token_lease_until=now() - timedelta(seconds=1))
    responses.post(TOKEN_URL, json={"access_token": "new", "expires_in": 3600, "refresh_token": "refresh-2"})
    assert source(paired).token() == "new"


@pytest.mark.pg
@pytest.mark.django_db(transaction=True)
def test_workers_that_need_a_token_together_refresh_once(paired: Shop) -> None:
    calls: list[str] = []

    def answer(request: Any) -> tuple[int, dict[str, str], str]:
        calls.append(parse_qs(str(request.body))["refresh_token"][0])
        return 200, {}, '{"access_token": "new", "expires_in": 3600, "refresh_token": "refresh-2"}'

    tokens: list[str] = []

    def work() -> None:
        try:
            tokens.append(source(paired).token())
        finally:
            connection.close()

    with responses.RequestsMock() as mock:
        mock.add_callback(responses.POST, TOKEN_URL, callback=answer)
        threads = [threading.Thread(target=work) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert calls == ["refresh-1"]
    assert tokens == ["new"] * 6

from __future__ import annotations

import hashlib
import hmac
import urllib.error
import urllib.request
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.auth.models import Permission, User
from django.contrib.messages import get_messages
from django.test import Client

from common.clock import now
from common.errors import NeedsPerson
from shops.models import AuthKind, Shop
from shops.shopify.oauth import authorize_url, verify_callback
from tests.shops.sandboxed import Store

pytestmark = pytest.mark.django_db


@pytest.fixture
def connecting(store: Store) -> Shop:
    return store.shop(auth_kind=AuthKind.AUTHORIZATION_CODE)


@pytest.fixture
def person(db: None) -> Client:
    user = User.objects.create_user("olga", password="long-enough-password", is_staff=True)
    user.user_permissions.add(*Permission.objects.filter(codename__in=["change_shop", "view_shop"]))
    client = Client()
    client.force_login(user)
    return client


def signed(record: Shop, **parameters: str) -> dict[str, str]:
    found = {
        "code": "c0de", "shop": record.domain, "state": "st4te", "timestamp": str(int(now().timestamp())), **parameters
    }  # fmt: skip
    message = "&".join(f"{key}={found[key]}" for key in sorted(found))
    return {
        **found,
        "hmac": hmac.new(record.client_secret.encode(), message.encode(), hashlib.sha256).hexdigest(),
    }


def test_the_merchant_is_sent_to_the_store_with_scopes_and_state(connecting: Shop) -> None:
    url = authorize_url(
        connecting, scopes=["read_orders", "write_orders"], state="s", redirect_uri="https://hub/x"
    )
    assert url.startswith(f"{connecting.api_base_url}/admin/oauth/authorize?")
    assert parse_qs(urlsplit(url).query) == {
        "client_id": ["demo-client"],
        "scope": ["read_orders,write_orders"],
        "redirect_uri": ["https://hub/x"],
        "state": ["s"],
    }


def test_a_genuine_answer_gives_its_code(connecting: Shop) -> None:
    assert verify_callback(connecting, signed(connecting), "st4te") == "c0de"


def test_the_signature_is_the_one_shopify_computes() -> None:
    shop = Shop(name="S", domain="some-shop.myshopify.com", client_secret="hush")
    parameters = {
        "code": "0907a61c0c8d55e99db179b68161bc00",
        "shop": "some-shop.myshopify.com",
        "state": "0.6784241404160823",
    }
    message = (
        "code=0907a61c0c8d55e99db179b68161bc00&shop=some-shop.myshopify.com&state=0.6784241404160823"
        f"&timestamp={(stamp := str(int(now().timestamp())))}"
    )
    proof = hmac.new(b"hush", message.encode(), hashlib.sha256).hexdigest()
    code = verify_callback(shop, {**parameters, "timestamp": stamp, "hmac": proof}, "0.6784241404160823")
    assert code == "0907a61c0c8d55e99db179b68161bc00"


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"state": "other"}, "this browser"),
        ({"shop": "other-store.myshopify.com"}, "another store"),
        ({"shop": "demo-store.myshopify.com.evil.example"}, "another store"),
        ({"timestamp": "1500000000"}, "older"),
        ({"timestamp": "soon"}, "older"),
        ({"code": ""}, "no code"),
    ],
)
def test_an_answer_that_is_signed_but_not_ours_is_refused(
    connecting: Shop, changed: dict[str, str], why: str
) -> None:
    with pytest.raises(NeedsPerson, match=why) as caught:
        verify_callback(connecting, signed(connecting, **changed), "st4te")
    assert caught.value.code == "OAUTH_CALLBACK"


@pytest.mark.parametrize("proof", ["", "0" * 64, "ü"])
def test_an_answer_without_the_right_signature_is_refused(connecting: Shop, proof: str) -> None:
    with pytest.raises(NeedsPerson, match="signature"):
        verify_callback(connecting, {**signed(connecting), "hmac": proof}, "st4te")


def test_without_a_state_nothing_is_accepted(connecting: Shop) -> None:
    with pytest.raises(NeedsPerson):
        verify_callback(connecting, signed(connecting, state=""), "")


def message_of(response: Any) -> str:
    return " ".join(str(message) for message in get_messages(response.wsgi_request))


class _StayHere(urllib.request.HTTPRedirectHandler):
    """Does not follow: the test wants to see where Shopify sends the browser."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


def approve(url: str) -> str:
    """Press *Install* on Shopify's page; returns the address it sends the browser to."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _StayHere)
    with pytest.raises(urllib.error.HTTPError) as caught:
        opener.open(url, data=b"")
    with caught.value as answer:
        return str(answer.headers["Location"])


def test_connecting_from_end_to_end_saves_an_expiring_pair(connecting: Shop, person: Client) -> None:
    start = person.get(f"/shops/{connecting.pk}/connect/")
    assert start.status_code == 302
    back = urlsplit(approve(start.headers["Location"]))
    assert back.path == "/shops/connected/"
    end = person.get(f"{back.path}?{back.query}")
    assert (end.status_code, end.headers["Location"]) == (302, f"/admin/shops/shop/{connecting.pk}/change/")
    assert "is connected" in message_of(end)
    saved = Shop.objects.get(pk=connecting.pk)
    assert saved.access_token.startswith("shpat_")
    assert saved.refresh_token.startswith("shprt_")
    assert saved.access_token_expires_at is not None
    assert saved.access_token_expires_at - now() <= timedelta(hours=1)
    replay = person.get(f"{back.path}?{back.query}")
    assert "Start again" in message_of(replay)


def test_a_forged_answer_saves_nothing(connecting: Shop, person: Client) -> None:
    person.get(f"/shops/{connecting.pk}/connect/")
    end = person.get("/shops/connected/", {"code": "x", "shop": connecting.domain, "state": "x", "hmac": "x"})
    assert "was not accepted" in message_of(end)
    assert Shop.objects.get(pk=connecting.pk).access_token == ""


def test_connecting_needs_the_permission_and_a_login(connecting: Shop) -> None:
    User.objects.create_user("vera", password="long-enough-password", is_staff=True)
    client = Client()
    assert client.get(f"/shops/{connecting.pk}/connect/").headers["Location"].startswith("/admin/login/")
    client.login(username="vera", password="long-enough-password")
    assert client.get(f"/shops/{connecting.pk}/connect/").status_code == 403
    assert client.get("/shops/connected/").status_code == 403


def test_only_a_shop_of_that_kind_connects(store: Store, person: Client) -> None:
    shop = store.shop(auth_kind=AuthKind.STATIC)
    assert person.get(f"/shops/{shop.pk}/connect/").status_code == 404


def test_a_shop_without_credentials_says_so(connecting: Shop, person: Client) -> None:
    Shop.objects.update(client_id="")
    response = person.get(f"/shops/{connecting.pk}/connect/")
    assert "not filled in" in message_of(response)

"""Tokens: every way to get one, and every way one stops working."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from sandbox.shopify.app import create_app
from sandbox.shopify.auth import AuthError, Tokens, callback_hmac
from sandbox.shopify.documents import Documents
from sandbox.shopify.seeding import seed_demo, seed_stores

from .conftest import IN_DEMO_STORE, SPECIFIED, Client

CREDENTIALS = {"client_id": "demo-client", "client_secret": "demo-secret-do-not-use"}
SHOP = "{ shop { name } }"


def _token(client: Client, **form: Any) -> requests.Response:
    return requests.post(f"{client.url}/admin/oauth/access_token", data={**CREDENTIALS, **form}, timeout=10)


def test_client_credentials_give_a_token_for_a_day(empty: Client) -> None:
    answer = _token(empty, grant_type="client_credentials").json()
    assert answer["expires_in"] == 86399
    assert "write_orders" in answer["scope"].split(",")
    assert "refresh_token" not in answer
    empty.token = answer["access_token"]
    assert empty.run(SHOP) == {"shop": {"name": "Demo Store"}}


def test_wrong_secret_is_refused(empty: Client) -> None:
    answer = _token(empty, grant_type="client_credentials", client_secret="nope")
    assert answer.status_code == 401
    assert answer.json()["error"] == "invalid_client"


def test_unknown_token_is_the_documented_401(empty: Client) -> None:
    empty.token = "shpat_wrong"
    answer = empty.post(SHOP)
    assert answer.status_code == 401
    assert answer.json() == {
        "errors": "[API] Invalid API key or access token (unrecognized login or wrong password)"
    }


def test_a_token_of_one_store_does_not_open_another(empty: Client) -> None:
    empty.token = _token(empty, grant_type="client_credentials").json()["access_token"]
    empty.store = "demo-uk"
    assert empty.post(SHOP).status_code == 401


def test_authorization_code_to_expiring_pair_and_refresh(empty: Client) -> None:
    wanted = {
        "client_id": "demo-client",
        "scope": "read_orders",
        "redirect_uri": "http://127.0.0.1:9/back",
        "state": "s1",
    }
    page = requests.get(f"{empty.url}/admin/oauth/authorize", params=wanted, timeout=10)
    assert "Install Integration Hub" in page.text
    sent = requests.post(f"{empty.url}/admin/oauth/authorize", data=wanted, timeout=10, allow_redirects=False)
    given = {key: values[0] for key, values in parse_qs(urlsplit(sent.headers["Location"]).query).items()}
    assert given["hmac"] == callback_hmac(given, "demo-secret-do-not-use")
    assert (given["shop"], given["state"]) == ("demo-store.myshopify.com", "s1")
    pair = _token(empty, code=given["code"], expiring="1").json()
    assert (pair["expires_in"], pair["refresh_token_expires_in"]) == (3600, 7776000)
    assert _token(empty, code=given["code"], expiring="1").status_code == 400
    empty.token = pair["access_token"]
    assert empty.run(SHOP)
    renewed = _token(empty, grant_type="refresh_token", refresh_token=pair["refresh_token"]).json()
    assert renewed["refresh_token"] != pair["refresh_token"]
    again = _token(empty, grant_type="refresh_token", refresh_token=pair["refresh_token"])
    assert again.status_code == 200, "the used refresh token lives until the new access token is used"
    empty.token = again.json()["access_token"]
    assert empty.run(SHOP)
    last = _token(empty, grant_type="refresh_token", refresh_token=pair["refresh_token"])
    assert (last.status_code, last.json()["error"]) == (401, "invalid_request")


def test_tokens_run_out(tmp_path: Any) -> None:
    now = [1000.0]
    documents = Documents(tmp_path)
    tokens = Tokens(documents, clock=lambda: now[0])
    tokens.seed("demo-store")
    code = tokens.code("demo-store", ["read_orders"])
    pair = tokens.grant("demo-store", {**CREDENTIALS, "code": code, "expiring": "1"})
    now[0] += 3599
    assert tokens.check("demo-store", pair["access_token"]) == frozenset({"read_orders"})
    now[0] += 1
    assert tokens.check("demo-store", pair["access_token"]) is None
    now[0] += 90 * 86400
    with pytest.raises(AuthError, match="active refresh_token"):
        tokens.grant(
            "demo-store",
            {**CREDENTIALS, "grant_type": "refresh_token", "refresh_token": pair["refresh_token"]},
        )
    documents.close()


def test_missing_scope_denies_the_field_and_leaves_the_rest(demo: Client) -> None:
    order_id = demo.order_id("1001")
    demo.sandbox.tokens.set_scopes("demo-store", ["read_orders", "read_all_orders"])
    answer = demo.post("query($id: ID!) { order(id: $id) { name customer { id } } }", {"id": order_id}).json()
    assert answer["data"] == {"order": {"name": "#1001", "customer": None}}
    [error] = answer["errors"]
    assert error["message"] == (
        "Access denied for customer field. Required access: `read_customers` access scope."
    )
    assert error["extensions"]["code"] == "ACCESS_DENIED"
    assert error["path"] == ["order", "customer"]
    mutation = "mutation($id: ID!) { orderClose(input: {id: $id}) { userErrors { message } } }"
    denied = demo.post(mutation, {"id": order_id}).json()
    assert denied["data"] == {"orderClose": None}
    assert denied["errors"][0]["extensions"]["requiredAccess"] == "`write_orders` access scope."


def test_without_read_all_orders_only_sixty_days_are_seen(demo: Client) -> None:
    old = demo.sandbox.shop("demo-store")
    order = old.editable(demo.order_id("1005"))
    assert order is not None
    order["createdAt"] = "2020-01-01T00:00:00Z"
    old.put("Order", order)
    ask = "query($id: ID!) { order(id: $id) { name } }"
    assert demo.run(ask, id=order["id"]) == {"order": {"name": "#1005"}}
    demo.sandbox.tokens.set_scopes("demo-store", ["read_orders"])
    assert demo.run(ask, id=order["id"]) == {"order": None}


def test_state_survives_a_restart(tmp_path: Any) -> None:

    first = create_app(tmp_path)
    seed_stores(first)
    assert seed_demo(first) == len(SPECIFIED)
    issued = first.tokens.grant("demo-uk", {**CREDENTIALS, "grant_type": "client_credentials"})
    first.close()
    second = create_app(tmp_path)
    assert second.stores() == ["demo-jp", "demo-kw", "demo-store", "demo-uk"]
    assert seed_demo(second) == 0
    assert second.tokens.check("demo-uk", issued["access_token"])
    assert len(second.documents.summaries("demo-store", "Order")) == len(IN_DEMO_STORE)
    second.close()

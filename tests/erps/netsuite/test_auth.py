from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode

import jwt
import pytest
import requests
import responses
import time_machine
from cryptography.hazmat.primitives import serialization
from pytest_django import Settings

from common.errors import NeedsPerson, NotExecuted, Retryable
from common.http import Client
from erps.netsuite.account import Account, check_address, host_label_of, realm_of
from erps.netsuite.auth import ClientCredentials, Token, TokenBased
from tests.erps.netsuite.given import BASE, TOKEN_URL, Store, data

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def _public(pem: str) -> Any:
    return serialization.load_pem_private_key(pem.encode(), None).public_key()


@pytest.mark.parametrize("algorithm", ["ES256", "PS256"])
def test_the_assertion_is_what_netsuite_documents(
    account: Account, rsa_key: str, ec_key: str, algorithm: str
) -> None:
    key = rsa_key if algorithm == "PS256" else ec_key
    signer = ClientCredentials(
        replace(account, algorithm=algorithm, private_key=key), Client("NetSuite"), Store()
    )
    with time_machine.travel(NOON, tick=False):
        text = signer.assertion(NOON)
        claims = jwt.decode(text, _public(key), algorithms=[algorithm], audience=TOKEN_URL)
    assert jwt.get_unverified_header(text) == {"typ": "JWT", "alg": algorithm, "kid": "cert-1"}
    assert claims.pop("jti")
    assert claims == {
        "iss": "client-1",
        "scope": ["rest_webservices"],
        "aud": TOKEN_URL,
        "iat": 1795176000,
        "exp": 1795179600,
    }
    expected = data("token_response.json")
    assert set(claims) | {"jti"} == set(expected["jwt_payload"])


def test_the_token_request_is_what_netsuite_documents(
    account: Account, netsuite: responses.RequestsMock
) -> None:
    known = data("token_response.json")
    netsuite.add("POST", TOKEN_URL, json=known["response"]["body"])
    ClientCredentials(account, Client("NetSuite"), Store()).headers()
    request = netsuite.calls[0].request
    form = {name: values[0] for name, values in parse_qs(str(request.body)).items()}
    form["client_assertion"] = "<JWT>"
    assert form == known["request"]["form"]
    assert request.headers["Content-Type"] == known["request"]["headers"]["Content-Type"]
    assert request.url == known["request"]["url"]


def test_a_key_that_does_not_fit_the_algorithm_is_a_persons_business(account: Account) -> None:
    signer = ClientCredentials(replace(account, algorithm="PS256"), Client("NetSuite"), Store())
    with pytest.raises(NeedsPerson) as caught:
        signer.headers()
    assert caught.value.code == "ERP_KEY"
    assert caught.value.message == "The private key of Demo books cannot sign with PS256."
    assert "BEGIN" not in caught.value.detail


def test_a_token_is_asked_for_once_and_again_ten_minutes_before_its_hour_ends(
    account: Account, netsuite: responses.RequestsMock, store: Store
) -> None:
    for number in range(1, 3):
        netsuite.add("POST", TOKEN_URL, json={"access_token": f"t{number}", "expires_in": "3600"})
    credentials = ClientCredentials(account, Client("NetSuite"), store)
    with time_machine.travel(NOON, tick=False) as clock:
        assert credentials.headers() == {"Authorization": "Bearer t1"}
        clock.shift(timedelta(minutes=49, seconds=59))
        assert credentials.headers() == {"Authorization": "Bearer t1"}
        clock.shift(timedelta(seconds=1))
        assert credentials.headers() == {"Authorization": "Bearer t2"}
    assert [token.value for token in store.saved] == ["t1", "t2"]
    assert store.saved[0].expires_at == NOON + timedelta(hours=1)


@pytest.mark.parametrize(
    ("expires_in", "minutes"),
    [("3600", 60), (3600, 60), ("1800.0", 30), (None, 60), ("soon", 60), (-5, 60), (99999, 60)],
)
def test_the_end_is_read_leniently(
    account: Account, netsuite: responses.RequestsMock, store: Store, expires_in: object, minutes: int
) -> None:
    netsuite.add("POST", TOKEN_URL, json={"access_token": "t", "expires_in": expires_in})
    with time_machine.travel(NOON, tick=False):
        ClientCredentials(account, Client("NetSuite"), store).headers()
    assert store.saved[0].expires_at == NOON + timedelta(minutes=minutes)


def test_a_token_another_worker_got_is_used(account: Account, netsuite: responses.RequestsMock) -> None:
    with time_machine.travel(NOON, tick=False):
        shared = Store(Token("theirs", NOON + timedelta(minutes=30)))
        credentials = ClientCredentials(account, Client("NetSuite"), shared)
        assert credentials.headers() == {"Authorization": "Bearer theirs"}
        shared.token = Token("newer", NOON + timedelta(minutes=55))
        credentials.renew("Bearer theirs")
        assert credentials.headers() == {"Authorization": "Bearer newer"}
    assert len(netsuite.calls) == 0


def test_a_refused_token_is_replaced_even_when_it_looks_fresh(
    account: Account, netsuite: responses.RequestsMock
) -> None:
    netsuite.add("POST", TOKEN_URL, json={"access_token": "new", "expires_in": "3600"})
    with time_machine.travel(NOON, tick=False):
        shared = Store(Token("old", NOON + timedelta(minutes=55)))
        credentials = ClientCredentials(account, Client("NetSuite"), shared)
        assert credentials.headers() == {"Authorization": "Bearer old"}
        assert credentials.renew("Bearer old") is True
        assert credentials.headers() == {"Authorization": "Bearer new"}
        credentials.renew("Bearer old")  # a second thread was refused with the same old token
    assert len(netsuite.calls) == 1


def test_renewing_by_hand_always_gets_a_new_token(
    account: Account, netsuite: responses.RequestsMock, store: Store
) -> None:
    netsuite.add("POST", TOKEN_URL, json={"access_token": "a", "expires_in": "3600"})
    netsuite.add("POST", TOKEN_URL, json={"access_token": "b", "expires_in": "3600"})
    credentials = ClientCredentials(account, Client("NetSuite"), store)
    credentials.headers()
    credentials.renew()
    assert credentials.headers() == {"Authorization": "Bearer b"}


@pytest.mark.parametrize(
    "case", data("token_response.json")["errors"], ids=lambda case: case["body"]["error"]
)
def test_every_refused_sign_in_needs_a_person(
    account: Account, netsuite: responses.RequestsMock, store: Store, case: dict[str, Any]
) -> None:
    netsuite.add("POST", TOKEN_URL, json=case["body"], status=case["status"], headers=case.get("headers"))
    with pytest.raises(NeedsPerson) as caught:
        ClientCredentials(account, Client("NetSuite"), store).headers()
    assert caught.value.code == "ERP_LOGIN"
    assert caught.value.message == f"NetSuite refused the sign-in of Demo books ({case['body']['error']})."


@pytest.mark.parametrize(("status", "kind"), [(429, NotExecuted), (500, Retryable), (503, Retryable)])
def test_a_sign_in_that_fails_for_now_is_tried_again(
    account: Account, netsuite: responses.RequestsMock, store: Store, status: int, kind: type[Exception]
) -> None:
    netsuite.add("POST", TOKEN_URL, body="<html>busy</html>", status=status)
    with pytest.raises(kind):
        ClientCredentials(account, Client("NetSuite"), store).headers()


def test_a_sign_in_without_an_answer_has_done_nothing(
    account: Account, netsuite: responses.RequestsMock, store: Store
) -> None:
    netsuite.add("POST", TOKEN_URL, body=requests.ReadTimeout("slow"))
    with pytest.raises(NotExecuted) as caught:
        ClientCredentials(account, Client("NetSuite"), store).headers()
    assert caught.value.code == "NO_ANSWER"


def test_a_sign_in_without_a_token_is_tried_again(
    account: Account, netsuite: responses.RequestsMock, store: Store
) -> None:
    netsuite.add("POST", TOKEN_URL, json={"token_type": "bearer"})
    with pytest.raises(Retryable, match="without a token"):
        ClientCredentials(account, Client("NetSuite"), store).headers()


# --------------------------------------------------------------------------------------------------- TBA

VECTORS = data("tba_signature_vectors.json")


@pytest.mark.parametrize("vector", VECTORS["vectors"], ids=lambda vector: vector["method"])
def test_signatures_are_those_of_netsuites_help(
    tba_account: Account, vector: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    known = VECTORS["credentials"]
    monkeypatch.setattr("oauthlib.oauth1.rfc5849.generate_nonce", lambda: known["nonce"])
    monkeypatch.setattr("oauthlib.oauth1.rfc5849.generate_timestamp", lambda: known["timestamp"])
    query = f"?{urlencode(vector['query'])}" if vector["query"] else ""
    request = requests.Request(
        vector["method"], vector["url"] + query, auth=TokenBased(tba_account).signer()
    ).prepare()
    header: Any = request.headers["Authorization"]
    text = header.decode() if isinstance(header, bytes) else header
    fields = {name: unquote(value) for name, value in re.findall(r'(\w+)="([^"]*)"', text)}
    assert fields.pop("oauth_signature") == vector["signature"]
    assert fields == {
        "realm": known["realm"],
        "oauth_consumer_key": known["consumerKey"],
        "oauth_token": known["token"],
        "oauth_nonce": known["nonce"],
        "oauth_timestamp": known["timestamp"],
        "oauth_signature_method": known["signatureMethod"],
        "oauth_version": known["version"],
    }


def test_every_send_has_a_nonce_of_its_own(tba_account: Account) -> None:
    credentials = TokenBased(tba_account)
    nonces = set()
    for _ in range(5):
        request = requests.Request("GET", f"{BASE}/record/v1/x", auth=credentials.signer()).prepare()
        match = re.search(r'oauth_nonce="(\w+)"', str(request.headers["Authorization"]))
        assert match is not None
        assert len(match.group(1)) >= 6
        nonces.add(match.group(1))
    assert len(nonces) == 5


def test_a_refused_signature_is_not_sent_again(tba_account: Account) -> None:
    credentials = TokenBased(tba_account)
    assert credentials.renew("OAuth ...") is False
    assert credentials.headers() == {}


# --------------------------------------------------------------------------------------------------- addresses


@pytest.mark.parametrize("forms", VECTORS["accountIdForms"], ids=lambda forms: forms["realm"])
@pytest.mark.parametrize("written", ["realm", "host"])
def test_an_account_id_may_be_written_either_way(forms: dict[str, str], written: str) -> None:
    assert realm_of(forms[written]) == forms["realm"]
    assert host_label_of(forms[written]) == forms["host"]


def test_the_base_url_is_built_from_the_account_id_unless_given(account: Account) -> None:
    assert account.service_url == BASE
    assert account.pages_url == "https://1234567-sb1.app.netsuite.com"
    own = replace(account, base_url="http://127.0.0.1:8123")
    assert own.service_url == "http://127.0.0.1:8123/services/rest"
    assert own.pages_url == "http://127.0.0.1:8123"
    assert replace(account, base_url="https://x/services/rest").service_url == "https://x/services/rest"


@pytest.mark.parametrize(
    "url",
    [
        "http://1234567.suitetalk.api.netsuite.com",
        "https://suitetalk.api.netsuite.com.evil.example",
        "https://1234567.suitetalk.api.netsuite.com.evil.example",
        "https://evil.example/.suitetalk.api.netsuite.com",
        "https://user:pw@1234567.suitetalk.api.netsuite.com",
        "http://127.0.0.1:8000",
        "file:///etc/passwd",
        "",
    ],
)
def test_outside_debug_only_netsuite_is_an_address(settings: Settings, url: str) -> None:
    settings.DEBUG, settings.HUB_EXTRA_API_HOSTS = False, []
    with pytest.raises(NeedsPerson) as caught:
        check_address(url)
    assert caught.value.code == "ERP_ADDRESS_REFUSED"


def test_nothing_is_signed_for_a_strange_address(account: Account, netsuite: responses.RequestsMock) -> None:
    strange = replace(account, base_url="https://books.evil.example")
    with pytest.raises(NeedsPerson) as caught:
        ClientCredentials(strange, Client("NetSuite"), Store()).headers()
    assert caught.value.code == "ERP_ADDRESS_REFUSED"
    assert len(netsuite.calls) == 0


def test_a_named_host_passes(settings: Settings) -> None:
    settings.DEBUG, settings.HUB_EXTRA_API_HOSTS = False, ["books.example", "127.0.0.1:8123"]
    check_address("https://1234567.suitetalk.api.netsuite.com/services/rest")
    check_address("http://Books.example/services/rest")
    check_address("http://127.0.0.1:8123/services/rest")
    with pytest.raises(NeedsPerson):
        check_address("http://127.0.0.1:9999/services/rest")
    settings.DEBUG = True
    check_address("http://127.0.0.1:9999/services/rest")
    with pytest.raises(NeedsPerson):
        check_address("ftp://127.0.0.1/")

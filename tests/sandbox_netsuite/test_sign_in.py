"""OAuth 2.0 client credentials and token-based authentication."""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import quote

import pytest
import requests

from sandbox.netsuite.auth import signature
from tests.sandbox_netsuite.talk import RSA_KEY, Client, public_pem, recorded

TIME = "/system/v1/serverTime"


def test_an_elliptic_curve_and_a_pss_assertion_both_get_a_token(client: Client) -> None:
    client.control("certificates", {"certificate_id": "cert-rsa", "client_id": "demo-integration",
                                    "public_key_pem": public_pem(RSA_KEY)})  # fmt: skip
    first = client.token(client.assertion())
    second = client.token(client.assertion(RSA_KEY, "PS256", "cert-rsa"))
    assert (first.json()["expires_in"], first.json()["token_type"]) == ("3600", "bearer")
    assert second.status_code == 200
    assert first.json()["access_token"] != second.json()["access_token"]


@pytest.mark.parametrize(
    ("claims", "error"),
    [
        ({"aud": "https://elsewhere.example/token"}, "invalid_grant"),
        ({"exp": int(time.time()) + 7300}, "invalid_grant"),
        ({"exp": int(time.time()) - 10, "iat": int(time.time()) - 100}, "invalid_grant"),
        ({"scope": ["everything"]}, "invalid_scope"),
        ({"iss": "stranger"}, "invalid_client"),
    ],
)
def test_a_wrong_claim_is_refused(client: Client, claims: dict[str, Any], error: str) -> None:
    answer = client.token(client.assertion(**claims))
    assert answer.json() == {"error": error}
    assert answer.status_code == (401 if error == "invalid_client" else 400)
    assert ("WWW-Authenticate" in answer.headers) == (error == "invalid_client")


def test_plain_rsa_signatures_unknown_certificates_and_other_grants_are_refused(client: Client) -> None:
    client.control("certificates", {"certificate_id": "cert-rsa", "client_id": "demo-integration",
                                    "public_key_pem": public_pem(RSA_KEY)})  # fmt: skip
    assert client.token(client.assertion(RSA_KEY, "RS256", "cert-rsa")).json() == {"error": "invalid_grant"}
    assert client.token(client.assertion(kid="nobody")).json() == {"error": "invalid_grant"}
    assert client.token("x", grant_type="password").json() == {"error": "unsupported_grant_type"}
    assert client.token("not a token").json() == {"error": "invalid_request"}
    client.control("certificates/revoke", {"certificate_id": "cert-ec"})
    assert client.token(client.assertion()).json() == {"error": "invalid_grant"}


def test_an_expired_token_is_401_with_the_recorded_body(client: Client) -> None:
    assert client.call("GET", TIME).status_code == 200
    client.control("tokens/expire", {})
    answer = client.call("GET", TIME)
    expected = next(case for case in recorded("errors_catalogue")["cases"] if case["name"] == "invalid_login")
    assert answer.status_code == 401
    assert answer.json() == expected["body"]
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]


def test_the_published_signature_vectors_hold() -> None:
    vectors = recorded("tba_signature_vectors")
    keys = vectors["credentials"]
    oauth = [
        ("oauth_consumer_key", keys["consumerKey"]), ("oauth_token", keys["token"]), ("oauth_nonce", keys["nonce"]),
        ("oauth_timestamp", keys["timestamp"]), ("oauth_version", keys["version"]),
        ("oauth_signature_method", keys["signatureMethod"]),
    ]  # fmt: skip
    for vector in vectors["vectors"]:
        params = [*vector["query"].items(), *oauth]
        made = signature(vector["method"], vector["url"], params, keys["consumerSecret"], keys["tokenSecret"])
        assert made == vector["signature"]


def tba_header(url: str, query: list[tuple[str, str]], **changes: str) -> str:
    fields = {
        "realm": "TSTDRV0000001", "oauth_consumer_key": "demo-consumer-key", "oauth_token": "demo-token",
        "oauth_nonce": "abcdef123456", "oauth_timestamp": str(int(time.time())),
        "oauth_signature_method": "HMAC-SHA256", "oauth_version": "1.0", **changes,
    }  # fmt: skip
    params = [*query, *[(key, value) for key, value in fields.items() if key != "realm"]]
    made = signature("GET", url, params, "demo-consumer-secret-do-not-use", "demo-token-secret-do-not-use")
    fields.setdefault("oauth_signature", quote(made, safe=""))
    return "OAuth " + ", ".join(f'{key}="{value}"' for key, value in fields.items())


def test_token_based_sign_in_works_once_per_nonce(client: Client) -> None:
    url = f"{client.base_url}/services/rest/record/v1/customer"
    header = tba_header(url, [("limit", "2")])
    first = requests.get(url, params={"limit": "2"}, headers={"Authorization": header}, timeout=10)
    assert (first.status_code, first.json()["count"]) == (200, 2)
    replay = requests.get(url, params={"limit": "2"}, headers={"Authorization": header}, timeout=10)
    assert replay.status_code == 401


@pytest.mark.parametrize(
    "changes",
    [
        {"realm": "OTHER"},
        {"oauth_timestamp": str(int(time.time()) - 400)},
        {"oauth_signature_method": "HMAC-SHA1"},
        {"oauth_signature": "AAAA"},
        {"oauth_nonce": "short"},
    ],
)
def test_a_wrong_token_based_header_is_401(client: Client, changes: dict[str, str]) -> None:
    url = f"{client.base_url}/services/rest{TIME}"
    answer = requests.get(url, headers={"Authorization": tba_header(url, [], **changes)}, timeout=10)
    assert answer.status_code == 401

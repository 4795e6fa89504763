"""An account to test with: keys of both kinds, and a client whose HTTP the `responses` library answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import responses
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from pytest_django import Settings

from common.http import Client
from erps.netsuite.account import Account
from erps.netsuite.auth import ClientCredentials
from erps.netsuite.client import NetSuiteClient
from tests.erps.netsuite.given import TOKEN_URL, Store, data


def _pem(key: Any) -> str:
    return str(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode()
    )


@pytest.fixture(scope="session")
def rsa_key() -> str:
    return _pem(rsa.generate_private_key(public_exponent=65537, key_size=3072))


@pytest.fixture(scope="session")
def ec_key() -> str:
    return _pem(ec.generate_private_key(ec.SECP256R1()))


@pytest.fixture
def account(ec_key: str, settings: Settings) -> Account:
    settings.DEBUG = False
    settings.HUB_EXTRA_API_HOSTS = []
    return Account(
        connection_id=1,
        name="Demo books",
        account_id="1234567_SB1",
        base_url="",
        auth_kind="oauth2",
        client_id="client-1",
        certificate_id="cert-1",
        algorithm="ES256",
        private_key=ec_key,
        consumer_secret="",
        token_id="",
        token_secret="",
        order_id_field="custbody_shp_order_id",
        order_url_field="custbody_shp_order_url",
        line_id_field="custcol_shp_line_id",
    )


@pytest.fixture
def tba_account(account: Account) -> Account:
    known = data("tba_signature_vectors.json")["credentials"]
    return replace(
        account,
        account_id=known["realm"],
        auth_kind="tba",
        client_id=known["consumerKey"],
        consumer_secret=known["consumerSecret"],
        token_id=known["token"],
        token_secret=known["tokenSecret"],
    )


@pytest.fixture
def netsuite() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
def client(
    account: Account, netsuite: responses.RequestsMock, store: Store, monkeypatch: pytest.MonkeyPatch
) -> Iterator[NetSuiteClient]:
    """A client that signs in when it first sends; pauses after a 429 are none."""
    monkeypatch.setattr("erps.netsuite.client.BUSY_PAUSES", (0.0, 0.0, 0.0))
    netsuite.add("POST", TOKEN_URL, json=data("token_response.json")["response"]["body"])
    http = Client("NetSuite")
    yield NetSuiteClient(account, ClientCredentials(account, http, store), http)
    http.close()

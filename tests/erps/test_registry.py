from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta

import pytest
import responses
import time_machine
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.db import connection as database
from pytest_django import DjangoAssertNumQueries

from erps import registry
from erps.models import ErpConnection, ReferenceRecord
from erps.registry import adapter_for
from erps.tokens import load_token
from tests.erps.making import sales_order

BASE = "https://1234567.suitetalk.api.netsuite.com/services/rest"
NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.fixture
def connection(db: None) -> ErpConnection:
    key = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    row = ErpConnection.objects.create(
        key="books",
        name="Demo books",
        account_id="1234567",
        client_id="client-1",
        certificate_id="cert-1",
        algorithm="ES256",
        private_key=key.decode(),
        capabilities={
            "suitetax": True,
            "oneworld": True,
            "taxable_flag": False,
            "invoice_approval": False,
            "promotions": False,
        },
    )
    registry.forget(row.pk)
    return row


def test_an_adapter_is_made_once_and_anew_when_something_it_needs_changes(
    connection: ErpConnection, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    first = adapter_for(connection)
    with django_assert_num_queries(0):
        assert adapter_for(connection) is first
    connection.concurrency_limit = 9
    connection.access_token = "irrelevant"
    assert adapter_for(connection) is first
    for name, value in (
        ("client_id", "client-2"),
        ("order_id_field", "custbody_other"),
        ("base_url", "https://x.suitetalk.api.netsuite.com"),
        ("auth_kind", "tba"),
        ("name", "Other books"),
        (
            "capabilities",
            {
                "suitetax": False,
                "oneworld": True,
                "taxable_flag": True,
                "invoice_approval": False,
                "promotions": False,
            },
        ),
    ):
        before = adapter_for(connection)
        setattr(connection, name, value)
        assert adapter_for(connection) is not before, name
    current = adapter_for(connection)
    registry.forget(connection.pk)
    assert adapter_for(connection) is not current


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_forked_worker_makes_its_own(connection: ErpConnection) -> None:
    adapter_for(connection)
    assert registry._adapters
    child = os.fork()
    if child == 0:
        os._exit(0 if not registry._adapters and not registry._lock.locked() else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert registry._adapters


def test_an_erp_without_an_adapter_is_refused(connection: ErpConnection) -> None:
    connection.kind = "abacus"
    with pytest.raises(ValueError, match="There is no adapter for 'abacus'"):
        adapter_for(connection)


def test_what_is_cached_of_the_account_is_not_asked_again(connection: ErpConnection) -> None:
    ReferenceRecord.objects.create(
        connection=connection, kind="currency", erp_id="17", name="US Dollar", code="USD", fetched_at=NOON
    )
    with responses.RequestsMock() as netsuite:
        payload = adapter_for(connection).document_payload(sales_order())
        assert len(netsuite.calls) == 0
    assert payload["currency"] == {"id": "17"}
    assert payload["taxDetailsOverride"] is True


def test_one_token_serves_all_workers_and_is_encrypted_at_rest(connection: ErpConnection) -> None:
    with responses.RequestsMock() as netsuite, time_machine.travel(NOON, tick=False):
        netsuite.add(
            "POST", f"{BASE}/auth/oauth2/v1/token", json={"access_token": "one", "expires_in": "3600"}
        )
        netsuite.add("POST", f"{BASE}/query/v1/suiteql", json={"items": [], "hasMore": False})
        for _ in range(2):  # the second adapter stands for another worker
            adapter_for(connection).find_items(["TEE"])
            registry.forget(connection.pk)
        assert [call.request.url for call in netsuite.calls if str(call.request.url).endswith("token")] == [
            f"{BASE}/auth/oauth2/v1/token"
        ]
        assert [call.request.headers["Authorization"] for call in list(netsuite.calls)[1:]] == [
            "Bearer one"
        ] * 2
    assert load_token(connection.pk) == ("one", NOON + timedelta(hours=1))
    with database.cursor() as cursor:
        cursor.execute("SELECT access_token FROM erps_erpconnection WHERE id = %s", [connection.pk])
        (stored,) = cursor.fetchone()
    assert stored.startswith("hub1:")
    assert "one" not in stored.rpartition(":")[0]

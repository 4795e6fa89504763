"""The last day of a connection's certificate: read from what is pasted in, or typed; the certificate is not kept."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.test import Client
from django.urls import reverse

from erps.models import ErpConnection

pytestmark = pytest.mark.django_db
KEY = ec.generate_private_key(ec.SECP256R1())
PEM = serialization.Encoding.PEM


def certificate(end: datetime) -> str:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "integration-hub")])
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(KEY.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2026, 1, 1, tzinfo=UTC))
        .not_valid_after(end)
    )
    return builder.sign(KEY, hashes.SHA256()).public_bytes(PEM).decode()


def save(client: Client, connection: ErpConnection, **values: str) -> Any:
    form = {
        "name": connection.name, "kind": "netsuite", "account_id": connection.account_id, "auth_kind": "oauth2",
        "client_id": "client", "certificate_id": "c1", "algorithm": "ES256", "concurrency_limit": "4",
        "tax_strategy": "tax_line", "shipping_as": "line", "is_active": "on", **values,
    }  # fmt: skip
    return client.post(reverse("admin:erps_erpconnection_change", args=[connection.pk]), form)


def test_the_last_day_is_read_from_the_certificate(boss: Client, connection: ErpConnection) -> None:
    text = certificate(datetime(2028, 2, 29, 23, 59, tzinfo=UTC))
    assert save(boss, connection, certificate=text, certificate_valid_until="2027-01-01").status_code == 302
    connection.refresh_from_db()
    assert connection.certificate_valid_until == date(2028, 2, 29)
    save(boss, connection, certificate_valid_until="2027-01-01")
    connection.refresh_from_db()
    assert connection.certificate_valid_until == date(2027, 1, 1)


@pytest.mark.parametrize("kind", ["text", "key"])
def test_what_is_no_certificate_is_refused(boss: Client, connection: ErpConnection, kind: str) -> None:
    key = KEY.private_bytes(PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode()
    answer = save(boss, connection, certificate=key if kind == "key" else "no certificate")
    said = answer.context["adminform"].form.errors["certificate"][0]
    assert said == (
        "This holds the private key. Paste the certificate only: -----BEGIN CERTIFICATE-----."
        if kind == "key"
        else "This is not a certificate in PEM form. It starts with -----BEGIN CERTIFICATE-----."
    )
    assert key not in answer.content.decode()

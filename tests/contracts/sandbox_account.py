"""A sandbox NetSuite over HTTP with a connection of ours to it, and what a test may do to it."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from erps import registry
from erps.models import AuthKind, ErpConnection
from sandbox.netsuite.app import create_app
from sandbox.serving import serve


class SandboxAccount:
    """One running account. `faults` and `settings` speak to its control pages."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url

    def control(self, name: str, body: Any = None, method: str = "POST") -> Any:
        request = urllib.request.Request(
            f"{self.base_url}/_sandbox/{name}",
            None if method == "GET" else json.dumps(body or {}).encode(),
            {"Content-Type": "application/json"},
            method=method,
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)

    def settings(self, **changes: Any) -> None:
        self.control("settings", changes)

    def fault(self, action: str, **rule: Any) -> None:
        self.control("faults", {"action": action, "times": 1, **rule})

    def stats(self) -> Any:
        return self.control("stats", method="GET")

    def reset(self) -> None:
        self.control("reset")
        self.control("settings", DEFAULTS)


DEFAULTS: dict[str, Any] = {
    "tax_mode": "suitetax",
    "concurrency_limit": 15,
    "hidden_tables": [],
    "denied_records": [],
    "custom_fields": ["custbody_shp_order_id", "custbody_shp_order_url", "custcol_shp_line_id"],
    "closed_period_blocks_all": False,
    "latency_write": None,
    "latency_query": None,
}


@contextmanager
def running(folder: Path) -> Iterator[SandboxAccount]:
    """A sandbox account for the length of a block."""
    app = create_app(folder)
    try:
        with serve(app) as base_url:
            yield SandboxAccount(base_url)
    finally:
        app.store.close()


def certificate() -> tuple[str, str]:
    """A new EC key: private and public PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return private.decode(), public.decode()


def connect(account: SandboxAccount, private_key: str, **changes: Any) -> ErpConnection:
    """A connection row to the account, whose adapter is made anew."""
    connection = ErpConnection.objects.create(
        **{
            "key": "books",
            "name": "Demo books",
            "account_id": "TSTDRV0000001",
            "base_url": account.base_url,
            "auth_kind": AuthKind.OAUTH2,
            "client_id": "demo-integration",
            "certificate_id": "contract-tests",
            "algorithm": "ES256",
            "private_key": private_key,
            "concurrency_limit": 4,
            **changes,
        }
    )
    registry.forget(connection.pk)
    return connection

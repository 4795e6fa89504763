from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from canonical.documents import TaxStrategy
from erps.models import AuthKind
from tests.contracts.books import SandboxNetSuite
from tests.contracts.sandbox_account import SandboxAccount, certificate, connect, running


@pytest.fixture(scope="session")
def key_pair() -> tuple[str, str]:
    return certificate()


@pytest.fixture(scope="session")
def account(tmp_path_factory: pytest.TempPathFactory, key_pair: tuple[str, str]) -> Iterator[SandboxAccount]:
    folder: Path = tmp_path_factory.mktemp("netsuite")
    with running(folder) as account:
        account.control(
            "certificates",
            {
                "certificate_id": "contract-tests",
                "client_id": "demo-integration",
                "public_key_pem": key_pair[1],
            },
        )
        yield account


SHAPES = {
    "netsuite-suitetax": (AuthKind.OAUTH2, TaxStrategy.TAX_DETAILS, "suitetax"),
    "netsuite-tax-line": (AuthKind.OAUTH2, TaxStrategy.TAX_LINE, "suitetax"),
    "netsuite-tax-codes-tba": (AuthKind.TBA, TaxStrategy.TAX_CODES, "legacy"),
}


@pytest.fixture(params=SHAPES)
def books(
    request: pytest.FixtureRequest,
    db: None,
    settings: Settings,
    account: SandboxAccount,
    key_pair: tuple[str, str],
) -> Iterator[SandboxNetSuite]:
    """An ERP behind the port, empty but for its seed data."""
    auth, strategy, tax_mode = SHAPES[request.param]
    settings.HUB_EXTRA_API_HOSTS = ["127.0.0.1"]
    account.reset()
    tba = {
        "client_id": "demo-consumer-key",
        "consumer_secret": "demo-consumer-secret-do-not-use",
        "token_id": "demo-token",
        "token_secret": "demo-token-secret-do-not-use",
    }
    changes = tba if auth == AuthKind.TBA else {}
    connection = connect(account, key_pair[0], auth_kind=auth, **changes)
    yield SandboxNetSuite(account, connection, strategy, tax_mode)
    account.control("faults", method="DELETE")

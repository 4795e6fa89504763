"""Shop records, and the sandbox Shopify they talk to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from shops.models import AuthKind, Shop
from shops.shopify.client import forget_clients
from tests.shops.sandboxed import Store, running


@pytest.fixture(autouse=True)
def _no_cached_clients() -> Iterator[None]:
    forget_clients()
    yield
    forget_clients()


@pytest.fixture
def shop(db: None) -> Shop:
    """A store at Shopify with a static token."""
    return Shop.objects.create(
        key="main",
        name="Main store",
        domain="main-store.myshopify.com",
        auth_kind=AuthKind.STATIC,
        access_token="shpat_1",
    )


@pytest.fixture(scope="session")
def _sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with running(tmp_path_factory.mktemp("shopify"), bucket=(1_000_000, 50_000)) as store:
        yield store


@pytest.fixture
def store(_sandbox: Store, settings: Any) -> Store:
    """The demo store of a running sandbox with a large bucket, without orders, faults or figures."""
    settings.HUB_EXTRA_API_HOSTS = ["127.0.0.1"]
    shop = _sandbox.sandbox.shop(_sandbox.name)
    for gid in list(shop.documents.summaries(_sandbox.name, "Order")):
        shop.documents.delete(_sandbox.name, "Order", gid)
    _sandbox.sandbox.faults.clear()
    _sandbox.sandbox.stats.clear()
    _sandbox.sandbox.set_bucket(1_000_000, 50_000)
    return _sandbox

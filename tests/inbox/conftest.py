"""One shop with an address; and one whose store is a running sandbox."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from shops.shopify.client import forget_clients
from tests.inbox.knocking import Door, make_door
from tests.shops.sandboxed import Store, running


@pytest.fixture(autouse=True)
def _no_cached_clients() -> Iterator[None]:
    forget_clients()
    yield
    forget_clients()


@pytest.fixture
def door(db: None) -> Door:
    return make_door()


@pytest.fixture(scope="session")
def _sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    folder = tmp_path_factory.mktemp("shopify")
    with running(folder, bucket=(1_000_000, 50_000), webhook_delays=(0.05, 0.1)) as store:
        yield store


@pytest.fixture
def store(_sandbox: Store, settings: Any) -> Store:
    """The demo store of a running sandbox, with its app installed and nothing in it."""
    settings.HUB_EXTRA_API_HOSTS = ["127.0.0.1"]
    sandbox = _sandbox.sandbox
    shop = sandbox.shop(_sandbox.name)
    for kind in ("Order", "WebhookSubscription"):
        for gid in list(shop.documents.summaries(_sandbox.name, kind)):
            shop.documents.delete(_sandbox.name, kind, gid)
    sandbox.faults.clear()
    sandbox.stats.clear()
    sandbox.deliveries.clear()
    sandbox.tokens.install(_sandbox.name, True)
    return _sandbox


@pytest.fixture
def shop_door(store: Store, db: None) -> Door:
    """The shop of the sandbox's store."""
    return make_door(
        "demo", api_base_url=store.url, domain="demo-store.myshopify.com", access_token="shpat_demo_static"
    )

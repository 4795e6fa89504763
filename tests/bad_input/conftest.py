"""Both systems, the store behind what may spoil its answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.conf import LazySettings

from sandbox.netsuite.app import create_app as create_netsuite
from sandbox.serving import serve
from sandbox.shopify.app import create_app as create_shopify
from sandbox.shopify.seeding import seed_stores
from tests.bad_input.spoiling import SpoiledStore
from tests.journeys.world import STORE, World, set_up


@dataclass(frozen=True, slots=True)
class Systems:
    store: SpoiledStore
    addresses: tuple[str, str]


@pytest.fixture(scope="session")
def spoiled_systems(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Systems]:
    folder = tmp_path_factory.mktemp("sandboxes")
    shopify = create_shopify(folder, bucket=(1_000_000, 100_000))
    seed_stores(shopify)
    netsuite = create_netsuite(folder)
    store = SpoiledStore(shopify)
    with serve(store) as first, serve(netsuite) as second:
        yield Systems(store, (first, second))
    shopify.close()
    netsuite.store.close()


@pytest.fixture
def store(spoiled_systems: Systems) -> Iterator[SpoiledStore]:
    """What the answers of Shopify pass through."""
    yield spoiled_systems.store
    spoiled_systems.store.orders.clear()


@pytest.fixture
def world(
    spoiled_systems: Systems, store: SpoiledStore, transactional_db: None, settings: LazySettings
) -> Iterator[World]:
    """The demo store and the hub."""
    settings.HUB_EXTRA_API_HOSTS = [each.partition("//")[2] for each in spoiled_systems.addresses]
    with set_up(spoiled_systems.addresses, STORE) as one:
        yield one


@pytest.fixture
def four_stores(
    spoiled_systems: Systems, store: SpoiledStore, transactional_db: None, settings: LazySettings
) -> Iterator[World]:
    """All four stores on one NetSuite account."""
    settings.HUB_EXTRA_API_HOSTS = [each.partition("//")[2] for each in spoiled_systems.addresses]
    with set_up(spoiled_systems.addresses) as all_of_them:
        yield all_of_them

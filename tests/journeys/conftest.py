"""Both systems for the journeys: empty at the start of each, every store known."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.conf import LazySettings

from tests.journeys.world import STORE, World, running, set_up


@pytest.fixture(scope="session")
def systems(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    with running(tmp_path_factory.mktemp("sandboxes")) as addresses:
        yield addresses


@pytest.fixture
def world(systems: tuple[str, str], transactional_db: None, settings: LazySettings) -> Iterator[World]:
    """The demo store and the hub."""
    settings.HUB_EXTRA_API_HOSTS = [address.partition("//")[2] for address in systems]
    with set_up(systems, STORE) as one:
        yield one


@pytest.fixture
def four_stores(systems: tuple[str, str], transactional_db: None, settings: LazySettings) -> Iterator[World]:
    """All four stores on one NetSuite account."""
    settings.HUB_EXTRA_API_HOSTS = [address.partition("//")[2] for address in systems]
    with set_up(systems) as all_of_them:
        yield all_of_them

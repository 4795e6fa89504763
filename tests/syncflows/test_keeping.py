"""Leases are renewed while a worker lives, and only then."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.conf import LazySettings

from common.clock import now
from erps.models import ErpConnection, RequestSlot
from erps.slots import SlotPool
from syncflows.models import Sync
from syncflows.pipeline.keeping import Keeper
from tests.syncflows.making import make_shop, make_sync

pytestmark = pytest.mark.django_db(transaction=True)


def wait_until(condition: Callable[[], bool], seconds: float = 5) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return False


def test_rows_and_slots_are_kept_while_the_block_runs(settings: LazySettings) -> None:
    settings.HUB_LEASE_SECONDS = 2
    make_sync(make_shop())
    connection = ErpConnection.objects.create(key="c", name="C", account_id="1", concurrency_limit=2)
    (sync,) = Sync.objects.claim(1)
    pool = SlotPool(connection, seconds=2)
    assert pool.acquire(2) == 2
    first = sync.lease_until
    assert first is not None
    with Keeper() as keeper:
        keeper.rows(sync.lease_token)
        keeper.slots(pool)
        assert wait_until(Sync.objects.filter(pk=sync.pk, lease_until__gt=first).exists)
        assert wait_until(lambda: RequestSlot.objects.filter(leased_until__gt=first).count() == 2)
        assert Sync.objects.reap() == 0
    ended = Sync.objects.get(pk=sync.pk).lease_until
    time.sleep(1.2)
    assert Sync.objects.get(pk=sync.pk).lease_until == ended


def test_what_nobody_keeps_is_free_after_its_lease(settings: LazySettings) -> None:
    settings.HUB_LEASE_SECONDS = 2
    make_sync(make_shop())
    Sync.objects.claim(1)
    assert Sync.objects.reap() == 0
    Sync.objects.update(lease_until=now() - timedelta(seconds=1))
    assert Sync.objects.reap() == 1

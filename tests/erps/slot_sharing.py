"""One of several processes that share request slots. Started afresh, not forked: a fork of a test run with threads can
inherit a lock that nobody frees any more."""

from __future__ import annotations

import os
import time
from typing import Any

ROUNDS = 40


def share(database: str, connection_id: int, seed: int, meter: Any, results: Any) -> None:
    """Take and give back slots; count in shared memory how many are held at once by all.

    `database` is the address of the database of the test; `results` gets (most held at once, got in all).
    """
    os.environ.update(DATABASE_URL=database, DJANGO_SETTINGS_MODULE="integration_hub.settings")
    import django

    django.setup()
    from erps.models import ErpConnection
    from erps.slots import SlotPool

    pool = SlotPool(ErpConnection.objects.get(pk=connection_id))
    peak = got_in_all = 0
    for number in range(ROUNDS):
        got = pool.acquire(1 + (seed + number) % 4)
        with meter.get_lock():
            meter.value += got
            peak = max(peak, meter.value)
        got_in_all += got
        time.sleep(0.002)
        with meter.get_lock():
            meter.value -= got
        pool.release()
    results.put((peak, got_in_all))

"""Keeps what a running worker holds: the leases of its orders and of its request slots.

Leases are short, so that what a killed worker held is free again soon; a living one renews them from a thread of its
own, however long the coordinator waits for an answer.
"""

from __future__ import annotations

import threading
from typing import Self

import structlog
from django.db import DatabaseError, connections

from erps.slots import SlotPool
from syncflows.models import Sync
from syncflows.models.sync import lease_time

log = structlog.get_logger(__name__)


class Keeper:
    """Renews the leases behind `tokens` and `pools` three times per lease while the block runs."""

    def __init__(self) -> None:
        self._tokens: set[str] = set()
        self._pools: list[SlotPool] = []
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="keeper", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def rows(self, token: str) -> None:
        """Keep the orders claimed under this lease token."""
        with self._lock:
            self._tokens.add(token)

    def slots(self, pool: SlotPool) -> None:
        """Keep the slots of this pool."""
        with self._lock:
            self._pools.append(pool)

    def _run(self) -> None:
        try:
            while not self._stop.wait(lease_time().total_seconds() / 3):
                try:
                    self._renew()
                except DatabaseError as error:
                    log.warning("leases_not_renewed", detail=str(error))
                    connections.close_all()
        finally:
            connections.close_all()

    def _renew(self) -> None:
        with self._lock:
            tokens, pools = list(self._tokens), list(self._pools)
        Sync.objects.keep(tokens)
        for pool in pools:
            if pool.held:
                pool.extend()

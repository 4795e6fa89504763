"""The concurrency limit of a connection, shared by all workers of all machines.

NetSuite limits requests at once, not requests per time. Each permitted request is a row of RequestSlot; whoever
holds a row's lease may have one request on its way. A lease of a killed worker runs out by itself.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db.models import F, Q

from common.clock import now
from common.errors import NotExecuted
from erps.models import ErpConnection, RequestSlot

LEASE_SECONDS = 240.0
"""Longer than the longest request (120 s) plus the pauses between two extensions."""
WAIT_SECONDS = 20.0
"""How long a person's single request (a test, a refresh) waits for a slot."""
_TRIES = 3


def _free(at: object) -> Q:
    return Q(leased_until__isnull=True) | Q(leased_until__lt=at)


def take(connection: ErpConnection, wanted: int, *, seconds: float = LEASE_SECONDS, token: str = "") -> int:
    """Lease up to `wanted` free slots for `seconds` under `token`; returns how many were got.

    One UPDATE, which repeats the condition outside of its inner choice: of two workers that chose the same row the
    second one waits, sees the first one's lease and goes without. So no slot is ever held twice. When rows are
    missing they are made; when others were faster it is tried again, at most three times.
    """
    got = 0
    for attempt in range(_TRIES):
        at = now()
        chosen = RequestSlot.objects.filter(
            _free(at), connection=connection, number__lte=F("connection__concurrency_limit")
        ).order_by("number")[: wanted - got]
        taken = RequestSlot.objects.filter(_free(at), pk__in=chosen.values("pk")).update(
            token=token, leased_until=at + timedelta(seconds=seconds)
        )
        got += taken
        if got >= wanted:
            break
        if attempt == 0:
            made = make_rows(connection)
            if not made and not taken and not _any_free(connection):
                break
        elif not taken:
            break
    return got


def _any_free(connection: ErpConnection) -> bool:
    return RequestSlot.objects.filter(
        _free(now()), connection=connection, number__lte=F("connection__concurrency_limit")
    ).exists()


def make_rows(connection: ErpConnection) -> int:
    """Bring the rows in line with the connection's current limit: add missing ones, remove free ones above it."""
    limit = ErpConnection.objects.values_list("concurrency_limit", flat=True).get(pk=connection.pk)
    numbers = set(RequestSlot.objects.filter(connection=connection).values_list("number", flat=True))
    missing = [number for number in range(1, limit + 1) if number not in numbers]
    RequestSlot.objects.bulk_create(
        [RequestSlot(connection=connection, number=number) for number in missing], ignore_conflicts=True
    )
    if numbers and max(numbers) > limit:
        RequestSlot.objects.filter(_free(now()), connection=connection, number__gt=limit).delete()
    return len(missing)


class SlotPool:
    """Slots held by one coordinator thread. Not for use from several threads at once."""

    def __init__(self, connection: ErpConnection, *, seconds: float = LEASE_SECONDS) -> None:
        self._connection = connection
        self._seconds = seconds
        self._token = uuid.uuid4().hex
        self.held = 0

    def acquire(self, wanted: int) -> int:
        """Lease up to `wanted` more slots; returns how many were got (0 when all are taken elsewhere)."""
        got = take(self._connection, wanted, seconds=self._seconds, token=self._token) if wanted > 0 else 0
        self.held += got
        return got

    def release(self, count: int | None = None) -> None:
        """Give back `count` slots, or all."""
        mine = RequestSlot.objects.filter(connection=self._connection, token=self._token)
        if count is not None and count < self.held:
            chosen = mine.order_by("-number").values_list("pk", flat=True)[:count]
            mine = mine.filter(pk__in=list(chosen))
        freed = mine.update(token="", leased_until=None)
        self.held = max(0, self.held - freed) if count is not None else 0

    def extend(self) -> int:
        """Renew the leases; returns how many are still held. Fewer than before means that leases ran out and were
        taken by others, or that the limit was lowered: send no more than this many at once from now on."""
        self.held = RequestSlot.objects.filter(
            connection=self._connection,
            token=self._token,
            number__lte=ErpConnection.objects.filter(pk=self._connection.pk).values("concurrency_limit")[:1],
        ).update(leased_until=now() + timedelta(seconds=self._seconds))
        return self.held


@contextmanager
def one_slot(connection: ErpConnection, *, wait: float | None = None) -> Iterator[None]:
    """Hold one slot for a block (connection tests, refreshing reference data). Waits up to `wait` seconds (20) for it.

    Raises NotExecuted NO_SLOT when all are taken.
    """
    pool = SlotPool(connection)
    deadline = time.monotonic() + (WAIT_SECONDS if wait is None else wait)
    while not pool.acquire(1):
        if time.monotonic() >= deadline:
            raise NotExecuted(
                "NO_SLOT", f"Every request slot of {connection.name} is taken. Try again in a minute.",
                value=connection.name,
            )  # fmt: skip
        time.sleep(0.25)
    try:
        yield
    finally:
        pool.release()

"""Threads that send requests to one ERP connection, as many as there are leased slots.

HTTP only: the coordinator keeps the database to itself. Reads of the coordinator go before queued writes, so that
preparing the next orders never waits behind a whole queue.
"""

from __future__ import annotations

import itertools
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import Any, cast

from django.db import connections

from erps.port import ErpAdapter

READ = 0
WRITE = 1
_STOP = 2


class Lanes:
    """`width` threads over one priority queue. `call` runs a read and waits; `submit` queues a write."""

    def __init__(self, width: int, name: str) -> None:
        self.width = width
        self._queue: queue.PriorityQueue[tuple[int, int, Callable[[], Any] | None, Future[Any]]]
        self._queue = queue.PriorityQueue()
        self._order = itertools.count()
        self._threads = [
            threading.Thread(target=self._run, name=f"{name}-{i}", daemon=True) for i in range(width)
        ]
        for thread in self._threads:
            thread.start()

    @property
    def queued(self) -> int:
        """Writes not yet started."""
        return self._queue.qsize()

    def submit(self, job: Callable[[], Any], *, priority: int = WRITE) -> Future[Any]:
        """Queue a job; the future gives its result or its error."""
        future: Future[Any] = Future()
        self._queue.put((priority, next(self._order), job, future))
        return future

    def call(self, job: Callable[[], Any]) -> Any:
        """Run a read ahead of the queued writes and wait for it."""
        return self.submit(job, priority=READ).result()

    def narrow(self, width: int) -> None:
        """Go on with fewer threads (at least one): leases were lost. The first to be free ends."""
        for _ in range(self.width - max(width, 1)):
            self._queue.put((READ, next(self._order), None, Future()))
        self.width = max(width, 1)

    def close(self) -> None:
        """Let queued jobs finish, then end the threads."""
        for _ in self._threads:
            self._queue.put((_STOP, next(self._order), None, Future()))
        for thread in self._threads:
            thread.join()

    def _run(self) -> None:
        try:
            while True:
                _, _, job, future = self._queue.get()
                if job is None:
                    return
                try:
                    future.set_result(job())
                except BaseException as error:  # noqa: BLE001 - handed to whoever waits for the future
                    future.set_exception(error)
        finally:
            connections.close_all()


class _InLanes:
    """An adapter whose calls each run in a lane, ahead of the queued writes, while the caller waits."""

    def __init__(self, adapter: ErpAdapter, lanes: Lanes) -> None:
        self._adapter = adapter
        self._lanes = lanes

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = getattr(self._adapter, name)

        def call(*args: Any, **kwargs: Any) -> Any:
            return self._lanes.call(partial(method, *args, **kwargs))

        return call


def in_lanes(adapter: ErpAdapter, lanes: Lanes) -> ErpAdapter:
    """The same adapter for the coordinator: every call takes a slot like any other request."""
    return cast("ErpAdapter", _InLanes(adapter, lanes))

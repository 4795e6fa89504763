"""Governance: the account's concurrency limit, and how long a request takes."""

from __future__ import annotations

import math
import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sandbox.netsuite.errors import too_many
from sandbox.serving import RequestStats


class Meter:
    """Counts running requests of one account; thread-safe."""

    def __init__(self) -> None:
        self.stats = RequestStats()
        self._lock = threading.Lock()
        self._running = 0
        self._draws: dict[str, random.Random] = {}

    @contextmanager
    def slot(self, limit: int, kind: str) -> Iterator[None]:
        """Hold one of `limit` slots. Raises the 429 RestError when none is free (nothing is executed then)."""
        with self._lock:
            if self._running >= limit:
                self.stats.add("status_429")
                raise too_many()
            self._running += 1
        try:
            with self.stats.track(kind):
                yield
        finally:
            with self._lock:
                self._running -= 1

    def wait(self, name: str, latency: Any) -> None:
        """Sleep as the latency setting says: None, milliseconds, or {median_ms, sigma, seed} (lognormal)."""
        if not latency:
            return
        if isinstance(latency, dict):
            key = f"{name}:{latency}"
            with self._lock:
                draw = self._draws.setdefault(key, random.Random(latency.get("seed", 0)))
                milliseconds = float(latency["median_ms"]) * math.exp(
                    draw.gauss(0.0, float(latency.get("sigma", 0)))
                )
        else:
            milliseconds = float(latency)
        time.sleep(milliseconds / 1000)

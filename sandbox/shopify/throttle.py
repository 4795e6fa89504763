"""The points bucket of one app on one store (shopify.dev, rate limits; sizes as recorded)."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable


class Bucket:
    """A leaky bucket of cost points: `maximum` in all, `restore_rate` come back per second."""

    def __init__(
        self, maximum: int = 2000, restore_rate: int = 100, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.maximum = maximum
        self.restore_rate = restore_rate
        self._clock = clock
        self._level = float(maximum)
        self._at = clock()
        self._lock = threading.Lock()

    def _refill(self) -> None:
        now = self._clock()
        self._level = min(float(self.maximum), self._level + (now - self._at) * self.restore_rate)
        self._at = now

    def take(self, points: int) -> bool:
        """Reserve the requested cost; false (and nothing taken) when there is not enough."""
        with self._lock:
            self._refill()
            if points > self._level:
                return False
            self._level -= points
            return True

    def give_back(self, points: int) -> None:
        """Return what was reserved but not used."""
        with self._lock:
            self._refill()
            self._level = min(float(self.maximum), self._level + points)

    def status(self) -> dict[str, int]:
        """`throttleStatus` as answered in extensions.cost."""
        with self._lock:
            self._refill()
            return {
                "maximumAvailable": self.maximum,
                "currentlyAvailable": int(self._level),
                "restoreRate": self.restore_rate,
            }

"""One points budget per store, shared by every worker of every machine.

Shopify's bucket (shopify.md, section 2) refills at a steady rate, so its state is one instant: `full_at`, when it
would be full again. Taking c points moves that instant c / rate seconds on, and is allowed as long as it is no
further away than the whole bucket takes to refill. That makes a reservation one conditional UPDATE, without
reading first and without a lock. A reservation that is never settled (a killed worker) is forgotten as time passes.
Machines are expected to keep their clocks in step; a clock that is ahead only means a THROTTLED answer now and then.
"""

from __future__ import annotations

import hashlib
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db.models import F, FloatField, Value
from django.db.models.functions import Greatest

from shops.models import ApiBudget

SHORTEST_WAIT = 0.05
KEY_LENGTH = 255


@dataclass(frozen=True, slots=True)
class Cost:
    """`extensions.cost` of an answer: points asked, points charged (None: not executed), and the bucket."""

    requested: float
    actual: float | None
    maximum: float
    available: float
    restore_rate: float


class Budget:
    """The budget row of one store. `clock` gives epoch seconds; `sleep` waits. `leave` is the share of the bucket that
    is left to others: work that can wait takes points only while more than that is there."""

    def __init__(
        self,
        key: str,
        *,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
        leave: float = 0.0,
    ) -> None:
        self.key = key if len(key) <= KEY_LENGTH else hashlib.sha256(key.encode()).hexdigest()
        self._clock = clock
        self._sleep = sleep
        self._share = 1.0 - leave
        self._known = False

    def reserve(self, points: float, patience: float) -> float:
        """Take `points` before a call, waiting for the bucket to refill for at most `patience` seconds.

        Returns 0 when they were taken, else the seconds still missing (nothing was taken).
        """
        give_up = self._clock() + patience
        while not self._take(points):
            wait = max(self.wait_for(points), SHORTEST_WAIT)
            if self._clock() + wait > give_up:
                return wait
            self._sleep(wait * random.uniform(1.0, 1.1))  # noqa: S311 - so that workers do not wake all at once
        return 0

    def _take(self, points: float) -> bool:
        """One UPDATE; True when it changed the row."""
        if not self._known:
            ApiBudget.objects.get_or_create(key=self.key, defaults={"measured_at": _instant(self._clock())})
            self._known = True
        now = self._clock()
        rate, maximum = F("restore_rate"), F("maximum")
        start = Greatest(F("full_at"), Value(now, FloatField()))
        # A call that asks for more than the bucket holds can only ever start from a full one.
        free = ApiBudget.objects.filter(key=self.key).filter(
            full_at__lte=Greatest(now + (maximum * self._share - points) / rate, Value(now, FloatField()))
        )
        return free.update(full_at=start + points / rate) == 1

    def wait_for(self, points: float) -> float:
        """Seconds until the bucket will hold `points`, as the row says now."""
        row = ApiBudget.objects.filter(key=self.key).values_list("full_at", "maximum", "restore_rate").first()
        if row is None:
            self._known = False
            return 0
        full_at, maximum, rate = row
        return max(0.0, full_at - self._clock() - max(0.0, maximum * self._share - points) / rate)

    def give_back(self, points: float) -> None:
        """Return a reservation whose call was certainly not executed."""
        ApiBudget.objects.filter(key=self.key).update(full_at=F("full_at") - points / F("restore_rate"))

    def settle(self, reserved: float, cost: Cost) -> None:
        """Correct the row after an answer: unused points go back, and where Shopify says there is less, Shopify is
        right. Being the more careful of the two costs nothing: the difference melts away as the bucket refills."""
        now = self._clock()
        unused = (reserved - (cost.actual or 0)) / cost.restore_rate
        at_least = now + (cost.maximum - cost.available) / cost.restore_rate
        ApiBudget.objects.filter(key=self.key).update(
            full_at=Greatest(F("full_at") - unused, Value(at_least, FloatField())),
            maximum=cost.maximum,
            restore_rate=cost.restore_rate,
            available=cost.available,
            measured_at=_instant(now),
        )


def _instant(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)

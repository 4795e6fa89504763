"""When to try again: the other side's wish, or an exponential pause with jitter."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from common.clock import now
from common.errors import Retryable, UnknownOutcome

FIRST = 30.0
"""Seconds before the second try; also how long an unknown outcome is left alone before we look (the ERP may still be
saving)."""
LONGEST = 3600.0


def next_try(error: Retryable, attempts: int) -> datetime:
    """The instant of the next try after `attempts` tries: FIRST doubled each time, at most LONGEST, plus up to a
    quarter of chance so that a crowd does not return at once. `retry_after` is a lower bound, not a promise."""
    pause = min(FIRST * 2 ** min(max(attempts, 1) - 1, 10), LONGEST)
    if error.retry_after is not None and not isinstance(error, UnknownOutcome):
        pause = max(error.retry_after, 1.0)
    return now() + timedelta(seconds=pause * (1 + secrets.randbelow(250) / 1000))

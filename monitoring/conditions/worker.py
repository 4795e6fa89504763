"""No worker runs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from monitoring.registry import Condition, Finding, Severity, register
from monitoring.vitals import SILENT_AFTER, worker_beat
from monitoring.words import moment, span


def find(at: datetime) -> Iterator[Finding]:
    """Whether the last sign of life of the workers is too old; one query."""
    last = worker_beat().at
    if last is None:
        yield Finding("The worker has never run. Orders wait until it is started.")
    elif at - last >= SILENT_AFTER:
        yield Finding(
            f"The worker has shown no sign of life for {span(at - last)}, the last one at {moment(last)}. Orders wait "
            "until it runs.",
            since=last,
        )


register(
    Condition(
        "worker",
        "No worker is running",
        "No worker on any machine has shown a sign of life for 3 minutes.",
        "Start it: make worker. If it is running, look at its log: the watchdog restarts what froze and says why.",
        Severity.CRITICAL,
        find,
    )
)

"""Checks that fail themselves: found by whoever makes the checks."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from monitoring.registry import Condition, Finding, Severity, register


def find(_at: datetime) -> Iterable[Finding]:
    """Nothing: `monitoring.alerts.checking` sees it."""
    return ()


FAILING = register(
    Condition(
        "check",
        "A check could not be made",
        "One of the checks of this table failed itself, so nobody knows whether what it looks for is there. The others "
        "were made.",
        "Send the sentence and the worker's log to the maintainers. Until it is mended look at the overview.",
        Severity.CRITICAL,
        find,
    )
)

"""What can be wrong, as a list anybody may add to: one `Condition` for each kind of alert.

A part of the hub that knows of something on-call should hear about writes a function that looks and answers with
`Finding`s, and registers it here (see docs/alerts.md). Everything else follows from the registry: opening, counting,
messages, recovery, the choices of a channel, the documentation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import models

from shops.models import Shop


class Severity(models.IntegerChoices):
    """How grave an alert is. Only the gravest comes through quiet hours."""

    NOTICE = 1, "Notice"
    WARNING = 2, "Warning"
    CRITICAL = 3, "Critical"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong now.

    `subject` tells findings of one condition and shop apart (a cause, the key of a connection); findings with the same
    subject are one alert. `sentence` says what is wrong, with figures. `url` is the page where it is mended. `severity`
    and `fix` replace the condition's own.
    """

    sentence: str
    subject: str = ""
    shop: Shop | None = None
    count: int = 1
    since: datetime | None = None
    url: str = ""
    severity: Severity | None = None
    fix: str = ""


Look = Callable[[datetime], Iterable[Finding]]


@dataclass(frozen=True, slots=True)
class Condition:
    """One kind of alert: `code` (at most 30 letters), `title`, what it `means`, what to do (`fix`), how grave it is.

    `find` looks at the hub at an instant (aware UTC) and changes nothing. An alert opens once it was found for
    `lasting` without a break.
    """

    code: str
    title: str
    means: str
    fix: str
    severity: Severity
    find: Look = field(compare=False)
    lasting: timedelta = timedelta(0)


_CONDITIONS: dict[str, Condition] = {}


def register(condition: Condition) -> Condition:
    """Add a condition. ValueError when its code is taken."""
    if condition.code in _CONDITIONS:
        raise ValueError(f"There are two conditions {condition.code}.")
    _CONDITIONS[condition.code] = condition
    return condition


def conditions() -> list[Condition]:
    """All conditions, in the order they were registered."""
    return list(_CONDITIONS.values())


def condition(code: str) -> Condition | None:
    """The condition of a code; None when the part that had it is gone."""
    return _CONDITIONS.get(code)

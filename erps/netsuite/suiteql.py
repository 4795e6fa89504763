"""Building SuiteQL texts safely. There are no bound parameters before release 2026.2, so values are whitelisted or
quoted; see the rules and queries of SuiteQL in the REST guide. A value that cannot stand in a text is left out of its
list: nothing in NetSuite could match it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

MAX_TEXT = 300
IN_LIST = 500
"""Values per IN list; Oracle allows 1000."""
_ID = re.compile(r"-?\d{1,18}")
_EXTERNAL_ID = re.compile(r"[A-Za-z0-9_-]{1,255}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def quoted(text: str) -> str:
    """A text literal. Raises ValueError for what cannot be one (control characters, more than 300 characters)."""
    if not usable(text):
        raise ValueError(f"{text[:40]!r} cannot be searched for.")
    return "'" + text.replace("'", "''") + "'"


def usable(text: str) -> bool:
    """Whether a text can be searched for."""
    return 0 < len(text) <= MAX_TEXT and not _CONTROL.search(text)


def texts(values: Iterable[str]) -> str:
    """The inside of an IN list of texts; "" when none is usable."""
    return ", ".join(quoted(value) for value in dict.fromkeys(values) if usable(value))


def external_ids(values: Iterable[str]) -> str:
    """The inside of an IN list of external ids (letters, digits, underscore, hyphen); "" when there is none."""
    return ", ".join(quoted(value) for value in dict.fromkeys(values) if _EXTERNAL_ID.fullmatch(value))


def ids(values: Iterable[str]) -> str:
    """The inside of an IN list of internal ids (whole numbers); "" when there is none."""
    return ", ".join(value for value in dict.fromkeys(values) if _ID.fullmatch(value))


def chunks(values: Sequence[str], size: int = IN_LIST) -> Iterator[Sequence[str]]:
    """The values in parts of at most `size`."""
    for start in range(0, len(values), size):
        yield values[start : start + size]

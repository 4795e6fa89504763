"""Lists a person types: entries, and patterns in which `*` stands for any text."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

_SEPARATORS = re.compile(r"[,\r\n]")
_STARS = re.compile(r"\*+")


def entries(text: str, *, by_line: bool = False) -> list[str]:
    """The entries of a list: one a line, or also separated by commas. Blanks and doubles are dropped."""
    parts = text.splitlines() if by_line else _SEPARATORS.split(text)
    return list(dict.fromkeys(part.strip() for part in parts if part.strip()))


def matches(text: str, pattern: str) -> bool:
    """Whether a pattern describes a text, whatever the case and the spaces around it; `*` is any text or none."""
    return _compiled(pattern).fullmatch(text.strip().casefold()) is not None


@lru_cache(maxsize=512)
def _compiled(pattern: str) -> re.Pattern[str]:
    parts = (re.escape(part) for part in _STARS.split(pattern.strip().casefold()))
    return re.compile(".*".join(parts), re.DOTALL)


def first_match(texts: Iterable[str], patterns: str) -> str:
    """The first text an entry of the list describes; "" when there is none."""
    wanted = entries(patterns)
    return next((text for text in texts if any(matches(text, pattern) for pattern in wanted)), "")

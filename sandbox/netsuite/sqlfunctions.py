"""Oracle's functions for SQLite, with dates as text that sorts.

A date or timestamp is the character U+0001 followed by `YYYY-MM-DD HH:MM:SS` in the account's zone, so that
it compares as text and can be told from a plain string; one wrapped in SYS_EXTRACT_UTC is in UTC.
"""

# ruff: noqa: DTZ007 - account-local text has no zone of its own; the zone is added where it matters

from __future__ import annotations

import re
import sqlite3
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

MARK = "\x01"
_FORM = "%Y-%m-%d %H:%M:%S"
_PARTS = {
    "YYYY": "%Y", "MM": "%m", "DD": "%d", "HH24": "%H", "MI": "%M", "SS": "%S", "HH12": "%I", "HH": "%I",
    "AM": "%p", "PM": "%p", "MON": "%b", "MONTH": "%B", "DY": "%a", "DAY": "%A", "YY": "%y",
}  # fmt: skip
_zone: dict[str, ZoneInfo] = {"account": ZoneInfo("America/Los_Angeles")}


def set_zone(name: str) -> None:
    """Use this account time zone from now on."""
    _zone["account"] = ZoneInfo(name)


def stamp(moment: datetime) -> str:
    """An aware moment as stored: account-local time."""
    return MARK + moment.astimezone(_zone["account"]).strftime(_FORM)


def day(text: str | None) -> str | None:
    """A `YYYY-MM-DD` date as stored."""
    return f"{MARK}{text} 00:00:00" if text else None


def shown(value: str) -> str:
    """A bare date column as SuiteQL shows it: the account's date format, the time of day lost."""
    moment = datetime.strptime(value[1:20], _FORM)
    return f"{moment.month}/{moment.day}/{moment.year}"


def _format(pattern: str) -> str:
    def part(match: re.Match[str]) -> str:
        return _PARTS[match.group(0).upper()]

    names = "|".join(sorted(_PARTS, key=len, reverse=True))
    return re.sub(names, part, pattern.replace('"', ""), flags=re.IGNORECASE)


def _extract_utc(value: Any) -> Any:
    if value is None:
        return None
    local = datetime.strptime(str(value)[1:20], _FORM).replace(tzinfo=_zone["account"])
    return MARK + local.astimezone(UTC).strftime(_FORM)


def _to_char(value: Any, pattern: str | None = None) -> Any:
    if value is None:
        return None
    if not isinstance(value, str):
        return number_text(value)
    if not value.startswith(MARK):
        return value
    return datetime.strptime(value[1:20], _FORM).strftime(_format(pattern)) if pattern else shown(value)


def _to_moment(text: Any, pattern: str = "YYYY-MM-DD") -> Any:
    if text is None:
        return None
    return MARK + datetime.strptime(str(text), _format(pattern)).strftime(_FORM)


def _sysdate() -> str:
    return MARK + datetime.now(ZoneInfo("America/Los_Angeles")).strftime(_FORM)


def _trunc(value: Any, digits: int = 0) -> Any:
    if isinstance(value, str) and value.startswith(MARK):
        return value[:11] + " 00:00:00"
    return None if value is None else int(value * 10**digits) / 10**digits


def _to_number(value: Any) -> Any:
    return None if value is None else float(value)


def _decode(*values: Any) -> Any:
    subject, rest = values[0], values[1:]
    for index in range(0, len(rest) - 1, 2):
        if subject == rest[index]:
            return rest[index + 1]
    return rest[-1] if len(rest) % 2 else None


def number_text(value: float) -> str:
    """A number as SuiteQL writes it: no exponent, no needless zeros."""
    if isinstance(value, int):
        return str(value)
    text = f"{value:.8f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def register(db: sqlite3.Connection) -> None:
    """Make the functions known to one connection."""
    pure = {"deterministic": True}
    db.create_function("SYS_EXTRACT_UTC", 1, _extract_utc)
    db.create_function("TO_CHAR", -1, _to_char, **pure)
    db.create_function("TO_TIMESTAMP", -1, _to_moment, **pure)
    db.create_function("TO_DATE", -1, _to_moment, **pure)
    db.create_function("TO_NUMBER", 1, _to_number, **pure)
    db.create_function("NVL", 2, lambda a, b: b if a is None else a, **pure)
    db.create_function("NVL2", 3, lambda a, b, c: c if a is None else b, **pure)
    db.create_function("DECODE", -1, _decode, **pure)
    db.create_function("TRUNC", -1, _trunc, **pure)
    db.create_function("NS_SYSDATE", 0, _sysdate)
    db.create_function("NS_LOWER", 1, lambda a: None if a is None else str(a).lower(), **pure)
    db.create_function("NS_UPPER", 1, lambda a: None if a is None else str(a).upper(), **pure)

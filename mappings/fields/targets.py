"""A value as its target takes it: text, exact number, date, list value, checkbox. Nothing is cut or guessed."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from canonical.extra import Choice, ExtraValue
from mappings.fields.expressions import number
from mappings.fields.rules import TargetType
from mappings.fields.transforms import LONGEST, TransformError, day_of, text_of, yes_or_no

_RECORD_ID = re.compile(r"-?[0-9]{1,18}")
_WORDS = {
    TargetType.TEXT: "text",
    TargetType.NUMBER: "a number",
    TargetType.DATE: "a date (2026-11-20)",
    TargetType.DATETIME: "a time with its zone (2026-11-20T12:00:00Z)",
    TargetType.SELECT: "the internal id of a list value or record",
    TargetType.CHECKBOX: "yes or no",
}


class TargetError(ValueError):
    """A value the target does not take; the message says what it takes."""


def typed(value: Any, kind: TargetType) -> ExtraValue:
    """The value in the target's type. Raises TargetError."""
    if isinstance(value, float):
        raise TargetError("a number came about that is not exact")
    try:
        found = _typed(value, kind)
    except (TransformError, ValueError) as error:
        if isinstance(value, list | dict):
            raise TargetError(
                f"the field takes {_WORDS[kind]}, not a list: use the step join, or first"
            ) from error
        raise TargetError(f"the field takes {_WORDS[kind]}") from error
    if isinstance(found, str) and len(found) > LONGEST:
        raise TargetError(
            f"the text has {len(found):,} characters; {LONGEST:,} are allowed: use the step cut"
        )
    return found


def _typed(value: Any, kind: TargetType) -> ExtraValue:
    if kind is TargetType.CHECKBOX:
        return yes_or_no(value)
    if kind is TargetType.DATE:
        return day_of(value)
    text = text_of(value).strip() if kind is not TargetType.TEXT else text_of(value)
    if kind is TargetType.DATETIME:
        at = value if isinstance(value, datetime) else datetime.fromisoformat(text)
        if at.tzinfo is None:
            raise TransformError("a time without its zone")
        return at.astimezone(UTC)
    if kind is TargetType.NUMBER:
        found = None if isinstance(value, bool) else number(text)
        if found is None:
            raise TransformError("no number")
        return found
    if kind is TargetType.SELECT:
        if isinstance(value, bool) or not _RECORD_ID.fullmatch(text):
            raise TransformError("no id")
        return Choice(text)
    return text

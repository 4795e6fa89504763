"""What can be done to a value on its way: a list of small steps, each with its words and its arguments.

People write them one a line (`cut 20`, `replace "," " "`). A list is changed value by value, unless the step is
about the list itself.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from mappings.fields.expressions import number, plain

LONGEST = 4000
MOST = 20
"""Steps of one mapping."""
YES = frozenset({"true", "t", "yes", "y", "1", "on"})
NO = frozenset({"false", "f", "no", "n", "0", "off"})


class TransformError(ValueError):
    """A step that cannot be read, or does not go with a value; the message is for people."""


def text_of(value: Any) -> str:
    """A single value as text. Raises TransformError for lists and objects."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "T" if value else "F"
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, int):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    if value is None:
        return ""
    raise TransformError(f"{_kind(value)} is no single value")


def yes_or_no(value: Any) -> bool:
    """True or false of a value that says so. Raises TransformError."""
    if isinstance(value, bool):
        return value
    word = text_of(value).strip().casefold()
    if word in YES or word in NO:
        return word in YES
    raise TransformError(f"'{text_of(value)}' says neither yes nor no")


def day_of(value: Any) -> date:
    """The date of a value: a date, or text that begins with YYYY-MM-DD. Raises TransformError."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        text = text_of(value).strip()
        return date.fromisoformat(text[:10]) if text[10:11] in ("", "T", " ") else _no_date(text)
    except ValueError as error:
        raise TransformError(f"'{text_of(value)}' is no date") from error


def _no_date(text: str) -> date:
    raise TransformError(f"'{text}' is no date")


def _kind(value: Any) -> str:
    return "A list" if isinstance(value, list) else "An object" if isinstance(value, dict) else str(value)


def is_empty(value: Any) -> bool:
    """Whether nothing is there: null, empty text, empty list or object."""
    return value is None or value in ([], {}) or (isinstance(value, str) and not value.strip())


def _amount(value: Any) -> Decimal:
    found = value if isinstance(value, Decimal) else number(text_of(value))
    if found is None or isinstance(value, bool):
        raise TransformError(f"'{text_of(value)}' is no number")
    return found


def _places(value: Any, places: str) -> str:
    scale = Decimal(1).scaleb(-int(places))
    return plain(_amount(value).quantize(scale, rounding=ROUND_HALF_UP))


def _date_format(value: Any, form: str) -> str:
    return day_of(value).strftime(form)


def _pad(value: Any, width: str, sign: str) -> str:
    return text_of(value).rjust(int(width), sign)


@dataclass(frozen=True, slots=True)
class Step:
    """One kind of step: its word, what it takes (`n` a whole number, `c` one character, `t` text, `f` a date form),
    its words for people, an example, whether it is about a whole list, and whether it sees empty values."""

    word: str
    takes: str
    label: str
    example: str
    act: Callable[..., Any]
    whole: bool = False
    empties: bool = False


def _all(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if is_empty(value) else [value]


STEPS: dict[str, Step] = {
    step.word: step
    for step in (
        Step("trim", "", "Without space at both ends", "trim", lambda v: text_of(v).strip()),
        Step("upper", "", "Upper case", "upper", lambda v: text_of(v).upper()),
        Step("lower", "", "Lower case", "lower", lambda v: text_of(v).lower()),
        Step("one-line", "", "Line breaks and runs of space become one space", "one-line",
             lambda v: " ".join(text_of(v).split())),
        Step("digits", "", "Only the digits", "digits",
             lambda v: "".join(sign for sign in text_of(v) if sign in "0123456789")),
        Step("cut", "n", "At most so many characters", "cut 40", lambda v, n: text_of(v)[: int(n)]),
        Step("pad", "nc", "Filled up on the left to so many characters", "pad 8 0", _pad),
        Step("replace", "tt", "Replace a text by another", 'replace "-" ""',
             lambda v, old, new: text_of(v).replace(old, new)),
        Step("prefix", "t", "Put in front", 'prefix "SHP-"', lambda v, t: t + text_of(v)),
        Step("suffix", "t", "Put behind", 'suffix " (web)"', lambda v, t: text_of(v) + t),
        Step("default", "t", "If empty, this instead", 'default "none"',
             lambda v, t: t if is_empty(v) else v, whole=True, empties=True),
        Step("number", "n", "As a number with so many decimals", "number 2", _places),
        Step("date", "f", "A date in this form", 'date "%d/%m/%Y"', _date_format),
        Step("yes-no", "", "Yes and no become T and F", "yes-no", lambda v: "T" if yes_or_no(v) else "F"),
        Step("is-there", "", "T if there is a value, else F", "is-there",
             lambda v: "F" if is_empty(v) else "T", whole=True, empties=True),
        Step("split", "t", "A text becomes a list", 'split ","',
             lambda v, t: [part.strip() for part in text_of(v).split(t)], whole=True),
        Step("join", "t", "A list becomes a text", 'join ", "',
             lambda v, t: t.join(text_of(each) for each in _all(v)), whole=True),
        Step("first", "", "The first of a list", "first",
             lambda v: next(iter(_all(v)), None), whole=True),
        Step("last", "", "The last of a list", "last", lambda v: (_all(v) or [None])[-1], whole=True),
        Step("count", "", "How many a list has", "count", lambda v: len(_all(v)), whole=True, empties=True),
    )
}  # fmt: skip
_DATE_CODES = frozenset("dmyYjbBaAH%")


@dataclass(frozen=True, slots=True)
class Transform:
    """A step with its arguments, checked."""

    word: str
    arguments: tuple[str, ...] = ()

    def __call__(self, value: Any) -> Any:
        """The value after the step. Raises TransformError."""
        step = STEPS[self.word]
        if is_empty(value) and not step.empties:
            return value
        if isinstance(value, list) and not step.whole:
            return [self._one(step, each) for each in value]
        return self._one(step, value)

    def _one(self, step: Step, value: Any) -> Any:
        changed = step.act(value, *self.arguments)
        if isinstance(changed, str) and len(changed) > LONGEST * 25:
            raise TransformError("the text becomes too long")
        return changed

    def __str__(self) -> str:
        return " ".join([self.word, *(a if a.isdecimal() else _quoted(a) for a in self.arguments)])


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def parse(lines: str | Iterable[str]) -> tuple[Transform, ...]:
    """Steps from their lines; empty lines are left out. Raises TransformError naming the line."""
    rows = lines.splitlines() if isinstance(lines, str) else list(lines)
    found = tuple(_parsed(row.strip()) for row in rows if row.strip())
    if len(found) > MOST:
        raise TransformError(f"{len(found)} steps; {MOST} are allowed")
    return found


def written(transforms: Sequence[Transform]) -> str:
    """The lines that `parse` reads."""
    return "\n".join(map(str, transforms))


def _parsed(line: str) -> Transform:
    try:
        word, *arguments = shlex.split(line)
    except ValueError as error:
        raise TransformError(f"'{line}': a quotation mark is missing") from error
    step = STEPS.get(word.casefold())
    if step is None:
        raise TransformError(f"there is no step '{word}'")
    if len(arguments) != len(step.takes):
        raise TransformError(f"'{line}': write it like {step.example}")
    for kind, argument in zip(step.takes, arguments, strict=True):
        _check(step, kind, argument)
    return Transform(step.word, tuple(arguments))


def _check(step: Step, kind: str, argument: str) -> None:
    highest = 12 if step.word == "number" else LONGEST
    fits = {
        "n": argument.isascii() and argument.isdecimal() and int(argument[:9]) <= highest,
        "c": len(argument) == 1,
        "t": len(argument) <= 300 and (bool(argument) or step.word != "split"),
        "f": len(argument) <= 40 and _date_codes(argument),
    }  # fmt: skip
    if step.word == "replace" and kind == "t":
        fits["t"] = len(argument) <= 300
    if not fits[kind]:
        raise TransformError(f"'{argument}' does not go with {step.word}: write it like {step.example}")


def _date_codes(form: str) -> bool:
    codes = form.split("%")[1:]
    return all(code[:1] in _DATE_CODES for code in codes if code) and not form.endswith("%")


def table() -> str:
    """The steps as Markdown, for the guide."""
    rows = ["| step | what it does |", "| --- | --- |"]
    return "\n".join([*rows, *(f"| `{step.example}` | {step.label} |" for step in STEPS.values())])

"""Shopify's search syntax, as far as orders and customers need it (shopify.dev, API search syntax).

`field:value`, `field:>=value` and the other comparisons, quoted values, `AND`, `OR`, `NOT` or a leading
minus, and parentheses. An unknown field is ignored and reported as a warning, as Shopify does.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

Summary = dict[str, Any]
Test = Callable[[Summary], bool]
FieldTest = Callable[[Summary, str, str], bool]

_TOKEN = re.compile(
    r"""\s*(?:(?P<open>\()|(?P<close>\))|
        (?P<minus>-)?(?:(?P<field>[A-Za-z_][\w.]*):(?P<op>>=|<=|>|<)?)?
        (?P<value>'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|[^\s()'"]+))""",
    re.VERBOSE,
)


@dataclass
class Search:
    """A parsed query: `matches(summary)` decides; `warnings` name fields that do not exist."""

    matches: Test
    warnings: list[dict[str, str]] = field(default_factory=list)


@dataclass
class _Parser:
    tokens: list[dict[str, str]]
    fields: dict[str, FieldTest]
    text: FieldTest
    warnings: list[dict[str, str]] = field(default_factory=list)
    at: int = 0

    def peek(self) -> dict[str, str]:
        return self.tokens[self.at] if self.at < len(self.tokens) else {}

    def word(self, *names: str) -> bool:
        token = self.peek()
        return not token.get("field") and token.get("value") in names

    def any_of(self) -> Test:
        tests = [self.all_of()]
        while self.word("OR"):
            self.at += 1
            tests.append(self.all_of())
        return tests[0] if len(tests) == 1 else lambda row: any(test(row) for test in tests)

    def all_of(self) -> Test:
        tests = []
        while self.at < len(self.tokens) and not self.peek().get("close") and not self.word("OR"):
            if self.word("AND"):
                self.at += 1
                continue
            tests.append(self.term())
        return lambda row: all(test(row) for test in tests)

    def term(self) -> Test:
        if self.word("NOT"):
            self.at += 1
            wanted = self.term()
            return lambda row: not wanted(row)
        token = self.peek()
        self.at += 1
        if token.get("open"):
            inner = self.any_of()
            if self.peek().get("close"):
                self.at += 1
            return inner
        value = _unquote(token.get("value", ""))
        name = token.get("field")
        test = self.fields.get(name) if name else self.text
        if test is None:
            self.warnings.append({"field": str(name), "message": "Invalid search field for this query."})
            return lambda _row: True
        operator = token.get("op") or ""
        if token.get("minus"):
            return lambda row: not test(row, operator, value)
        return lambda row: test(row, operator, value)


def parse(query: str | None, fields: dict[str, FieldTest], text: FieldTest) -> Search:
    """Parse a query over the given fields; `text` tests a word without a field."""
    tokens = [
        {name: value for name, value in match.groupdict().items() if value}
        for match in _TOKEN.finditer(query or "")
    ]
    parser = _Parser(tokens, fields, text)
    tests = []
    while parser.at < len(tokens):
        before = parser.at
        tests.append(parser.any_of())
        if parser.at == before:
            parser.at += 1
    return Search(lambda row: all(test(row) for test in tests), parser.warnings)


def _unquote(value: str) -> str:
    if len(value) >= 2 and value[0] == value[-1] and value[0] in "'\"":
        return re.sub(r"\\(.)", r"\1", value[1:-1])
    return value


def moment(text: str) -> datetime:
    """An ISO date or date-time as aware UTC; `now` is now. Raises ValueError."""
    return datetime.now(UTC) if text == "now" else _instant(text)


@lru_cache(maxsize=20_000)
def _instant(text: str) -> datetime:
    value = datetime.fromisoformat(text)
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def compare(left: Any, operator: str, right: Any) -> bool:
    """Left OP right, where no operator means equal."""
    if operator == ">=":
        return bool(left >= right)
    if operator == "<=":
        return bool(left <= right)
    if operator == ">":
        return bool(left > right)
    if operator == "<":
        return bool(left < right)
    return bool(left == right)


def time_field(name: str) -> FieldTest:
    """A test of a time in the summary; a bare date without operator means that day."""

    def test(row: Summary, operator: str, value: str) -> bool:
        if not row.get(name):
            return False
        try:
            wanted = moment(value)
        except ValueError:
            return False
        have = moment(row[name])
        if not operator and len(value) == 10:
            return have.date() == wanted.date()
        return compare(have, operator, wanted)

    return test


def number_field(name: str) -> FieldTest:
    """A test of a whole number in the summary."""

    def test(row: Summary, operator: str, value: str) -> bool:
        tail = value.rsplit("/", 1)[-1]
        return tail.isdigit() and compare(row[name], operator, int(tail))

    return test


def text_field(name: str) -> FieldTest:
    """A test of a text (or list of texts), case-insensitive; a trailing * matches a beginning."""

    def test(row: Summary, _operator: str, value: str) -> bool:
        have = row.get(name)
        wanted = value.lower()
        for one in have if isinstance(have, list) else [have]:
            text = "" if one is None else str(one).lower()
            if text == wanted or (wanted.endswith("*") and text and text.startswith(wanted[:-1])):
                return True
        return False

    return test

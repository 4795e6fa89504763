"""The `q=` filter of record lists: `field OPERATOR "value"`, joined by AND."""

# ruff: noqa: S608 - table names come from the data file

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from sandbox.netsuite.errors import bad_parameter
from sandbox.netsuite.fields import shape
from sandbox.netsuite.rules import LISTS
from sandbox.netsuite.store import Doc, loads
from sandbox.netsuite.work import Work

_TERM = re.compile(r'\s*(\w+)\s+([A-Z_]+)\s*(?:\[(.*?)\]|"([^"]*)"|(\S+))?\s*(?:AND\s+|$)')
_TEXT = {"IS", "IS_NOT", "CONTAIN", "START_WITH", "EQUAL", "ANY_OF", "GREATER", "LESS", "EMPTY"}


def matching_ids(work: Work, rectype: str, query: str) -> list[int]:
    """Internal ids of the records that match, in order. Raises RestError for a filter it cannot read."""
    if rectype in LISTS:
        return [row[0] for row in work.db.execute(f'SELECT id FROM "q_{LISTS[rectype]}" ORDER BY id')]
    terms = _terms(work, rectype, query)
    if not terms:
        rows = work.db.execute("SELECT id FROM record WHERE rectype = ? ORDER BY id", (rectype,))
        return [row[0] for row in rows]
    rows = work.db.execute("SELECT id, doc FROM record WHERE rectype = ? ORDER BY id", (rectype,))
    return [number for number, text in rows if all(_holds(loads(text), *term) for term in terms)]


def _terms(work: Work, rectype: str, query: str) -> list[tuple[str, str, str]]:
    terms, position = [], 0
    names = {name.lower(): name for name in shape(work, rectype)}
    while position < len(query.rstrip()):
        match = _TERM.match(query, position)
        if match is None or match.group(2) not in _TEXT:
            raise bad_parameter(
                "q", f"Invalid search query: '{query}' (the sandbox knows {', '.join(sorted(_TEXT))})."
            )
        if match.group(1).lower() not in names:
            raise bad_parameter("q", f"Invalid search query. Field '{match.group(1)}' was not found.")
        value = next((group for group in match.groups()[2:] if group is not None), "")
        terms.append((names[match.group(1).lower()], match.group(2), value))
        position = match.end()
    return terms


def _holds(doc: Doc, field: str, operator: str, wanted: str) -> bool:
    value: Any = doc.get(field)
    if isinstance(value, dict):
        value = value.get("id")
    if operator == "EMPTY":
        return value in (None, "")
    text = "" if value is None else str(value).lower()
    wanted = wanted.lower()
    if operator in ("GREATER", "LESS"):
        if value is None:
            return False
        return Decimal(text) > Decimal(wanted) if operator == "GREATER" else Decimal(text) < Decimal(wanted)
    checks = {
        "IS": text == wanted,
        "EQUAL": text == wanted,
        "IS_NOT": text != wanted,
        "CONTAIN": wanted in text,
        "START_WITH": text.startswith(wanted),
        "ANY_OF": text in [part.strip(' "') for part in wanted.split(",")],
    }
    return checks[operator]

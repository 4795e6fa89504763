"""Changing a sales order that is there already: bodies of PATCH requests, and what may no longer be changed.

Rules of sublists: entries without a key are appended, `replace=item` replaces them all and fails once a line was
shipped or billed, an order is closed by closing its lines (REST guide, "Working with Sublists").
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from canonical.stages import STAGE_WORDS, DocumentLineState, DocumentStage, DocumentState
from common.errors import NeedsPerson
from erps.netsuite.errors import Subject

FIXED = frozenset(
    {"externalId", "tranId", "entity", "currency", "subsidiary", "tranDate", "orderStatus", "toBeEmailed"}
)
"""Fields of an order that an amendment leaves as they were written."""


def amendment_body(wanted: Mapping[str, Any], written: Mapping[str, Any]) -> dict[str, Any]:
    """The PATCH that turns an order written as `written` into `wanted` (both bodies of a create)."""
    body = {name: value for name, value in wanted.items() if name not in FIXED}
    for name in written:
        if name not in wanted and name not in FIXED and name != "taxDetails":
            body[name] = None
    return body


def refuse_used(state: DocumentState, subject: Subject) -> None:
    """Raise NeedsPerson unless the document is open and nothing of it was shipped or billed."""
    if state.stage is DocumentStage.MISSING:
        raise NeedsPerson("ERP_NOT_FOUND", f"NetSuite does not have {subject} any more.", value=subject.name)
    if state.stage is not DocumentStage.OPEN:
        number = state.number or state.id
        raise NeedsPerson(
            "ERP_DOCUMENT_IN_USE",
            f"{number} is {STAGE_WORDS[state.stage]} in NetSuite and was not changed.",
            field="status",
            value=number,
        )


def closing_body(state: DocumentState, keys: Sequence[str] | None, subject: Subject) -> dict[str, Any] | None:
    """The PATCH that closes the lines (all of the document without keys); None when they are closed already.

    Raises NeedsPerson ERP_DOCUMENT_IN_USE, or ERP_NOT_FOUND for a document or a line that is not there.
    """
    if state.stage is DocumentStage.CLOSED:
        return None
    if keys is None or state.stage in (DocumentStage.MISSING, DocumentStage.BILLED):
        refuse_used(state, subject)
    by_key = {line.key: line for line in state.lines}
    wanted = list(by_key) if keys is None else list(keys)
    for key in wanted:
        _refuse_line(state, by_key.get(key), key)
    rows = [{"line": int(key), "isClosed": True} for key in wanted if not by_key[key].closed]
    return {"item": {"items": rows}} if rows else None


def _refuse_line(state: DocumentState, line: DocumentLineState | None, key: str) -> None:
    number = state.number or state.id
    if line is None:
        raise NeedsPerson("ERP_NOT_FOUND", f"{number} has no line {key} in NetSuite any more.", value=number)
    if line.used:
        raise NeedsPerson(
            "ERP_DOCUMENT_IN_USE",
            f"Line {key} of {number} was shipped or billed ({line.used:f} pieces) and cannot be closed.",
            field="item",
            value=number,
        )

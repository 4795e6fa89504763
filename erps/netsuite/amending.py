"""Changing a sales order that is there already: bodies of PATCH requests, and what may no longer be changed.

Rules of sublists: entries without a key are appended, `replace=item` replaces them all and fails once a line was
shipped or billed, an order is closed by closing its lines (REST guide, "Working with Sublists").
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from canonical.documents import DocumentLine
from canonical.stages import STAGE_WORDS, DocumentLineState, DocumentStage, DocumentState
from common.errors import NeedsPerson
from erps.netsuite.documents import tax_row
from erps.netsuite.errors import Subject

FIXED = frozenset(
    {
        "externalId", "tranId", "entity", "currency", "subsidiary", "tranDate", "orderStatus", "toBeEmailed",
        "promotions",
    }
)  # fmt: skip
"""Fields of an order that an amendment leaves as they were written. Promotions sent again would be appended; an edit in
Shopify adds no code, so there are never others."""


def amendment_body(wanted: Mapping[str, Any], written: Mapping[str, Any]) -> dict[str, Any]:
    """The PATCH that turns an order written as `written` into `wanted` (both bodies of a create)."""
    body = {name: value for name, value in wanted.items() if name not in FIXED}
    for name in written:
        if name not in wanted and name not in FIXED and name != "taxDetails":
            body[name] = None
    return body


def addition_body(
    state: DocumentState, before: Sequence[DocumentLine], close: Sequence[int], added: Mapping[str, Any]
) -> dict[str, Any]:
    """The PATCH that closes lines and adds those of `added` (the body of a create with the new lines only).

    Tax details have no key of their own and are replaced whenever they are sent, so those of the lines that are there
    are sent again, under the references NetSuite shows.
    """
    rows: list[dict[str, Any]] = [{"line": int(state.lines[place].key), "isClosed": True} for place in close]
    for row in (added.get("item") or {}).get("items", []):
        new = dict(row)
        if new.get("taxDetailsReference"):
            new["taxDetailsReference"] = _reference(state, new["taxDetailsReference"])
        rows.append(new)
    details = [
        {**row, "taxDetailsReference": {"id": _reference(state, row["taxDetailsReference"]["id"])}}
        for row in (added.get("taxDetails") or {}).get("items", [])
    ]
    body: dict[str, Any] = {"item": {"items": rows}}
    if details:
        old = [
            tax_row(tax, line.tax_reference)
            for line, sent in zip(state.lines, before, strict=True)
            for tax in sent.taxes
        ]
        body["taxDetails"] = {"items": [*old, *details]}
        body["taxDetailsOverride"] = True
    return body


def _reference(state: DocumentState, name: str) -> str:
    """A reference no line of the document has: they were numbered L1, L2 ... when it was written or added to."""
    return f"{name}-{len(state.lines) + 1}"


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

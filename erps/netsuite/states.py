"""Where a NetSuite document stands: its status letter, and a full record read as a document's state."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from canonical.stages import DocumentLineState, DocumentStage, DocumentState

_S = DocumentStage
_ORDER = {
    "A": _S.OPEN, "B": _S.OPEN, "C": _S.CLOSED, "D": _S.PARTLY, "E": _S.PARTLY, "F": _S.PARTLY, "G": _S.BILLED,
    "H": _S.CLOSED,
}  # fmt: skip
_STATUS_NAMES = {
    "pending approval": "A", "pending fulfillment": "B", "cancelled": "C", "partially fulfilled": "D",
    "pending billing/partially fulfilled": "E", "pending billing": "F", "billed": "G", "closed": "H",
}  # fmt: skip
_POSTED = {"CustInvc": "V", "CashSale": "V"}
"""Documents that post, by type, with the letter of a voided one."""
_NOT_HEADER = frozenset({"item", "taxDetails", "links"})
ZERO = Decimal(0)


def stage_of(kind: str, letter: str, *, used: bool = False) -> DocumentStage | None:
    """The stage of a transaction by its SuiteQL type and status letter; `used` says that pieces of it were billed,
    which an order billed before it ships does not show in its letter. None for what has no stage."""
    if kind in _POSTED:
        return _S.CLOSED if letter == _POSTED[kind] else _S.BILLED
    stage = _ORDER.get(letter) if kind == "SalesOrd" else None
    return _S.PARTLY if used and stage is _S.OPEN else stage


def document_state(record: str, body: Mapping[str, Any]) -> DocumentState:
    """A full record (`GET .../{id}?expandSubResources=true`) as a document's state."""
    lines = tuple(_line(row) for row in (body.get("item") or {}).get("items", []))
    header = {name: text_of(value) for name, value in body.items() if name not in _NOT_HEADER}
    return DocumentState(
        id=str(body["id"]),
        stage=_stage(record, body, lines),
        number=str(body.get("tranId", "")),
        total=amount_of(body.get("total")),
        modified=str(body.get("lastModifiedDate", "")),
        lines=lines,
        header=header,
    )


def _stage(record: str, body: Mapping[str, Any], lines: tuple[DocumentLineState, ...]) -> DocumentStage:
    """By the status and, because a preference may hide it there, by what the lines say was shipped or billed."""
    status = body.get("status")
    name = (
        str(status.get("refName") or status.get("id") or "")
        if isinstance(status, dict)
        else str(status or "")
    )
    if record != "salesOrder":
        return _S.CLOSED if name.lower() == "voided" else _S.BILLED
    letter = name if len(name) == 1 else _STATUS_NAMES.get(name.lower(), "")
    stage = _ORDER.get(letter)
    if lines and all(line.closed for line in lines):
        return _S.CLOSED
    used = any(line.used for line in lines)
    if stage is None or stage is _S.OPEN:
        return _S.PARTLY if used else _S.OPEN
    return stage


def _line(row: Mapping[str, Any]) -> DocumentLineState:
    quantity = row.get("quantity")
    return DocumentLineState(
        key=str(int(row["line"])),
        item_id=text_of(row.get("item")),
        amount=amount_of(row.get("amount")),
        quantity=None if quantity is None else amount_of(quantity),
        fulfilled=amount_of(row.get("quantityFulfilled")),
        billed=amount_of(row.get("quantityBilled")),
        closed=bool(row.get("isClosed")),
        tax_reference=text_of(row.get("taxDetailsReference")),
    )


def amount_of(value: Any) -> Decimal:
    """A number of a record; zero when it is not there."""
    return ZERO if value is None else Decimal(str(value))


def text_of(value: Any) -> str:
    """A field as one text that can be compared: references by id, nested records by their parts."""
    if value is None:
        return ""
    if isinstance(value, dict):
        if "id" in value:
            return str(value["id"])
        parts = {name: text_of(part) for name, part in value.items() if name not in ("links", "refName")}
        return "; ".join(f"{name}: {part}" for name, part in sorted(parts.items()) if part)
    return str(value)

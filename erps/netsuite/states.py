"""Where a NetSuite document stands: its status letter, and a full record read as a document's state."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from canonical.stages import DocumentDifference, DocumentLineState, DocumentStage, DocumentState

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
_NOT_COMPARED = _NOT_HEADER | {
    "externalId", "orderStatus", "toBeEmailed", "taxDetailsOverride", "isTaxable", "exchangeRate", "tranDate",
    "currency", "subsidiary", "tranId",
}  # fmt: skip
"""Sent once, and either never amended or changed by the account's own course (approval)."""
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
    header = dict(_fields("", {name: value for name, value in body.items() if name not in _NOT_HEADER}))
    return DocumentState(
        id=str(body["id"]),
        stage=_stage(record, body, lines),
        number=str(body.get("tranId", "")),
        total=amount_of(body.get("total")),
        customer_id=text_of(body.get("entity")),
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
    """A field as text that can be compared: references by id."""
    if isinstance(value, dict):
        return str(value.get("id", ""))
    return "" if value is None else str(value).strip()


def _fields(path: str, record: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Every field of a record by name, those of nested records by dotted names (`shippingAddress.city`)."""
    for name, value in record.items():
        if isinstance(value, dict) and "id" not in value and "refName" not in value:
            if name not in ("links", "items"):
                yield from _fields(f"{path}{name}.", value)
        elif not isinstance(value, list):
            yield f"{path}{name}", text_of(value)


def changed_since(state: DocumentState, body: Mapping[str, Any]) -> tuple[DocumentDifference, ...]:
    """Where a record is no longer what `body` (what was sent, amounts as numbers or text) made of it: header fields
    that were sent, and every line. What the account adds by itself, approvals and mere touches are no changes."""
    written = dict(_fields("", {name: value for name, value in body.items() if name not in _NOT_COMPARED}))
    found = [
        DocumentDifference(name, value, state.header.get(name, ""))
        for name, value in written.items()
        if not _same(value, state.header.get(name, ""))
    ]
    rows = (body.get("item") or {}).get("items", [])
    if len(rows) != len(state.lines):
        found.append(DocumentDifference("number of lines", str(len(rows)), str(len(state.lines))))
        return tuple(found)
    for number, (row, line) in enumerate(zip(rows, state.lines, strict=True), start=1):
        quantity = row.get("quantity")
        parts = (
            ("item", text_of(row.get("item")), line.item_id),
            ("amount", _tidy(row.get("amount") or 0), _tidy(line.amount)),
            ("quantity", _tidy(quantity), "" if quantity is None else _tidy(line.quantity)),
            ("closed", str(bool(row.get("isClosed"))), str(line.closed)),
        )
        found.extend(
            DocumentDifference(f"line {number}: {name}", was, now)
            for name, was, now in parts
            if not _same(was, now)
        )
    return tuple(found)


def _tidy(number: Any) -> str:
    """A number without zeros that say nothing, as text; "" for none."""
    return "" if number is None else f"{amount_of(number).normalize():f}"


def _same(was: str, now: str) -> bool:
    if was == now:
        return True
    try:
        return Decimal(was) == Decimal(now)
    except InvalidOperation:
        return False

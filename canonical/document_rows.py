"""Document lines as rows of text, to be kept and read again."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from canonical.documents import DocumentLine, DocumentTax, LineKind, Ref


def row_of(line: DocumentLine) -> dict[str, Any]:
    """A line as JSON; amounts as text."""
    return {
        "kind": line.kind.value, "item": line.item.id, "name": line.item.name, "amount": str(line.amount),
        "quantity": _text(line.quantity), "rate": _text(line.rate), "description": line.description,
        "source_id": line.source_id, "tax": str(line.tax), "tax_code": line.tax_code.id if line.tax_code else "",
        "tax_code_rate": _text(line.tax_code_rate), "location": line.location.id if line.location else "",
        "taxes": [
            {
                "code": tax.code.id, "type": tax.tax_type.id if tax.tax_type else "", "rate": str(tax.rate),
                "basis": str(tax.basis), "amount": str(tax.amount), "title": tax.title,
            }
            for tax in line.taxes
        ],
    }  # fmt: skip


def line_of(row: dict[str, Any]) -> DocumentLine:
    """A row of `row_of` as a line."""
    return DocumentLine(
        kind=LineKind(row["kind"]), item=Ref(row["item"], row["name"]), amount=Decimal(row["amount"]),
        quantity=_number(row["quantity"]), rate=_number(row["rate"]), description=row["description"],
        source_id=row["source_id"], tax=Decimal(row["tax"]), tax_code=_ref(row["tax_code"]),
        tax_code_rate=_number(row["tax_code_rate"]), location=_ref(row["location"]),
        taxes=tuple(
            DocumentTax(
                code=Ref(tax["code"]), tax_type=_ref(tax["type"]), rate=Decimal(tax["rate"]),
                basis=Decimal(tax["basis"]), amount=Decimal(tax["amount"]), title=tax["title"],
            )
            for tax in row["taxes"]
        ),
    )  # fmt: skip


def _text(number: Decimal | None) -> str:
    return "" if number is None else str(number)


def _number(text: str) -> Decimal | None:
    return Decimal(text) if text else None


def _ref(text: str) -> Ref | None:
    return Ref(text) if text else None

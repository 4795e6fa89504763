"""Documents that book an edit beside the order's own: a credit of what went, or the lines that came.

They are kept as rows with the document they stand beside (`WrittenDocument.parts`), so that the next change is planned
from what all of them come to; one that was begun is kept before it is sent (`WrittenDocument.pending`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Self

from canonical.additions import negated
from canonical.crediting import Credited
from canonical.document_rows import line_of, row_of
from canonical.documents import DocumentKind, DocumentLine
from canonical.orders import Order
from common.clock import now
from common.errors import Retryable
from syncflows.models import WrittenDocument

LATE = timedelta(minutes=15)
"""How long after a lost answer a request may still be carried out (measured for NetSuite)."""
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One such document. `agreement` is Shopify's id of the edit it is named after; `total` with tax, above zero for
    credits too; `components` what it comes to; `bill` and `keys` are the invoice a credit was made from and its lines,
    in the order of `lines`; `notes` what a person must see to."""

    kind: DocumentKind
    external_id: str
    agreement: str
    total: Decimal
    currency: str
    lines: tuple[DocumentLine, ...]
    components: dict[str, str]
    bill: str = ""
    bill_number: str = ""
    keys: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    erp_id: str = ""

    @property
    def takes(self) -> bool:
        """True for a credit: it takes from the order's total."""
        return self.kind is DocumentKind.CREDIT_MEMO

    @property
    def signed(self) -> tuple[DocumentLine, ...]:
        """Its lines as they count for the order."""
        return tuple(negated(line) for line in self.lines) if self.takes else self.lines

    @property
    def sentence(self) -> str:
        """What it is, for the timeline."""
        if self.takes:
            return f"Credit memo over {self.total} {self.currency}, made from {self.bill_number}."
        return f"Further {self.kind.words} over {self.total} {self.currency} for what was added."

    def stored(self) -> dict[str, Any]:
        """As JSON; amounts as text."""
        return {
            "kind": self.kind.value, "external_id": self.external_id, "agreement": self.agreement,
            "total": str(self.total), "currency": self.currency, "lines": [row_of(line) for line in self.lines],
            "components": self.components, "bill": self.bill, "bill_number": self.bill_number,
            "keys": list(self.keys), "notes": list(self.notes), "erp_id": self.erp_id,
        }  # fmt: skip

    @classmethod
    def of(cls, row: dict[str, Any]) -> Self:
        """A row of `stored`."""
        return cls(
            kind=DocumentKind(row["kind"]), external_id=row["external_id"], agreement=row["agreement"],
            total=Decimal(row["total"]), currency=row["currency"], lines=tuple(map(line_of, row["lines"])),
            components=row["components"], bill=row["bill"], bill_number=row["bill_number"], keys=tuple(row["keys"]),
            notes=tuple(row["notes"]), erp_id=row["erp_id"],
        )  # fmt: skip


def parts_of(record: WrittenDocument) -> tuple[Part, ...]:
    """The documents written beside one."""
    return tuple(Part.of(row) for row in record.parts)


def since(record: WrittenDocument, before: Order) -> tuple[Part, ...]:
    """Those that book edits the order did not have when its document was last as it should be."""
    known = {agreement.source_id for agreement in before.agreements}
    return tuple(part for part in parts_of(record) if part.agreement not in known)


def beside(parts: Sequence[Part]) -> tuple[DocumentLine, ...]:
    """All of their lines as they count for the order."""
    return tuple(line for part in parts for line in part.signed)


def credited(parts: Sequence[Part]) -> Credited:
    """What the hub credited so far, by invoice and line."""
    lines: dict[tuple[str, str], tuple[Decimal, Decimal]] = {}
    for part in parts:
        for key, line in zip(part.keys, part.lines, strict=False):
            pieces, amount = lines.get((part.bill, key), (ZERO, ZERO))
            lines[part.bill, key] = (pieces + (line.quantity or ZERO), amount + line.amount)
    return Credited(frozenset(part.erp_id for part in parts if part.takes), lines)


def begun(part: Part) -> dict[str, Any]:
    """A part about to be sent, with the moment, for `WrittenDocument.pending`."""
    return {"part": part.stored(), "started_at": now().isoformat()}


def pending_part(record: WrittenDocument) -> Part | None:
    """The part that was begun and not heard of yet."""
    return Part.of(record.pending["part"]) if record.pending else None


def refuse_in_doubt(record: WrittenDocument, order_name: str) -> None:
    """Raise Retryable CHANGE_IN_DOUBT while a part that was begun may still come to be, though it was not found."""
    part = pending_part(record)
    if part is None:
        return
    left = datetime.fromisoformat(record.pending["started_at"]) + LATE - now()
    if left > timedelta(0):
        raise Retryable(
            "CHANGE_IN_DOUBT",
            f"A {part.kind.words} for order {order_name} got no answer and may still be carried out.",
            retry_after=left.total_seconds(),
        )

"""Where a document stands in the ERP, and what the ERP shows of it: what may still be changed depends on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

ZERO = Decimal(0)


class DocumentStage(StrEnum):
    """How far a document has come. `staged`: not written yet. `partly`: something of it was shipped or billed."""

    STAGED = "staged"
    OPEN = "open"
    PARTLY = "partly"
    BILLED = "billed"
    CLOSED = "closed"
    MISSING = "missing"


STAGE_WORDS: dict[DocumentStage, str] = {
    DocumentStage.STAGED: "not written yet",
    DocumentStage.OPEN: "open",
    DocumentStage.PARTLY: "partly shipped or billed",
    DocumentStage.BILLED: "billed",
    DocumentStage.CLOSED: "closed",
    DocumentStage.MISSING: "not found",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentLineState:
    """A line as the ERP shows it. `key` addresses it in changes; quantities are pieces, `amount` is net of tax in the
    document's currency; `quantity` is None for lines without one (discounts)."""

    key: str
    item_id: str
    amount: Decimal
    quantity: Decimal | None = None
    fulfilled: Decimal = ZERO
    billed: Decimal = ZERO
    closed: bool = False
    tax_reference: str = ""

    @property
    def used(self) -> Decimal:
        """Pieces that were shipped or billed: the line cannot go below them."""
        return max(self.fulfilled, self.billed)


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentState:
    """A document as the ERP shows it now. `total` is in the document's currency; `header` holds its other fields as
    text by the ERP's own names, those of nested records dotted (`shippingAddress.city`). A missing document has
    nothing but its id."""

    id: str
    stage: DocumentStage
    number: str = ""
    total: Decimal = ZERO
    customer_id: str = ""
    lines: tuple[DocumentLineState, ...] = ()
    header: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DocumentDifference:
    """A field of a document that is no longer as it was written; texts as the ERP shows them."""

    name: str
    written: str
    now: str

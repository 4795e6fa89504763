"""A changed order with its document as it is now, and the amendment that comes of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from canonical.additions import Additions
from canonical.changes import Change, ChangeKind
from canonical.crediting import CreditDocument
from canonical.documents import DocumentKind, RecordRef, SalesDocument
from canonical.orders import Order
from canonical.stages import DocumentDifference, DocumentState
from mappings.models import RecordLink
from syncflows.models import Attempt, WrittenDocument
from syncflows.pipeline.parts import Part


def reference(link: RecordLink) -> RecordRef:
    """The record a link leads to."""
    return RecordRef(
        kind=DocumentKind(link.kind), id=link.erp_id, external_id=link.external_id, number=link.erp_number
    )


@dataclass(frozen=True, slots=True)
class Case:
    """What changed in Shopify and in the ERP. `before` is the order its documents were written for; `token` names this
    state of things: an answer given to another one does not hold for it."""

    link: RecordLink
    record: WrittenDocument
    changes: tuple[Change, ...]
    state: DocumentState
    in_erp: tuple[DocumentDifference, ...]
    token: str
    before: Order

    @property
    def number(self) -> str:
        """How people name the document."""
        return self.link.erp_number or self.link.erp_id

    @property
    def shown(self) -> tuple[Change, ...]:
        """Everything a person is asked about: Shopify's changes and those made in the ERP."""
        foreign = (
            Change(kind=ChangeKind.IN_ERP, what=each.name, before=each.written, after=each.now)
            for each in self.in_erp
        )
        return (*self.changes, *foreign)


@dataclass(slots=True)
class Amendment:
    """A document on its way to become what its order is now. `adding`: lines are added and closed, none changed.
    `overwrites`: a person said that changes made in the ERP may go. `doubtful` are earlier attempts nobody knows the
    end of. `part` is a document to be written beside it instead: a `credit` or a `further` document."""

    case: Case
    adding: bool
    overwrites: bool
    doubtful: Sequence[Attempt] = ()
    additions: Additions | None = None
    sent: dict[str, Any] = field(default_factory=dict)
    there: bool = False
    part: Part | None = None
    credit: CreditDocument | None = None
    further: SalesDocument | None = None

    @property
    def ref(self) -> RecordRef:
        """The record that is changed."""
        return reference(self.case.link)

"""When Shopify changes an order: what the hub does, by kind of change and stage of the document. The table is data;
docs/order-changes.md is written from it and every cell has a test. Rules only: no database, no HTTP."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from canonical.changes import Change, ChangeKind
from canonical.stages import DocumentStage
from syncflows.models.rules import CancelPolicy, ChangePolicy


class Answer(StrEnum):
    """What the hub does. `add` puts value that came on new lines or on a further document, closes what nothing was
    shipped or billed of, and credits what was billed."""

    WRITE = "write"
    EXCLUDE = "exclude"
    BY_RULE = "by rule"
    NOTE = "note"
    AMEND = "amend"
    ADD = "add"
    CLOSE = "close"
    ASK = "ask"


class Cell(StrEnum):
    """A cell of the table: an answer, or a choice the shop's policy makes."""

    WRITE = "goes into the document"
    EXCLUDE = "order is excluded"
    BY_RULE = "rule *refunded before import*"
    NOTE = "noted"
    AMEND = "amended, or asks"
    ADD = "added, closed and credited, or asks"
    CREDIT = "credited and added, or asks"
    CLOSE = "closed, or asks"
    ASK = "asks"
    NEVER = "–"


STAGES = tuple(DocumentStage)
K, C = ChangeKind, Cell
_VALUE = (C.WRITE, C.AMEND, C.ADD, C.CREDIT, C.ASK, C.ASK)
_FIGURE = (C.WRITE, C.AMEND, C.ASK, C.ASK, C.ASK, C.ASK)
_HARMLESS = (C.WRITE, C.NOTE, C.NOTE, C.NOTE, C.NOTE, C.NOTE)
_ASKS = (C.WRITE, C.ASK, C.ASK, C.ASK, C.ASK, C.ASK)

TABLE: dict[ChangeKind, tuple[Cell, ...]] = {
    K.LINE_ADDED: _VALUE,
    K.QUANTITY_UP: _VALUE,
    K.LINE_REMOVED: _VALUE,
    K.QUANTITY_DOWN: _VALUE,
    K.PRICE: _FIGURE,
    K.DISCOUNT: _FIGURE,
    K.SHIPPING: _FIGURE,
    K.TAX: _FIGURE,
    K.CHARGE: _FIGURE,
    K.ADDRESS: _FIGURE,
    K.DETAILS: _FIGURE,
    K.LOCATION: (C.WRITE, C.AMEND, C.ASK, C.NOTE, C.NOTE, C.ASK),
    K.CUSTOMER: _ASKS,
    K.OTHER: _ASKS,
    K.IN_ERP: (C.NEVER, *_ASKS[1:]),
    K.PAYMENT: _HARMLESS,
    K.NOTE: _HARMLESS,
    K.TAG: _HARMLESS,
    K.CANCEL: (C.EXCLUDE, C.CLOSE, C.ASK, C.ASK, C.NOTE, C.ASK),
    K.REFUND: (C.BY_RULE, C.ASK, C.ASK, C.ASK, C.ASK, C.ASK),
}
"""Kind of change to its cells, in the order of `STAGES`."""

_BY_POLICY: dict[Cell, dict[ChangePolicy, Answer]] = {
    C.AMEND: {ChangePolicy.ASK: Answer.ASK, ChangePolicy.AMEND: Answer.AMEND, ChangePolicy.ADD: Answer.AMEND},
    C.ADD: {ChangePolicy.ASK: Answer.ASK, ChangePolicy.AMEND: Answer.ASK, ChangePolicy.ADD: Answer.ADD},
    C.CREDIT: {ChangePolicy.ASK: Answer.ASK, ChangePolicy.AMEND: Answer.ASK, ChangePolicy.ADD: Answer.ADD},
}
_FIXED = {
    C.WRITE: Answer.WRITE, C.EXCLUDE: Answer.EXCLUDE, C.BY_RULE: Answer.BY_RULE, C.NOTE: Answer.NOTE,
    C.ASK: Answer.ASK, C.NEVER: Answer.ASK,
}  # fmt: skip
_STRONGEST = (Answer.ASK, Answer.CLOSE, Answer.ADD, Answer.AMEND, Answer.NOTE)
REPLACEABLE = frozenset({DocumentStage.OPEN, DocumentStage.CLOSED, DocumentStage.MISSING})
"""Stages at which a document may be given up for a new one: nothing of it was shipped or billed."""
HARMLESS = frozenset(kind for kind, cells in TABLE.items() if cells == _HARMLESS)
"""Kinds that are only noted, whatever the document's stage."""
_PART_OF_CANCELLING = frozenset(
    {
        K.REFUND, K.LINE_REMOVED, K.QUANTITY_DOWN, K.SHIPPING, K.TAX, K.DISCOUNT, K.CHARGE, K.PRICE, K.LOCATION,
    }
)  # fmt: skip
"""What a cancellation brings with it: money back, goods back. The cancellation's own cell decides for all."""


@dataclass(frozen=True, slots=True)
class Policies:
    """A shop's choices: for changes, and for cancellations of orders whose document is open."""

    changed: ChangePolicy = ChangePolicy.ASK
    cancelled: CancelPolicy = CancelPolicy.ASK


BY_HAND = Policies(ChangePolicy.ADD, CancelPolicy.CLOSE)
"""What a person may have done with one click: everything the table allows."""


def answer(kind: ChangeKind, stage: DocumentStage, policies: Policies) -> Answer:
    """What the hub does about one kind of change at a stage."""
    cell = TABLE[kind][STAGES.index(stage)]
    if cell is Cell.CLOSE:
        return Answer.CLOSE if policies.cancelled is CancelPolicy.CLOSE else Answer.ASK
    if cell in _BY_POLICY:
        return _BY_POLICY[cell][policies.changed]
    return _FIXED[cell]


def answer_to(changes: Iterable[Change], stage: DocumentStage, policies: Policies) -> Answer:
    """What the hub does about all changes of a written order at once: the most careful of the answers. Nothing is
    done by halves: one change that asks makes all of them ask."""
    kinds = {change.kind for change in changes}
    if ChangeKind.CANCEL in kinds:
        kinds -= _PART_OF_CANCELLING
        if stage is DocumentStage.CLOSED:
            kinds.discard(ChangeKind.IN_ERP)  # closing it is what somebody did there
    answers = {answer(kind, stage, policies) for kind in kinds}
    return next((each for each in _STRONGEST if each in answers), Answer.NOTE)

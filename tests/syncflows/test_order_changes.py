"""The table of changes, cell by cell, and several changes at once."""

from __future__ import annotations

import pytest

from canonical.changes import CHANGE_WORDS, Change, ChangeKind
from canonical.stages import DocumentStage
from syncflows.flows.order_changes import BY_HAND, STAGES, TABLE, Answer, Policies, answer, answer_to
from syncflows.models import CancelPolicy, ChangePolicy

VALUE = {
    "ask": "write ask ask ask ask ask",
    "amend": "write amend ask ask ask ask",
    "add": "write amend add add ask ask",
}
FIGURE = {**VALUE, "add": VALUE["amend"]}
PLACE = {
    "ask": "write ask ask note note ask",
    "amend": "write amend ask note note ask",
    "add": "write amend ask note note ask",
}
SAME = dict.fromkeys(("ask", "amend", "add"))
ASKS = dict.fromkeys(SAME, "write ask ask ask ask ask")
NOTED = dict.fromkeys(SAME, "write note note note note note")
EXPECTED: dict[str, dict[str, str]] = {
    "line_added": VALUE, "line_removed": VALUE, "quantity_up": VALUE, "quantity_down": VALUE,
    "price": FIGURE, "discount": FIGURE, "shipping": FIGURE, "tax": FIGURE, "charge": FIGURE, "address": FIGURE,
    "details": FIGURE, "location": PLACE, "customer": ASKS, "other": ASKS,
    "in_erp": dict.fromkeys(SAME, "ask ask ask ask ask ask"),
    "payment": NOTED, "note": NOTED, "tag": NOTED,
    "refund": dict.fromkeys(SAME, "by-rule ask ask ask ask ask"),
    "cancel": dict.fromkeys(SAME, "exclude ask ask ask note ask"),
}  # fmt: skip
CELLS = [
    (kind, stage, policy, words.split()[place])
    for kind, by_policy in EXPECTED.items()
    for policy, words in by_policy.items()
    for place, stage in enumerate(STAGES)
]


def changes(*kinds: ChangeKind) -> list[Change]:
    return [Change(kind=kind, what="x") for kind in kinds]


def test_the_table_is_whole() -> None:
    assert set(TABLE) == set(ChangeKind) == set(CHANGE_WORDS) == {ChangeKind(kind) for kind in EXPECTED}
    assert all(len(cells) == len(DocumentStage) for cells in TABLE.values())


@pytest.mark.parametrize(("kind", "stage", "policy", "expected"), CELLS)
def test_every_cell(kind: str, stage: DocumentStage, policy: str, expected: str) -> None:
    found = answer(ChangeKind(kind), stage, Policies(ChangePolicy(policy)))
    assert found == expected.replace("-", " ")


@pytest.mark.parametrize(
    ("stage", "expected"),
    [
        ("staged", "exclude"), ("open", "close"), ("partly", "ask"), ("billed", "ask"), ("closed", "note"),
        ("missing", "ask"),
    ],
)  # fmt: skip
def test_cancellations_where_open_documents_are_closed(stage: str, expected: str) -> None:
    found = answer(ChangeKind.CANCEL, DocumentStage(stage), Policies(cancelled=CancelPolicy.CLOSE))
    assert found == expected


OPEN, PARTLY, CLOSED = DocumentStage.OPEN, DocumentStage.PARTLY, DocumentStage.CLOSED
K = ChangeKind


@pytest.mark.parametrize(
    ("kinds", "stage", "expected"),
    [
        ((K.QUANTITY_UP, K.ADDRESS, K.TAG), OPEN, Answer.AMEND),
        ((K.QUANTITY_UP, K.CUSTOMER), OPEN, Answer.ASK),
        ((K.QUANTITY_UP, K.IN_ERP), OPEN, Answer.ASK),
        ((K.QUANTITY_UP, K.PAYMENT), PARTLY, Answer.ADD),
        ((K.QUANTITY_UP, K.ADDRESS), PARTLY, Answer.ASK),
        ((K.LINE_REMOVED, K.LINE_ADDED, K.PAYMENT), DocumentStage.BILLED, Answer.ADD),
        ((K.LINE_REMOVED, K.REFUND), DocumentStage.BILLED, Answer.ASK),
        ((K.LINE_REMOVED, K.DISCOUNT), DocumentStage.BILLED, Answer.ASK),
        ((K.CANCEL, K.REFUND, K.QUANTITY_DOWN, K.PAYMENT), OPEN, Answer.CLOSE),
        ((K.CANCEL, K.IN_ERP), OPEN, Answer.ASK),
        ((K.CANCEL, K.IN_ERP), CLOSED, Answer.NOTE),
        ((K.CANCEL, K.REFUND), PARTLY, Answer.ASK),
        ((K.NOTE, K.TAG), DocumentStage.BILLED, Answer.NOTE),
    ],
)
def test_several_changes_get_the_most_careful_answer(
    kinds: tuple[ChangeKind, ...], stage: DocumentStage, expected: Answer
) -> None:
    assert answer_to(changes(*kinds), stage, BY_HAND) == expected


def test_nothing_is_done_by_itself_unless_the_shop_wants_it() -> None:
    kinds = [kind for kind in ChangeKind if kind not in (K.NOTE, K.TAG, K.PAYMENT)]
    for kind in kinds:
        assert answer_to(changes(kind), OPEN, Policies()) is Answer.ASK

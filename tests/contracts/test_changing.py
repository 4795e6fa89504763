"""Changing and closing what was written: only while it is open, and the same once or twice. Any adapter must pass."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from canonical.additions import Additions
from canonical.documents import DocumentKind, LineKind, RecordRef, Ref, SalesDocument
from canonical.stages import DocumentStage
from common.errors import NeedsPerson, UnknownOutcome
from tests.contracts.books import SandboxNetSuite
from tests.erps.making import charge, goods

BILL_ONE = {
    "item": {"items": [{"orderLine": 1, "quantity": 1}, *({"orderLine": n, "quantity": 0} for n in (3,))]}
}


def dearer(books: SandboxNetSuite, external_id: str) -> SalesDocument:
    """The order with 9.95 instead of 5.95 for shipping: 54.66 + 4.00 = 58.66."""
    before = books.order(external_id)
    lines = tuple(
        charge(LineKind.SHIPPING, "701", "9.95") if line.kind is LineKind.SHIPPING else line
        for line in before.lines
    )
    return books.order(external_id, lines=lines, total=Decimal("58.66"))


def written(books: SandboxNetSuite, external_id: str) -> tuple[RecordRef, dict[str, Any]]:
    document = books.order(external_id)
    return books.adapter.create_document(document), books.adapter.document_payload(document)


def refused(caught: pytest.ExceptionInfo[NeedsPerson], words: str) -> None:
    assert caught.value.code == "ERP_DOCUMENT_IN_USE"
    assert words in caught.value.message


def test_a_document_is_read_in_full(books: SandboxNetSuite) -> None:
    document = books.order("shp-main-so-1")
    ref = books.adapter.create_document(document)
    state = books.adapter.read_document(ref)
    assert (state.id, state.stage, state.total) == (ref.id, DocumentStage.OPEN, Decimal("54.66"))
    assert [line.amount for line in state.lines] == [line.amount for line in document.lines]
    first, second = state.lines[:2]
    assert (first.item_id, first.quantity, first.used, first.closed) == ("501", Decimal(2), Decimal(0), False)
    assert second.quantity is None
    (found,) = books.adapter.read_back([ref.id])
    assert found.stage is DocumentStage.OPEN
    assert state.number == found.number


def test_an_open_order_is_amended_and_a_repeat_changes_nothing_more(books: SandboxNetSuite) -> None:
    ref, body = written(books, "shp-main-so-2")
    for _ in range(2):
        books.adapter.amend_document(ref, dearer(books, "shp-main-so-2"), body)
        state = books.adapter.read_document(ref)
        assert state.total == Decimal("58.66")
        assert len(state.lines) == len(books.order("x").lines)
    (found,) = books.adapter.find_documents(["shp-main-so-2"])
    assert found.id == ref.id


def test_what_an_order_no_longer_has_is_emptied(books: SandboxNetSuite) -> None:
    document = books.order("shp-main-so-3", memo="Ring twice", email="ada@example.com")
    ref = books.adapter.create_document(document)
    body = books.adapter.document_payload(document)
    books.adapter.amend_document(ref, books.order("shp-main-so-3", shipping=None), body)
    header = books.adapter.read_document(ref).header
    assert "email" not in header
    assert not any(name.startswith("shippingAddress.") for name in header)
    assert "Boston" in [value for name, value in header.items() if name.startswith("billingAddress.")]


def test_what_people_change_in_the_account_is_seen(books: SandboxNetSuite) -> None:
    ref, body = written(books, "shp-main-so-9")
    assert books.adapter.changed_since(books.adapter.read_document(ref), body) == ()
    stored = json.loads(json.dumps(body, default=str))
    assert books.adapter.changed_since(books.adapter.read_document(ref), stored) == ()
    books.change(
        ref.id, {"memo": "call first", "item": {"items": [{"line": 1, "quantity": 3, "amount": 75}]}}
    )
    found = books.adapter.changed_since(books.adapter.read_document(ref), stored)
    assert [(one.name, one.written, one.now) for one in found] == [
        ("memo", "Shopify order #1001", "call first"),
        ("line 1: amount", "50", "75"),
        ("line 1: quantity", "2", "3"),
    ]


def test_a_lost_answer_to_a_change_is_doubt_and_then_seen(books: SandboxNetSuite) -> None:
    ref, body = written(books, "shp-main-so-4")
    books.drop_the_next_change()
    with pytest.raises(UnknownOutcome, match="while it changed"):
        books.adapter.amend_document(ref, dearer(books, "shp-main-so-4"), body)
    assert books.adapter.read_document(ref).total == Decimal("58.66")


@pytest.mark.parametrize(
    ("steps", "stage", "words"),
    [
        (("itemFulfillment",), DocumentStage.PARTLY, "partly shipped or billed"),
        (("invoice",), DocumentStage.PARTLY, "partly shipped or billed"),
        (("itemFulfillment", "invoice"), DocumentStage.BILLED, "is billed"),
    ],
)
def test_what_was_shipped_or_billed_is_not_altered(
    books: SandboxNetSuite, steps: tuple[str, ...], stage: DocumentStage, words: str
) -> None:
    ref, body = written(books, "shp-main-so-5")
    for step in steps:
        books.make_from(ref.id, step)
    assert books.adapter.read_document(ref).stage is stage
    (found,) = books.adapter.read_back([ref.id])
    assert found.stage is stage
    with pytest.raises(NeedsPerson) as caught:
        books.adapter.amend_document(ref, dearer(books, "shp-main-so-5"), body)
    refused(caught, words)
    with pytest.raises(NeedsPerson) as caught:
        books.adapter.close_document(ref)
    refused(caught, words)
    assert books.adapter.read_document(ref).total == Decimal("54.66")


def test_a_document_is_closed_once(books: SandboxNetSuite) -> None:
    ref, body = written(books, "shp-main-so-6")
    for _ in range(2):
        state = books.adapter.close_document(ref)
        assert state.stage is DocumentStage.CLOSED
        assert all(line.closed for line in state.lines)
    (found,) = books.adapter.read_back([ref.id])
    assert (found.stage, found.total) == (DocumentStage.CLOSED, Decimal("54.66"))
    with pytest.raises(NeedsPerson) as caught:
        books.adapter.amend_document(ref, dearer(books, "shp-main-so-6"), body)
    refused(caught, "is closed")


def test_lines_that_were_billed_stay_open_and_others_close(books: SandboxNetSuite) -> None:
    ref, _ = written(books, "shp-main-so-7")
    books.make_from(ref.id, "invoice", BILL_ONE)
    shipping = books.adapter.read_document(ref).lines[2]
    state = books.adapter.close_lines(ref, [shipping.key])
    assert [line.closed for line in state.lines[:3]] == [False, False, True]
    with pytest.raises(NeedsPerson) as caught:
        books.adapter.close_lines(ref, [state.lines[0].key])
    refused(caught, "Line 1")
    with pytest.raises(NeedsPerson, match="no line 99"):
        books.adapter.close_lines(ref, ["99"])


def test_a_document_that_is_gone_is_missing(books: SandboxNetSuite) -> None:
    ref, body = written(books, "shp-main-so-8")
    books.delete(ref.id)
    assert books.adapter.read_document(ref).stage is DocumentStage.MISSING
    with pytest.raises(NeedsPerson) as caught:
        books.adapter.close_document(ref)
    assert caught.value.code == "ERP_NOT_FOUND"
    with pytest.raises(NeedsPerson) as caught:
        books.adapter.amend_document(ref, dearer(books, "shp-main-so-8"), body)
    assert caught.value.code == "ERP_NOT_FOUND"
    assert books.adapter.read_back([ref.id]) == []


def test_a_missing_document_of_another_kind_is_no_sales_order(books: SandboxNetSuite) -> None:
    ref = RecordRef(kind=DocumentKind.SALES_ORDER, id="4711")
    assert books.adapter.read_document(ref).stage is DocumentStage.MISSING


def test_lines_are_added_and_closed_beside_what_was_billed(books: SandboxNetSuite) -> None:
    """54.66 with one of two pieces billed; another line of 15.00 comes, untaxed: 69.66. Shipping of 5.95 is closed."""
    document = books.order("shp-main-so-10")
    ref = books.adapter.create_document(document)
    books.make_from(ref.id, "invoice", BILL_ONE)
    before = books.adapter.read_document(ref)
    mug = goods("15.00", item=Ref("502", "MUG"), quantity=Decimal(1), rate=Decimal("15.00"), source_id="2")
    payload = books.adapter.addition_payload(
        document, before, document.lines, Additions(close=(2,), add=(mug,))
    )
    books.adapter.extend_document(ref, payload)
    after = books.adapter.read_document(ref)
    assert after.total == Decimal("69.66")
    assert len(after.lines) == len(before.lines) + 1
    assert [line.closed for line in after.lines] == [place == 2 for place in range(len(before.lines))] + [
        False
    ]
    assert (after.lines[-1].item_id, after.lines[-1].amount) == ("502", Decimal("15.00"))
    assert [line.amount for line in after.lines[:-1]] == [line.amount for line in before.lines]

"""Credits made from invoices: only what is named, at the amounts given, once. Any adapter must pass."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from canonical.crediting import Billing, CreditDocument, CreditLine
from canonical.documents import DocumentKind, LineKind, RecordRef, TaxStrategy
from common.errors import AlreadyExists, NeedsPerson, UnknownOutcome
from tests.contracts.books import SandboxNetSuite
from tests.erps.making import charge, discount, goods, tax

D = Decimal
ONE_TEE: dict[str, Any] = {"quantity": D(1), "rate": D("25.00")}


def billed(books: SandboxNetSuite, external_id: str) -> tuple[RecordRef, Billing]:
    """An order of 54.66, billed whole."""
    ref = books.adapter.create_document(books.order(external_id))
    books.make_from(ref.id, "invoice")
    (bill,) = books.adapter.billings(ref)
    return ref, bill


def one_piece(books: SandboxNetSuite, bill: Billing, external_id: str, **changes: Any) -> CreditDocument:
    """One of two pieces with half of the discount: 25.00 - 2.50 + 1.86 = 24.36. Where the account computes tax by code
    without the discount, for it rounds each line: 25.00 + 2.06 = 27.06."""
    tee, less = goods("25.00", **ONE_TEE), discount("-2.50")
    lines = [CreditLine("1", tee), CreditLine("2", less)]
    total = D("24.36")
    if books.strategy is TaxStrategy.TAX_DETAILS:
        lines[0] = CreditLine("1", goods("25.00", **ONE_TEE, taxes=(tax("22.50", "1.86"),)))
    elif books.strategy is TaxStrategy.TAX_LINE:
        lines.append(CreditLine("4", charge(LineKind.TAX, "711", "1.86")))
    else:
        lines, total = lines[:1], D("27.06")
    values: dict[str, Any] = {
        "external_id": external_id, "order_name": "#1001", "billing": bill, "currency": "USD", "lines": tuple(lines),
        "date": date(2026, 11, 25), "total": total, "tax_strategy": books.strategy, "memo": "One piece less",
    }  # fmt: skip
    return CreditDocument(**{**values, **changes})


def test_what_bills_an_order_is_read_with_its_lines(books: SandboxNetSuite) -> None:
    ref = books.adapter.create_document(books.order("shp-main-so-1"))
    assert books.adapter.billings(ref) == ()
    rows = [{"orderLine": 1, "quantity": 1}, *({"orderLine": n, "quantity": 0} for n in (2, 3))]
    books.make_from(ref.id, "invoice", {"item": {"items": rows}})
    books.make_from(ref.id, "invoice")
    first, second = books.adapter.billings(ref)
    assert (first.kind, second.kind, first.credits) == (DocumentKind.INVOICE, DocumentKind.INVOICE, ())
    assert [(line.order_line, line.quantity) for line in second.lines if line.order_line == "1"] == [
        ("1", D(1))
    ]
    assert first.open_amount > 0
    own = RecordRef(kind=DocumentKind.INVOICE, id=first.id)
    (itself,) = books.adapter.billings(own)
    assert (itself.id, itself.lines[0].order_line) == (first.id, itself.lines[0].key)


def test_a_credit_takes_back_what_is_named_and_nothing_else(books: SandboxNetSuite) -> None:
    ref, bill = billed(books, "shp-main-so-2")
    assert bill.open_amount == D("54.66")
    document = one_piece(books, bill, "shp-main-cm-e2", applied=D("20.00"))
    made = books.adapter.create_credit(document)
    (found,) = books.adapter.read_back([made.id])
    assert (found.kind, found.total, found.line_count) == ("credit_memo", document.total, len(document.lines))
    (same,) = books.adapter.find_documents(["shp-main-cm-e2"])
    assert (same.id, same.external_id, same.total) == (made.id, "shp-main-cm-e2", document.total)
    (after,) = books.adapter.billings(ref)
    assert (after.credits, after.open_amount) == ((made.id,), D("34.66"))
    book = books.book(made.id)
    assert book["Accounts receivable"] == -document.total
    assert book["Returns & allowances"] == D("25.00")
    assert book["Sales tax payable"] == (D("2.06") if books.strategy is TaxStrategy.TAX_CODES else D("1.86"))
    assert "Shipping revenue" not in book
    assert books.adapter.record_url(made).endswith(f"/app/accounting/transactions/custcred.nl?id={made.id}")


def test_an_open_credit_settles_nothing(books: SandboxNetSuite) -> None:
    ref, bill = billed(books, "shp-main-so-3")
    books.adapter.create_credit(one_piece(books, bill, "shp-main-cm-e3"))
    (after,) = books.adapter.billings(ref)
    assert after.open_amount == D("54.66")


def test_a_credit_is_made_once(books: SandboxNetSuite) -> None:
    ref, bill = billed(books, "shp-main-so-4")
    document = one_piece(books, bill, "shp-main-cm-e4")
    books.drop_the_next_answer()
    with pytest.raises(UnknownOutcome):
        books.adapter.create_credit(document)
    with pytest.raises((AlreadyExists, NeedsPerson)):  # by its id, or because nothing is left to credit
        books.adapter.create_credit(document)
    (after,) = books.adapter.billings(ref)
    (found,) = books.adapter.find_documents(["shp-main-cm-e4"])
    assert after.credits == (found.id,)


def test_an_invoice_with_shipping_in_its_body_keeps_it(books: SandboxNetSuite) -> None:
    lines = tuple(line for line in books.order("x").lines if line.kind is not LineKind.SHIPPING)
    document = books.order("shp-main-so-5", lines=lines, shipping_cost=D("5.95"))
    ref = books.adapter.create_document(document)
    books.make_from(ref.id, "invoice")
    (bill,) = books.adapter.billings(ref)
    assert bill.shipping == D("5.95")
    credit = one_piece(books, bill, "shp-main-cm-e5")
    rows = tuple(CreditLine("3" if each.key == "4" else each.key, each.line) for each in credit.lines)
    made = books.adapter.create_credit(one_piece(books, bill, "shp-main-cm-e5", lines=rows))
    (found,) = books.adapter.read_back([made.id])
    assert found.total == credit.total

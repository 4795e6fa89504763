"""Creating documents: once, to the cent, and with errors that say what to do next. Any adapter must pass."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal

import pytest

from canonical.documents import DocumentKind, Ref
from common.errors import AlreadyExists, HubError, NeedsPerson, NotExecuted, UnknownOutcome
from common.http import recording
from tests.contracts.books import SandboxNetSuite
from tests.erps.making import goods


def test_an_order_is_created_and_reads_back_to_the_cent(books: SandboxNetSuite) -> None:
    document = books.order("shp-main-so-1")
    ref = books.adapter.create_document(document)
    assert (ref.kind, ref.external_id, ref.recovered) == (DocumentKind.SALES_ORDER, "shp-main-so-1", False)
    (found,) = books.adapter.read_back([ref.id])
    assert found.total == Decimal("54.66")
    assert found.line_count == len(document.lines)
    assert (found.id, found.kind, found.external_id) == (ref.id, "sales_order", "shp-main-so-1")
    assert found.number
    assert found.other_number == "#1001"
    assert found.customer_id == books.customer_id


@pytest.mark.parametrize("kind", [DocumentKind.INVOICE, DocumentKind.CASH_SALE])
def test_an_order_can_be_an_invoice_or_a_cash_sale(books: SandboxNetSuite, kind: DocumentKind) -> None:
    external_id = f"shp-main-{kind.value.replace('_', '-')}-o1"
    document = books.order(external_id, kind=kind)
    ref = books.adapter.create_document(document)
    assert ref.kind is kind
    with pytest.raises(AlreadyExists):
        books.adapter.create_document(document)
    (found,) = books.adapter.find_documents([external_id])
    assert (found.id, found.kind) == (ref.id, kind.value)
    (read,) = books.adapter.read_back([ref.id])
    assert (read.total, read.line_count) == (Decimal("54.66"), len(document.lines))


def test_a_repeated_create_is_refused_and_the_first_one_found(books: SandboxNetSuite) -> None:
    document = books.order("shp-main-so-2")
    first = books.adapter.create_document(document)
    with pytest.raises(AlreadyExists) as caught:
        books.adapter.create_document(document)
    assert caught.value.code == "ERP_ALREADY_EXISTS"
    (found,) = books.adapter.find_documents(["shp-main-so-2"])
    assert found.id == first.id


def test_an_answer_lost_after_commit_is_doubt_and_then_found(books: SandboxNetSuite) -> None:
    books.drop_the_next_answer()
    with pytest.raises(UnknownOutcome):
        books.adapter.create_document(books.order("shp-main-so-3"))
    (found,) = books.adapter.find_documents(["shp-main-so-3"])
    assert found.total == Decimal("54.66")
    with pytest.raises(AlreadyExists):
        books.adapter.create_document(books.order("shp-main-so-3"))


def test_a_late_commit_is_doubt_and_the_same_id_keeps_it_single(books: SandboxNetSuite) -> None:
    books.commit_late(0.4)
    document = books.order("shp-main-so-4")
    with pytest.raises(UnknownOutcome):
        books.adapter.create_document(document)
    assert books.adapter.find_documents(["shp-main-so-4"]) == []  # too early to tell
    first = books.adapter.create_document(document)
    time.sleep(0.8)
    assert [one.id for one in books.adapter.find_documents(["shp-main-so-4"])] == [first.id]


def test_an_error_of_the_server_leaves_doubt(books: SandboxNetSuite) -> None:
    books.adapter.find_documents(["x"])
    books.fail_before("/record/v1/salesOrder")
    with pytest.raises(UnknownOutcome) as caught:
        books.adapter.create_document(books.order("shp-main-so-5"))
    assert "#1001" in caught.value.message
    assert books.adapter.find_documents(["shp-main-so-5"]) == []


def test_too_many_requests_are_not_executed_and_said_so(books: SandboxNetSuite) -> None:
    books.adapter.find_documents(["x"])
    books.be_busy(50)
    with pytest.raises(NotExecuted) as caught:
        books.adapter.create_document(books.order("shp-main-so-6"))
    assert caught.value.code == "ERP_BUSY"
    assert caught.value.retry_after
    books.account.control("faults", method="DELETE")
    assert books.adapter.find_documents(["shp-main-so-6"]) == []


def test_a_short_crowd_is_waited_out(books: SandboxNetSuite) -> None:
    books.be_busy(2)
    assert books.adapter.create_document(books.order("shp-main-so-7")).id


def test_a_token_that_ended_is_replaced_unnoticed(books: SandboxNetSuite) -> None:
    books.adapter.find_documents(["x"])
    books.expire_token()
    ref = books.adapter.create_document(books.order("shp-main-so-8"))
    assert [one.id for one in books.adapter.read_back([ref.id])] == [ref.id]


def test_a_refused_sign_in_needs_a_person(books: SandboxNetSuite) -> None:
    books.adapter.find_documents(["x"])
    books.refuse_sign_in()
    with pytest.raises(NeedsPerson) as caught:
        books.adapter.create_document(books.order("shp-main-so-9"))
    assert caught.value.code == "ERP_LOGIN"
    assert "Demo books" in caught.value.message


@pytest.mark.parametrize("item", ["999999", "inactive"])
def test_a_bad_item_names_line_and_item(books: SandboxNetSuite, item: str) -> None:
    item_id = books.inactive_item_id if item == "inactive" else item
    bad = goods(item=Ref(item_id, "OLD-1"))
    with pytest.raises(NeedsPerson) as caught:
        books.adapter.create_document(books.order("shp-main-so-10", lines=(goods(), bad)))
    assert caught.value.code in ("ERP_ITEM_REFUSED", "ERP_INACTIVE_RECORD")
    assert "on line 2 (OLD-1)" in caught.value.message
    assert "#1001" in caught.value.message
    assert books.adapter.find_documents(["shp-main-so-10"]) == []


@pytest.mark.parametrize(
    ("field", "ref"), [("location", Ref("77")), ("terms", Ref("88")), ("ship_method", Ref("804"))]
)
def test_a_bad_reference_names_the_field_and_the_value(books: SandboxNetSuite, field: str, ref: Ref) -> None:
    with pytest.raises(NeedsPerson) as caught:
        books.adapter.create_document(books.order("shp-main-so-11", **{field: ref}))
    assert caught.value.code == "ERP_INVALID_REFERENCE"
    assert caught.value.value == ref.id
    assert field.replace("_", "") in caught.value.field.lower()


def test_a_closed_period_has_its_own_cause(books: SandboxNetSuite) -> None:
    books.close_periods()
    with pytest.raises(NeedsPerson) as caught:
        books.adapter.create_document(books.order("shp-main-so-12", date=date(2025, 6, 1)))
    assert caught.value.code == "ERP_PERIOD_CLOSED"


def test_a_missing_permission_names_the_record(books: SandboxNetSuite) -> None:
    books.adapter.find_documents(["x"])
    books.deny(["salesOrder"], [])
    with pytest.raises(NeedsPerson) as caught:
        books.adapter.create_document(books.order("shp-main-so-13"))
    assert caught.value.code == "ERP_PERMISSION"
    assert caught.value.value == "sales order"


def test_a_currency_the_books_lack_is_said_so(books: SandboxNetSuite) -> None:
    with pytest.raises(NeedsPerson) as caught:
        books.adapter.create_document(books.order("shp-main-so-14", currency="XAU"))
    assert caught.value.code == "ERP_CURRENCY"
    assert caught.value.value == "XAU"


def test_the_payload_shown_is_the_payload_sent(books: SandboxNetSuite) -> None:
    document = books.order("shp-main-so-15")
    payload = books.adapter.document_payload(document)
    assert payload == books.adapter.document_payload(document)
    with recording() as log:
        books.adapter.create_document(document)
    assert str(payload["externalId"]) in log.calls[-1].request


@pytest.mark.parametrize(
    ("currency", "customer", "amount", "rate"),
    [("JPY", "2009", "14000", "7000"), ("KWD", "2001", "12.345", "6.1725"), ("EUR", "2001", "0.01", "0.005")],
)
def test_other_currencies_keep_their_own_scale(
    books: SandboxNetSuite, currency: str, customer: str, amount: str, rate: str
) -> None:
    line = goods(amount, rate=Decimal(rate), location=None, taxes=(), tax_code=None)
    document = books.order(
        "shp-main-so-16", currency=currency, customer=Ref(customer), lines=(line,), total=Decimal(amount)
    )
    ref = books.adapter.create_document(document)
    (found,) = books.adapter.read_back([ref.id])
    assert found.total == Decimal(amount)


def test_names_and_texts_of_any_script_arrive(books: SandboxNetSuite) -> None:
    document = books.order(
        "shp-main-so-17", memo="Bestellung “Ümläut” 🎁 שלום", po_number="PO-7/ü", order_name="#1002"
    )
    ref = books.adapter.create_document(document)
    (found,) = books.adapter.read_back([ref.id])
    assert found.other_number == "PO-7/ü"


def test_several_at_once_are_several(books: SandboxNetSuite) -> None:
    documents = [books.order(f"shp-main-so-2{number}") for number in range(6)]
    adapter = books.adapter
    adapter.find_documents(["x"])  # signs in; the threads do HTTP only
    with ThreadPoolExecutor(4) as pool:
        refs = list(pool.map(adapter.create_document, documents))
    assert len({ref.id for ref in refs}) == 6
    found = adapter.read_back([ref.id for ref in refs])
    assert {one.total for one in found} == {Decimal("54.66")}


def test_the_same_one_at_once_is_one(books: SandboxNetSuite) -> None:
    document, adapter = books.order("shp-main-so-30"), books.adapter
    adapter.find_documents(["x"])

    def create(_: int) -> str:
        try:
            return adapter.create_document(document).id
        except HubError as error:
            return type(error).__name__

    with ThreadPoolExecutor(4) as pool:
        outcomes = sorted(pool.map(create, range(4)))
    assert outcomes[1:] == ["AlreadyExists"] * 3
    assert books.adapter.find_documents(["shp-main-so-30"])[0].id == outcomes[0]


# ------------------------------------------------------------------------------------------- customers


def test_a_customer_is_created_and_found(books: SandboxNetSuite) -> None:
    ref = books.adapter.create_customer(books.customer("shp-main-cust-1"))
    assert ref.kind is DocumentKind.CUSTOMER
    (found,) = books.adapter.find_customers(external_ids=["shp-main-cust-1"])
    assert (found.id, found.email, found.inactive) == (ref.id, "ada@example.com", False)
    assert found.name == ref.number


def test_a_repeated_customer_is_refused_and_found(books: SandboxNetSuite) -> None:
    document = books.customer("shp-main-cust-2")
    first = books.adapter.create_customer(document)
    with pytest.raises(AlreadyExists):
        books.adapter.create_customer(document)
    assert [one.id for one in books.adapter.find_customers(external_ids=["shp-main-cust-2"])] == [first.id]


def test_two_customers_of_one_name_are_two(books: SandboxNetSuite) -> None:
    one = books.adapter.create_customer(books.customer("shp-main-cust-3"))
    two = books.adapter.create_customer(books.customer("shp-main-cust-4"))
    assert one.id != two.id


def test_a_company_can_order(books: SandboxNetSuite) -> None:
    company = books.customer("shp-main-cust-5", is_person=False, name="Example Ltd", company="Example Ltd")
    ref = books.adapter.create_customer(company)
    order = books.adapter.create_document(books.order("shp-main-so-40", customer=Ref(ref.id)))
    (found,) = books.adapter.read_back([order.id])
    assert found.customer_id == ref.id


def test_an_inactive_customer_is_refused_on_an_order(books: SandboxNetSuite) -> None:
    with pytest.raises(NeedsPerson) as caught:
        books.adapter.create_document(books.order("shp-main-so-41", customer=Ref(books.inactive_customer_id)))
    assert caught.value.value == books.inactive_customer_id


def test_a_template_without_a_subsidiary_is_a_gap_that_is_named(books: SandboxNetSuite) -> None:
    with pytest.raises(NeedsPerson) as caught:
        books.adapter.create_customer(books.customer("shp-main-cust-6", subsidiary=None))
    assert (caught.value.code, caught.value.value) == ("ERP_MISSING_FIELD", "Primary Subsidiary")
    assert "Ada Example" in caught.value.message


def test_a_lost_answer_leaves_a_customer_in_doubt(books: SandboxNetSuite) -> None:
    books.drop_the_next_answer()
    with pytest.raises(UnknownOutcome):
        books.adapter.create_customer(books.customer("shp-main-cust-7"))
    assert len(books.adapter.find_customers(external_ids=["shp-main-cust-7"])) == 1

"""Bulk look-ups, reference data and *Test connection*. Any adapter must pass."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from canonical.documents import Ref
from common.clock import now
from common.errors import NeedsPerson, Retryable, UnknownOutcome
from common.http import recording
from erps.models import ErpConnection, ReferenceKind, RequestSlot
from erps.reference import choices, refresh
from tests.contracts.books import SandboxNetSuite


def test_many_documents_are_found_with_one_request(books: SandboxNetSuite) -> None:
    adapter = books.adapter
    for number in (1, 2, 3):
        adapter.create_document(books.order(f"shp-main-so-{number}", order_name=f"#{number}"))
    with recording() as log:
        found = adapter.find_documents(
            [f"shp-main-so-{n}" for n in range(1, 301)], [f"#{n}" for n in range(300)]
        )
    assert len(log.calls) == 1
    assert sorted(one.external_id for one in found) == ["shp-main-so-1", "shp-main-so-2", "shp-main-so-3"]


def test_what_is_not_there_is_not_found(books: SandboxNetSuite) -> None:
    assert books.adapter.find_documents(["shp-main-so-none"]) == []
    assert books.adapter.find_documents([], ["#none"]) == []
    assert books.adapter.find_documents([], []) == []
    assert books.adapter.read_back([]) == []
    assert books.adapter.read_back(["99999999"]) == []
    assert books.adapter.find_items([]) == []
    assert books.adapter.find_customers() == []
    assert books.adapter.find_charge_items([]) == []


def test_documents_are_listed_by_the_beginning_of_their_external_id(books: SandboxNetSuite) -> None:
    for external in ("shp-main-so-1", "shp-main-so-2-2", "shp-other-so-3"):
        books.adapter.create_document(books.order(external))
    with recording() as log:
        found, after = books.adapter.list_documents(("shp-main-so-", "shp-main-inv-o"), since=now(), after="")
    assert len(log.calls) == 1
    assert [one.external_id for one in found] == ["shp-main-so-1", "shp-main-so-2-2"]
    assert [(one.kind, one.total) for one in found] == [("sales_order", Decimal("54.66"))] * 2
    assert after == ""
    rest, _ = books.adapter.list_documents(("shp-main-so-",), since=None, after=found[0].id)
    assert [one.external_id for one in rest] == ["shp-main-so-2-2"]
    later = now() + timedelta(days=3)
    assert books.adapter.list_documents(("shp-main-so-",), since=later, after="") == ([], "")


def test_which_documents_are_there(books: SandboxNetSuite) -> None:
    kept = books.adapter.create_document(books.order("shp-main-so-1"))
    gone = books.adapter.create_document(books.order("shp-main-so-2"))
    books.delete(gone.id)
    with recording() as log:
        assert books.adapter.existing([kept.id, gone.id, *map(str, range(900000, 900400))]) == {kept.id}
    assert len(log.calls) == 1
    assert books.adapter.existing([]) == frozenset()


def test_an_order_typed_by_hand_is_found_by_its_number(books: SandboxNetSuite) -> None:
    payload = books.adapter.document_payload(books.order("shp-main-so-1", order_name="#O'1"))
    typed = {name: value for name, value in payload.items() if name != "externalId"}
    books.type_by_hand(typed)
    (found,) = books.adapter.find_documents(["shp-main-so-1"], ["#O'1", "#2"])
    assert (found.external_id, found.other_number, found.total) == ("", "#O'1", Decimal("54.66"))


def test_an_order_of_ours_is_not_taken_for_one_typed_by_hand(books: SandboxNetSuite) -> None:
    books.adapter.create_document(books.order("shp-other-so-1"))
    assert books.adapter.find_documents(["shp-main-so-1"], ["#1001"]) == []


def test_reading_back_is_one_request_for_hundreds(books: SandboxNetSuite) -> None:
    ref = books.adapter.create_document(books.order("shp-main-so-1", ship_method=None))
    with recording() as log:
        found = books.adapter.read_back([ref.id, *(str(900000 + n) for n in range(400))])
    assert len(log.calls) == 1
    assert [one.id for one in found] == [ref.id]


def test_shipping_in_the_body_is_no_line_of_ours(books: SandboxNetSuite) -> None:
    order = books.order("shp-main-so-1")
    body = [line for line in order.lines if line.item.id != "701"]
    ref = books.adapter.create_document(
        replace(order, lines=tuple(body), ship_method=Ref("801"), shipping_cost=Decimal("5.95"))
    )
    (found,) = books.adapter.read_back([ref.id])
    assert (found.total, found.line_count) == (Decimal("54.66"), len(body))


@pytest.mark.parametrize(
    ("sku", "ids"),
    [
        ("TEE", ["501"]),
        ("tee", ["501"]),
        (" Tee ", ["501"]),
        ("0850000000028", ["502"]),
        ("DUP-1", ["511", "513"]),
        ("dup-1", ["511", "513"]),
        ("PARENT", []),
        ("OLD-1", ["514"]),
        ("NO-SUCH", []),
        ("T%E", []),
        ("T_E", []),
        ("O'NEIL", []),
        ("", []),
    ],
)
def test_items_by_sku(books: SandboxNetSuite, sku: str, ids: list[str]) -> None:
    found = books.adapter.find_items([sku])
    assert [one.id for one in found] == ids
    assert all(one.sku == sku for one in found)
    assert [one.inactive for one in found] == [one == "514" for one in ids]


def test_many_skus_are_one_request(books: SandboxNetSuite) -> None:
    books.adapter.find_items(["TEE"])
    with recording() as log:
        found = books.adapter.find_items(["TEE", "MUG", "DUP-1", *(f"NONE-{n}" for n in range(100))])
    assert len(log.calls) == 1
    assert sorted({one.sku for one in found}) == ["DUP-1", "MUG", "TEE"]


def test_charge_items_by_account(books: SandboxNetSuite) -> None:
    found = books.adapter.find_charge_items([books.charge_account_id])
    assert [(one.id, one.income_account_id) for one in found] == [
        (books.charge_item_id, books.charge_account_id)
    ]


def test_customers_by_whatever_is_known(books: SandboxNetSuite) -> None:
    adapter = books.adapter
    assert [one.id for one in adapter.find_customers(external_ids=["celigo-cust-77"])] == ["2006"]
    assert [one.id for one in adapter.find_customers(emails=["ADA@example.com "])] == ["2002"]
    assert [one.id for one in adapter.find_customers(emails=[books.twice_emailed])] == ["2003", "2004"]
    assert [one.id for one in adapter.find_customers(phones=["+1 617-555-0100"])] == ["2002"]
    assert [one.id for one in adapter.find_customers(phones=["(617) 555 0100"])] == ["2002"]
    assert adapter.find_customers(phones=["+4912345"]) == []
    (gone,) = adapter.find_customers(ids=[books.inactive_customer_id])
    assert gone.inactive
    with recording() as log:
        found = adapter.find_customers(
            external_ids=["celigo-cust-77"], emails=["ada@example.com"], phones=["0000000"], ids=["2001"]
        )
    assert sorted(one.id for one in found) == ["2001", "2002", "2006"]
    assert len(log.calls) == 1


def test_a_read_that_gets_no_answer_is_only_tried_again(books: SandboxNetSuite) -> None:
    books.adapter.find_documents(["x"])
    books.fail_before("/query/v1/suiteql")
    with pytest.raises(Retryable) as caught:
        books.adapter.find_items(["TEE"])
    assert not isinstance(caught.value, UnknownOutcome)
    books.account.fault("timeout_before", match={"path": "/query/v1/suiteql"})
    with pytest.raises(Retryable) as lost:
        books.adapter.find_items(["TEE"])
    assert not isinstance(lost.value, UnknownOutcome)


def test_a_table_the_role_may_not_read_is_named(books: SandboxNetSuite) -> None:
    books.deny([], ["item"])
    with pytest.raises(NeedsPerson) as caught:
        books.adapter.find_items(["TEE"])
    assert (caught.value.code, caught.value.value) == ("ERP_PERMISSION", "item")


# ----------------------------------------------------------------------------------------- reference data


def test_reference_data_of_every_kind_becomes_choices(books: SandboxNetSuite) -> None:
    result = refresh(books.connection, books.adapter)
    optional = {ReferenceKind.CUSTOMER_CATEGORY}
    assert set(result) | optional == set(ReferenceKind.values)
    assert set(result.problems) <= optional
    locations = {row.name: row.erp_id for row in choices(books.connection, "location")}
    assert locations == {"Main warehouse": "6", "Boston store": "7", "London": "8", "Tokyo": "9"}
    assert choices(books.connection, "currency").get(code="JPY").erp_id == "4"
    assert choices(books.connection, "account").get(code="4100").name == "Shipping revenue"
    assert choices(books.connection, "term").get(name="Net 30").extra == {"daysuntilnetdue": "30"}
    assert not choices(books.connection, "item").filter(name="OLD-1").exists()
    assert choices(books.connection, "item").get(name="Shopify shipping").extra["itemtype"] == "OthCharge"
    assert choices(books.connection, "customer").filter(name="Shopify walk-in customer").exists()


def test_a_kind_the_role_may_not_read_is_named(books: SandboxNetSuite) -> None:
    books.deny([], ["term"])
    result = refresh(books.connection, books.adapter, ["term", "location"])
    assert result["location"] == 5
    assert result.problems["term"].code == "ERP_PERMISSION"


# ------------------------------------------------------------------------------------------ test connection


def test_a_good_connection_has_only_good_lines(books: SandboxNetSuite) -> None:
    checks = books.adapter.check()
    assert [check for check in checks if not check.ok] == []
    assert {"Sign in", "Clock", "Requests at once", "Items (search)"} <= {check.name for check in checks}
    assert all(not check.fix for check in checks)
    saved = ErpConnection.objects.get(pk=books.connection.pk).capabilities
    assert saved["suitetax"] is (
        books.account.control("settings", method="GET")["settings"]["tax_mode"] == "suitetax"
    )
    assert saved["oneworld"] is True
    assert saved["suggested_concurrency"] == 15
    assert not RequestSlot.objects.exclude(token="").exists()


def test_every_gap_is_a_line_that_says_what_to_do(books: SandboxNetSuite) -> None:
    books.deny(["customer"], ["item", "term"])
    books.account.settings(custom_fields=["custbody_shp_order_id"])
    failed = {check.name: check.fix for check in books.adapter.check() if not check.ok}
    assert set(failed) == {
        "Customers (records)",
        "Items (search)",
        "Charge items (search)",
        "List: Item",
        "List: Payment terms",
        "Field for the link to Shopify",
        "Field for the Shopify line id",
    }
    assert "Add Items (View)" in failed["Items (search)"]
    assert "custbody_shp_order_url" in failed["Field for the link to Shopify"]
    assert all(failed.values())


def test_who_cannot_sign_in_gets_one_line(books: SandboxNetSuite) -> None:
    books.refuse_sign_in()
    (check,) = books.adapter.check()
    assert (check.name, check.ok) == ("Sign in", False)
    assert "Login Audit Trail" in check.fix
    assert ErpConnection.objects.get(pk=books.connection.pk).capabilities == {}


def test_a_record_can_be_opened(books: SandboxNetSuite) -> None:
    ref = books.adapter.create_document(books.order("shp-main-so-1"))
    assert books.adapter.record_url(ref).startswith(books.account.base_url)
    assert books.adapter.record_url(ref).endswith(ref.id)

from __future__ import annotations

from decimal import Decimal

import pytest

from erps.netsuite.customer_lookups import customer, digits
from erps.netsuite.lookups import document, item, items_for

TEE = {"id": "501", "itemid": "TEE", "displayname": "T-shirt", "itemtype": "InvtPart", "isinactive": "F",
       "upccode": "0850000000011"}  # fmt: skip
CHILD = {
    "id": "513",
    "itemid": "PARENT : DUP-1",
    "itemtype": "InvtPart",
    "isinactive": "F",
    "matrixtype": "CHILD",
}
TWIN = {"id": "511", "itemid": "dup-1", "itemtype": "InvtPart", "isinactive": "F"}
PARENT = {"id": "512", "itemid": "PARENT", "itemtype": "InvtPart", "isinactive": "F", "matrixtype": "PARENT"}
OLD = {"id": "514", "itemid": "OLD-1", "itemtype": "InvtPart", "isinactive": "T"}
ROWS = [TEE, CHILD, TWIN, PARENT, OLD]


@pytest.mark.parametrize(
    ("sku", "ids"),
    [
        ("TEE", ["501"]),
        (" tee ", ["501"]),
        ("0850000000011", ["501"]),
        ("DUP-1", ["511", "513"]),
        ("parent : dup-1", ["513"]),
        ("PARENT", []),
        ("OLD-1", ["514"]),
        ("EE", []),
        ("", []),
    ],
)
def test_a_sku_finds_the_items_that_answer_to_it(sku: str, ids: list[str]) -> None:
    found = items_for(ROWS, [sku])
    assert [one.id for one in found] == ids
    assert all(one.sku == sku for one in found)


def test_an_item_found_by_two_skus_is_there_under_both() -> None:
    found = items_for(ROWS, ["TEE", "0850000000011", "tee"])
    assert [(one.sku, one.id) for one in found] == [("0850000000011", "501"), ("TEE", "501"), ("tee", "501")]
    assert found[0].name == "T-shirt"


def test_an_inactive_item_is_found_and_marked() -> None:
    (found,) = items_for(ROWS, ["OLD-1"])
    assert found.inactive


def test_an_item_by_itself_has_the_childs_name_as_sku() -> None:
    assert item(CHILD).sku == "DUP-1"
    assert item(CHILD).name == "PARENT : DUP-1"


@pytest.mark.parametrize(
    ("text", "total"), [("54.66", Decimal("54.66")), (".5", Decimal("0.5")), ("-3", Decimal(-3)), ("?", None)]
)
def test_a_document_row_is_read(text: str, total: Decimal | None) -> None:
    row = {
        "id": "91001",
        "type": "SalesOrd",
        "tranid": "SO10001",
        "externalid": "shp-a-so-1",
        "status": "SalesOrd:B",
        "foreigntotal": text,
        "otherrefnum": "#1001",
        "entity": "2001",
        "currency": "1",
        "line_count": "4",
    }
    found = document(row)
    assert found.total == total
    assert (found.kind, found.number, found.status, found.line_count) == ("sales_order", "SO10001", "B", 4)


def test_missing_columns_are_empty() -> None:
    found = document({"id": "1", "type": "CustPymt"})
    assert (found.kind, found.external_id, found.total, found.line_count) == ("CustPymt", "", None, None)
    person = customer({"id": "7"})
    assert (person.name, person.email, person.inactive) == ("", "", False)


def test_digits() -> None:
    assert digits("+1 (617) 555-01.00") == "16175550100"

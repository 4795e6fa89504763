"""Fields for field mappings: which the catalog offers, how values stand in a body, refusals in a mapping's words."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from canonical.documents import CustomerDocument, DocumentLine, LineKind, Ref, SalesDocument, TaxStrategy
from canonical.extra import Choice, Extra
from common.errors import NeedsPerson
from erps.models import ReferenceKind
from erps.netsuite.extra_fields import in_words_of_its_mapping, put_extras
from erps.netsuite.record_fields import RESERVED, listing, type_of

TEXT = {"title": "Gift message", "type": "string", "nullable": True, "x-ns-custom-field": True}
RECORD = {"type": "object", "properties": {"id": {"type": "string"}, "refName": {"type": "string"}}}
ROWS = {"type": "object", "properties": {"items": {"type": "array", "items": {}}}}
LINE = {
    "quantity": {"type": "number"}, "amount": {"type": "number"}, "department": RECORD,
    "custcol_weight": {"title": "Weight", "type": "number", "format": "double"},
}  # fmt: skip
ORDER = {
    "entity": RECORD, "memo": {"type": "string"}, "fob": {"title": "FOB", "type": "string"},
    "total": {"type": "number"},
    "shipDate": {"type": "string", "format": "date"}, "custbody_gift": TEXT, "custbody_rows": ROWS,
    "custbody_" + "x" * 40: TEXT, "custbody_brand": RECORD,
}  # fmt: skip
CUSTOMER = {
    "email": {"type": "string"},
    "comments": {"type": "string"},
    "custentity_vip": {"type": "boolean"},
}


class Catalog:
    """Answers like the metadata catalog."""

    def __init__(self, schemas: dict[str, Any]) -> None:
        self.schemas = schemas
        self.asked: list[str] = []

    def get(self, path: str, subject: object, *, accept: str = "") -> Any:
        self.asked.append(path)
        return {"components": {"schemas": self.schemas}}


def fields(kind: str, schemas: dict[str, Any]) -> list[tuple[str, str, str]]:
    catalog = Catalog(schemas)
    found = [(row.id, row.name, row.extra["type"]) for row in listing(catalog, kind)]  # type: ignore[arg-type]
    assert len(catalog.asked) == 1
    return found


def test_custom_fields_come_first_and_what_the_hub_sets_not_at_all() -> None:
    assert fields("order_field", {"salesOrder": {"properties": ORDER}}) == [
        ("custbody_brand", "custbody_brand", "select"),
        ("custbody_gift", "Gift message", "text"),
        ("fob", "FOB", "text"),
        ("shipDate", "shipDate", "date"),
    ]
    assert fields("customer_field", {"customer": {"properties": CUSTOMER}}) == [
        ("custentity_vip", "custentity_vip", "checkbox"),
        ("comments", "comments", "text"),
    ]


@pytest.mark.parametrize(
    "schemas",
    [
        {"salesOrder": {"properties": {}}, "salesOrder-itemElement": {"properties": LINE}},
        {"salesOrder": {"properties": {"item": {"type": "object", "properties": {"items": {
            "type": "array", "items": {"type": "object", "properties": LINE}}}}}}},
    ],
)  # fmt: skip
def test_fields_of_lines_are_found_in_a_schema_of_their_own_or_nested(schemas: dict[str, Any]) -> None:
    assert fields("line_field", schemas) == [
        ("custcol_weight", "Weight", "number"), ("department", "department", "select"),
    ]  # fmt: skip


@pytest.mark.parametrize("kind", list(RESERVED))
def test_a_role_that_sees_no_record_is_a_refusal_and_no_empty_list(kind: ReferenceKind) -> None:
    with pytest.raises(NeedsPerson) as caught:
        fields(kind, {})
    assert caught.value.code == "ERP_PERMISSION"


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        (TEXT, "text"), ({"type": "string", "format": "date-time"}, "datetime"), ({"type": "integer"}, "number"),
        ({"$ref": "#/components/schemas/customList"}, "select"),
        ({"$ref": "#/components/schemas/salesOrder-itemCollection"}, ""), (ROWS, ""), ({}, ""), (None, ""),
    ],
)  # fmt: skip
def test_a_type_that_a_mapping_cannot_fill_has_no_name(schema: Any, expected: str) -> None:
    assert type_of(schema) == expected


def test_values_stand_in_the_body_as_netsuite_takes_them() -> None:
    body: dict[str, Any] = {"memo": "Shopify order #1001"}
    values: dict[str, Any] = {
        "custbody_text": " a\x07b ", "custbody_lines": "one\ntwo ", "custbody_number": Decimal("12.50"),
        "custbody_date": date(2026, 11, 20), "custbody_at": datetime(2026, 11, 20, 12, 0, tzinfo=UTC),
        "custbody_yes": True, "custbody_list": Choice("7"), "MEMO": "mine",
    }  # fmt: skip
    put_extras(body, {name: Extra(value, "Mapping") for name, value in values.items()})
    assert body == {
        "memo": "Shopify order #1001", "custbody_text": "a b", "custbody_lines": "one\ntwo",
        "custbody_number": Decimal("12.50"), "custbody_date": "2026-11-20", "custbody_at": "2026-11-20T12:00:00Z",
        "custbody_yes": True, "custbody_list": {"id": "7"},
    }  # fmt: skip


DOCUMENT = SalesDocument(
    external_id="x", source_id="1", order_name="#1001", customer=Ref("1"), currency="USD", date=date(2026, 11, 20),
    lines=tuple(
        DocumentLine(kind=LineKind.GOODS, item=Ref("5"), amount=Decimal(1), extra={"custcol_a": Extra(text, name)})
        for text, name in (("first", "First"), ("second", "Second"))
    ),
    total=Decimal(2), tax_strategy=TaxStrategy.TAX_LINE, extra={"custbody_a": Extra(Choice("9"), "Brand")},
)  # fmt: skip


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (
            NeedsPerson("ERP_UNKNOWN_FIELD", "x", field="custbody_a", value="custbody_a"),
            ("FIELD_GONE", "custbody_a", ("Order #1001: field mapping 'Brand' (custbody_a). NetSuite has no field "
             "custbody_a any more, or the role may not see it.")),
        ),
        (
            NeedsPerson("ERP_INVALID_VALUE", "Too long.", field="item.items[1].custcol_a"),
            ("FIELD_REFUSED", "second", ("Order #1001: field mapping 'Second' (custcol_a). NetSuite does not take "
             "'second' for custcol_a. Too long.")),
        ),
        (
            NeedsPerson("ERP_INVALID_REFERENCE", "No 9.", field="CUSTBODY_A", value="9"),
            ("FIELD_REFUSED", "9", ("Order #1001: field mapping 'Brand' (custbody_a). NetSuite does not take '9' for "
             "custbody_a. No 9.")),
        ),
    ],
)  # fmt: skip
def test_a_refused_field_of_a_mapping_is_said_in_its_words(
    error: NeedsPerson, expected: tuple[str, str, str]
) -> None:
    said = in_words_of_its_mapping(error, DOCUMENT)
    assert (said.code, said.value, said.message) == expected


def test_other_refusals_stay_as_they_are() -> None:
    error = NeedsPerson(
        "ERP_UNKNOWN_FIELD", "x", field="custbody_shp_order_id", value="custbody_shp_order_id"
    )
    assert in_words_of_its_mapping(error, DOCUMENT) is error
    blank = NeedsPerson("ERP_REFUSED", "x")
    assert in_words_of_its_mapping(blank, replace(DOCUMENT, extra={})) is blank


def test_a_refused_field_of_a_customer_names_the_customer() -> None:
    customer = CustomerDocument(
        external_id="c",
        source_id="7",
        name="Ada",
        is_person=True,
        extra={"custentity_vip": Extra(True, "VIP")},
    )
    error = NeedsPerson("ERP_UNKNOWN_FIELD", "x", field="custentity_vip", value="custentity_vip")
    said = in_words_of_its_mapping(error, customer)
    assert said.message.startswith("Customer Ada: field mapping 'VIP' (custentity_vip).")

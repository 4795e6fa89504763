"""Fields a person may fill by a field mapping, from the account's metadata catalog: names, titles, types, and for
each of the others the reason why it is the hub's or NetSuite's own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from canonical.documents import ReferenceData
from common.errors import NeedsPerson
from erps.models import ReferenceKind
from erps.netsuite.client import NetSuiteClient
from erps.netsuite.errors import Subject
from erps.netsuite.metadata import CATALOG, OPENAPI, schemas_of

FIELD_KINDS = {
    ReferenceKind.ORDER_FIELD: ("salesOrder", "custbody_"),
    ReferenceKind.LINE_FIELD: ("salesOrder", "custcol_"),
    ReferenceKind.CUSTOMER_FIELD: ("customer", "custentity_"),
}
"""Record and prefix of custom fields of each kind of field."""
LONGEST_NAME = 40
_OFFERED = {
    ReferenceKind.ORDER_FIELD: (
        "message leadSource salesChannel orderType shipDate startDate endDate salesEffectiveDate shipComplete fob "
        "customForm toBePrinted excludeCommission"
    ),
    ReferenceKind.LINE_FIELD: (
        "department class requestedDate expectedShipDate commitInventory orderPriority giftCertFrom giftCertMessage "
        "giftCertRecipientEmail giftCertRecipientName"
    ),
    ReferenceKind.CUSTOMER_FIELD: (
        "altEmail altPhone mobilePhone homePhone fax comments salutation middleName accountNumber leadSource salesRep "
        "territory partner language emailPreference resaleNumber url entityStatus customForm shipComplete"
    ),
}
"""Standard fields that change neither amounts nor what the hub finds its records by."""
_HUB_SETS = "The hub sets it: "
RESERVED: dict[ReferenceKind, dict[str, str]] = {
    ReferenceKind.ORDER_FIELD: {
        "externalId": f"{_HUB_SETS}an order is written once by it.",
        "entity": f"{_HUB_SETS}the customer (customer templates).",
        "tranDate": f"{_HUB_SETS}the order's date in the shop's accounting zone.",
        "tranId": f"{_HUB_SETS}NetSuite numbers its documents.",
        "otherRefNum": f"{_HUB_SETS}the PO number, else the order's name.",
        "memo": f"{_HUB_SETS}the order's name.",
        "orderStatus": f"{_HUB_SETS}released or left for review (order rules).",
        "currency": f"{_HUB_SETS}the books' currency.",
        "exchangeRate": f"{_HUB_SETS}the rate Shopify charged at.",
        "email": f"{_HUB_SETS}the order's e-mail.",
        "subsidiary": f"{_HUB_SETS}Mappings, Subsidiaries.",
        "location": f"{_HUB_SETS}Mappings, Locations.",
        "department": f"{_HUB_SETS}Mappings, Departments.",
        "class": f"{_HUB_SETS}Mappings, Classes.",
        "terms": f"{_HUB_SETS}Payment terms.",
        "paymentOption": f"{_HUB_SETS}Payment methods.",
        "shipMethod": f"{_HUB_SETS}Mappings, Shipment methods.",
        "shippingCost": f"{_HUB_SETS}Shopify decides amounts.",
        "billingAddress": f"{_HUB_SETS}the billing address.",
        "shippingAddress": f"{_HUB_SETS}the shipping address.",
        "item": f"{_HUB_SETS}the lines.",
        "taxDetails": f"{_HUB_SETS}Shopify's tax.",
        "taxDetailsOverride": f"{_HUB_SETS}Shopify's tax.",
        "isTaxable": f"{_HUB_SETS}Shopify's tax.",
        "toBeEmailed": f"{_HUB_SETS}NetSuite sends customers no mail of its own.",
    },
    ReferenceKind.LINE_FIELD: {
        "item": f"{_HUB_SETS}the item.",
        "quantity": f"{_HUB_SETS}Shopify's quantity.",
        "rate": f"{_HUB_SETS}Shopify's price.",
        "amount": f"{_HUB_SETS}Shopify's amount.",
        "price": f"{_HUB_SETS}the custom price level, or NetSuite would price the line itself.",
        "description": f"{_HUB_SETS}the line's title.",
        "location": f"{_HUB_SETS}Mappings, Locations.",
        "taxCode": f"{_HUB_SETS}Shopify's tax.",
        "isTaxable": f"{_HUB_SETS}Shopify's tax.",
        "taxDetailsReference": f"{_HUB_SETS}Shopify's tax.",
    },
    ReferenceKind.CUSTOMER_FIELD: {
        "externalId": f"{_HUB_SETS}a customer is created once by it.",
        "entityId": f"{_HUB_SETS}the name, unique by Shopify's id.",
        "autoName": f"{_HUB_SETS}the name.",
        "isPerson": f"{_HUB_SETS}person or company.",
        "companyName": f"{_HUB_SETS}the name.",
        "firstName": f"{_HUB_SETS}the name.",
        "lastName": f"{_HUB_SETS}the name.",
        "email": f"{_HUB_SETS}customers are found by it.",
        "phone": f"{_HUB_SETS}customers are found by it.",
        "subsidiary": f"{_HUB_SETS}the customer template.",
        "currency": f"{_HUB_SETS}the books' currency.",
        "terms": f"{_HUB_SETS}the customer template.",
        "priceLevel": f"{_HUB_SETS}the customer template.",
        "category": f"{_HUB_SETS}the customer template.",
        "taxable": f"{_HUB_SETS}whether the customer is exempt.",
        "addressBook": f"{_HUB_SETS}the addresses.",
    },
}
OTHERS = "NetSuite computes it, or it could change amounts, tax or links of a record."
"""Why a standard field that is neither offered nor set by the hub is no target."""


def listing(client: NetSuiteClient, kind: str) -> Iterator[ReferenceData]:
    """Fields of one kind (`FIELD_KINDS`), custom ones first, each with its `type` in `extra`. One request.

    Raises NeedsPerson ERP_PERMISSION when the role sees no field at all: mappings must not lose theirs to that."""
    found = ReferenceKind(kind)
    record, prefix = FIELD_KINDS[found]
    body = client.get(f"{CATALOG}?select={record}", Subject("record catalog"), accept=OPENAPI)
    schemas = dict(schemas_of(body))
    properties = _line_properties(schemas, record) if prefix == "custcol_" else _own(schemas, record)
    if not properties:
        raise NeedsPerson(
            "ERP_PERMISSION",
            f"NetSuite's catalog shows the integration's role no fields of {record} records.",
            value=record,
        )
    offered = set(_OFFERED[found].split())
    rows = []
    for name, schema in properties.items():
        kind_of_value = type_of(schema)
        custom = name.lower().startswith(prefix)
        if kind_of_value and (custom or name in offered) and len(name) <= LONGEST_NAME:
            title = str(schema.get("title") or name)
            rows.append(
                ReferenceData(kind=kind, id=name, name=title, code=name,
                              extra={"type": kind_of_value, **({"custom": "T"} if custom else {})})
            )  # fmt: skip
    yield from sorted(rows, key=lambda row: ("custom" not in row.extra, row.name.lower()))


def type_of(schema: Any) -> str:
    """text, number, date, datetime, select or checkbox; "" for what a mapping cannot fill (lists, sub-records)."""
    if not isinstance(schema, Mapping):
        return ""
    kind, form = schema.get("type"), schema.get("format")
    if kind == "string":
        return {"date": "date", "date-time": "datetime"}.get(str(form), "text")
    if kind in ("number", "integer"):
        return "number"
    if kind == "boolean":
        return "checkbox"
    properties = schema.get("properties")
    if isinstance(properties, Mapping):
        return "select" if "id" in properties and "items" not in properties else ""
    reference = str(schema.get("$ref", ""))
    return "select" if reference and not reference.lower().endswith(("collection", "element")) else ""


def _own(schemas: Mapping[str, Any], record: str) -> Mapping[str, Any]:
    properties = schemas.get(record.lower(), {}).get("properties", {})
    return properties if isinstance(properties, Mapping) else {}


def _line_properties(schemas: Mapping[str, Any], record: str) -> Mapping[str, Any]:
    """Properties of a line: a schema of its own, or nested in the record's `item`."""
    for name in ("itemElement", "item"):
        found = schemas.get(f"{record}-{name}".lower(), {}).get("properties", {})
        if isinstance(found, Mapping) and "quantity" in found:
            return found
    node: Any = _own(schemas, record).get("item", {})
    for key in ("properties", "items", "items", "properties"):
        node = node.get(key, {}) if isinstance(node, Mapping) else {}
    return node if isinstance(node, Mapping) else {}


def table() -> str:
    """The fields the hub sets, as Markdown for the guide."""
    words = {"order_field": "Order", "line_field": "Line", "customer_field": "Customer"}
    rows = ["| record | field | why it is no target |", "| --- | --- | --- |"]
    for kind, names in RESERVED.items():
        rows.extend(f"| {words[kind.value]} | `{name}` | {why} |" for name, why in names.items())
    return "\n".join([*rows, f"| all | other standard fields | {OTHERS} |"])

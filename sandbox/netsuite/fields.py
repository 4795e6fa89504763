"""Which fields a record has, and the check of a request body against them."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from sandbox.netsuite.errors import RestError, invalid_value, unknown_field
from sandbox.netsuite.store import Doc, data_file
from sandbox.netsuite.work import ITEM_TYPES, TRANSACTIONS, Work

_SALES = {"salesOrder", "invoice", "cashSale", "creditMemo", "cashRefund", "returnAuthorization"}
_SUITETAX_ONLY = {
    "taxDetailsOverride", "taxDetails", "taxPointDate", "taxPointDateOverride", "taxRegOverride", "nexus",
    "entityTaxRegNum", "subsidiaryTaxRegNum", "taxDetailsReference",
}  # fmt: skip
_LEGACY_ONLY = {
    "isTaxable", "taxItem", "taxRate", "tax2Total", "vatRegNum", "shippingTaxCode", "shippingTax1Rate",
    "shippingTax2Rate", "shippingTaxAmount", "handlingTaxCode", "handlingTax1Rate", "handlingTaxAmount",
    "taxCode", "taxRate1", "taxRate2", "tax1Amt", "taxAmount",
}  # fmt: skip
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?")
_ITEM_SHAPE = "inventoryItem"


def record_types() -> list[str]:
    """Record types the sandbox serves with a full field list."""
    return [*TRANSACTIONS, "customer", "promotionCode", "inventoryItem", "giftCertificate"]


def shape(work: Work, name: str) -> dict[str, str]:
    """Field name to type for a record, sublist element or nested record, with this account's features."""
    name = _ITEM_SHAPE if name in ITEM_TYPES.values() else name
    fields: dict[str, str] = dict(data_file("fields.json")["shapes"][name])
    record, _, sublist = name.partition("-")
    if record in _SALES and sublist in ("", "item"):
        off = _LEGACY_ONLY if work.settings["tax_mode"] == "suitetax" else _SUITETAX_ONLY
        fields = {key: kind for key, kind in fields.items() if key not in off}
    if name == "invoice" and not work.settings["invoice_approval"]:
        fields.pop("approvalStatus", None)
    if name == "customer" and work.settings["tax_mode"] == "suitetax":
        fields.pop("vatRegNumber", None)
    prefix = None
    if record in TRANSACTIONS and sublist in ("", "item", "line"):
        prefix = "custcol_" if sublist else "custbody_"
    elif name == "customer":
        prefix = "custentity_"
    elif name == _ITEM_SHAPE:
        prefix = "custitem_"
    if prefix:
        declared = (custom.partition(":") for custom in work.settings["custom_fields"])
        fields.update({name: kind or "string" for name, _, kind in declared if name.startswith(prefix)})
    return fields


def validated(work: Work, name: str, body: Any, path: str = "") -> Doc:
    """The body with canonical field names and checked value types.

    Unknown names: an error, a remembered warning, or silence, by X-NetSuite-PropertyNameValidation.
    Names are compared without case, as live clients' bodies suggest. Raises RestError.
    """
    if not isinstance(body, dict):
        raise invalid_value(path or "body")
    fields = shape(work, name)
    canonical = {key.lower(): key for key in fields}
    result: Doc = {}
    for key, value in body.items():
        here = f"{path}.{key}" if path else key
        field = canonical.get(key.lower())
        if field is None:
            if key == "links":
                continue
            if work.names == "Error":
                raise unknown_field(here)
            work.unknown.append(here)
            continue
        result[field] = None if value is None else _value(work, fields[field], value, here)
    return result


def _value(work: Work, kind: str, value: Any, path: str) -> Any:
    base, _, detail = kind.partition(":")
    if base in ("ref", "enum"):
        return _object_value(base, detail, value, path)
    if base == "sub":
        return validated(work, detail, value, path)
    if base == "list":
        if not isinstance(value, dict) or not isinstance(value.get("items"), list | None):
            raise invalid_value(path)
        rows = value.get("items") or []
        return {"items": [validated(work, detail, row, f"{path}.items[{n}]") for n, row in enumerate(rows)]}
    checks = {
        "number": lambda: isinstance(value, (int, Decimal)) and not isinstance(value, bool),
        "integer": lambda: isinstance(value, int) and not isinstance(value, bool),
        "boolean": lambda: isinstance(value, bool),
        "date": lambda: isinstance(value, str) and _DATE.fullmatch(value) is not None,
        "datetime": lambda: isinstance(value, str) and _INSTANT.fullmatch(value) is not None,
        "string": lambda: isinstance(value, (str, int, Decimal)) and not isinstance(value, bool),
    }
    if base in checks and not checks[base]():
        raise invalid_value(path)
    if base == "string":
        return str(value)
    return Decimal(value) if base == "number" else value


def _object_value(base: str, choices: str, value: Any, path: str) -> Doc:
    """`{"id": ..}` (or externalId for references) with the id as text; a bare text or number is read as id."""
    if isinstance(value, (str, int)) and not isinstance(value, bool):
        value = {"id": value}
    if not isinstance(value, dict):
        raise invalid_value(path)
    if base == "ref" and value.get("id") is None and isinstance(value.get("externalId"), str):
        return {"externalId": value["externalId"]}
    if value.get("id") is None:
        if value.get("refName") is not None:
            raise invalid_value(path)
        raise RestError(
            400, "INVALID_CONTENT",
            f"Error while accessing a resource. Invalid {path} reference key.", {"o:errorPath": path},
        )  # fmt: skip
    identifier = value["id"]
    if isinstance(identifier, bool):
        return {"id": identifier}
    if base == "enum" and choices and str(identifier) not in choices.split("|"):
        raise RestError(
            400, "INVALID_CONTENT",
            "Error while accessing a resource. You have entered an Invalid Field Value "
            f"{identifier} for the following field: {path.rsplit('.', 1)[-1].lower()}.",
            {"o:errorPath": path},
        )  # fmt: skip
    return {"id": str(identifier)}

"""References in a body must point to records that exist, are active and fit the subsidiary."""

from __future__ import annotations

from typing import Any

from sandbox.netsuite.errors import invalid_reference, user_error
from sandbox.netsuite.fields import shape
from sandbox.netsuite.store import Doc
from sandbox.netsuite.work import Work, find_external, row_of

_ADDRESS_LENGTHS = {"addr1": 150, "addr2": 150, "state": 30}
TABLES = {
    "customer": ("customer", "entity"),
    "subsidiary": ("subsidiary", None),
    "location": ("location", None),
    "department": ("department", None),
    "classification": ("classification", None),
    "currency": ("currency", None),
    "account": ("account", None),
    "term": ("term", None),
    "shipItem": ("shipitem", None),
    "salesTaxItem": ("salestaxitem", None),
    "taxType": ("taxtype", None),
    "paymentMethod": ("paymentmethod", None),
    "priceLevel": ("pricelevel", None),
    "promotionCode": ("promotioncode", "promotionCode"),
    "employee": ("employee", "entity"),
    "item": ("item", "item"),
    "customerCategory": ("customercategory", None),
    "accountingPeriod": ("accountingperiod", None),
    "transaction": ("transaction", "transaction"),
    "salesOrder": ("transaction", "transaction"),
    "journalEntry": ("transaction", "transaction"),
}


def resolve(work: Work, kind: str, value: Doc, path: str, subsidiary: str | None = None) -> dict[str, Any]:
    """Check one reference and fill in its id; returns the SuiteQL row (empty for kinds without a table).

    Raises RestError with the account's "Invalid Field Value" sentence.
    """
    field = path.rsplit(".", 1)[-1]
    shown = value.get("id", value.get("externalId"))
    table, namespace = TABLES.get(kind, (None, None))
    if table is None:
        if kind in ("address", "customForm"):
            return {}
        raise invalid_reference(shown, field, path)
    if "id" not in value:
        found = find_external(work.db, namespace, value["externalId"]) if namespace else None
        if found is None:
            raise invalid_reference(shown, field, path)
        value.clear()
        value["id"] = found[1]["id"]
    row = row_of(work.db, table, value["id"])
    if row is None or row.get("isinactive") == "T" or not _fits(work, kind, row, subsidiary):
        raise invalid_reference(shown, field, path)
    return row


def _fits(work: Work, kind: str, row: dict[str, Any], subsidiary: str | None) -> bool:
    if subsidiary is None:
        return True
    allowed = row.get("_subsidiary", row.get("subsidiary"))
    if kind == "customer":
        return int(subsidiary) in subsidiaries_of(work, row["id"])
    if allowed is None or kind in ("transaction", "salesOrder"):
        return True
    return subsidiary in [part.strip() for part in str(allowed).split(",")]


def subsidiaries_of(work: Work, customer_id: int) -> list[int]:
    """Subsidiaries a customer may be used in, the primary one first."""
    rows = work.db.execute(
        "SELECT subsidiary FROM q_customersubsidiaryrelationship WHERE entity = ? ORDER BY isprimarysub DESC, id",
        (customer_id,),
    )
    return [row[0] for row in rows]


def check_all(work: Work, shape_name: str, body: Doc, subsidiary: str | None, path: str = "") -> None:
    """Resolve every reference of a body, nested ones included (items are left to the line rules)."""
    fields = shape(work, shape_name)
    if shape_name == "address":
        _check_address(body, path)
    for key, value in body.items():
        kind, _, detail = fields.get(key, "any").partition(":")
        here = f"{path}.{key}" if path else key
        if value is None:
            continue
        if kind == "ref" and detail != "item":
            resolve(work, detail, value, here, subsidiary)
        elif kind == "sub":
            check_all(work, detail, value, subsidiary, here)
        elif kind == "list":
            for number, row in enumerate(value["items"]):
                check_all(work, detail, row, subsidiary, f"{here}.items[{number}]")


def _check_address(body: Doc, path: str) -> None:
    """Lengths accounts were seen to enforce, and a country that is one."""
    for field, limit in _ADDRESS_LENGTHS.items():
        if len(str(body.get(field) or "")) > limit:
            sentence = (
                f"The field {field} contained more than the maximum number ( {limit} ) of characters allowed."
            )
            raise user_error(sentence, f"{path}.{field}")
    country = (body.get("country") or {}).get("id")
    if country is not None and (len(str(country)) != 2 or country == "ZZ"):
        raise invalid_reference(country, "country", f"{path}.country")

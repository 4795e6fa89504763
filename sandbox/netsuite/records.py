"""Create, read, update, upsert, delete and list records: the rules all record types share."""

from __future__ import annotations

from typing import Any

from sandbox.netsuite import amendments, customers, rules
from sandbox.netsuite.errors import (
    RestError,
    bad_parameter,
    invalid_value,
    missing_record,
    missing_transaction,
    missing_type,
    permission,
    user_error,
)
from sandbox.netsuite.fields import record_types, validated
from sandbox.netsuite.sqlfunctions import stamp
from sandbox.netsuite.store import Doc, insert_row
from sandbox.netsuite.work import (
    ITEM_TYPES,
    TRANSACTIONS,
    Work,
    check_external,
    find,
    find_external,
    group,
    moment,
    new_id,
    row_of,
    save,
)

READ_ONLY = (
    "id", "refName", "createdDate", "lastModifiedDate", "dateCreated", "total", "subtotal", "taxTotal", "status",
    "transactionNumber", "discountTotal", "amountPaid", "amountRemaining", "applied", "unapplied", "balance",
)  # fmt: skip
CREATABLE = (*TRANSACTIONS, "customer", "promotionCode")
TRANSFORM_ONLY = ("itemFulfillment", "itemReceipt", "depositApplication")


def type_named(name: str, path: str) -> str:
    """The record type of a URL segment, whatever its case; 404 when there is none."""
    for rectype in [*record_types(), *ITEM_TYPES.values(), *rules.LISTS]:
        if rectype.lower() == name.lower():
            return rectype
    raise missing_type(name, path)


def allowed(work: Work, rectype: str) -> None:
    """Raise 403 when the role may not touch this record type."""
    if rectype in work.settings["denied_records"]:
        raise permission(rectype)


def locate(work: Work, rectype: str, key: str) -> Doc:
    """The document a URL key (`123` or `eid:abc`) names; raises the answer its absence calls for."""
    grp = group(rectype)
    by_name = key.startswith("eid:")
    found = find_external(work.db, grp, key[4:]) if by_name else find(work.db, grp, key)
    if found is None or found[0] != rectype:
        raise missing_transaction() if rectype in TRANSACTIONS else missing_record()
    return found[1]


def create(work: Work, rectype: str, body: Any) -> str:
    """Create a record from a request body; returns its internal id."""
    allowed(work, rectype)
    if rectype not in CREATABLE:
        raise RestError(405, "INVALID_METHOD", f"The sandbox does not create records of type {rectype}.")
    if rectype in TRANSFORM_ONLY:
        raise user_error("This record can only be created from another transaction.")
    doc = _writable(work, rectype, validated(work, rectype, body))
    return insert(work, rectype, {key: value for key, value in doc.items() if value is not None})


def insert(work: Work, rectype: str, doc: Doc) -> str:
    """Number, check, compute, store and post a new record whose fields are validated already."""
    check_external(work, rectype, doc.get("externalId"))
    prepared = {**doc}
    rules.prepare(work, rectype, prepared, None)
    prepared["id"] = str(new_id(work, rectype))
    prepared["dateCreated" if rectype == "customer" else "createdDate"] = moment(work.now)
    _store(work, rectype, prepared)
    return str(prepared["id"])


def update(work: Work, rectype: str, old: Doc, body: Any, replace: list[str]) -> None:
    """Merge a PATCH (or the update half of a PUT) into a record.

    Sublist entries with a key are merged, entries without are appended; `replace` names sublists to
    replace. Tax details are always replaced: they have no key of their own.
    """
    allowed(work, rectype)
    changes = _writable(work, rectype, validated(work, rectype, body))
    check_external(work, rectype, changes.get("externalId"), old["id"])
    doc = {**old}
    for field, value in changes.items():
        if isinstance(value, dict) and "items" in value and isinstance(value["items"], list):
            whole = field in replace or field == "taxDetails"
            doc[field] = _merged(field, old.get(field), value, replace=whole)
        elif value is None:
            doc.pop(field, None)
        else:
            doc[field] = {**(old.get(field) or {}), **value} if field.endswith("Address") else value
    if changes.get("shipMethod") and changes.get("shippingCost") is None and rectype in rules.SALES_TYPES:
        doc.pop("shippingCost", None)
        work.warnings.append("shippingCost was recalculated because shipMethod came without it.")
    amendments.check(rectype, old, changes, doc)
    rules.prepare(work, rectype, doc, old)
    _store(work, rectype, doc)


def _writable(work: Work, rectype: str, doc: Doc) -> Doc:
    for field in READ_ONLY:
        if field in doc and not (field == "id" and doc["id"] is None):
            doc.pop(field)
            work.warnings.append(f"{field} is read-only and was ignored.")
    if doc.get("tranId") and rectype in TRANSACTIONS and not work.settings["allow_tran_id"]:
        raise user_error("You do not have permission to set the transaction number (tranId).", "tranId")
    return doc


_KEYS = {"item": ("line",), "line": ("line",), "addressBook": ("id",), "apply": ("doc", "line")}


def _merged(field: str, old: Doc | None, new: Doc, *, replace: bool) -> Doc:
    rows: list[Doc] = [] if replace else [dict(row) for row in (old or {}).get("items", [])]
    if replace and any(
        row.get("quantityFulfilled") or row.get("quantityBilled") for row in (old or {}).get("items", [])
    ):
        raise user_error("You cannot remove lines that have been fulfilled or billed.", field)
    key = _KEYS.get(field, ("line",))
    for number, row in enumerate(new["items"]):
        identity = [row.get(part) for part in key]
        match = next((have for have in rows if [have.get(part) for part in key] == identity), None)
        if identity[0] is None:
            rows.append(row)
        elif match is not None:
            if "amount" not in row and ("quantity" in row or "rate" in row):
                match.pop("amount", None)
            elif "amount" in row and "rate" not in row:
                match.pop("rate", None)
            match.update(row)
            for name in [name for name, value in match.items() if value is None]:
                del match[name]
        elif replace:
            rows.append(row)
        else:
            raise invalid_value(f"{field}.items[{number}].{key[0]}")
    return {"items": rows}


def _store(work: Work, rectype: str, doc: Doc) -> None:
    doc["lastModifiedDate"] = moment(work.now)
    name = str(doc["entityId"]).lower() if rectype == "customer" else doc.get("tranId")
    if rectype in TRANSACTIONS:
        rules.finish(work, rectype, doc)
        name = doc["tranId"]
    save(work, rectype, doc, name)
    if rectype == "customer":
        customers.project(work, doc)
    elif rectype == "promotionCode":
        rules.project_promotion(work, doc)


def delete(work: Work, rectype: str, doc: Doc) -> None:
    """Delete a record that nothing was made from; leaves a deletedrecord row."""
    allowed(work, rectype)
    number = int(doc["id"])
    children = work.db.execute(
        "SELECT 1 FROM q_previoustransactionlinelink WHERE previousdoc = ? UNION "
        "SELECT 1 FROM application WHERE target = ? OR source = ? UNION "
        "SELECT 1 FROM q_transaction WHERE entity = ? AND ? = 'customer'",
        (number, number, number, number, rectype),
    ).fetchone()
    if children:
        raise user_error("This record cannot be deleted because it has dependent records.")
    work.db.execute("DELETE FROM record WHERE grp = ? AND id = ?", (group(rectype), number))
    if rectype in TRANSACTIONS:
        rules.forget(work, rectype, doc)
    elif rectype == "customer":
        work.db.execute("DELETE FROM q_customer WHERE id = ?", (number,))
    insert_row(work.db, "deletedrecord", {
        "recordid": number, "recordtypeid": TRANSACTIONS.get(rectype, rectype), "scriptid": rectype.lower(),
        "name": doc.get("tranId") or doc.get("entityId"), "deleteddate": stamp(work.now), "context": "RESTWEBSERVICES",
    })  # fmt: skip


def list_row(work: Work, rectype: str, key: str) -> Doc:
    """A reference record (currency, location, ...) as a document made from its SuiteQL row."""
    row = row_of(work.db, rules.LISTS[rectype], key)
    if row is None:
        raise missing_record()
    public = {name: value for name, value in row.items() if value is not None and not name.startswith("_")}
    flags = {"T": True, "F": False}
    return {
        name: flags.get(value, value) if isinstance(value, str) else value for name, value in public.items()
    } | {"id": str(row["id"])}


def page_of(args: dict[str, str]) -> tuple[int, int]:
    """(limit, offset) of a list request: limit 1 to 1000, offset a multiple of it."""
    try:
        limit, offset = int(args.get("limit", "1000")), int(args.get("offset", "0"))
    except ValueError as error:
        raise bad_parameter(
            "limit", "Invalid query parameter: limit and offset must be whole numbers."
        ) from error
    if not 1 <= limit <= 1000:
        raise bad_parameter("limit", "Invalid query parameter: limit must be between 1 and 1000.")
    if offset < 0 or offset % limit:
        raise bad_parameter("offset", "Invalid query parameter: offset must be divisible by limit.")
    return limit, offset

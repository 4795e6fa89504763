"""What one request needs while it runs, and the table of documents."""

# ruff: noqa: S608 - table names are constants

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sandbox.netsuite.errors import RestError, duplicate
from sandbox.netsuite.settings import Settings
from sandbox.netsuite.store import Doc, dumps, loads, next_id

TRANSACTIONS = {
    "salesOrder": "SalesOrd",
    "invoice": "CustInvc",
    "cashSale": "CashSale",
    "customerDeposit": "CustDep",
    "customerPayment": "CustPymt",
    "creditMemo": "CustCred",
    "customerRefund": "CustRfnd",
    "cashRefund": "CashRfnd",
    "itemFulfillment": "ItemShip",
    "itemReceipt": "ItemRcpt",
    "returnAuthorization": "RtnAuth",
    "depositApplication": "DepAppl",
    "deposit": "Deposit",
    "journalEntry": "Journal",
}
ENTITIES = ("customer", "employee")
ITEM_TYPES = {
    "InvtPart": "inventoryItem",
    "NonInvtPart": "nonInventorySaleItem",
    "OthCharge": "otherChargeSaleItem",
    "Discount": "discountItem",
    "Kit": "kitItem",
    "Description": "descriptionItem",
}
NUMBER_PREFIX = {
    "salesOrder": "SO", "invoice": "INV", "cashSale": "CS", "customerDeposit": "CD", "customerPayment": "PYMT",
    "creditMemo": "CM", "customerRefund": "RF", "cashRefund": "CR", "itemFulfillment": "IF", "itemReceipt": "IR",
    "returnAuthorization": "RA", "depositApplication": "DA", "deposit": "DEP", "journalEntry": "JE",
}  # fmt: skip


@dataclass
class Work:
    """One request's connection, settings, clock and the warnings it collects for response headers."""

    db: sqlite3.Connection
    settings: Settings
    base_url: str
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    names: str = "Warning"
    warnings: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)

    def link(self, rectype: str, record_id: object) -> str:
        """The URL of a record."""
        return f"{self.base_url}/record/v1/{rectype}/{record_id}"


def group(rectype: str) -> str:
    """The namespace a record type shares ids and externalIds with."""
    if rectype in TRANSACTIONS:
        return "transaction"
    if rectype in ENTITIES:
        return "entity"
    if rectype in ITEM_TYPES.values():
        return "item"
    return rectype


def moment(when: datetime) -> str:
    """A date-time as the REST services answer it: UTC, whole seconds."""
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def find(db: sqlite3.Connection, grp: str, record_id: object) -> tuple[str, Doc] | None:
    """(record type, document) by internal id within a namespace; None when absent or no number."""
    if not str(record_id).lstrip("-").isdigit():
        return None
    row = db.execute(
        "SELECT rectype, doc FROM record WHERE grp = ? AND id = ?", (grp, int(str(record_id)))
    ).fetchone()
    return (row[0], loads(row[1])) if row else None


def find_external(db: sqlite3.Connection, grp: str, external_id: str) -> tuple[str, Doc] | None:
    """(record type, document) by externalId; the match ignores case, as documented."""
    row = db.execute(
        "SELECT rectype, doc FROM record WHERE grp = ? AND extkey = ?", (grp, external_id.lower())
    ).fetchone()
    return (row[0], loads(row[1])) if row else None


def check_external(work: Work, rectype: str, external_id: str | None, own_id: str | None = None) -> None:
    """Raise the documented 400 when another record of the namespace holds this externalId."""
    if not external_id:
        return
    if not all(letter.isalnum() or letter in "_-" for letter in external_id):
        raise RestError(
            400, "USER_ERROR",
            "Error while accessing a resource. The externalId may only contain letters, digits, underscore and hyphen.",
            {"o:errorPath": "externalId"},
        )  # fmt: skip
    found = find_external(work.db, group(rectype), external_id)
    if found and found[1]["id"] != own_id:
        raise duplicate(group(rectype))


def new_id(work: Work, rectype: str) -> int:
    """Take the next internal id of the record's namespace."""
    return next_id(work.db, f"id:{group(rectype)}", 5001)


def save(work: Work, rectype: str, doc: Doc, name: str | None = None) -> None:
    """Insert or replace the document of a record; `doc` holds its id and externalId."""
    external = doc.get("externalId")
    work.db.execute(
        "INSERT INTO record (grp, id, rectype, externalid, extkey, name, doc) VALUES (?, ?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (grp, id) DO UPDATE SET externalid = excluded.externalid, extkey = excluded.extkey, "
        "name = excluded.name, doc = excluded.doc",
        (
            group(rectype), int(doc["id"]), rectype, external,
            external.lower() if external else None, name, dumps(doc),
        ),
    )  # fmt: skip


def row_of(db: sqlite3.Connection, table: str, record_id: object) -> dict[str, Any] | None:
    """One row of a SuiteQL table by id, as column to value."""
    if not str(record_id).lstrip("-").isdigit():
        return None
    cursor = db.execute(f'SELECT * FROM "q_{table}" WHERE id = ?', (int(str(record_id)),))
    row = cursor.fetchone()
    if row is None:
        return None
    return {column[0]: value for column, value in zip(cursor.description, row, strict=True)}


def known_row(db: sqlite3.Connection, table: str, record_id: object) -> dict[str, Any]:
    """One row that must be there, because a checked document points to it. Raises LookupError otherwise."""
    row = row_of(db, table, record_id)
    if row is None:
        raise LookupError(f"{table} {record_id} is gone although a record refers to it.")
    return row


def known_transaction(db: sqlite3.Connection, record_id: object) -> Doc:
    """The document of a transaction that must be there. Raises LookupError otherwise."""
    found = find(db, "transaction", record_id)
    if found is None:
        raise LookupError(f"Transaction {record_id} is gone although it was just written.")
    return found[1]

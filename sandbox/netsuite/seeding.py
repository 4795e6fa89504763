"""The demo account's first contents, from data/seed.json; and starting over."""

# ruff: noqa: S608 - table names come from the data file

from __future__ import annotations

import calendar
import sqlite3
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from sandbox.netsuite import customers, sqlfunctions
from sandbox.netsuite.settings import Settings
from sandbox.netsuite.store import Doc, data_file, insert_row, tables
from sandbox.netsuite.work import ITEM_TYPES, Work, moment, save

SEEDED = datetime(2026, 1, 1, tzinfo=UTC)
_STATE = ("sequence", "record", "nonce", "application", "posting")
_STOCK = {6: 500, 7: 40, 8: 200, 9: 200}


def is_seeded(db: sqlite3.Connection) -> bool:
    """Whether the account has its reference data."""
    return db.execute("SELECT 1 FROM q_currency LIMIT 1").fetchone() is not None


def reset(db: sqlite3.Connection, settings: Settings) -> None:
    """Empty the account and seed it again; credentials, tokens and settings stay."""
    for table in _STATE:
        db.execute(f"DELETE FROM {table}")
    for table in tables():
        if table != "nexttransactionlinelink":
            db.execute(f'DELETE FROM "q_{table}"')
    seed(db, settings)


def seed(db: sqlite3.Connection, settings: Settings) -> None:
    """Write the seed data: reference tables, items with prices and stock, customers, credentials."""
    seed_data: Doc = data_file("seed.json")
    _reference_tables(db, seed_data["tables"])
    for name, number in seed_data["first_ids"].items():
        if name != "other":
            db.execute("INSERT INTO sequence VALUES (?, ?)", (f"id:{name}", number))
    work = Work(db, settings, "", SEEDED)
    for row in _items(db):
        _seed_item(work, row)
    for customer in seed_data["customers"]:
        _seed_customer(work, customer)
    for promotion in seed_data["tables"]["promotioncode"]["rows"]:
        doc = {"id": str(promotion[0]), "name": promotion[1], "code": promotion[2], "isInactive": False}
        save(work, "promotionCode", doc, promotion[1])
    _periods(db)
    close_periods(db, settings["closed_through"])
    for client in seed_data["integrations"]:
        db.execute("INSERT OR IGNORE INTO integration VALUES (?)", (client,))
    for keys in seed_data["tba"]:
        db.execute("INSERT OR REPLACE INTO tba VALUES (?, ?, ?, ?)", tuple(keys.values()))


def _reference_tables(db: sqlite3.Connection, contents: Doc) -> None:
    now = sqlfunctions.stamp(SEEDED)
    for table, content in contents.items():
        for values in content["rows"]:
            row = dict(zip(content["columns"], values, strict=True))
            if "startdate" in row:
                row["startdate"] = sqlfunctions.day(row["startdate"])
            if "lastmodifieddate" in tables()[table]:
                row["lastmodifieddate"] = now
            insert_row(db, table, row)


def _items(db: sqlite3.Connection) -> list[Doc]:
    cursor = db.execute("SELECT * FROM q_item")
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _seed_item(work: Work, row: Doc) -> None:
    """The item's document, its base price in every currency, and its stock at every location."""
    save(work, ITEM_TYPES[row["itemtype"]], {
        "id": str(row["id"]), "itemId": row["itemid"], "displayName": row["displayname"],
        "isInactive": row["isinactive"] == "T", "upcCode": row["upccode"], "createdDate": moment(SEEDED),
        "lastModifiedDate": moment(SEEDED),
        "incomeAccount": {"id": str(row["incomeaccount"])} if row["incomeaccount"] else None,
        "parent": {"id": str(row["parent"])} if row["parent"] else None,
    }, row["itemid"].lower())  # fmt: skip
    work.db.execute(
        "UPDATE q_item SET fullname = itemid, createddate = ?, lastmodifieddate = ?, averagecost = cost WHERE id = ?",
        (sqlfunctions.stamp(SEEDED), sqlfunctions.stamp(SEEDED), row["id"]),
    )
    if row["_baseprice"] is not None:
        for currency in work.db.execute(
            "SELECT id, exchangerate, currencyprecision FROM q_currency"
        ).fetchall():
            unit = Decimal(1).scaleb(-int(currency[2]))
            price = (Decimal(str(row["_baseprice"])) / Decimal(str(currency[1]))).quantize(unit)
            insert_row(work.db, "pricing", {
                "item": row["id"], "pricelevel": 1, "unitprice": price, "quantity": 0, "currency": currency[0],
            })  # fmt: skip
    if row["itemtype"] == "InvtPart":
        for location, quantity in _STOCK.items():
            insert_row(work.db, "inventoryitemlocations", {
                "item": row["id"], "location": location, "quantityonhand": quantity, "quantityavailable": quantity,
                "quantitycommitted": 0, "quantitybackordered": 0, "quantityonorder": 0, "quantityintransit": 0,
                "lastquantityavailablechange": sqlfunctions.stamp(SEEDED),
            })  # fmt: skip


def _seed_customer(work: Work, given: Doc) -> None:
    doc: Doc = {key: value for key, value in given.items() if key not in ("subsidiaries", "currencies")}
    doc["id"] = str(given["id"])
    others = [{"currency": {"id": str(number)}} for number in given.get("currencies", [])]
    if others:
        doc["currencyList"] = {"items": [{"currency": doc["currency"]}, *others]}
    secondary: list[Any] = given.get("subsidiaries", [])
    doc["dateCreated"] = doc["lastModifiedDate"] = moment(SEEDED)
    doc.setdefault("isInactive", False)
    doc["altName"] = doc.get("companyName") or f"{doc['firstName']} {doc['lastName']}"
    save(work, "customer", doc, doc["entityId"].lower())
    customers.project(work, doc, secondary)


def _periods(db: sqlite3.Connection) -> None:
    """Monthly accounting periods from 2024 to 2028; ids 1, 2, ..."""
    number = 0
    for year in range(2024, 2029):
        for month in range(1, 13):
            number += 1
            last = calendar.monthrange(year, month)[1]
            insert_row(db, "accountingperiod", {
                "id": number, "periodname": f"{calendar.month_abbr[month]} {year}",
                "startdate": sqlfunctions.day(date(year, month, 1).isoformat()),
                "enddate": sqlfunctions.day(date(year, month, last).isoformat()),
                "isposting": "T", "isinactive": "F", "isyear": "F", "isquarter": "F", "isadjust": "F",
            })  # fmt: skip


def close_periods(db: sqlite3.Connection, through: str) -> None:
    """Mark the periods that end on or before a day (YYYY-MM-DD) as closed, the others as open."""
    end = sqlfunctions.day(through)
    for column in ("closed", "alllocked", "arlocked", "aplocked"):
        db.execute(
            f"UPDATE q_accountingperiod SET {column} = CASE WHEN enddate <= ? THEN 'T' ELSE 'F' END", (end,)
        )

"""What each record type adds to the shared rules: preparation, numbering, posting and its SuiteQL rows."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from sandbox.netsuite import customers, ledger, money, projection, sales, statuses
from sandbox.netsuite.errors import missing_value, user_error
from sandbox.netsuite.sales import SALES_TYPES
from sandbox.netsuite.sqlfunctions import day
from sandbox.netsuite.store import Doc, insert_row, next_id
from sandbox.netsuite.work import NUMBER_PREFIX, Work, known_row

__all__ = ["LISTS", "SALES_TYPES", "finish", "forget", "prepare", "project_promotion"]

LISTS = {
    "currency": "currency", "subsidiary": "subsidiary", "location": "location", "department": "department",
    "classification": "classification", "account": "account", "term": "term", "shipItem": "shipitem",
    "salesTaxItem": "salestaxitem", "taxType": "taxtype", "paymentMethod": "paymentmethod",
    "priceLevel": "pricelevel", "accountingPeriod": "accountingperiod", "employee": "employee",
    "customerCategory": "customercategory",
}  # fmt: skip


def prepare(work: Work, rectype: str, doc: Doc, old: Doc | None) -> None:
    """Check a record and compute its derived fields in place, for its type."""
    if rectype == "customer":
        customers.prepare(work, doc)
        return
    if rectype == "promotionCode":
        if not doc.get("name"):
            raise missing_value("Name")
        doc.setdefault("isInactive", False)
        return
    doc.setdefault("tranDate", work.now.date().isoformat())
    if rectype in SALES_TYPES:
        sales.prepare(work, rectype, doc)
    else:
        money.PREPARE[rectype](work, doc)
    _period(work, rectype, doc, old)
    if rectype == "salesOrder":
        doc.setdefault("orderStatus", {"id": work.settings["default_order_status"]})
    elif rectype == "returnAuthorization":
        doc.setdefault("orderStatus", {"id": "B"})
    elif rectype == "invoice":
        _invoice(work, doc)


def _invoice(work: Work, doc: Doc) -> None:
    """An invoice is due by its terms, and waits for approval where the account wants that and nobody approved it."""
    terms = (doc.get("terms") or {}).get("id")
    if terms and not doc.get("dueDate"):
        days = int(known_row(work.db, "term", terms)["daysuntilnetdue"] or 0)
        doc["dueDate"] = (date.fromisoformat(doc["tranDate"]) + timedelta(days=days)).isoformat()
    if work.settings["invoice_approval"]:
        doc.setdefault("approvalStatus", {"id": "1"})


def _period(work: Work, rectype: str, doc: Doc, old: Doc | None) -> None:
    """Refuse dates in a closed period (postings always; other transactions by setting)."""
    posting = rectype in projection.POSTING
    if posting:
        row = work.db.execute(
            "SELECT id FROM q_accountingperiod WHERE startdate <= ? AND enddate >= ?",
            (day(doc["tranDate"]), day(doc["tranDate"])),
        ).fetchone()
        if row is None:
            raise user_error(
                "The transaction date you specified is not within the date range of your accounting period."
            )
        doc["postingPeriod"] = {"id": str(row[0])}
    closed = date.fromisoformat(doc["tranDate"]) <= date.fromisoformat(work.settings["closed_through"])
    unchanged = old is not None and not posting and old["tranDate"] == doc["tranDate"]
    if closed and not unchanged and (posting or work.settings["closed_period_blocks_all"]):
        raise user_error(
            "The transaction date you specified is not within the date range of your accounting period. "
            "The period is closed.", "tranDate",
        )  # fmt: skip


def finish(work: Work, rectype: str, doc: Doc) -> None:
    """Number a transaction, post it, apply it, and write its SuiteQL rows."""
    if not doc.get("tranId"):
        doc["tranId"] = f"{NUMBER_PREFIX[rectype]}{next_id(work.db, f'number:{rectype}', 10001)}"
    if not doc.get("transactionNumber"):
        doc["transactionNumber"] = f"{rectype.upper()}{next_id(work.db, f'tx:{rectype}', 1)}"
    ledger.post(work, rectype, doc)
    money.apply(work, rectype, doc)
    statuses.set_status(work, rectype, doc)
    projection.project(work, rectype, doc)


def forget(work: Work, rectype: str, doc: Doc) -> None:
    """Undo everything a deleted transaction left: postings, applications, links, rows."""
    number = int(doc["id"])
    ledger.clear(work, number)
    projection.clear(work, number)
    money.unapply(work, rectype, doc)
    sources = work.db.execute(
        "SELECT DISTINCT previousdoc FROM q_previoustransactionlinelink WHERE nextdoc = ?", (number,)
    ).fetchall()
    work.db.execute("DELETE FROM q_previoustransactionlinelink WHERE nextdoc = ?", (number,))
    for (source,) in sources:
        statuses.refresh(work, str(source))


def project_promotion(work: Work, doc: Doc) -> None:
    """Write the SuiteQL row of a promotion code."""
    work.db.execute("DELETE FROM q_promotioncode WHERE id = ?", (int(doc["id"]),))
    kind: Any = (doc.get("discountType") or {}).get("id")
    insert_row(work.db, "promotioncode", {
        "id": int(doc["id"]), "name": doc["name"], "code": doc.get("code"), "startdate": day(doc.get("startDate")),
        "enddate": day(doc.get("endDate")), "isinactive": "T" if doc.get("isInactive") else "F", "discounttype": kind,
        "rate": doc.get("rate"), "description": doc.get("description"), "externalid": doc.get("externalId"),
    })  # fmt: skip

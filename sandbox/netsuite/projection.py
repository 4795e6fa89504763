"""The SuiteQL rows of a transaction: header, lines (debit positive, so revenue lines are negative), links."""

# ruff: noqa: PLR0917 - a row is what its parts are

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from sandbox.netsuite.sqlfunctions import day, stamp
from sandbox.netsuite.store import Doc, insert_row, next_id, tables
from sandbox.netsuite.work import TRANSACTIONS, Work, row_of

NEGATIVE = {"creditMemo", "cashRefund", "customerRefund", "returnAuthorization"}
POSTING = set(TRANSACTIONS) - {"salesOrder", "returnAuthorization"}
_ITEM_RECORDS = {
    "salesOrder", "invoice", "cashSale", "creditMemo", "cashRefund", "returnAuthorization", "itemFulfillment",
    "itemReceipt",
}  # fmt: skip


def clear(work: Work, record_id: int) -> None:
    """Remove a transaction's rows (links stay: they belong to the documents they connect)."""
    work.db.execute("DELETE FROM q_transaction WHERE id = ?", (record_id,))
    work.db.execute('DELETE FROM q_transactionline WHERE "transaction" = ?', (record_id,))


def project(work: Work, rectype: str, doc: Doc) -> None:
    """Write header and line rows of a transaction anew."""
    number = int(doc["id"])
    clear(work, number)
    _header(work, rectype, doc, number)
    if rectype in _ITEM_RECORDS:
        _item_lines(work, rectype, doc, number)
        _tracking(work, doc, number)
    elif rectype == "journalEntry":
        for line in (doc.get("line") or {}).get("items", []):
            amount = (line.get("debit") or Decimal(0)) - (line.get("credit") or Decimal(0))
            row = {"memo": line.get("memo"), "expenseaccount": line["account"]["id"]}
            _line(work, doc, number, line["line"], "F", {**row, **_amounts(doc, amount)})
    else:
        _line(work, doc, number, 0, "T", _amounts(doc, _signed_total(rectype, doc)))


def _signed_total(rectype: str, doc: Doc) -> Decimal:
    total = Decimal(doc.get("total") or 0)
    return -total if rectype in NEGATIVE else total


def _reference(doc: Doc, field: str) -> Any:
    return (doc.get(field) or {}).get("id")


def _customs(table: str, doc: Doc, prefix: str) -> Doc:
    """Custom fields that are columns of a SuiteQL table."""
    columns = tables()[table]
    return {key: value for key, value in doc.items() if key.startswith(prefix) and key in columns}


def _header(work: Work, rectype: str, doc: Doc, number: int) -> None:
    open_amount = doc.get("amountRemaining")
    total = _signed_total(rectype, doc)
    customs = _customs("transaction", doc, "custbody_")
    insert_row(work.db, "transaction", {
        "id": number, "type": TRANSACTIONS[rectype], "recordtype": rectype.lower(), "tranid": doc["tranId"],
        "transactionnumber": doc["transactionNumber"], "externalid": doc.get("externalId"),
        "status": doc.get("statusLetter"), "trandate": day(doc["tranDate"]),
        "createddate": stamp(datetime.fromisoformat(doc["createdDate"])), "lastmodifieddate": stamp(work.now),
        "entity": _reference(doc, "entity") or _reference(doc, "customer"), "currency": _reference(doc, "currency"),
        "exchangerate": doc.get("exchangeRate"), "foreigntotal": total,
        "foreignamountunpaid": open_amount,
        "foreignamountpaid": None if open_amount is None else doc["total"] - open_amount,
        "otherrefnum": doc.get("otherRefNum"), "memo": doc.get("memo"), "voided": "F",
        "posting": "T" if rectype in POSTING else "F", "postingperiod": _reference(doc, "postingPeriod"),
        "terms": _reference(doc, "terms"), "duedate": day(doc.get("dueDate")), "shipdate": day(doc.get("shipDate")),
        "shipmethod": _reference(doc, "shipMethod"), "shipcarrier": _reference(doc, "shipCarrier"),
        "email": doc.get("email"), "employee": _reference(doc, "salesRep"), "isreversal": "F", **customs,
    })  # fmt: skip


def _amounts(doc: Doc, foreign: Decimal) -> Doc:
    base = (foreign * Decimal(doc.get("exchangeRate") or 1)).quantize(Decimal("0.01"))
    return {"foreignamount": foreign, "netamount": base, "amount": base}


def _line(work: Work, doc: Doc, number: int, line: int, mainline: str, values: Doc) -> None:
    insert_row(work.db, "transactionline", {
        "transaction": number, "id": line, "uniquekey": next_id(work.db, "uniquekey", 400001),
        "linesequencenumber": line, "mainline": mainline, "taxline": "F", "iscogs": "F", "isclosed": "F",
        "subsidiary": _reference(doc, "subsidiary"), "entity": _reference(doc, "entity") or _reference(doc, "customer"),
        "location": _reference(doc, "location"), "department": _reference(doc, "department"),
        "class": _reference(doc, "class"), "linelastmodifieddate": stamp(work.now), **values,
    })  # fmt: skip


def _item_lines(work: Work, rectype: str, doc: Doc, number: int) -> None:
    sign = 1 if rectype in NEGATIVE or rectype == "itemReceipt" else -1
    moves = rectype in ("itemFulfillment", "itemReceipt")
    _line(work, doc, number, 0, "T", _amounts(doc, _signed_total(rectype, doc)))
    last = 0
    for line in doc["item"]["items"]:
        last = max(last, line["line"])
        quantity = line.get("quantity")
        customs = _customs("transactionline", line, "custcol_")
        overrides = {name: line[name]["id"] for name in ("location", "department", "class") if line.get(name)}
        item_type = (line.get("itemType") or {"id": None})["id"]
        item_type = item_type if isinstance(item_type, str) else None
        values = {
            "item": line["item"]["id"], "itemtype": item_type, "rate": line.get("rate"),
            "quantity": None if quantity is None else sign * quantity,
            "price": _reference(line, "price"), "isclosed": "T" if line.get("isClosed") else "F",
            "quantityshiprecv": line.get("quantityFulfilled", line.get("quantityReceived", 0)),
            "quantitybilled": line.get("quantityBilled", 0), "memo": line.get("description"),
            "createdfrom": _reference(doc, "createdFrom"), "transactionlinetype": "ITEM",
            "isinventoryaffecting": "T" if moves else "F",
            **_amounts(doc, sign * Decimal(line.get("amount") or 0)), **overrides, **customs,
        }  # fmt: skip
        _line(work, doc, number, line["line"], "F", values)
        if moves and item_type == "InvtPart":
            last += 1
            counter = {
                **values,
                "iscogs": "T",
                "quantity": -sign * (quantity or 0),
                **_amounts(doc, Decimal(0)),
            }
            _line(work, doc, number, 10000 + line["line"], "F", counter)
    if not moves:
        _extra_lines(work, doc, number, last, sign)


def _extra_lines(work: Work, doc: Doc, number: int, last: int, sign: int) -> None:
    """Shipping is an item line of type ShipItem; each tax code is a tax line."""
    shipping = (doc.get("shippingCost") or Decimal(0)) + (doc.get("handlingCost") or Decimal(0))
    if shipping or doc.get("shipMethod"):
        last += 1
        _line(work, doc, number, last, "F", {
            "item": _reference(doc, "shipMethod"), "itemtype": "ShipItem", "transactionlinetype": "SHIPPING",
            **_amounts(doc, sign * shipping),
        })  # fmt: skip
    for code, amount in (doc.get("taxSplit") or {}).items():
        last += 1
        _line(work, doc, number, last, "F", {
            "item": int(code), "itemtype": "TaxItem", "taxline": "T", "transactionlinetype": "TAX",
            "rate": (row_of(work.db, "salestaxitem", code) or {}).get("rate"),
            **_amounts(doc, sign * Decimal(amount)),
        })  # fmt: skip


def _tracking(work: Work, doc: Doc, number: int) -> None:
    """Tracking numbers of a fulfilment's packages, whichever carrier's sublist they came in."""
    work.db.execute('DELETE FROM q_trackingnumbermap WHERE "transaction" = ?', (number,))
    for sublist, suffix in (
        ("package", ""),
        ("packageUps", "Ups"),
        ("packageFedex", "FedEx"),
        ("packageUsps", "Usps"),
    ):
        for row in (doc.get(sublist) or {}).get("items", []):
            text = row.get(f"packageTrackingNumber{suffix}")
            if text:
                tracking = next_id(work.db, "id:tracking", 8001)
                insert_row(work.db, "trackingnumber", {"id": tracking, "trackingnumber": text})
                insert_row(work.db, "trackingnumbermap", {"transaction": number, "trackingnumber": tracking})


def link(work: Work, source: Doc, source_line: int, target: Doc, target_line: int, kind: str) -> None:
    """Record that a line of one transaction came from a line of another."""
    insert_row(work.db, "previoustransactionlinelink", {
        "previousdoc": int(source["id"]), "previousline": source_line,
        "nextdoc": int(target["id"]), "nextline": target_line, "linktype": kind,
    })  # fmt: skip

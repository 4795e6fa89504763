"""`!transform`: a record made from another one, with what is left of its lines.

The table of allowed pairs and the meaning of `orderLine`, `itemreceive` and quantity 0: REST help,
"Transforming Records". Lines that are not mentioned keep their default, which is everything that is left.
"""

# ruff: noqa: ARG001, PLR0917 - all makers are called alike

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from sandbox.netsuite import ledger, money, projection, records, statuses
from sandbox.netsuite.errors import RestError, invalid_value, user_error
from sandbox.netsuite.fields import shape, validated
from sandbox.netsuite.sales import precision_of, rounded
from sandbox.netsuite.store import Doc, loads
from sandbox.netsuite.work import Work, find, known_transaction

ALLOWED = {
    "salesOrder": ("itemFulfillment", "invoice", "cashSale", "returnAuthorization"),
    "invoice": ("creditMemo", "customerPayment", "returnAuthorization"),
    "cashSale": ("cashRefund", "returnAuthorization"),
    "returnAuthorization": ("itemReceipt", "creditMemo", "cashRefund"),
    "cashRefund": ("creditMemo",),
    "customerDeposit": ("depositApplication", "customerRefund"),
    "customerPayment": ("customerRefund",),
    "creditMemo": ("customerRefund",),
    "customer": ("salesOrder", "invoice", "cashSale", "customerPayment"),
}
_HEADER = (
    "entity", "subsidiary", "currency", "exchangeRate", "location", "department", "class", "otherRefNum", "email",
    "billingAddress", "shippingAddress", "shipMethod", "terms", "memo", "isTaxable", "taxItem",
)  # fmt: skip
_LINE = ("item", "itemType", "description", "rate", "price", "location", "department", "class", "taxCode", "isTaxable",
         "taxDetailsReference", "units")  # fmt: skip
_USES = {
    "itemFulfillment": "picked", "itemReceipt": "moved", "returnAuthorization": "returned",
    "invoice": "billed", "cashSale": "billed", "creditMemo": "billed", "cashRefund": "billed",
}  # fmt: skip
ZERO = Decimal(0)


def transform(work: Work, source_type: str, key: str, target: str, body: Any) -> str:
    """Make a `target` record from a source record; returns the new internal id. Raises RestError."""
    if target not in ALLOWED.get(source_type, ()):
        raise RestError(
            400, "INVALID_REQUEST", f"Record type '{source_type}' cannot be transformed into '{target}'."
        )
    source = records.locate(work, source_type, key)
    given = {name: value for name, value in validated(work, target, body).items() if value is not None}
    if given.get("tranId") and not work.settings["allow_tran_id"]:
        raise user_error("You do not have permission to set the transaction number (tranId).", "tranId")
    for field in records.READ_ONLY:
        given.pop(field, None)
    if source_type == "customer":
        doc = {"customer" if target == "customerPayment" else "entity": {"id": source["id"]}, **given}
    elif target in _USES:
        doc = _document(work, source_type, source, target, given)
    else:
        doc = _MONEY[target](work, source_type, source, given)
    created = records.insert(work, target, doc)
    if source_type != "customer":
        _connect(work, source, target, created)
    if source_type == "salesOrder" and target == "invoice" and work.settings["auto_apply_deposits"]:
        _apply_deposits(work, source, created)
    return created


def _document(work: Work, source_type: str, source: Doc, target: str, given: Doc) -> Doc:
    """Header and lines of a document made from a document."""
    if source_type in ("salesOrder", "returnAuthorization") and source["orderStatus"]["id"] == "A":
        raise user_error("This order is pending approval.")
    fields = shape(work, target)
    doc: Doc = {name: source[name] for name in _HEADER if name in fields and source.get(name) is not None}
    doc.update({name: value for name, value in source.items() if name.startswith("custbody_")})
    doc.update({name: value for name, value in given.items() if name != "item"})
    doc["createdFrom"] = {"id": source["id"]}
    rows = (given.get("item") or {}).get("items", [])
    doc["item"] = {"items": _lines(work, source, target, rows)}
    if not doc["item"]["items"]:
        raise user_error("You must enter at least one line item for this transaction.")
    if target == "itemFulfillment":
        doc.setdefault("shipStatus", {"id": "C"})
        doc["subsidiary"] = source["subsidiary"]
        _move_stock_check(doc)
    elif target == "itemReceipt":
        doc["subsidiary"], doc["receipt"] = source["subsidiary"], True
    else:
        _shipping(work, source_type, source, target, doc)
        _tax_rows(work, source, target, doc)
    if target == "cashRefund" and source_type == "cashSale" and not doc.get("account"):
        doc["account"] = {"id": str(ledger.cash_account(work, source))}
    return doc


def _move_stock_check(doc: Doc) -> None:
    for index, line in enumerate(doc["item"]["items"]):
        if not line.get("location") and not doc.get("location"):
            raise user_error("Please enter value(s) for: Location.", f"item.items[{index}].location")


def _lines(work: Work, source: Doc, target: str, rows: list[Doc]) -> list[Doc]:
    moves = target in ("itemFulfillment", "itemReceipt")
    used = statuses.used(work, source["id"])
    by_line: dict[int, Doc] = {}
    known = {line["line"] for line in source["item"]["items"]}
    for index, row in enumerate(rows):
        number = row.get("orderLine") or row.get("line")
        if number is None or number not in known:
            raise invalid_value(f"item.items[{index}].orderLine")
        by_line[number] = row
    result: list[Doc] = []
    for line in source["item"]["items"]:
        if line.get("isClosed") or (moves and not statuses.fulfillable(line)):
            continue
        row = by_line.get(line["line"], {})
        if row.get("itemReceive") is False:
            continue
        before = used.get((_USES[target], line["line"]), (ZERO, ZERO))
        made = _line(work, source, target, line, row, before)
        if made is not None:
            result.append({**made, "orderLine": line["line"], "line": len(result) + 1})
    return result


def _line(
    work: Work, source: Doc, target: str, line: Doc, row: Doc, before: tuple[Decimal, Decimal]
) -> Doc | None:
    """One target line, or None when nothing is left or asked for."""
    fields = shape(
        work,
        f"{'itemFulfillment' if target in ('itemFulfillment', 'itemReceipt') else _shape_of(target)}-item",
    )
    made: Doc = {name: line[name] for name in _LINE if name in fields and line.get(name) is not None}
    made["itemType"] = line["itemType"]
    made.update(
        {name: value for name, value in line.items() if name.startswith("custcol_") and name in fields}
    )
    overrides = {
        name: value for name, value in row.items() if name not in ("orderLine", "line") and value is not None
    }
    full = line.get("quantity")
    if full is None:
        amount = overrides.get("amount", line["amount"] - before[1])
        if amount == 0:
            return None
        return {**made, **overrides, "amount": amount, "rate": overrides.get("rate", amount)}
    left = full - before[0]
    quantity = overrides.get("quantity", left)
    if quantity == 0:
        return None
    if quantity < 0 or quantity > left:
        raise user_error(
            f"The quantity {quantity} is more than what is left ({left}) of line {line['line']}.", "item"
        )
    if target in ("itemFulfillment", "itemReceipt"):
        return {**made, **overrides, "quantity": quantity, "itemReceive": True}
    made["price"] = {"id": "-1"}
    if "rate" in overrides and "amount" not in overrides:
        return {**made, **overrides, "quantity": quantity}
    if "amount" not in overrides:
        share = line["amount"] - before[1] if quantity == left else line["amount"] * quantity / full
        overrides["amount"] = rounded(share, precision_of(work, source))
    return {**made, **overrides, "quantity": quantity}


def _shape_of(target: str) -> str:
    return {"invoice": "invoice", "cashSale": "invoice", "cashRefund": "creditMemo"}.get(target, target)


def _shipping(work: Work, source_type: str, source: Doc, target: str, doc: Doc) -> None:
    """What is left of the source's shipping cost goes on the next bill; a return carries none."""
    if (
        "shippingCost" not in shape(work, target)
        or target == "returnAuthorization"
        or source_type == "returnAuthorization"
    ):
        doc.pop("shipMethod", None)
        return
    billed = ZERO
    for child_type, child in _children(work, source["id"]):
        if _USES.get(child_type) == "billed":
            billed += child.get("shippingCost") or ZERO
    doc.setdefault("shippingCost", (source.get("shippingCost") or ZERO) - billed)


def _children(work: Work, source_id: str) -> list[tuple[str, Doc]]:
    rows = work.db.execute(
        "SELECT DISTINCT nextdoc FROM q_previoustransactionlinelink WHERE previousdoc = ?", (int(source_id),)
    ).fetchall()
    return [found for (number,) in rows if (found := find(work.db, "transaction", number)) is not None]


def _tax_rows(work: Work, source: Doc, target: str, doc: Doc) -> None:
    """SuiteTax: the source's override rows follow their lines in proportion; the last part takes the rest."""
    if (
        work.settings["tax_mode"] != "suitetax"
        or "taxDetailsOverride" in doc
        or not source.get("taxDetailsOverride")
    ):
        return
    doc["taxDetailsOverride"] = True
    precision = precision_of(work, source)
    taken: dict[tuple[str, str], Decimal] = {}
    for child_type, child in _children(work, source["id"]):
        if _USES.get(child_type) == _USES[target]:
            for row in (child.get("taxDetails") or {}).get("items", []):
                key = (str(row["taxDetailsReference"]), row["taxCode"]["id"])
                taken[key] = taken.get(key, ZERO) + row["taxAmount"]
    used = statuses.used(work, source["id"])
    shares: dict[str, Decimal | None] = {}
    for line in doc["item"]["items"]:
        origin = next(row for row in source["item"]["items"] if row["line"] == line["orderLine"])
        full = origin.get("quantity")
        before = used.get((_USES[target], origin["line"]), (ZERO, ZERO))[0]
        last = full is None or before + line["quantity"] == full
        if origin.get("taxDetailsReference"):
            shares[str(origin["taxDetailsReference"])] = None if last else line["quantity"] / full
    rows = []
    for row in (source.get("taxDetails") or {}).get("items", []):
        reference = row["taxDetailsReference"]
        name = str(reference.get("id") if isinstance(reference, dict) else reference)
        key = (str(reference), row["taxCode"]["id"])
        rest = row["taxAmount"] - taken.get(key, ZERO)
        if name.upper() in ("SHIPPING", "HANDLING") and doc.get("shippingCost"):
            rows.append({**row, "taxAmount": rest})
        elif name in shares:
            share = shares[name]
            rows.append(
                {**row, "taxAmount": rest if share is None else rounded(row["taxAmount"] * share, precision)}
            )
    doc["taxDetails"] = {"items": rows}


def _payment(work: Work, source_type: str, source: Doc, given: Doc) -> Doc:
    """Invoice to customerPayment."""
    amount = given.get("payment", source["amountRemaining"])
    doc = {
        "customer": source["entity"],
        "subsidiary": source["subsidiary"],
        "currency": source["currency"],
        **given,
    }
    doc["payment"] = amount
    doc.setdefault(
        "apply", {"items": [{"doc": {"id": source["id"]}, "line": 0, "apply": True, "amount": amount}]}
    )
    return doc


def _application(work: Work, source_type: str, source: Doc, given: Doc) -> Doc:
    """CustomerDeposit to depositApplication; by default on the open invoices of its sales order."""
    doc = {
        "customer": source["customer"], "subsidiary": source["subsidiary"], "currency": source["currency"],
        "exchangeRate": source.get("exchangeRate"), "deposit": {"id": source["id"]}, **given,
    }  # fmt: skip
    if not given.get("apply") and source.get("salesOrder"):
        left, rows = money.remaining(work, source), []
        for child_type, child in _children(work, source["salesOrder"]["id"]):
            amount = min(left, child.get("amountRemaining") or ZERO)
            if child_type == "invoice" and amount > 0:
                rows.append({"doc": {"id": child["id"]}, "line": 0, "apply": True, "amount": amount})
                left -= amount
        doc["apply"] = {"items": rows}
    return doc


def _refund(work: Work, source_type: str, source: Doc, given: Doc) -> Doc:
    """creditMemo, customerPayment or customerDeposit to customerRefund."""
    party = source.get("entity") or source["customer"]
    doc = {"customer": party, "subsidiary": source["subsidiary"], "currency": source["currency"], **given}
    field = "deposit" if source_type == "customerDeposit" else "apply"
    if not given.get(field):
        doc[field] = {
            "items": [{"doc": {"id": source["id"]}, "apply": True, "amount": money.remaining(work, source)}]
        }
    return doc


_MONEY: dict[str, Callable[[Work, str, Doc, Doc], Doc]] = {
    "customerPayment": _payment,
    "depositApplication": _application,
    "customerRefund": _refund,
}


def _connect(work: Work, source: Doc, target: str, created: str) -> None:
    """Write the line links and refresh the source's status."""
    made = known_transaction(work.db, created)
    kind = {"itemFulfillment": "ShipRcpt", "itemReceipt": "ShipRcpt"}.get(target, "OrdBill")
    lines = (made.get("item") or {}).get("items") or [{"line": 0, "orderLine": 0}]
    for line in lines:
        projection.link(work, source, int(line["orderLine"]), made, int(line["line"]), kind)
    statuses.refresh(work, source["id"])


def _apply_deposits(work: Work, order: Doc, invoice_id: str) -> None:
    """Deposits tied to a sales order are used on its invoice by the account itself."""
    rows = work.db.execute(
        "SELECT doc FROM record WHERE rectype = 'customerDeposit' AND json_extract(doc, '$.salesOrder.id') = ?",
        (order["id"],),
    ).fetchall()
    for (text,) in rows:
        deposit = loads(text)
        invoice = known_transaction(work.db, invoice_id)
        amount = min(money.remaining(work, deposit), invoice["amountRemaining"])
        if amount > 0:
            row = {"doc": {"id": invoice_id}, "line": 0, "apply": True, "amount": amount}
            doc = _application(work, "customerDeposit", deposit, {"apply": {"items": [row]}})
            application = records.insert(work, "depositApplication", doc)
            _connect(work, deposit, "depositApplication", application)

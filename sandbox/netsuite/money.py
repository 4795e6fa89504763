"""Payments, deposits, refunds, bank deposits, journals and stock documents: their rules and what they settle."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from sandbox.netsuite import ledger, statuses
from sandbox.netsuite.errors import invalid_reference, missing_value, user_error
from sandbox.netsuite.references import check_all, resolve
from sandbox.netsuite.sales import number_lines, precision_of, rounded, set_party
from sandbox.netsuite.store import Doc
from sandbox.netsuite.work import Work, find, known_row, row_of

ZERO = Decimal(0)


def settled(work: Work, record_id: object) -> Decimal:
    """How much of a transaction is applied, by others to it or by it to others."""
    row = work.db.execute(
        "SELECT COALESCE(SUM(amount), 0) FROM application WHERE target = ? OR source = ?",
        (int(str(record_id)), int(str(record_id))),
    ).fetchone()
    return Decimal(row[0]) / 1000


def remaining(work: Work, doc: Doc) -> Decimal:
    """What is still open of a transaction."""
    return Decimal(doc["total"]) - settled(work, doc["id"])


def _applied_rows(work: Work, doc: Doc, field: str, types: tuple[str, ...]) -> Decimal:
    """Check the ticked rows of an apply-like sublist and set their amounts; returns their sum."""
    rows = []
    for index, row in enumerate((doc.get(field) or {}).get("items", [])):
        path = f"{field}.items[{index}].doc"
        if row.get("apply") is False:
            continue
        found = find(work.db, "transaction", (row.get("doc") or {}).get("id"))
        if found is None or found[0] not in types:
            raise invalid_reference((row.get("doc") or {}).get("id"), "doc", path)
        own = work.db.execute(
            "SELECT COALESCE(SUM(amount), 0) FROM application WHERE source = ? AND target = ?",
            (int(doc.get("id", 0)), int(found[1]["id"])),
        ).fetchone()
        open_amount = remaining(work, found[1]) + Decimal(own[0]) / 1000
        row["amount"] = row["amount"] if row.get("amount") is not None else open_amount
        if row["amount"] > open_amount:
            raise user_error("The amount to apply exceeds the amount remaining.", path)
        row["apply"] = True
        rows.append(row)
    if field in doc:
        doc[field] = {"items": rows}
    return sum((row["amount"] for row in rows), ZERO)


def _payment_like(work: Work, doc: Doc, rectype: str) -> None:
    set_party(work, doc, "customer")
    if doc.get("payment") is None:
        raise missing_value("Payment Amount")
    doc["payment"] = rounded(doc["payment"], precision_of(work, doc))
    if doc["payment"] <= 0:
        raise user_error("The payment amount must be greater than zero.", "payment")
    check_all(work, rectype, doc, doc["subsidiary"]["id"])
    doc["total"] = doc["payment"]


def customer_deposit(work: Work, doc: Doc) -> None:
    """A deposit of a customer, best tied to its sales order."""
    _payment_like(work, doc, "customerDeposit")
    if doc.get("salesOrder"):
        order = find(work.db, "transaction", doc["salesOrder"]["id"])
        if order is None or order[0] != "salesOrder" or order[1]["entity"]["id"] != doc["customer"]["id"]:
            raise invalid_reference(doc["salesOrder"]["id"], "salesOrder", "salesOrder")


def customer_payment(work: Work, doc: Doc) -> None:
    """A payment applied to invoices; what is left stays on account."""
    _payment_like(work, doc, "customerPayment")
    doc["applied"] = _applied_rows(work, doc, "apply", ("invoice",))
    doc["unapplied"] = doc["total"] - doc["applied"]
    if doc["unapplied"] < 0:
        raise user_error("You cannot apply more than your total payments.")


def deposit_application(work: Work, doc: Doc) -> None:
    """Part of a customer deposit used on invoices."""
    set_party(work, doc, "customer")
    doc["applied"] = doc["total"] = _applied_rows(work, doc, "apply", ("invoice",))
    found = find(work.db, "transaction", (doc.get("deposit") or {}).get("id"))
    if found is None or found[0] != "customerDeposit":
        raise missing_value("Deposit")
    if doc["total"] <= 0 or doc["total"] > remaining(work, found[1]):
        raise user_error("You must apply an amount that is greater than zero and covered by the deposit.")


def customer_refund(work: Work, doc: Doc) -> None:
    """Money back, against credit memos or unapplied payments (apply) or deposits (deposit)."""
    set_party(work, doc, "customer")
    if not doc.get("account") and not doc.get("paymentOption"):
        raise missing_value("Account")
    check_all(work, "customerRefund", doc, doc["subsidiary"]["id"])
    total = _applied_rows(work, doc, "apply", ("creditMemo", "customerPayment"))
    total += _applied_rows(work, doc, "deposit", ("customerDeposit",))
    if total <= 0:
        raise user_error("You must apply this refund to at least one credit or deposit.")
    doc["total"] = rounded(total, precision_of(work, doc))


def bank_deposit(work: Work, doc: Doc) -> None:
    """Undeposited payments, other lines and cash back into one bank account; never negative."""
    if not doc.get("account"):
        raise missing_value("Account")
    doc.setdefault("subsidiary", {"id": "1"})
    subsidiary = resolve(work, "subsidiary", doc["subsidiary"], "subsidiary")
    doc.setdefault("currency", {"id": str(subsidiary["currency"])})
    doc.setdefault("exchangeRate", Decimal(1))
    check_all(work, "deposit", doc, None)
    total = ZERO
    rows = [row for row in (doc.get("payment") or {}).get("items", []) if row.get("deposit") is not False]
    for index, row in enumerate(rows):
        found = find(work.db, "transaction", row.get("id"))
        amount = ledger.undeposited_amount(work, row.get("id"))
        if found is None or not amount or found[1].get("depositedBy", doc.get("id")) != doc.get("id"):
            raise invalid_reference(row.get("id"), "id", f"payment.items[{index}].id")
        row["paymentAmount"] = amount
        total += amount
    doc["payment"] = {"items": rows}
    for field, sign in (("other", 1), ("cashback", -1)):
        for row in (doc.get(field) or {}).get("items", []):
            if not row.get("account"):
                raise missing_value("Account")
            if row.get("amount") is None:
                raise missing_value("Amount")
            total += sign * row["amount"]
    if not rows and not (doc.get("other") or {}).get("items"):
        raise user_error("You must select at least one payment or enter other deposits.")
    if total < 0:
        raise user_error("The total of a deposit can not be negative.")
    doc["total"] = total


def journal_entry(work: Work, doc: Doc) -> None:
    """Balanced debits and credits; receivable lines name the customer."""
    if not doc.get("subsidiary"):
        raise missing_value("Subsidiary")
    subsidiary = resolve(work, "subsidiary", doc["subsidiary"], "subsidiary")
    doc.setdefault("currency", {"id": str(subsidiary["currency"])})
    doc.setdefault("exchangeRate", Decimal(1))
    check_all(work, "journalEntry", doc, doc["subsidiary"]["id"])
    lines = (doc.get("line") or {}).get("items", [])
    if len(lines) < 2:
        raise user_error("You must enter at least two lines for this transaction.")
    number_lines(lines)
    for row in lines:
        account = row_of(work.db, "account", (row.get("account") or {}).get("id"))
        if account is None:
            raise missing_value("Account")
        if account["accttype"] == "AcctRec" and not row.get("entity"):
            raise missing_value("Name")
    debits = sum((row.get("debit") or ZERO for row in lines), ZERO)
    credited = sum((row.get("credit") or ZERO for row in lines), ZERO)
    if debits != credited:
        raise user_error("The amounts in a journal entry must balance.")
    doc["total"] = debits


def stock_movement(work: Work, doc: Doc) -> None:
    """Item fulfilment and item receipt; the transform has filled in parties and lines."""
    subsidiary = known_row(work.db, "subsidiary", doc["subsidiary"]["id"])
    doc["currency"] = {"id": str(subsidiary["currency"])}
    doc["exchangeRate"] = Decimal(1)
    kind = "itemReceipt" if doc.get("receipt") else "itemFulfillment"
    check_all(
        work, kind, {key: value for key, value in doc.items() if key != "receipt"}, doc["subsidiary"]["id"]
    )


PREPARE: dict[str, Callable[[Work, Doc], None]] = {
    "customerDeposit": customer_deposit,
    "customerPayment": customer_payment,
    "depositApplication": deposit_application,
    "customerRefund": customer_refund,
    "deposit": bank_deposit,
    "journalEntry": journal_entry,
    "itemFulfillment": stock_movement,
    "itemReceipt": stock_movement,
}


def apply(work: Work, rectype: str, doc: Doc) -> None:
    """Record what a transaction settles, and refresh the status of what it settled."""
    number = int(doc["id"])
    before = unlink(work, number)
    pairs: dict[int, Decimal] = {}
    if rectype == "creditMemo":
        _applied_rows(work, doc, "apply", ("invoice",))
    if rectype in ("customerPayment", "creditMemo", "depositApplication", "customerRefund"):
        for field in ("apply", "deposit") if rectype == "customerRefund" else ("apply",):
            for row in (doc.get(field) or {}).get("items", []):
                target = int(row["doc"]["id"])
                pairs[target] = pairs.get(target, ZERO) + row["amount"]
    if rectype == "depositApplication":
        pairs[int(doc["deposit"]["id"])] = doc["total"]
    for target, amount in pairs.items():
        work.db.execute("INSERT INTO application VALUES (?, ?, ?)", (number, target, int(amount * 1000)))
    deposited = (
        {int(row["id"]) for row in (doc.get("payment") or {}).get("items", [])}
        if rectype == "deposit"
        else set()
    )
    for payment in deposited:
        statuses.mark_deposited(work, str(payment), str(number))
    for other in before | set(pairs):
        statuses.refresh(work, str(other))


def unlink(work: Work, number: int) -> set[int]:
    """Forget what a transaction settled; returns the ids it had settled."""
    targets = {
        row[0] for row in work.db.execute("SELECT target FROM application WHERE source = ?", (number,))
    }
    work.db.execute("DELETE FROM application WHERE source = ?", (number,))
    return targets


def unapply(work: Work, rectype: str, doc: Doc) -> None:
    """What deleting a transaction frees again."""
    for target in unlink(work, int(doc["id"])):
        statuses.refresh(work, str(target))
    if rectype == "deposit":
        for row in (doc.get("payment") or {}).get("items", []):
            statuses.mark_deposited(work, str(row["id"]), None)

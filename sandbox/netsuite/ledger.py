"""What each posting record books, in the document's currency and in the subsidiary's base currency.

The entries follow the record chain a finance team expects (deposit, invoice, application, refund, bank deposit);
sales orders and return authorizations post nothing. Amounts are stored in thousandths, debit positive.
"""

# ruff: noqa: ARG001, PLR0917 - all books are called alike; a posting has seven parts

from __future__ import annotations

from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sandbox.netsuite.store import Doc, insert_row
from sandbox.netsuite.work import Work, find, known_row, row_of

RECEIVABLE, UNDEPOSITED, INVENTORY = 119, 122, 127
DEPOSITS, TAX_PAYABLE, SHIPPING_REVENUE, DISCOUNTS, COGS = 201, 202, 402, 403, 501

Entries = list[tuple[int, Decimal]]


class UnbalancedError(Exception):
    """Debits and credits of an entry, or of the whole ledger, differ: a bug in the sandbox, never in a request."""


def clear(work: Work, number: int) -> None:
    """Remove the postings of a transaction."""
    work.db.execute("DELETE FROM posting WHERE transaction_id = ?", (number,))
    work.db.execute('DELETE FROM q_transactionaccountingline WHERE "transaction" = ?', (number,))


def post(work: Work, rectype: str, doc: Doc) -> None:
    """Book a transaction anew. Raises UnbalancedError should debits and credits differ (a sandbox bug)."""
    number = int(doc["id"])
    clear(work, number)
    if rectype not in _BOOKS or (doc.get("approvalStatus") or {}).get("id") == "1":
        return
    merged: dict[int, Decimal] = {}
    for account, amount in _BOOKS[rectype](work, doc):
        merged[account] = merged.get(account, Decimal(0)) + amount
    entries = [(account, amount) for account, amount in merged.items() if amount]
    if sum(amount for _, amount in entries) != 0:
        raise UnbalancedError(f"{rectype} {doc['id']} does not balance: {entries}")
    subsidiary = known_row(work.db, "subsidiary", doc["subsidiary"]["id"])
    base_currency = known_row(work.db, "currency", subsidiary["currency"])
    unit = Decimal(1).scaleb(-int(base_currency["currencyprecision"]))
    rate = Decimal(doc.get("exchangeRate") or 1)
    base = [(amount * rate).quantize(unit, ROUND_HALF_UP) for _, amount in entries]
    if base:
        largest = max(range(len(base)), key=lambda index: abs(base[index]))
        base[largest] -= sum(base)
    for line, ((account, amount), base_amount) in enumerate(zip(entries, base, strict=True), start=1):
        _write(work, doc, number, line, account, amount, base_amount)


def _write(
    work: Work, doc: Doc, number: int, line: int, account: int, amount: Decimal, base: Decimal
) -> None:
    work.db.execute(
        "INSERT INTO posting (transaction_id, line, account, subsidiary, currency, foreign_amount, base_amount) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        (number, line, account, int(doc["subsidiary"]["id"]), int(doc["currency"]["id"]),
         int(amount * 1000), int(base * 1000)),
    )  # fmt: skip
    insert_row(work.db, "transactionaccountingline", {
        "transaction": number, "transactionline": line, "account": account, "accountingbook": 1, "amount": base,
        "debit": base if base > 0 else None, "credit": -base if base < 0 else None, "netamount": base,
        "posting": "T", "exchangerate": doc.get("exchangeRate"),
    })  # fmt: skip


def cash_account(work: Work, doc: Doc) -> int:
    """Where money lands: the named account, Undeposited Funds, or the payment method's account."""
    if doc.get("account"):
        return int(doc["account"]["id"])
    if _flag(doc.get("undepFunds")) is True:
        return UNDEPOSITED
    method = row_of(work.db, "paymentmethod", (doc.get("paymentOption") or {}).get("id"))
    if method and method["_account"]:
        return int(method["_account"])
    return UNDEPOSITED


def _flag(value: Any) -> bool | None:
    if isinstance(value, dict):
        value = value.get("id")
    return {"T": True, "F": False, "true": True, "false": False, True: True, False: False}.get(value)


def _goods(work: Work, doc: Doc, returned: bool) -> Entries:
    """Lines, shipping, header discount and tax; credits for a sale, debits for a return."""
    sign = 1 if returned else -1
    entries: Entries = []
    for line in doc["item"]["items"]:
        item = known_row(work.db, "item", line["item"]["id"])
        account = item["_returnsaccount"] if returned else item["incomeaccount"]
        entries.append((account, sign * line["amount"]))
    shipping = (doc.get("shippingCost") or Decimal(0)) + (doc.get("handlingCost") or Decimal(0))
    entries.append((SHIPPING_REVENUE, sign * shipping))
    if doc.get("discountTotal"):
        discount = row_of(work.db, "item", (doc.get("discountItem") or {}).get("id"))
        entries.append((discount["incomeaccount"] if discount else DISCOUNTS, sign * doc["discountTotal"]))
    entries.append((TAX_PAYABLE, sign * doc["taxTotal"]))
    return entries


def _invoice(work: Work, doc: Doc) -> Entries:
    account = int((doc.get("account") or {"id": RECEIVABLE})["id"])
    return [(account, doc["total"]), *_goods(work, doc, returned=False)]


def _cash_sale(work: Work, doc: Doc) -> Entries:
    return [(cash_account(work, doc), doc["total"]), *_goods(work, doc, returned=False)]


def _credit_memo(work: Work, doc: Doc) -> Entries:
    account = int((doc.get("account") or {"id": RECEIVABLE})["id"])
    return [*_goods(work, doc, returned=True), (account, -doc["total"])]


def _cash_refund(work: Work, doc: Doc) -> Entries:
    return [*_goods(work, doc, returned=True), (cash_account(work, doc), -doc["total"])]


def _customer_deposit(work: Work, doc: Doc) -> Entries:
    return [(cash_account(work, doc), doc["total"]), (DEPOSITS, -doc["total"])]


def _customer_payment(work: Work, doc: Doc) -> Entries:
    return [(cash_account(work, doc), doc["total"]), (RECEIVABLE, -doc["total"])]


def _deposit_application(work: Work, doc: Doc) -> Entries:
    return [(DEPOSITS, doc["total"]), (RECEIVABLE, -doc["total"])]


def _customer_refund(work: Work, doc: Doc) -> Entries:
    entries: Entries = []
    for field, account in (("apply", RECEIVABLE), ("deposit", DEPOSITS)):
        for row in (doc.get(field) or {}).get("items", []):
            entries.append((account, row["amount"]))
    return [*entries, (cash_account(work, doc), -doc["total"])]


def _stock_cost(work: Work, doc: Doc) -> Decimal:
    """Cost of the moved goods in the subsidiary's currency (item costs are kept in USD)."""
    total = Decimal(0)
    for line in doc["item"]["items"]:
        members = work.db.execute(
            "SELECT item, quantity FROM q_kititemmember WHERE parentitem = ?", (int(line["item"]["id"]),)
        ).fetchall() or [(int(line["item"]["id"]), 1)]
        for item_id, each in members:
            item = row_of(work.db, "item", item_id)
            if item and item["itemtype"] == "InvtPart" and item["cost"] is not None:
                total += Decimal(str(item["cost"])) * Decimal(str(each)) * line["quantity"]
    currency = known_row(work.db, "currency", doc["currency"]["id"])
    unit = Decimal(1).scaleb(-int(currency["currencyprecision"]))
    return (total / Decimal(str(currency["exchangerate"]))).quantize(unit, ROUND_HALF_UP)


def _fulfillment(work: Work, doc: Doc) -> Entries:
    if (doc.get("shipStatus") or {}).get("id") != "C":
        return []
    cost = _stock_cost(work, doc)
    return [(COGS, cost), (INVENTORY, -cost)]


def _receipt(work: Work, doc: Doc) -> Entries:
    cost = _stock_cost(work, doc)
    return [(INVENTORY, cost), (COGS, -cost)]


def _bank_deposit(work: Work, doc: Doc) -> Entries:
    entries: Entries = [(int(doc["account"]["id"]), doc["total"])]
    for row in (doc.get("payment") or {}).get("items", []):
        entries.append((UNDEPOSITED, -undeposited_amount(work, row["id"])))
    for row in (doc.get("other") or {}).get("items", []):
        entries.append((int(row["account"]["id"]), -row["amount"]))
    for row in (doc.get("cashback") or {}).get("items", []):
        entries.append((int(row["account"]["id"]), row["amount"]))
    return entries


def undeposited_amount(work: Work, record_id: object) -> Decimal:
    """What a transaction put into (or took from) Undeposited Funds, in the base currency; 0 when nothing."""
    if find(work.db, "transaction", record_id) is None:
        return Decimal(0)
    row = work.db.execute(
        "SELECT COALESCE(SUM(base_amount), 0) FROM posting WHERE transaction_id = ? AND account = ?",
        (int(str(record_id)), UNDEPOSITED),
    ).fetchone()
    return Decimal(row[0]) / 1000


def _journal(work: Work, doc: Doc) -> Entries:
    return [
        (int(row["account"]["id"]), (row.get("debit") or Decimal(0)) - (row.get("credit") or Decimal(0)))
        for row in doc["line"]["items"]
    ]


_BOOKS: dict[str, Callable[[Work, Doc], Entries]] = {
    "invoice": _invoice,
    "cashSale": _cash_sale,
    "creditMemo": _credit_memo,
    "cashRefund": _cash_refund,
    "customerDeposit": _customer_deposit,
    "customerPayment": _customer_payment,
    "depositApplication": _deposit_application,
    "customerRefund": _customer_refund,
    "itemFulfillment": _fulfillment,
    "itemReceipt": _receipt,
    "deposit": _bank_deposit,
    "journalEntry": _journal,
}

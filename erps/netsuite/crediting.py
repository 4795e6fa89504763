"""Credit memos made from invoices: which documents bill an order, and the body of the transform.

Rules of `!transform/creditMemo` (REST guide, "Transforming Records"): `orderLine` is the line of the invoice, lines
that are not named are credited whole, so every line is named; quantity 0, or amount 0 for lines without pieces, leaves
one out. Without the `apply` block the credit stays open.
"""

# ruff: noqa: S608 - ids go through erps.netsuite.suiteql, which whitelists them

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from canonical.crediting import BilledLine, Billing, CreditDocument
from canonical.documents import DocumentKind, DocumentLine, RecordRef, TaxStrategy
from erps.netsuite import suiteql
from erps.netsuite.documents import CUSTOM_PRICE, RECORDS, tax_row
from erps.netsuite.metadata import Features
from erps.netsuite.states import amount_of, text_of
from erps.netsuite.texts import MEMO, cut

BILLS = {"CustInvc": DocumentKind.INVOICE, "CashSale": DocumentKind.CASH_SALE}
_TAKEN_BACK = "'CustCred', 'CashRfnd', 'RtnAuth'"
ONE = Decimal(1)


def is_voided(row: Mapping[str, str]) -> bool:
    """Whether a bill of `bills_query` was voided. SuiteQL writes its status as `CustInvc:V` or `V`."""
    return row.get("status", "").rpartition(":")[2] == "V"


def bills_query(order_id: str) -> str:
    """Invoices and cash sales made from a sales order that were not voided."""
    types = suiteql.texts(BILLS)
    return (
        "SELECT DISTINCT t.id, t.type, t.status FROM PreviousTransactionLineLink l JOIN transaction t "
        f"ON t.id = l.nextdoc WHERE l.previousdoc IN ({suiteql.ids([order_id])}) AND t.type IN ({types}) ORDER BY t.id"
    )


def credits_query(bill_ids: Sequence[str]) -> str:
    """Credit memos, cash refunds and return authorizations made from some bills."""
    return (
        "SELECT DISTINCT l.previousdoc AS bill, t.id FROM PreviousTransactionLineLink l JOIN transaction t "
        f"ON t.id = l.nextdoc WHERE l.previousdoc IN ({suiteql.ids(bill_ids)}) AND t.type IN ({_TAKEN_BACK}) "
        "ORDER BY t.id"
    )


def billings(
    ref: RecordRef, rows: Callable[[str, str], list[dict[str, str]]], read: Callable[[str], Any]
) -> tuple[Billing, ...]:
    """The bills of a sales order, or the invoice or cash sale itself. `rows` runs a query on a record, `read` gets a
    path; both raise the client's errors."""
    own = ref.kind is not DocumentKind.SALES_ORDER
    kinds = {ref.id: ref.kind}
    if not own:
        bills = rows(bills_query(ref.id), "transaction")
        kinds = {row["id"]: BILLS[row["type"]] for row in bills if not is_voided(row)}
    taken: dict[str, list[str]] = {}
    for row in rows(credits_query(list(kinds)), "transaction") if kinds else ():
        taken.setdefault(row["bill"], []).append(row["id"])
    return tuple(
        billing(
            kind,
            read(f"/record/v1/{RECORDS[kind]}/{key}?expandSubResources=true"),
            taken.get(key, ()),
            own=own,
        )
        for key, kind in kinds.items()
    )


def billing(kind: DocumentKind, body: Mapping[str, Any], taken_back: Sequence[str], *, own: bool) -> Billing:
    """A full record as a bill. `own`: it was not made from an order, so its lines bill themselves."""
    rows = (body.get("item") or {}).get("items", [])
    return Billing(
        id=str(body["id"]),
        kind=kind,
        number=str(body.get("tranId", body["id"])),
        lines=tuple(_billed(row, own=own) for row in rows),
        open_amount=amount_of(body.get("amountRemaining")),
        shipping=amount_of(body.get("shippingCost")),
        credits=tuple(taken_back),
    )


def _billed(row: Mapping[str, Any], *, own: bool) -> BilledLine:
    quantity, key = row.get("quantity"), str(int(row["line"]))
    order_line = row.get("orderLine")
    return BilledLine(
        key=key,
        order_line=key if own else str(int(order_line)) if order_line is not None else "",
        amount=amount_of(row.get("amount")),
        quantity=None if quantity is None else amount_of(quantity),
        tax_reference=text_of(row.get("taxDetailsReference")),
    )


def credit_body(document: CreditDocument, features: Features) -> dict[str, Any]:
    """The body of `POST /record/v1/invoice/{id}/!transform/creditMemo`."""
    bill = document.billing
    wanted = {each.key: each.line for each in document.lines}
    body: dict[str, Any] = {
        "externalId": document.external_id,
        "tranDate": document.date.isoformat(),
        "memo": cut(document.memo or f"Shopify order {document.order_name}", MEMO),
        "item": {"items": [_row(line, wanted.get(line.key)) for line in bill.lines]},
    }
    if bill.shipping:
        body["shippingCost"] = 0
    if document.applied:
        row = {"doc": {"id": bill.id}, "line": 0, "apply": True, "amount": document.applied}
        body["apply"] = {"items": [row]}
    _tax(document, features, body)
    return body


def _row(billed: BilledLine, line: DocumentLine | None) -> dict[str, Any]:
    row: dict[str, Any] = {"orderLine": int(billed.key)}
    if line is None:
        row["amount" if billed.quantity is None else "quantity"] = 0
        return row
    if billed.quantity is not None:
        row["quantity"] = ONE if line.quantity is None else line.quantity
    row["price"] = dict(CUSTOM_PRICE)
    row["rate"] = line.amount if line.rate is None or line.quantity is None else line.rate
    row["amount"] = line.amount
    return row


def _tax(document: CreditDocument, features: Features, body: dict[str, Any]) -> None:
    """Make the account take back Shopify's tax and compute none of its own; tax codes come with the invoice's lines."""
    if not features.suitetax:
        if features.taxable_flag and document.tax_strategy is not TaxStrategy.TAX_CODES:
            body["isTaxable"] = False
        return
    body["taxDetailsOverride"] = True
    references = {line.key: line.tax_reference for line in document.billing.lines}
    rows = [tax_row(tax, references[each.key]) for each in document.lines for tax in each.line.taxes]
    if rows and document.tax_strategy is TaxStrategy.TAX_DETAILS:
        body["taxDetails"] = {"items": rows}

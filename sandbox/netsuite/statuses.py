"""The computed status of transactions, and the quantities of a source line that later documents used up."""

from __future__ import annotations

from decimal import Decimal

from sandbox.netsuite import projection
from sandbox.netsuite.store import Doc
from sandbox.netsuite.work import Work, find, save

NAMES = {
    "salesOrder": {
        "A": "Pending Approval", "B": "Pending Fulfillment", "C": "Cancelled", "D": "Partially Fulfilled",
        "E": "Pending Billing/Partially Fulfilled", "F": "Pending Billing", "G": "Billed", "H": "Closed",
    },
    "invoice": {"A": "Open", "B": "Paid In Full", "D": "Pending Approval", "V": "Voided"},
    "cashSale": {"B": "Not Deposited", "C": "Deposited"},
    "creditMemo": {"A": "Open", "B": "Fully Applied", "V": "Voided"},
    "returnAuthorization": {
        "A": "Pending Approval", "B": "Pending Receipt", "D": "Partially Received",
        "E": "Pending Refund/Partially Received", "F": "Pending Refund", "G": "Refunded", "H": "Closed",
    },
    "customerPayment": {"B": "Not Deposited", "C": "Deposited"},
    "customerDeposit": {"B": "Not Deposited", "C": "Deposited", "D": "Fully Applied"},
    "itemFulfillment": {"A": "Picked", "B": "Packed", "C": "Shipped"},
    "journalEntry": {"A": "Pending Approval", "B": "Approved"},
}  # fmt: skip
_BILLS = ("invoice", "cashSale", "creditMemo", "cashRefund")
_MOVES = ("itemFulfillment", "itemReceipt")
ZERO = Decimal(0)


def fulfillable(line: Doc) -> bool:
    """Goods are shipped or received; charges and discounts are not."""
    return (line.get("itemType") or {}).get("id") in ("InvtPart", "Kit", "NonInvtPart")


def used(work: Work, source_id: str) -> dict[tuple[str, int], tuple[Decimal, Decimal]]:
    """(kind, source line) to (quantity, amount) over all documents made from a transaction.

    Kinds: `moved` (shipped fulfilments, receipts), `picked` (any fulfilment), `billed`, `returned`.
    """
    children = work.db.execute(
        "SELECT DISTINCT nextdoc FROM q_previoustransactionlinelink WHERE previousdoc = ?", (int(source_id),)
    ).fetchall()
    totals: dict[tuple[str, int], tuple[Decimal, Decimal]] = {}
    for (child,) in children:
        found = find(work.db, "transaction", child)
        if found is None:
            continue
        rectype, doc = found
        kinds = ["billed"] if rectype in _BILLS else ["returned"] if rectype == "returnAuthorization" else []
        if rectype in _MOVES:
            shipped = rectype == "itemReceipt" or (doc.get("shipStatus") or {}).get("id") == "C"
            kinds = ["picked", "moved"] if shipped else ["picked"]
        for line in (doc.get("item") or {}).get("items", []) if kinds else []:
            quantity, amount = line.get("quantity") or ZERO, line.get("amount") or ZERO
            for kind in kinds:
                key = (kind, int(line["orderLine"]))
                before = totals.get(key, (ZERO, ZERO))
                totals[key] = (before[0] + quantity, before[1] + amount)
    return totals


def set_status(work: Work, rectype: str, doc: Doc) -> None:
    """Set `statusLetter` and `status`, and the used-up quantities of lines, on a document about to be stored."""
    letter = None
    if rectype in ("salesOrder", "returnAuthorization"):
        letter = _order_letter(work, rectype, doc)
        doc["orderStatus"] = {"id": doc["orderStatus"]["id"] if letter in "AB" else "B"}
    elif rectype == "invoice":
        doc["amountRemaining"] = doc["total"] - _applied(work, doc)
        doc["amountPaid"] = doc["total"] - doc["amountRemaining"]
        letter = "B" if doc["amountRemaining"] == 0 else "A"
        if (doc.get("approvalStatus") or {}).get("id") == "1":
            letter = "D"
    elif rectype == "creditMemo":
        doc["applied"] = _applied(work, doc)
        doc["amountRemaining"] = doc["unapplied"] = doc["total"] - doc["applied"]
        letter = "B" if doc["amountRemaining"] == 0 else "A"
    elif rectype in ("cashSale", "customerPayment", "customerDeposit", "cashRefund", "customerRefund"):
        letter = "C" if doc.get("depositedBy") else "B"
        if rectype == "customerDeposit" and _applied(work, doc) >= doc["total"]:
            letter = "D"
    elif rectype == "itemFulfillment":
        letter = doc["shipStatus"]["id"]
    elif rectype == "journalEntry":
        letter = "A" if doc.get("approved") is False else "B"
    doc["statusLetter"] = letter
    name = NAMES.get(rectype, {}).get(letter or "")
    if name:
        doc["status"] = {"id": name, "refName": name}


def _applied(work: Work, doc: Doc) -> Decimal:
    row = work.db.execute(
        "SELECT COALESCE(SUM(amount), 0) FROM application WHERE target = ? OR source = ?",
        (int(doc["id"]), int(doc["id"])),
    ).fetchone()
    return Decimal(row[0]) / 1000


def _order_letter(work: Work, rectype: str, doc: Doc) -> str:
    totals = used(work, doc["id"])
    moved_field = "quantityFulfilled" if rectype == "salesOrder" else "quantityReceived"
    all_moved = all_billed = True
    any_moved = any_billed = more_moved = False
    for line in doc["item"]["items"]:
        number = line["line"]
        moved = totals.get(("moved", number), (ZERO, ZERO))[0]
        billed, amount = totals.get(("billed", number), (ZERO, ZERO))
        quantity = line.get("quantity")
        if quantity is None:
            quantity, billed = Decimal(1), Decimal(1) if amount and amount == line["amount"] else ZERO
        line[moved_field], line["quantityBilled"] = moved, billed
        if line.get("isClosed") or (line.get("itemType") or {}).get("id") == "Description":
            continue
        if fulfillable(line):
            all_moved, any_moved = all_moved and moved >= quantity, any_moved or moved > 0
            more_moved = more_moved or moved > billed
        all_billed, any_billed = all_billed and billed >= quantity, any_billed or billed > 0
    if all(line.get("isClosed") for line in doc["item"]["items"]):
        return "H"
    if doc["orderStatus"]["id"] == "A" and not (any_moved or any_billed):
        return "A"
    if all_billed and all_moved:
        return "G"
    if all_moved and any(fulfillable(line) for line in doc["item"]["items"]):
        return "F"
    if any_moved:
        return "E" if more_moved else "D"
    return "B"


def refresh(work: Work, record_id: str) -> None:
    """Recompute a stored transaction's status after something was made from it or applied to it."""
    found = find(work.db, "transaction", record_id)
    if found is None:
        return
    rectype, doc = found
    before = (doc.get("statusLetter"), doc.get("amountRemaining"), doc.get("item"))
    old_lines = str(before[2])
    set_status(work, rectype, doc)
    if (doc.get("statusLetter"), doc.get("amountRemaining")) != before[:2] or str(
        doc.get("item")
    ) != old_lines:
        save(work, rectype, doc, doc["tranId"])
        projection.project(work, rectype, doc)


def mark_deposited(work: Work, record_id: str, deposit_id: str | None) -> None:
    """Note on a payment which bank deposit took it (None: none)."""
    found = find(work.db, "transaction", record_id)
    if found is None:
        return
    rectype, doc = found
    doc["depositedBy"] = deposit_id
    if deposit_id is None:
        del doc["depositedBy"]
    set_status(work, rectype, doc)
    save(work, rectype, doc, doc["tranId"])
    projection.project(work, rectype, doc)

"""The ledger as a reader sees it: balances per account, entries per record."""

# ruff: noqa: S608 - only constants of this module go into statements

from __future__ import annotations

import sqlite3
from decimal import Decimal
from typing import Any

from sandbox.netsuite.ledger import UnbalancedError

_SELECT = """
SELECT a.id, a.acctnumber, a.fullname, s.id, c.symbol,
  SUM(CASE WHEN p.base_amount > 0 THEN p.base_amount ELSE 0 END),
  SUM(CASE WHEN p.base_amount < 0 THEN -p.base_amount ELSE 0 END)
FROM posting p JOIN q_account a ON a.id = p.account JOIN q_subsidiary s ON s.id = p.subsidiary
JOIN q_currency c ON c.id = s.currency
"""


def _money(thousandths: int) -> str:
    value = Decimal(thousandths) / 1000
    return str(value.quantize(Decimal("0.01")) if value == value.quantize(Decimal("0.01")) else value)


def balances(db: sqlite3.Connection, account: str | None = None) -> dict[str, Any]:
    """Balances (debit positive, text) by account and subsidiary, in the subsidiary's base currency.

    `account` selects by internal id, number or name. Raises UnbalancedError unless all debits equal all credits.
    """
    total = db.execute("SELECT COALESCE(SUM(base_amount), 0) FROM posting").fetchone()[0]
    if total != 0:
        raise UnbalancedError(f"the books are out of balance by {total} thousandths")
    where = ""
    values: tuple[str, ...] = ()
    if account is not None:
        where, values = "WHERE a.id = ? OR a.acctnumber = ? OR a.fullname = ?", (account,) * 3
    rows = db.execute(f"{_SELECT} {where} GROUP BY a.id, s.id ORDER BY a.acctnumber, s.id", values)
    return {"accounts": [
        {"id": str(row[0]), "number": row[1], "name": row[2], "subsidiary": str(row[3]), "currency": row[4],
         "debit": _money(row[5]), "credit": _money(row[6]), "balance": _money(row[5] - row[6])}
        for row in rows
    ]}  # fmt: skip


def entries(db: sqlite3.Connection, record: str | None = None) -> dict[str, Any]:
    """Posting lines of one transaction (internal id or externalId), or of all, oldest first."""
    where = ""
    values: tuple[str, ...] = ()
    if record is not None:
        where, values = "WHERE p.transaction_id = ? OR t.externalid = ?", (record, record)
    rows = db.execute(
        "SELECT p.transaction_id, t.type, t.tranid, t.externalid, a.id, a.acctnumber, a.fullname, c.symbol, "
        "p.foreign_amount, p.base_amount FROM posting p JOIN q_account a ON a.id = p.account "
        "JOIN q_currency c ON c.id = p.currency LEFT JOIN q_transaction t ON t.id = p.transaction_id "
        f"{where} ORDER BY p.id", values,
    )  # fmt: skip
    return {"entries": [
        {"transaction": str(row[0]), "type": row[1], "tranId": row[2], "externalId": row[3],
         "account": str(row[4]), "number": row[5], "name": row[6], "currency": row[7],
         "foreign": _money(row[8]), "debit": _money(max(row[9], 0)), "credit": _money(max(-row[9], 0))}
        for row in rows
    ]}  # fmt: skip

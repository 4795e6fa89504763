"""The page at `/`: the latest transactions with their lines and postings, and the balances."""

from __future__ import annotations

import sqlite3
from html import escape
from typing import Any

from werkzeug.wrappers import Response

from sandbox.netsuite import books
from sandbox.netsuite.settings import Settings
from sandbox.netsuite.store import Store, loads

_SHOWN = 100
_STYLE = """
:root { color-scheme: light dark; --line: #8884; --soft: #8882; }
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 64rem; padding: 0 1rem; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
table { border-collapse: collapse; width: 100%; } th { text-align: left; font-weight: 600; }
td, th { padding: .3rem .6rem; border-bottom: 1px solid var(--line); vertical-align: top; }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; }
details { border: 1px solid var(--line); border-radius: .5rem; margin: .4rem 0; padding: .4rem .8rem; }
summary { cursor: pointer; display: flex; gap: 1rem; flex-wrap: wrap; }
summary b { min-width: 6rem; } summary .n { margin-left: auto; font-variant-numeric: tabular-nums; }
.s { background: var(--soft); border-radius: 1rem; padding: 0 .6rem; } code { font-size: .85em; opacity: .8; }
"""


def front_page(store: Store, settings: Settings) -> Response:
    """The whole page; every value from a record is escaped."""
    with store.reading() as db:
        total = db.execute("SELECT COUNT(*) FROM q_transaction").fetchone()[0]
        body = (
            f"<h1>Sandbox NetSuite · {escape(settings['account_id'])}</h1>"
            f"<p>{total} transactions · tax: {escape(settings['tax_mode'])} · "
            f"{int(settings['concurrency_limit'])} requests at a time · "
            '<a href="/_sandbox/settings">settings</a> · <a href="/_sandbox/stats">statistics</a> · '
            '<a href="/_sandbox/faults">faults</a></p>'
            f"<h2>Latest transactions</h2>{_transactions(db)}<h2>Balances</h2>{_balances(db)}"
        )
    html = (
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>Sandbox NetSuite</title><style>{_STYLE}</style><body>{body}</body></html>"
    )
    return Response(html, content_type="text/html; charset=utf-8")


def _transactions(db: sqlite3.Connection) -> str:
    rows = db.execute(
        "SELECT t.id, t.type, t.tranid, t.externalid, t.otherrefnum, t.foreigntotal, c.symbol, k.entityid, r.doc "
        "FROM q_transaction t LEFT JOIN q_currency c ON c.id = t.currency LEFT JOIN q_customer k ON k.id = t.entity "
        "JOIN record r ON r.grp = 'transaction' AND r.id = t.id ORDER BY t.id DESC LIMIT ?",
        (_SHOWN,),
    ).fetchall()
    return "".join(_transaction(db, row) for row in rows) or "<p>None yet.</p>"


def _text(value: object) -> str:
    return "" if value is None else escape(str(value))


def _transaction(db: sqlite3.Connection, row: tuple[Any, ...]) -> str:
    doc = loads(row[8])
    status = (doc.get("status") or {}).get("refName")
    head = (
        f"<b>{_text(row[2])}</b><span>{_text(row[1])}</span><span>{_text(row[7])}</span><span>{_text(row[4])}</span>"
        f'<span class="s">{_text(status)}</span><span class="n">{_text(doc.get("total"))} {_text(row[6])}</span>'
    )
    lines = "".join(
        f"<tr><td>{_text(line['line'])}</td><td>{_item_name(db, line)}</td><td>{_text(line.get('description'))}</td>"
        f'<td class="n">{_text(line.get("quantity"))}</td><td class="n">{_text(line.get("rate"))}</td>'
        f'<td class="n">{_text(line.get("amount"))}</td></tr>'
        for line in (doc.get("item") or {}).get("items", [])
    )
    sums = " · ".join(
        f"{label} {_text(doc[name])}"
        for name, label in (
            ("subtotal", "subtotal"),
            ("shippingCost", "shipping"),
            ("taxTotal", "tax"),
            ("total", "total"),
        )
        if doc.get(name) is not None
    )
    posted = "".join(
        f'<tr><td>{_text(entry["number"])} {_text(entry["name"])}</td><td class="n">{_text(entry["debit"])}</td>'
        f'<td class="n">{_text(entry["credit"])}</td></tr>'
        for entry in books.entries(db, str(row[0]))["entries"]
    )
    line_head = '<th>#<th>Item<th>Description<th class="n">Qty<th class="n">Rate<th class="n">Amount'
    book_head = '<th>Account<th class="n">Debit<th class="n">Credit'
    return (
        f"<details><summary>{head}</summary><p><code>id {row[0]} · {_text(row[3])}</code><br>{sums}</p>"
        + (f"<table><tr>{line_head}</tr>{lines}</table>" if lines else "")
        + (f"<table><tr>{book_head}</tr>{posted}</table>" if posted else "")
        + "</details>"
    )


def _item_name(db: sqlite3.Connection, line: dict[str, Any]) -> str:
    found = db.execute("SELECT itemid FROM q_item WHERE id = ?", (line["item"]["id"],)).fetchone()
    return _text(found[0] if found else line["item"]["id"])


def _balances(db: sqlite3.Connection) -> str:
    rows = "".join(
        f"<tr><td>{_text(row['number'])}</td><td>{_text(row['name'])}</td><td>{_text(row['currency'])}</td>"
        f'<td class="n">{_text(row["debit"])}</td><td class="n">{_text(row["credit"])}</td>'
        f'<td class="n">{_text(row["balance"])}</td></tr>'
        for row in books.balances(db)["accounts"]
    )
    if not rows:
        return "<p>Nothing is posted yet; sales orders do not post.</p>"
    return (
        '<table><tr><th>No.<th>Account<th>Currency<th class="n">Debit<th class="n">Credit<th class="n">Balance</tr>'
        f"{rows}</table>"
    )

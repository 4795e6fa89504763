"""The account's state: one SQLite file (WAL) that survives restarts and is shared by all request threads."""

# ruff: noqa: S608 - table names come from the data file

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from sandbox.netsuite import sqlfunctions

Doc = dict[str, Any]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS sequence (name TEXT PRIMARY KEY, next INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS record (
  grp TEXT NOT NULL, id INTEGER NOT NULL, rectype TEXT NOT NULL, externalid TEXT, extkey TEXT,
  name TEXT, doc TEXT NOT NULL, PRIMARY KEY (grp, id)) WITHOUT ROWID;
CREATE UNIQUE INDEX IF NOT EXISTS record_ext ON record (grp, extkey) WHERE extkey IS NOT NULL;
CREATE INDEX IF NOT EXISTS record_type ON record (rectype, id);
CREATE INDEX IF NOT EXISTS record_name ON record (grp, name);
CREATE TABLE IF NOT EXISTS integration (client_id TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS certificate (
  certificate_id TEXT PRIMARY KEY, client_id TEXT NOT NULL, public_key_pem TEXT NOT NULL, revoked INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS token (
  token TEXT PRIMARY KEY, client_id TEXT NOT NULL, scope TEXT NOT NULL, expires REAL NOT NULL);
CREATE TABLE IF NOT EXISTS tba (
  consumer_key TEXT NOT NULL, consumer_secret TEXT NOT NULL, token TEXT NOT NULL, token_secret TEXT NOT NULL,
  PRIMARY KEY (consumer_key, token));
CREATE TABLE IF NOT EXISTS nonce (nonce TEXT NOT NULL, token TEXT NOT NULL, stamp INTEGER NOT NULL,
  PRIMARY KEY (token, nonce, stamp));
CREATE TABLE IF NOT EXISTS application (
  source INTEGER NOT NULL, target INTEGER NOT NULL, amount INTEGER NOT NULL, PRIMARY KEY (source, target));
CREATE TABLE IF NOT EXISTS posting (
  id INTEGER PRIMARY KEY, transaction_id INTEGER NOT NULL, line INTEGER NOT NULL, account INTEGER NOT NULL,
  subsidiary INTEGER NOT NULL, currency INTEGER NOT NULL, foreign_amount INTEGER NOT NULL,
  base_amount INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS application_target ON application (target);
CREATE INDEX IF NOT EXISTS posting_transaction ON posting (transaction_id);
CREATE INDEX IF NOT EXISTS posting_account ON posting (account);
"""
_INDEXES = """
CREATE INDEX IF NOT EXISTS q_transaction_ext ON q_transaction (externalid);
CREATE INDEX IF NOT EXISTS q_transaction_other ON q_transaction (otherrefnum);
CREATE INDEX IF NOT EXISTS q_transaction_changed ON q_transaction (lastmodifieddate);
CREATE INDEX IF NOT EXISTS q_transaction_shp ON q_transaction (custbody_shp_order_id);
CREATE INDEX IF NOT EXISTS q_transactionline_tx ON q_transactionline ("transaction");
CREATE INDEX IF NOT EXISTS q_customer_ext ON q_customer (externalid);
CREATE INDEX IF NOT EXISTS q_customer_email ON q_customer (NS_LOWER(email));
CREATE INDEX IF NOT EXISTS q_item_upper ON q_item (NS_UPPER(itemid));
CREATE INDEX IF NOT EXISTS q_item_itemid ON q_item (itemid);
CREATE INDEX IF NOT EXISTS q_prev_next ON q_previoustransactionlinelink (nextdoc);
CREATE INDEX IF NOT EXISTS q_prev_prev ON q_previoustransactionlinelink (previousdoc);
CREATE INDEX IF NOT EXISTS q_rel_entity ON q_customersubsidiaryrelationship (entity);
CREATE INDEX IF NOT EXISTS q_book_entity ON q_customeraddressbook (entity);
CREATE INDEX IF NOT EXISTS q_inventory ON q_inventoryitemlocations (item, location);
"""
_NUMERIC = {"id": "INTEGER", "num": "NUMERIC"}


def dumps(value: Any) -> str:
    """JSON text; Decimals become JSON numbers (exact up to 15 digits)."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=float)


def loads(text: str | bytes) -> Any:
    """JSON value with fractions as Decimal, never float."""
    return json.loads(text, parse_float=Decimal)


@cache
def data_file(name: str) -> Any:
    """A JSON file of the package's data folder."""
    return loads(resources.files("sandbox.netsuite").joinpath("data", name).read_text(encoding="utf-8"))


def tables() -> dict[str, dict[str, str]]:
    """SuiteQL tables: column name to type, as data/suiteql_tables.json describes."""
    result: dict[str, dict[str, str]] = data_file("suiteql_tables.json")["tables"]
    return result


def _query_tables() -> str:
    statements = []
    for table, columns in tables().items():
        if table == "nexttransactionlinelink":
            continue
        parts = []
        for column, kind in columns.items():
            affinity = "INTEGER" if kind.startswith("ref:") else _NUMERIC.get(kind, "TEXT")
            key = " PRIMARY KEY" if column == "id" and table != "transactionline" else ""
            parts.append(f'"{column}" {affinity}{key}')
        statements.append(f'CREATE TABLE IF NOT EXISTS "q_{table}" ({", ".join(parts)});')
    statements.append(
        "CREATE VIEW IF NOT EXISTS q_nexttransactionlinelink AS SELECT * FROM q_previoustransactionlinelink;"
    )
    return "\n".join(statements)


class Store:
    """Connections to the state file: many readers, one writer at a time."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        self._idle: list[sqlite3.Connection] = []
        self._all: list[sqlite3.Connection] = []
        self._guard = threading.Lock()
        self._write = threading.RLock()
        with self._connection() as db:
            db.execute("PRAGMA journal_mode=WAL")
            db.executescript(_SCHEMA + _query_tables() + _INDEXES)

    def _open(self) -> sqlite3.Connection:
        db = sqlite3.connect(self.path, timeout=20, isolation_level=None, check_same_thread=False)
        db.execute("PRAGMA synchronous=NORMAL")
        db.execute("PRAGMA case_sensitive_like=ON")
        sqlfunctions.register(db)
        return db

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        with self._guard:
            db = self._idle.pop() if self._idle else None
        if db is None:
            db = self._open()
            with self._guard:
                self._all.append(db)
        try:
            yield db
        finally:
            with self._guard:
                self._idle.append(db)

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A connection that sees one consistent state for the length of the block."""
        with self._connection() as db:
            db.execute("BEGIN")
            try:
                yield db
            finally:
                db.rollback()

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A connection in a write transaction: committed at the end, rolled back on any exception."""
        with self._write, self._connection() as db:
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
            except BaseException:
                db.rollback()
                raise
            db.commit()

    def close(self) -> None:
        """Close all connections; the file stays."""
        with self._guard:
            for db in self._all:
                db.close()
            self._idle.clear()
            self._all.clear()


def insert_row(db: sqlite3.Connection, table: str, values: dict[str, Any]) -> None:
    """Insert one row into the SuiteQL table of that name; Decimals are stored as numbers."""
    columns = ", ".join(f'"{column}"' for column in values)
    marks = ", ".join("?" * len(values))
    row = [float(value) if isinstance(value, Decimal) else value for value in values.values()]
    db.execute(f'INSERT INTO "q_{table}" ({columns}) VALUES ({marks})', row)


def next_id(db: sqlite3.Connection, sequence: str, first: int = 1) -> int:
    """The next number of a named sequence."""
    row = db.execute("SELECT next FROM sequence WHERE name = ?", (sequence,)).fetchone()
    number: int = row[0] if row else first
    db.execute("INSERT OR REPLACE INTO sequence VALUES (?, ?)", (sequence, number + 1))
    return number

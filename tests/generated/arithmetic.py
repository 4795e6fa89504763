"""What the sandbox NetSuite makes of a sales document, without HTTP: its own checks, prices, taxes and total."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

from erps.netsuite.wire import encode
from sandbox.netsuite import records
from sandbox.netsuite.fields import validated
from sandbox.netsuite.sales import prepare
from sandbox.netsuite.seeding import seed
from sandbox.netsuite.settings import Settings
from sandbox.netsuite.store import Store, loads
from sandbox.netsuite.work import Work

CURRENCIES = {"USD": "1", "GBP": "2", "EUR": "3", "JPY": "4", "KWD": "5", "CAD": "6"}


class Arithmetic:
    """An account that computes documents and keeps none; `customers` by currency."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self.customers: dict[str, str] = {}
        work = Work(db, Settings({}), "", names="Error")
        for code, number in CURRENCIES.items():
            body = {
                "entityId": f"Buyer {code}", "isPerson": False, "companyName": f"Buyer {code}",
                "subsidiary": {"id": "1"}, "currency": {"id": number},
            }  # fmt: skip
            self.customers[code] = records.create(work, "customer", body)

    def total(self, record: str, body: dict[str, Any], *, legacy: bool) -> Decimal:
        """What a sales order, invoice or cash sale would be saved with. RestError when the account would refuse it;
        AssertionError when it would change or ignore anything that was sent."""
        settings = Settings({"tax_mode": "legacy" if legacy else "suitetax"})
        work = Work(self._db, settings, "", names="Error")
        doc = validated(work, record, loads(encode(body)))
        prepare(work, record, doc)
        assert work.warnings == [], work.warnings
        return Decimal(doc["total"])


@contextmanager
def account(folder: Path) -> Iterator[Arithmetic]:
    """A seeded account for the length of a block; what is written to it is taken back."""
    store = Store(folder / "netsuite.sqlite3")
    try:
        with store.writing() as db:
            seed(db, Settings({}))
        with store.reading() as db:
            yield Arithmetic(db)
    finally:
        store.close()

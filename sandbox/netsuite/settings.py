"""What an account administrator, or a test, can switch: `GET/POST /_sandbox/settings`."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Mapping
from typing import Any

DEFAULTS: dict[str, Any] = {
    "account_id": "TSTDRV0000001",
    "tax_mode": "suitetax",
    "concurrency_limit": 15,
    "latency_write": None,
    "latency_query": None,
    "default_order_status": "A",
    "allow_tran_id": False,
    "invoice_approval": False,
    "closed_through": "2025-12-31",
    "closed_period_blocks_all": False,
    "bound_parameters": False,
    "hidden_tables": [],
    "denied_records": [],
    "custom_fields": [
        "custbody_shp_order_id",
        "custbody_shp_order_url",
        "custcol_shp_line_id",
        "custbody_gift_message",
        "custbody_deliver_by:date",
        "custbody_priority:boolean",
        "custbody_points:number",
        "custbody_order_source:enum:1|2|3",
        "custbody_placed_at:datetime",
        "custcol_engraving",
        "custcol_weight:number",
        "custentity_vip:boolean",
        "custentity_shp_tags",
    ],
    "auto_number_customers": False,
    "auto_apply_deposits": True,
    "time_zone": "America/Los_Angeles",
    "token_seconds": 3600,
}
MEANING = {
    "account_id": "realm of TBA headers, upper case",
    "tax_mode": "suitetax | legacy",
    "concurrency_limit": "requests at a time, account-wide; above it 429",
    "latency_write": "null, milliseconds, or {median_ms, sigma, seed} for each record write",
    "latency_query": "null, milliseconds, or {median_ms, sigma, seed} for each SuiteQL query",
    "default_order_status": "A or B for sales orders that do not say",
    "allow_tran_id": "accept tranId from outside",
    "invoice_approval": "invoices are routed for approval: they have approvalStatus, and post once approved",
    "closed_through": "last day of the last closed accounting period (YYYY-MM-DD)",
    "closed_period_blocks_all": "refuse non-posting transactions dated in a closed period, too",
    "bound_parameters": "SuiteQL `params` (release 2026.2)",
    "hidden_tables": "SuiteQL tables the role may not see",
    "denied_records": "record types the role may not touch (403)",
    "custom_fields": "custbody_*, custcol_*, custentity_*, custitem_* fields that exist, text unless a kind follows "
    "(name:date, boolean, number, datetime, enum:1|2|3 for a list with these ids)",
    "auto_number_customers": "assign entityId when a customer comes without one",
    "auto_apply_deposits": "use a sales order's deposits on its invoices, as accounts do",
    "time_zone": "account zone of SuiteQL timestamps that are not wrapped in SYS_EXTRACT_UTC",
    "token_seconds": "life of an access token in seconds",
}


class SettingsError(ValueError):
    """A setting that does not exist or cannot have this value; the message says which."""


def _check(name: str, value: Any) -> None:
    if name not in DEFAULTS:
        raise SettingsError(f"There is no setting {name!r}; there are: {', '.join(DEFAULTS)}.")
    choices = {"tax_mode": ("suitetax", "legacy"), "default_order_status": ("A", "B")}
    if name in choices and value not in choices[name]:
        raise SettingsError(f"{name} must be one of {', '.join(choices[name])}, not {value!r}.")
    if name.startswith("latency_"):
        number = isinstance(value, (int, float)) and value >= 0
        drawn = (
            isinstance(value, dict) and set(value) <= {"median_ms", "sigma", "seed"} and "median_ms" in value
        )
        if value is not None and not number and not drawn:
            raise SettingsError(f"{name} must be null, milliseconds, or {{median_ms, sigma, seed}}.")
    elif not isinstance(value, type(DEFAULTS[name])):
        raise SettingsError(f"{name} must be of the kind of {DEFAULTS[name]!r}, not {value!r}.")


class Settings:
    """Settings of one account, kept in its database; reading is a dictionary look-up."""

    def __init__(self, rows: Mapping[str, Any]) -> None:
        self._values = {**DEFAULTS, **rows}
        self._lock = threading.Lock()

    @classmethod
    def load(cls, db: sqlite3.Connection) -> Settings:
        """Read the stored settings."""
        rows = db.execute("SELECT name, value FROM setting").fetchall()
        return cls({name: json.loads(value) for name, value in rows if name in DEFAULTS})

    def __getitem__(self, name: str) -> Any:
        return self._values[name]

    def update(self, db: sqlite3.Connection, changes: Mapping[str, Any]) -> None:
        """Check and store changes. Raises SettingsError, and then changes nothing."""
        for name, value in changes.items():
            _check(name, value)
        for name, value in changes.items():
            db.execute("INSERT OR REPLACE INTO setting VALUES (?, ?)", (name, json.dumps(value)))
        with self._lock:
            self._values = {**self._values, **changes}

    def as_json(self) -> dict[str, Any]:
        """Values and what each means."""
        return {"settings": dict(self._values), "meaning": MEANING}

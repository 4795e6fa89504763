"""`/_sandbox/...`: what a person or a test may do that no real account offers."""

from __future__ import annotations

# ruff: noqa: ARG001, ARG005 - all controls are called alike
import json
from collections.abc import Callable
from sqlite3 import Connection
from typing import Any

from werkzeug.wrappers import Request, Response

from sandbox.netsuite import auth, books, seeding, sqlfunctions
from sandbox.netsuite.account import Account
from sandbox.netsuite.settings import SettingsError
from sandbox.netsuite.store import dumps


def serve(account: Account, request: Request) -> Response:
    """Answer a control request; errors are `{"error": sentence}` with 400 or 404."""
    try:
        body = json.loads(request.get_data() or b"{}")
        status, answer = _answer(account, request, body)
    except (SettingsError, ValueError, TypeError, KeyError) as error:
        status, answer = 400, {"error": str(error)}
    return Response(dumps(answer), status, content_type="application/json")


def _answer(account: Account, request: Request, body: Any) -> tuple[int, Any]:
    name = request.path.removeprefix("/_sandbox/")
    if name == "faults":
        return account.faults.serve(request.method, body)
    if name == "stats" and request.method == "DELETE":
        account.meter.stats.clear()
    if name in _READS and (request.method == "GET" or name == "stats"):
        with account.store.reading() as db:
            return 200, _READS[name](account, db, request)
    if name in _WRITES and request.method == "POST":
        with account.store.writing() as db:
            return 200, _WRITES[name](account, db, body)
    return 404, {
        "error": f"There is no {request.method} {name}; there are {sorted({*_READS, *_WRITES, 'faults'})}."
    }


def _settings(account: Account, db: Connection, body: Any) -> Any:
    account.settings.update(db, body)
    if "time_zone" in body:
        sqlfunctions.set_zone(body["time_zone"])
    if "closed_through" in body:
        seeding.close_periods(db, body["closed_through"])
    return account.settings.as_json()


def _reset(account: Account, db: Connection, body: Any) -> Any:
    account.faults.clear()
    account.meter.stats.clear()
    seeding.reset(db, account.settings)
    return {"reset": True}


def _certificate(account: Account, db: Connection, body: Any) -> Any:
    pem = body.get("public_key_pem") or body["certificate_pem"]
    auth.register_certificate(db, body["certificate_id"], body["client_id"], pem)
    return {"registered": body["certificate_id"]}


def _revoke(account: Account, db: Connection, body: Any) -> Any:
    changed = db.execute(
        "UPDATE certificate SET revoked = 1 WHERE certificate_id = ?", (body["certificate_id"],)
    )
    return {"changed": changed.rowcount}


def _tba(account: Account, db: Connection, body: Any) -> Any:
    auth.register_tba(db, body)
    return {"registered": body["consumer_key"]}


def _expire(account: Account, db: Connection, body: Any) -> Any:
    auth.expire(db)
    return {"expired": "all"}


def _inactive(account: Account, db: Connection, body: Any) -> Any:
    value = "T" if body["inactive"] else "F"
    changed = db.execute("UPDATE q_item SET isinactive = ? WHERE id = ?", (value, int(body["id"])))
    return {"changed": changed.rowcount}


_READS: dict[str, Callable[[Account, Connection, Request], Any]] = {
    "stats": lambda account, db, request: account.meter.stats.as_json(),
    "settings": lambda account, db, request: account.settings.as_json(),
    "balances": lambda account, db, request: books.balances(db, request.args.get("account")),
    "ledger": lambda account, db, request: books.entries(db, request.args.get("record")),
}
_WRITES: dict[str, Callable[[Account, Connection, Any], Any]] = {
    "settings": _settings,
    "reset": _reset,
    "certificates": _certificate,
    "certificates/revoke": _revoke,
    "tba": _tba,
    "tokens/expire": _expire,
    "items/inactive": _inactive,
}

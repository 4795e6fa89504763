"""Bulk operations: run, look, list, cancel, and the file behind the result's address.

An operation really runs: its query is executed once its time has come, the rows are written to a file as lines of
JSON, and the address of the file is signed anew with each look. Messages are the recorded ones.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from graphql import GraphQLResolveInfo
from werkzeug.wrappers import Request, Response

from sandbox.shopify import paging, search
from sandbox.shopify.bulk_queries import lines, refusals
from sandbox.shopify.documents import Documents, number_of
from sandbox.shopify.resolvers import context_of, shop_of
from sandbox.shopify.shop_state import ShopState, iso, utc_now

Json = dict[str, Any]
Info = GraphQLResolveInfo

KIND = "BulkOperation"
AT_ONCE = 5
VALID = timedelta(days=7)
OPEN = ("CREATED", "RUNNING", "CANCELING")
_SECRET = b"sandbox-bulk-results"
SETTINGS = "bulk-settings"
DEFAULTS: Json = {
    "seconds": 0.0,
    "fail_after": None,
    "error": "INTERNAL_SERVER_ERROR",
    "refuse_before": 0,
    "cut": None,
}
"""How operations go: seconds until done; the rows after which the next one fails, with which error; addresses signed
before this instant (epoch seconds) are refused; after how many bytes the next download breaks off."""


def settings(shop: ShopState) -> Json:
    """The settings of a store, with the defaults."""
    return {**DEFAULTS, **(shop.documents.editable(shop.name, SETTINGS) or {})}


def change_settings(shop: ShopState, given: Json) -> Json:
    """Change some settings; `expire_addresses` refuses every address given out so far."""
    known = settings(shop)
    if given.pop("expire_addresses", False):
        known["refuse_before"] = time.time()
    known |= {name: value for name, value in given.items() if name in DEFAULTS}
    shop.documents.put(shop.name, "BulkSettings", {**known, "id": SETTINGS})
    return known


# ------------------------------------------------------------------------------------------------- mutations


def run_query(_: Any, info: Info, **args: Any) -> Json:
    """BulkOperationRunQuery."""
    shop, text = shop_of(info), args["query"]
    refused = [
        {"field": ["query"], "message": each, "code": "INVALID"} for each in refusals(info.schema, text)
    ]
    if refused:
        return {"bulkOperation": None, "userErrors": refused}
    with shop.documents.batch():
        going = [row for row in shop.documents.all(shop.name, KIND) if _advanced(info, row)["status"] in OPEN]
        if len(going) >= AT_ONCE:
            ids = ", ".join(row["id"] for row in going)
            message = f"A bulk query operation for this app and shop is already in progress: {ids}."
            error = {"field": None, "message": message, "code": "OPERATION_IN_PROGRESS"}
            return {"bulkOperation": None, "userErrors": [error]}
        row: Json = {
            "id": shop.next_id(KIND), "status": "CREATED", "type": "QUERY", "errorCode": None, "createdAt": utc_now(),
            "completedAt": None, "objectCount": "0", "rootObjectCount": "0", "fileSize": None, "query": text,
            "_begun": time.time(),
        }  # fmt: skip
        shop.put(KIND, dict(row))
    return {"bulkOperation": _shown(info, row), "userErrors": []}


def cancel(_: Any, info: Info, **args: Any) -> Json:
    """bulkOperationCancel: a finished one cannot be canceled."""
    shop = shop_of(info)
    row = shop.editable(args["id"])
    if row is None:
        return {
            "bulkOperation": None,
            "userErrors": [{"field": ["id"], "message": "Bulk operation does not exist"}],
        }
    row = _advanced(info, row)
    if row["status"] not in OPEN:
        message = f"A bulk operation cannot be canceled when it is {row['status'].lower()}"
        return {"bulkOperation": _shown(info, row), "userErrors": [{"field": None, "message": message}]}
    shop.put(KIND, {**row, "status": "CANCELED", "completedAt": utc_now()})
    return {"bulkOperation": _shown(info, {**row, "status": "CANCELING"}), "userErrors": []}


RESOLVERS = {"bulkOperationRunQuery": run_query, "bulkOperationCancel": cancel}


# --------------------------------------------------------------------------------------------------- queries


def look(_: Any, info: Info, **args: Any) -> Json | None:
    """bulkOperation(id:)."""
    row = shop_of(info).editable(args["id"]) if "/BulkOperation/" in args["id"] else None
    return None if row is None else _shown(info, _advanced(info, row))


def listing(_: Any, info: Info, **args: Any) -> Json:
    """bulkOperations: those of the last 7 days, by when they were created."""
    shop = shop_of(info)
    found = search.parse(
        args.get("query"),
        {"status": search.text_field("status"), "operation_type": search.text_field("type")},
        lambda *_: True,
    )
    oldest = iso(datetime.now(UTC) - VALID)
    rows = [_advanced(info, dict(row)) for row in shop.documents.all(shop.name, KIND)]
    rows = [_shown(info, row) for row in rows if row["createdAt"] >= oldest and found.matches(row)]
    return paging.list_connection(rows, args, "bulkOperations")


def _advanced(info: Info, row: Json) -> Json:
    """The operation as it is now: one whose time has come is run to its end."""
    if row["status"] not in ("CREATED", "RUNNING"):
        return row
    shop, known = shop_of(info), settings(shop_of(info))
    passed = time.time() - row["_begun"]
    if passed >= known["seconds"]:
        row = _finished(info, row, known)
    elif passed >= known["seconds"] / 2:
        row = {**row, "status": "RUNNING"}
    shop.put(KIND, dict(row))
    return row


def _finished(info: Info, row: Json, known: Json) -> Json:
    shop = shop_of(info)
    answer = context_of(info).export(row["query"])
    roots, written, size = 0, 0, 0
    status, code = "COMPLETED", None
    if answer.errors:
        denied = any((each.extensions or {}).get("code") == "ACCESS_DENIED" for each in answer.errors)
        status, code = "FAILED", "ACCESS_DENIED" if denied else "INTERNAL_SERVER_ERROR"
    path = file_of(shop.documents, shop.name, row["id"])
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        for line, root in lines({} if answer.errors else answer.data or {}):
            if known["fail_after"] is not None and written >= known["fail_after"]:
                status, code = "FAILED", known["error"]
                change_settings(shop, {"fail_after": None})
                break
            size += file.write(line.encode() + b"\n")
            written += 1
            roots += root
    return {
        **row, "status": status, "errorCode": code, "completedAt": utc_now(), "objectCount": str(written),
        "rootObjectCount": str(roots), "fileSize": str(size) if size else None,
    }  # fmt: skip


# ---------------------------------------------------------------------------------------------------- the file


def file_of(documents: Documents, store: str, gid: str) -> Path:
    """Where the rows of an operation are kept."""
    return documents.folder / "bulk" / f"{store}-{number_of(gid)}.jsonl"


def _signature(store: str, number: str, expires: int, signed: float) -> str:
    text = f"{store}/{number}/{expires}/{signed:.6f}"
    return hmac.new(_SECRET, text.encode(), hashlib.sha256).hexdigest()


def _shown(info: Info, row: Json) -> Json:
    """The operation with the addresses of its rows: `url` when complete, `partialDataUrl` when it failed on its way."""
    shown = {
        **{key: value for key, value in row.items() if not key.startswith("_")},
        "url": None,
        "partialDataUrl": None,
    }
    if row["completedAt"] and row["fileSize"]:
        done = datetime.fromisoformat(row["completedAt"])
        expires, signed = int((done + VALID).timestamp()), time.time()
        number, store = str(number_of(row["id"])), shop_of(info).name
        address = (
            f"{context_of(info).base_url}/{store}/_bulk/{number}.jsonl?Expires={expires}&Signed={signed:.6f}"
            f"&Signature={_signature(store, number, expires, signed)}"
        )
        shown["url" if row["status"] == "COMPLETED" else "partialDataUrl"] = address
    return shown


_RANGE = re.compile(r"bytes=(\d+)-")


def download(shop: ShopState, request: Request, name: str) -> Response:
    """The rows of an operation for whoever has a signed address that is still good; a range from some byte on."""
    number, known = name.removesuffix(".jsonl"), settings(shop)
    try:
        expires, signed = int(request.args["Expires"]), float(request.args["Signed"])
    except (KeyError, ValueError):
        return _refused("AccessDenied")
    wanted = _signature(shop.name, number, expires, signed)
    if not hmac.compare_digest(wanted, request.args.get("Signature", "")):
        return _refused("SignatureDoesNotMatch")
    if time.time() > expires or signed < known["refuse_before"]:
        return _refused("ExpiredToken")
    path = file_of(shop.documents, shop.name, f"/{number}")
    if not path.exists():
        return Response("<Error><Code>NoSuchKey</Code></Error>", status=404, content_type="application/xml")
    body = path.read_bytes()
    begins = _RANGE.match(request.headers.get("Range", ""))
    start = int(begins.group(1)) if begins else 0
    if begins and start >= len(body):
        return Response(
            "<Error><Code>InvalidRange</Code></Error>", status=416, content_type="application/xml"
        )
    part = body[start:]
    if known["cut"] is not None:
        part = part[: known["cut"]]
        change_settings(shop, {"cut": None})
    answer = Response(part, status=206 if begins else 200, content_type="application/jsonl")
    if begins:
        answer.headers["Content-Range"] = f"bytes {start}-{len(body) - 1}/{len(body)}"
    return answer


def _refused(code: str) -> Response:
    return Response(f"<Error><Code>{code}</Code></Error>", status=403, content_type="application/xml")


ROOTS: dict[str, Any] = {"bulkOperation": look, "bulkOperations": listing}

"""The services behind `/services/rest`: record/v1, query/v1, system/v1."""

from __future__ import annotations

import json
import re
import sqlite3
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from werkzeug.wrappers import Request

from sandbox.netsuite import records, rendering, rules, suiteql
from sandbox.netsuite.errors import RestError, bad_header, bad_parameter, bad_request, missing_type
from sandbox.netsuite.fields import shape
from sandbox.netsuite.filters import matching_ids
from sandbox.netsuite.settings import Settings
from sandbox.netsuite.store import Doc, loads
from sandbox.netsuite.transforms import transform
from sandbox.netsuite.work import Work, moment


@dataclass(frozen=True)
class Call:
    """One request, read completely, so that it can also be executed later than it is answered."""

    method: str
    path: str
    base_url: str
    args: dict[str, str]
    headers: dict[str, str]
    body: bytes
    kind: str
    rectype: str = ""

    @classmethod
    def read(cls, request: Request) -> Call:
        """Take what matters from a request; `kind` and `rectype` name it for statistics and faults."""
        path = unquote(request.path.removeprefix("/services/rest"))
        parts = path.strip("/").split("/")
        kind, rectype = "other", ""
        if parts[:1] == ["record"] and len(parts) > 2:
            rectype = parts[2]
            kind = "transform" if "!transform" in parts else f"record {request.method}"
        elif parts[:1] == ["query"]:
            kind = "suiteql"
        elif parts[:1] == ["system"]:
            kind = "system"
        return cls(
            request.method, path, request.host_url.rstrip("/") + "/services/rest", request.args.to_dict(),
            {name.lower(): value for name, value in request.headers.items()}, request.get_data(), kind, rectype,
        )  # fmt: skip


@dataclass
class Answer:
    """Status, JSON body (None: empty), extra headers and the `type=` of the content type."""

    status: int
    body: Doc | None = None
    headers: dict[str, str] = field(default_factory=dict)
    kind: str = "singular"


def serve_call(db: sqlite3.Connection, settings: Settings, call: Call) -> Answer:
    """Execute a call inside the caller's database transaction. Raises RestError."""
    names = call.headers.get("x-netsuite-propertynamevalidation", "Warning").capitalize()
    if names not in ("Error", "Warning", "Ignore"):
        raise bad_header("X-NetSuite-PropertyNameValidation", "The value must be Error, Warning or Ignore.")
    work = Work(db, settings, call.base_url, names=names)
    if call.path == "/query/v1/suiteql":
        return _query(work, call)
    if call.path == "/system/v1/serverTime":
        return Answer(200, {"serverTime": moment(work.now)})
    if call.path == "/system/v1/governanceLimits":
        limit = settings["concurrency_limit"]
        return Answer(200, {
            "accountConcurrencyLimit": limit, "accountUnallocatedConcurrencyLimit": limit,
            "integrationConcurrencyLimit": limit, "integrationLimitType": "accountLimit",
        })  # fmt: skip
    parts = call.path.strip("/").split("/")
    if parts[:2] != ["record", "v1"] or len(parts) < 3:
        raise missing_type(parts[-1], f"/services/rest{call.path}")
    answer = _record(work, call, parts[2:])
    if work.warnings:
        answer.headers["X-NetSuite-Warning"] = _header_text("; ".join(work.warnings))
    if work.unknown and work.names == "Warning":
        answer.headers["X-NetSuite-PropertyValidation"] = _header_text("Unknown: " + ", ".join(work.unknown))
    return answer


def _header_text(text: str) -> str:
    """Printable ASCII, short enough for a header."""
    return "".join(letter if " " <= letter <= "~" else "?" for letter in text)[:4000]


def _body(call: Call) -> Any:
    if not call.body.strip():
        return {}
    try:
        return loads(call.body)
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise bad_request("Invalid JSON in the request body.") from error


def _query(work: Work, call: Call) -> Answer:
    if call.method != "POST":
        raise RestError(405, "INVALID_METHOD", "The HTTP method is not allowed for this resource.")
    if "transient" not in call.headers.get("prefer", ""):
        raise bad_header(
            "Prefer", "The required request header 'Prefer' is missing or its value is not 'transient'."
        )
    body = _body(call)
    if not isinstance(body, dict) or not isinstance(body.get("q"), str):
        raise bad_request("Invalid content in the request body: 'q' is missing.")
    params = body.get("params", [])
    if params and not work.settings["bound_parameters"]:
        raise bad_request("Invalid content in the request body: unknown property 'params'.")
    limit, offset = records.page_of(call.args)
    rows, total = suiteql.run(work.db, work.settings, body["q"], params, (limit, offset))
    url = f"{work.base_url}/query/v1/suiteql"
    return Answer(
        200, rendering.collection(url, "", total, (limit, offset), rows, "POST"),
        {"Preference-Applied": "transient"}, "collection",
    )  # fmt: skip


def _record(work: Work, call: Call, parts: list[str]) -> Answer:
    if parts[0] == "metadata-catalog":
        names = [name for name in call.args.get("select", "").split(",") if name] + parts[1:2]
        return Answer(200, rendering.metadata(work, names))
    rectype = records.type_named(parts[0], f"/services/rest{call.path}")
    records.allowed(work, rectype)
    if len(parts) == 1:
        return _collection(work, call, rectype)
    if len(parts) >= 4 and parts[2] == "!transform":
        target = records.type_named(parts[3], f"/services/rest{call.path}")
        records.allowed(work, target)
        if call.method != "POST":
            raise RestError(405, "INVALID_METHOD", "The HTTP method is not allowed for this resource.")
        created = transform(work, rectype, parts[1], target, _body(call))
        return Answer(204, None, {"Location": work.link(target, created)})
    if len(parts) == 3:
        return _sublist(work, call, rectype, parts)
    return _instance(work, call, rectype, parts[1])


def _collection(work: Work, call: Call, rectype: str) -> Answer:
    if call.method == "POST":
        created = records.create(work, rectype, _body(call))
        return Answer(204, None, {"Location": work.link(rectype, created)})
    if call.method != "GET":
        raise RestError(405, "INVALID_METHOD", "The HTTP method is not allowed for this resource.")
    limit, offset = records.page_of(call.args)
    query = call.args.get("q", "")
    ids = matching_ids(work, rectype, query)
    items = [{"links": [{"rel": "self", "href": work.link(rectype, n), "method": "GET"}], "id": str(n)}
             for n in ids[offset : offset + limit]]  # fmt: skip
    url = f"{work.base_url}/record/v1/{rectype}"
    return Answer(200, rendering.collection(url, f"q={query}" if query else "", len(ids), (limit, offset), items),
                  kind="collection")  # fmt: skip


def _instance(work: Work, call: Call, rectype: str, key: str) -> Answer:
    if call.method == "GET":
        if rectype in rules.LISTS:
            return Answer(200, records.list_row(work, rectype, key))
        doc = records.locate(work, rectype, key)
        expand = call.args.get("expandSubResources", "").lower() == "true"
        fields = [name for name in call.args.get("fields", "").split(",") if name] or None
        return Answer(200, rendering.render(work, rectype, doc, expand, fields))
    replace = [name for name in call.args.get("replace", "").split(",") if name]
    if call.method == "PUT":
        return _upsert(work, call, rectype, key, replace)
    doc = records.locate(work, rectype, key)
    if call.method == "PATCH":
        records.update(work, rectype, doc, _body(call), replace)
    elif call.method == "DELETE":
        records.delete(work, rectype, doc)
        return Answer(204)
    else:
        raise RestError(405, "INVALID_METHOD", "The HTTP method is not allowed for this resource.")
    return Answer(204, None, {"Location": work.link(rectype, doc["id"])})


def _upsert(work: Work, call: Call, rectype: str, key: str, replace: list[str]) -> Answer:
    if not key.startswith("eid:") or not re.fullmatch(r"[A-Za-z0-9_-]+", key[4:]):
        raise bad_parameter("id", "PUT needs an external id (eid:...) in the URL.")
    body = _body(call)
    try:
        doc = records.locate(work, rectype, key)
    except RestError:
        if not isinstance(body, dict):
            raise bad_request("Invalid content in the request body.") from None
        created = records.create(work, rectype, {**body, "externalId": key[4:]})
        return Answer(204, None, {"Location": work.link(rectype, created)})
    records.update(work, rectype, doc, body, replace)
    return Answer(204, None, {"Location": work.link(rectype, doc["id"])})


def _sublist(work: Work, call: Call, rectype: str, parts: list[str]) -> Answer:
    doc = records.locate(work, rectype, parts[1])
    kinds = {name.lower(): (name, kind) for name, kind in shape(work, rectype).items()}
    name, kind = kinds.get(parts[2].lower(), ("", "any"))
    base, _, detail = kind.partition(":")
    if call.method != "GET" or base not in ("list", "sub"):
        raise missing_type(parts[2], f"/services/rest{call.path}")
    if base == "sub":
        return Answer(
            200, rendering.render(work, rectype, {"id": doc["id"], name: doc.get(name) or {}}, True)[name]
        )
    value = doc.get(name) or {"items": []}
    return Answer(
        200, rendering.sublist_body(work, (rectype, doc["id"], name), detail, value), kind="collection"
    )

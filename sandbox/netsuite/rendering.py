"""Documents as the record service answers them: links, references with refName, sublists, paging."""

# ruff: noqa: S608 - table names come from the data file

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sandbox.netsuite.errors import bad_parameter
from sandbox.netsuite.fields import record_types, shape
from sandbox.netsuite.references import TABLES
from sandbox.netsuite.statuses import NAMES
from sandbox.netsuite.store import Doc
from sandbox.netsuite.work import ITEM_TYPES, TRANSACTIONS, Work

_DISPLAY = {"transaction": "tranid", "item": "itemid", "customer": "entityid", "employee": "entityid",
            "shipitem": "itemid", "salestaxitem": "itemid", "accountingperiod": "periodname",
            "account": "fullname", "currency": "symbol"}  # fmt: skip
_RECORD_OF = {"item": "inventoryItem", "transaction": "salesOrder"}
_INTERNAL = {"taxSplit", "statusLetter", "depositedBy", "receipt"}


def render(work: Work, rectype: str, doc: Doc, expand: bool, fields: list[str] | None = None) -> Doc:
    """The body of a GET; sublists and nested records are links unless expanded."""
    kinds = shape(work, rectype)
    body: Doc = {"links": [_self(work.link(rectype, doc["id"]))]}
    for name, value in doc.items():
        if name in _INTERNAL or value is None or (fields and name not in fields and name != "id"):
            continue
        base, _, detail = kinds.get(name, "any").partition(":")
        if base == "list":
            body[name] = _sublist(work, (rectype, doc["id"], name), detail, value, expand=expand)
        elif base == "sub":
            link = {"links": [_self(f"{work.link(rectype, doc['id'])}/{name}")]}
            body[name] = {**link, **_nested(work, detail, value, rectype)} if expand else link
        else:
            body[name] = _value(work, (base, detail), value, rectype)
    return body


def _self(url: str) -> dict[str, str]:
    return {"rel": "self", "href": url, "method": "GET"}


def _nested(work: Work, shape_name: str, doc: Doc, rectype: str) -> Doc:
    kinds = shape(work, shape_name)
    result: Doc = {}
    for name, value in doc.items():
        if value is None:
            continue
        base, _, detail = kinds.get(name, "any").partition(":")
        if base == "sub":
            result[name] = _nested(work, detail, value, rectype)
        else:
            result[name] = _value(work, (base, detail), value, rectype, links=False)
    return result


def _value(work: Work, kind: tuple[str, str], value: Any, rectype: str, *, links: bool = True) -> Any:
    base, detail = kind
    if base == "number":
        return Decimal(value)
    if base == "ref" and isinstance(value, dict):
        reference: Doc = {"id": value["id"]}
        table = TABLES.get(detail, (None, None))[0]
        if table:
            column = _DISPLAY.get(table, "name")
            row = work.db.execute(
                f'SELECT "{column}" FROM "q_{table}" WHERE id = ?', (value["id"],)
            ).fetchone()
            if row and row[0] is not None:
                reference["refName"] = row[0]
            if links:
                return {"links": [_self(work.link(_RECORD_OF.get(detail, detail), value["id"]))], **reference}
        return reference
    if base == "enum" and isinstance(value, dict):
        ref_name = NAMES.get(rectype, {}).get(str(value.get("id")))
        return {**value, "refName": ref_name} if ref_name and "refName" not in value else value
    return value


def sublist_body(work: Work, owner: tuple[str, str, str], detail: str, value: Doc) -> Doc:
    """The body of `GET /{record}/{id}/{sublist}` (the owner), rows included."""
    return _sublist(work, owner, detail, value, expand=True)


def _sublist(work: Work, owner: tuple[str, str, str], detail: str, value: Doc, *, expand: bool) -> Doc:
    rectype, record_id, name = owner
    link: Doc = {"links": [_self(f"{work.link(rectype, record_id)}/{name}")]}
    if not expand:
        return link
    rows = [_nested(work, detail, row, rectype) for row in value.get("items", [])]
    return {
        **link,
        "count": len(rows),
        "hasMore": False,
        "offset": 0,
        "totalResults": len(rows),
        "items": rows,
    }


def collection(  # noqa: PLR0917 - one frame, one call per list
    url: str, query: str, total: int, page: tuple[int, int], items: list[Doc], method: str = "GET"
) -> Doc:
    """The frame of a list answer for a `page` (limit, offset): links, count, hasMore, items, offset, total."""
    limit, offset = page
    extra = f"{query}&" if query else ""

    def link(rel: str, start: int) -> dict[str, str]:
        return {"rel": rel, "href": f"{url}?{extra}limit={limit}&offset={start}"}

    links: list[dict[str, str]] = []
    more = offset + limit < total
    if total > limit or offset:
        last = max(0, (total - 1) // limit * limit)
        if offset:
            links.append(link("previous", offset - limit))
        links.append(link("first", 0))
        if more:
            links.append(link("next", offset + limit))
        links.append(link("last", last))
        links.append({**link("self", offset), "method": method})
    else:
        links.append({"rel": "self", "href": url, "method": method})
    return {
        "links": links, "count": len(items), "hasMore": more, "items": items,
        "offset": offset, "totalResults": total,
    }  # fmt: skip


def metadata(work: Work, names: list[str]) -> Doc:
    """JSON schemas of the record types named, custom fields included (form application/schema+json)."""
    known = {name.lower(): name for name in [*record_types(), *ITEM_TYPES.values()]}
    schemas: Doc = {}
    for name in names or [*TRANSACTIONS, "customer", "promotionCode"]:
        rectype = known.get(name.lower())
        if rectype is None:
            raise bad_parameter("select", f"Record type '{name}' does not exist.")
        schemas[rectype] = {"type": "object", "properties": _schema(work, rectype)}
    return {
        "openapi": "3.0.1",
        "info": {"title": "NetSuite REST Record API"},
        "components": {"schemas": schemas},
    }


def _schema(work: Work, name: str) -> Doc:
    plain = {"string": ("string", None), "number": ("number", "double"), "integer": ("integer", "int64"),
             "boolean": ("boolean", None), "date": ("string", "date"), "datetime": ("string", "date-time")}  # fmt: skip
    properties: Doc = {}
    for field, kind in shape(work, name).items():
        base, _, detail = kind.partition(":")
        if base in plain:
            kind_name, form = plain[base]
            entry: Doc = {"type": kind_name, "nullable": True, **({"format": form} if form else {})}
        elif base == "list":
            entry = {"type": "object", "properties": {"items": {
                "type": "array", "items": {"type": "object", "properties": _schema(work, detail)}}}}  # fmt: skip
        elif base == "sub":
            entry = {"type": "object", "properties": _schema(work, detail)}
        else:
            entry = {
                "type": "object",
                "properties": {"id": {"type": "string"}, "refName": {"type": "string"}},
            }
            if base == "enum" and detail:
                entry["properties"]["id"]["enum"] = detail.split("|")
        if field.startswith("cust") and "_" in field:
            entry["x-ns-custom-field"] = True
        properties[field] = {"title": field, **entry}
    return properties

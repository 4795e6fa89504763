"""Mutations that mark an object: metafieldsSet with compare-and-set, tagsAdd, tagsRemove.

Messages and codes are the recorded ones.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

from graphql import GraphQLError, GraphQLResolveInfo

from sandbox.shopify import errors
from sandbox.shopify.field_resolvers import app_namespace
from sandbox.shopify.linking import nodes
from sandbox.shopify.resolvers import context_of, kind_of, shop_of
from sandbox.shopify.scopes import OWNER_SCOPES, allowed
from sandbox.shopify.shop_state import ShopState, utc_now

Json = dict[str, Any]
Info = GraphQLResolveInfo

MAX_METAFIELDS = 25
_OWNER_TYPES = {"Order": "ORDER", "Customer": "CUSTOMER", "Shop": "SHOP", "Location": "LOCATION"}
_TYPE_CHECKS: dict[str, tuple[re.Pattern[str], str]] = {
    "single_line_text_field": (re.compile(r"[^\n\r]*"), "Value must be a single line text string."),
    "number_integer": (re.compile(r"-?\d+"), "Value must be an integer."),
    "boolean": (re.compile(r"true|false"), "Value must be true or false."),
    "date": (re.compile(r"\d{4}-\d\d-\d\d"), "Value must be in YYYY-MM-DD format."),
    "url": (
        re.compile(r"(https?|mailto|sms|tel):.+"),
        "Value must be one of the following URL schemes: http, https, mailto, sms, tel.",
    ),
}


def digest(kind: str, value: str) -> str:
    """The compare digest of a metafield: it changes with type and value."""
    return hashlib.sha256(f"{kind}\n{value}".encode()).hexdigest()


def save_owner(shop: ShopState, kind: str, owner: Json) -> None:
    """Store a changed owner; an order's change is announced like any other."""
    if kind == "Order":
        shop.save_order(owner)
        return
    if "updatedAt" in owner:
        owner["updatedAt"] = utc_now()
    shop.put(kind, owner)
    if kind == "Customer":
        shop.announce("customers/update", owner)


def require_owner_scope(info: Info, field: str, kind: str) -> None:
    """Raise ACCESS_DENIED when the token may not write objects of this kind."""
    wanted = OWNER_SCOPES.get(kind, ())
    if wanted and not allowed(context_of(info).scopes, wanted):
        raise errors.access_denied(field, wanted)


def _problem(index: int, code: str, message: str, field: str | None = None) -> Json:
    path = ["metafields", str(index)] + ([field] if field else [])
    return {"code": code, "field": path, "message": message, "elementIndex": index}


def _owner_id(info: Info, gid: str) -> str:
    return str(shop_of(info).shop["id"]) if kind_of(gid) == "Shop" else gid


def _check(index: int, given: Json, existing: Json | None) -> Json | None:  # noqa: PLR0911 - one return per rule
    """The user error of one input, or None."""
    if len(given["key"]) > 64:
        return _problem(index, "TOO_LONG", "Key is too long (maximum is 64 characters)", "key")
    if len(given["key"]) < 2:
        return _problem(index, "TOO_SHORT", "Key is too short (minimum is 2 characters)", "key")
    kind = given.get("type") or (existing or {}).get("type")
    if not kind:
        return _problem(index, "BLANK", "Type can't be blank", "type")
    if not given["value"]:
        return _problem(index, "INVALID_VALUE", "Value can't be blank.", "value")
    check = _TYPE_CHECKS.get(kind)
    if check is not None and not check[0].fullmatch(given["value"]):
        return _problem(index, "INVALID_VALUE", check[1], "value")
    if "compareDigest" in given:
        return _check_digest(index, given["compareDigest"], existing)
    return None


def _check_digest(index: int, wanted: str | None, existing: Json | None) -> Json | None:
    current = existing["compareDigest"] if existing else None
    if wanted == current:
        return None
    if wanted is not None and not re.fullmatch(r"[0-9a-f]{64}", wanted):
        return _problem(index, "INVALID_COMPARE_DIGEST", "Invalid `compareDigest` value.")
    message = (
        "The resource has been updated since it was loaded. Try again with an updated `compareDigest` value."
    )
    return _problem(index, "STALE_OBJECT", message)


def find_metafield(owner: Json, namespace: str, key: str) -> Json | None:
    """A stored metafield of an owner."""
    for row in nodes(owner.get("metafields")):
        if row["namespace"] == namespace and row["key"] == key:
            return row
    return None


def metafields_set(_: Any, info: Info, **args: Any) -> Json:
    """Set up to 25 metafields, all or none."""
    inputs: list[Json] = args["metafields"]
    if len(inputs) > MAX_METAFIELDS:
        message = "Exceeded the maximum metafields input limit of 25."
        over: Json = {
            "code": "LESS_THAN_OR_EQUAL_TO",
            "field": ["metafields"],
            "message": message,
            "elementIndex": None,
        }
        return {"metafields": [], "userErrors": [over]}
    shop = shop_of(info)
    with shop.documents.batch():
        owners: dict[str, Json] = {}
        problems: list[Json] = []
        for index, given in enumerate(inputs):
            gid = _owner_id(info, given["ownerId"])
            require_owner_scope(info, "metafieldsSet", kind_of(gid))
            owner = owners.get(gid) or shop.editable(gid)
            if owner is None or kind_of(gid) not in _OWNER_TYPES:
                problems.append(_problem(index, "INVALID_VALUE", "Owner does not exist.", "ownerId"))
                continue
            owners[gid] = owner
            existing = find_metafield(owner, app_namespace(given.get("namespace")), given["key"])
            problem = _check(index, given, existing)
            if problem is not None:
                problems.append(problem)
        if problems:
            return {"metafields": [], "userErrors": problems}
        written = [_write(shop, owners[_owner_id(info, given["ownerId"])], given) for given in inputs]
        for gid, owner in owners.items():
            save_owner(shop, kind_of(gid), owner)
    return {"metafields": written, "userErrors": []}


def _write(shop: ShopState, owner: Json, given: Json) -> Json:
    namespace = app_namespace(given.get("namespace"))
    row, now = find_metafield(owner, namespace, given["key"]), utc_now()
    if row is None:
        gid = shop.next_id("Metafield")
        row = {
            "id": gid,
            "legacyResourceId": gid.rsplit("/", 1)[-1],
            "namespace": namespace,
            "key": given["key"],
        }
        row |= {"createdAt": now, "ownerType": _OWNER_TYPES[kind_of(owner["id"])], "type": ""}
        owner.setdefault("metafields", []).append(row)
    kind = given.get("type") or row["type"]
    row |= {
        "type": kind,
        "value": given["value"],
        "updatedAt": now,
        "compareDigest": digest(kind, given["value"]),
    }
    row["jsonValue"] = _json_value(kind, given["value"])
    return dict(row)


def _json_value(kind: str, value: str) -> Any:
    if kind in ("json", "number_integer", "boolean") or kind.startswith("list."):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def _tagged(info: Info, field: str, gid: str) -> tuple[str, Json | None]:
    kind = kind_of(gid)
    if kind not in ("Order", "Customer"):
        raise GraphQLError(f"{kind} cannot be tagged.", extensions={"code": "BAD_REQUEST"})
    require_owner_scope(info, field, kind)
    return kind, shop_of(info).editable(gid)


def tags_add(_: Any, info: Info, **args: Any) -> Json:
    """Add tags to an order or customer; a tag that is there already (in any case) stays as it is."""
    shop = shop_of(info)
    with shop.documents.batch():
        kind, owner = _tagged(info, "tagsAdd", args["id"])
        if owner is None:
            return {"node": None, "userErrors": [{"field": ["id"], "message": f"{kind} does not exist"}]}
        tags = {tag.lower(): tag for tag in owner.get("tags") or []}
        for tag in args["tags"]:
            if tag.strip():
                tags.setdefault(tag.strip().lower(), tag.strip())
        owner["tags"] = sorted(tags.values(), key=str.lower)
        save_owner(shop, kind, owner)
    return {"node": {"__typename": kind, **(shop.get(args["id"]) or {})}, "userErrors": []}


def tags_remove(_: Any, info: Info, **args: Any) -> Json:
    """Remove tags, whatever their case."""
    shop = shop_of(info)
    with shop.documents.batch():
        kind, owner = _tagged(info, "tagsRemove", args["id"])
        if owner is None:
            return {"node": None, "userErrors": [{"field": ["id"], "message": f"{kind} does not exist"}]}
        gone = {tag.strip().lower() for tag in args["tags"]}
        owner["tags"] = [tag for tag in owner.get("tags") or [] if tag.lower() not in gone]
        save_owner(shop, kind, owner)
    return {"node": {"__typename": kind, **(shop.get(args["id"]) or {})}, "userErrors": []}


RESOLVERS = {"metafieldsSet": metafields_set, "tagsAdd": tags_add, "tagsRemove": tags_remove}

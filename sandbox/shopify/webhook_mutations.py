"""webhookSubscriptionCreate, -Update and -Delete, with the recorded user errors."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from graphql import GraphQLResolveInfo

from sandbox.shopify.resolvers import context_of, shop_of
from sandbox.shopify.shop_state import ShopState, utc_now
from sandbox.shopify.versions import served_version, supported_versions

Json = dict[str, Any]
Info = GraphQLResolveInfo

_NAME = re.compile(r"[A-Za-z0-9_-]+")


def _problem(message: str, *field: str) -> Json:
    return {"field": ["webhookSubscription", *field], "message": message}


def _check(shop: ShopState, topic: str, given: Json, own_id: str | None, loopback: bool) -> list[Json]:  # noqa: C901 - one branch per recorded refusal
    problems = []
    uri = given.get("uri")
    if not uri or not uri.strip():
        problems.append(_problem("Address can't be blank", "callbackUrl"))
    elif text := _bad_address(uri, loopback):
        problems.append(_problem(text, "callbackUrl"))
    name = given.get("name")
    if name is not None and not name:
        problems.append(_problem("Name is too short (minimum is 1 character)", "name"))
    elif name and not _NAME.fullmatch(name):
        text = "Name name field can only contain alphanumeric characters, underscores, and hyphens"
        problems.append(_problem(text, "name"))
    if given.get("format", "JSON") != "JSON":
        text = "Format 'xml' is invalid for this webhook topic. Allowed formats: json"
        problems.append(_problem(text, "format"))
    if given.get("filter") and ":" not in given["filter"]:
        text = (
            "The specified filter is invalid, please ensure you specify the field(s) you wish to filter on."
        )
        problems.append(_problem(text))
    for row in shop.documents.all(shop.name, "WebhookSubscription"):
        if row["id"] == own_id:
            continue
        if (row["topic"], row["uri"], row["filter"]) == (topic, uri, given.get("filter")):
            problems.append(_problem("Address for this topic has already been taken", "callbackUrl"))
        if name and row["name"] == name:
            problems.append(_problem("Name already exists, no duplicate allowed", "name"))
    return problems


def _bad_address(uri: str, loopback: bool) -> str | None:
    parts = urlsplit(uri)
    if parts.scheme == "http" and loopback and parts.hostname in ("127.0.0.1", "localhost", "::1"):
        return None
    if parts.scheme != "https":
        return (
            f"Address protocol {parts.scheme}:// is not supported" if parts.scheme else "Address is invalid"
        )
    host = parts.hostname or ""
    if host.endswith(("myshopify.com", "shopify.com")) or host in ("localhost", "127.0.0.1"):
        return (
            None
            if loopback and host in ("localhost", "127.0.0.1")
            else "Address cannot be a Shopify or an internal domain"
        )
    return None


def _apply(row: Json, given: Json) -> Json:
    for key in ("uri", "filter", "name"):
        if key in given:
            row[key] = given[key]
    for key in ("includeFields", "metafieldNamespaces"):
        if given.get(key) is not None:
            row[key] = list(given[key])
    if given.get("metafields") is not None:
        row["metafields"] = [
            {"key": each["key"], "namespace": each.get("namespace")} for each in given["metafields"]
        ]
    row["updatedAt"] = utc_now()
    return row


def create(_: Any, info: Info, **args: Any) -> Json:
    """Register a subscription; its payload version is that of the request's URL."""
    shop, context, given = shop_of(info), context_of(info), args["webhookSubscription"]
    problems = _check(shop, args["topic"], given, None, context.allow_loopback)
    if problems:
        return {"webhookSubscription": None, "userErrors": problems}
    gid, handle = shop.next_id("WebhookSubscription"), served_version(context.api_version)
    version = next(row for row in supported_versions() if row["handle"] == handle)
    row: Json = {
        "id": gid, "legacyResourceId": gid.rsplit("/", 1)[-1], "topic": args["topic"], "format": "JSON",
        "filter": None, "name": None, "includeFields": [], "metafieldNamespaces": [], "metafields": [],
        "apiVersion": version, "createdAt": utc_now(), "clientId": context.client_id,
    }  # fmt: skip
    shop.put("WebhookSubscription", _apply(row, given))
    return {"webhookSubscription": shop.get(gid), "userErrors": []}


def update(_: Any, info: Info, **args: Any) -> Json:
    """Change the fields given."""
    shop, given = shop_of(info), args["webhookSubscription"]
    row = shop.editable(args["id"])
    if row is None:
        problem = {"field": ["id"], "message": "Webhook subscription does not exist"}
        return {"webhookSubscription": None, "userErrors": [problem]}
    merged = {"uri": row["uri"], "filter": row["filter"], **given}
    problems = _check(shop, row["topic"], merged, row["id"], context_of(info).allow_loopback)
    if problems:
        return {"webhookSubscription": None, "userErrors": problems}
    shop.put("WebhookSubscription", _apply(row, given))
    return {"webhookSubscription": shop.get(args["id"]), "userErrors": []}


def delete(_: Any, info: Info, **args: Any) -> Json:
    """Remove a subscription."""
    shop = shop_of(info)
    if not shop.documents.delete(shop.name, "WebhookSubscription", args["id"]):
        problem = {"field": ["id"], "message": "Webhook subscription does not exist"}
        return {"deletedWebhookSubscriptionId": None, "userErrors": [problem]}
    return {"deletedWebhookSubscriptionId": args["id"], "userErrors": []}


RESOLVERS = {
    "webhookSubscriptionCreate": create,
    "webhookSubscriptionUpdate": update,
    "webhookSubscriptionDelete": delete,
}

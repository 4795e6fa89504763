"""The sandbox's own addresses under `/_sandbox/`: faults, figures, settings, deliveries, pouring in and deleting
orders."""

from __future__ import annotations

import json
from typing import Any

from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Request, Response

from sandbox.shopify.bulk_operations import change_settings
from sandbox.shopify.documents import number_of
from sandbox.shopify.generate import fill
from sandbox.shopify.load import LoadError, orders_in, pour
from sandbox.shopify.seeding import seed_demo, seed_stores
from sandbox.shopify.shop_state import ShopState, utc_now
from sandbox.shopify.stores import Stores

Json = dict[str, Any]


def answer(sandbox: Stores, request: Request, name: str, store: str | None = None) -> Response:  # noqa: PLR0911 - one answer per address
    """Answer one control address as JSON."""
    try:
        body = json.loads(request.get_data() or b"null")
    except ValueError as error:
        return _json({"error": f"The body is not JSON: {error}."}, 400)
    if name == "faults":
        status, found = sandbox.faults.serve(request.method, body)
        return _json(found, status)
    if name == "stats":
        return _json(sandbox.stats.as_json())
    if name == "reset" and request.method == "POST":
        return _json(_reset(sandbox, body or {}))
    if name == "settings" and request.method == "POST":
        return _json(_settings(sandbox, body or {}))
    if name == "deliveries":
        return _json({"deliveries": sandbox.deliveries.as_json()})
    if name == "stores":
        return _json(
            {"stores": [{"store": each, "domain": sandbox.shop(each).domain} for each in sandbox.stores()]}
        )
    if store is not None:
        return _of_store(sandbox, request, name, store, body)
    raise NotFound(f"The sandbox has no control address {name}.")


def _of_store(  # noqa: PLR0911 - one answer per address
    sandbox: Stores, request: Request, name: str, store: str, body: Any
) -> Response:
    shop = sandbox.shop(store)
    if name == "orders" and request.method == "POST":
        try:
            orders = orders_in(body)
            report = pour(shop, orders)
        except LoadError as error:
            return _json({"error": str(error)}, 400)
        return _json({"loaded": [order["name"] for order in report.orders], "completed": report.completed})
    if name == "generate" and request.method == "POST":
        given = body or {}
        count = fill(
            shop, int(given.get("count", 100)), int(given.get("seed", 1)), int(given.get("lines", 3))
        )
        return _json({"generated": count})
    if name == "bulk" and request.method == "POST":
        return _json(change_settings(shop, body or {}))
    if name == "orders" and request.method == "DELETE":
        gone = [shop.documents.delete(store, "Order", f"gid://shopify/Order/{each}") for each in body["ids"]]
        return _json({"deleted": sum(gone)})
    if name == "orders":
        rows = sorted(shop.documents.summaries(store, "Order").items(), key=lambda pair: pair[1]["id"])
        return _json({"orders": [{"gid": gid, **row} for gid, row in rows]})
    if request.method == "POST":
        found = _of_app(sandbox, shop, name, body or {})
        if found is not None:
            return _json(found)
    raise NotFound(f"The sandbox has no control address {name} of a store.")


def _of_app(sandbox: Stores, shop: ShopState, name: str, body: Json) -> Json | None:
    """What can be done to the store's app and its webhooks; None for another name."""
    if name == "scopes":
        before = sandbox.tokens.app(shop.name)["scopes"]
        sandbox.tokens.set_scopes(shop.name, list(body["scopes"]), body.get("token"))
        told = {
            "shop_id": shop.shop["id"],
            "previous": before,
            "current": body["scopes"],
            "updated_at": utc_now(),
        }
        sandbox.deliveries.send(shop, "app/scopes_update", told)
        return {"scopes": body["scopes"]}
    if name == "webhooks":
        return {"queued": sandbox.deliveries.send(shop, body["topic"], body["body"], body.get("uri", ""))}
    if name in ("uninstall", "install"):
        return _installed(sandbox, shop.name, name == "install")
    return None


def _installed(sandbox: Stores, store: str, yes: bool) -> Json:
    """Put the app in or take it out: without it no token counts, none is given, and its subscriptions are gone. That is
    the last they deliver."""
    shop = sandbox.shop(store)
    if not yes:
        told = {"id": number_of(shop.shop["id"]), "name": shop.shop["name"], "myshopify_domain": shop.domain}
        sandbox.deliveries.send(shop, "app/uninstalled", told)
        for gid in list(shop.documents.summaries(store, "WebhookSubscription")):
            shop.documents.delete(store, "WebhookSubscription", gid)
    sandbox.tokens.install(store, yes)
    return {"installed": yes}


def _reset(sandbox: Stores, body: Json) -> Json:
    """Clear faults and figures; with {"orders": "demo" | "none"} also start the stores anew."""
    sandbox.faults.clear()
    sandbox.stats.clear()
    sandbox.deliveries.clear()
    if body.get("orders"):
        sandbox.documents.clear()
        sandbox.forget_shops()
        seed_stores(sandbox)
        if body["orders"] == "demo":
            seed_demo(sandbox)
    return {"reset": True, "orders": body.get("orders", "kept")}


def _settings(sandbox: Stores, body: Json) -> Json:
    if "bucket" in body:
        maximum, restore_rate = body["bucket"]
        sandbox.set_bucket(int(maximum), int(restore_rate))
    if "allow_loopback_webhooks" in body:
        sandbox.allow_loopback_webhooks = bool(body["allow_loopback_webhooks"])
    if "webhook_copies" in body:
        sandbox.deliveries.copies = int(body["webhook_copies"])
    return {
        "allow_loopback_webhooks": sandbox.allow_loopback_webhooks,
        "webhook_copies": sandbox.deliveries.copies,
        "bucket": list(sandbox.bucket_size),
    }


def _json(body: Any, status: int = 200) -> Response:
    return Response(
        json.dumps(body, ensure_ascii=False), status=status, content_type="application/json; charset=utf-8"
    )

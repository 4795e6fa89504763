"""The resolvers of the query side; everything without one is read straight from the document."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from graphql import GraphQLError, GraphQLResolveInfo

from sandbox.shopify import errors, paging, summaries
from sandbox.shopify.documents import number_of
from sandbox.shopify.execution import Context
from sandbox.shopify.search import moment
from sandbox.shopify.shop_state import ShopState
from sandbox.shopify.versions import supported_versions

Json = dict[str, Any]
Info = GraphQLResolveInfo

_GID = re.compile(r"gid://shopify/(\w+)/([\w-]+)(\?.*)?")
_ORDER_WINDOW = timedelta(days=60)
_APP_KINDS = {
    "Order",
    "Customer",
    "Location",
    "Market",
    "Product",
    "ProductVariant",
    "WebhookSubscription",
    "OrderCancelJobResult",
}


def context_of(info: Info) -> Context:
    """The request's context."""
    return cast(Context, info.context)


def shop_of(info: Info) -> ShopState:
    """The store the request is for."""
    return cast(ShopState, context_of(info).shop)


def kind_of(gid: str) -> str:
    """The type named by a global id. GraphQLError when the text is no global id."""
    match = _GID.fullmatch(gid)
    if match is None:
        raise errors.invalid_id(gid)
    return match.group(1)


def _visible(context: Context, created_at: str) -> bool:
    if "read_all_orders" in context.scopes:
        return True
    return moment(created_at) >= datetime.now(UTC) - _ORDER_WINDOW


def read_object(info: Info, gid: str, expected: str | None = None) -> Json | None:
    """An object by id as the token may see it; None when there is none, or it is of another type."""
    kind = kind_of(gid)
    if expected is not None and kind != expected:
        return None
    shop = shop_of(info)
    found = shop.get(gid) if kind in _APP_KINDS else None
    if found is None:
        found = shop.find_child(gid) if kind != "Shop" else shop.shop
    if found is None:
        return None
    if kind == "Order" and not _visible(context_of(info), found["createdAt"]):
        return None
    return {**found, "__typename": kind}


def _order(_: Any, info: Info, **args: Any) -> Json | None:
    return read_object(info, args["id"], "Order")


def _order_by_identifier(_: Any, info: Info, identifier: Json) -> Json | None:
    if identifier.get("id"):
        return read_object(info, identifier["id"], "Order")
    raise GraphQLError("Metafield definition of type 'id' is required when using custom ids.")


def _node(_: Any, info: Info, **args: Any) -> Json | None:
    return read_object(info, args["id"])


def _nodes(_: Any, info: Info, ids: list[str]) -> list[Json | None]:
    if len(ids) > paging.MAX_PAGE:
        raise GraphQLError(
            f"The input array size of {len(ids)} is greater than the maximum allowed of {paging.MAX_PAGE}.",
            extensions={"code": "MAX_INPUT_SIZE_EXCEEDED"},
        )
    return [read_object(info, gid) for gid in ids]


def search_documents(info: Info, kind: str, args: Json) -> Json:
    """A page of orders or customers: filter, sort, window."""
    shop, context = shop_of(info), context_of(info)
    found = (
        summaries.order_search(args.get("query"))
        if kind == "Order"
        else summaries.customer_search(args.get("query"))
    )
    if found.warnings:
        context.warnings.append(
            {"path": [info.path.key], "query": args.get("query"), "warnings": found.warnings}
        )
    rows = shop.documents.summaries(shop.name, kind)
    keys: list[tuple[Any, str]] = []
    for value, gid in shop.sorted_keys(kind, args.get("sortKey") or "ID"):
        row = rows.get(gid)
        if (
            row is not None
            and found.matches(row)
            and (kind != "Order" or _visible(context, row["created_at"]))
        ):
            keys.append((value, gid))
    if args.get("reverse"):
        keys.reverse()
        cursors = [_Reversed((value, number_of(gid))) for value, gid in keys]
        return _reversed_page(cursors, keys, args, info.field_name, shop)
    return paging.connection(
        [[value, number_of(gid)] for value, gid in keys],
        args,
        info.field_name,
        lambda i: shop.get(keys[i][1]),
    )


class _Reversed(list[Any]):
    """A cursor key that sorts the other way round."""

    def __le__(self, other: Any) -> bool:
        return list(self) >= list(other)


def _reversed_page(
    cursors: list[_Reversed], keys: list[tuple[Any, str]], args: Json, field: str, shop: ShopState
) -> Json:
    return paging.connection(cursors, args, field, lambda i: shop.get(keys[i][1]), wrap=_Reversed)


def _orders(_: Any, info: Info, **args: Any) -> Json:
    return search_documents(info, "Order", args)


def _customers(_: Any, info: Info, **args: Any) -> Json:
    return search_documents(info, "Customer", args)


def _count(kind: str) -> Any:
    def resolve(_: Any, info: Info, query: str | None = None, limit: int | None = None) -> Json:
        shop, context = shop_of(info), context_of(info)
        found = summaries.order_search(query) if kind == "Order" else summaries.customer_search(query)
        count = sum(
            found.matches(row) and (kind != "Order" or _visible(context, row["created_at"]))
            for row in shop.documents.summaries(shop.name, kind).values()
        )
        if limit is not None and count > limit:
            return {"count": limit, "precision": "AT_LEAST"}
        return {"count": count, "precision": "EXACT"}

    return resolve


def _customer(_: Any, info: Info, **args: Any) -> Json | None:
    return read_object(info, args["id"], "Customer")


def _customer_by_identifier(_: Any, info: Info, identifier: Json) -> Json | None:
    given = {key: value for key, value in identifier.items() if value is not None}
    if len(given) != 1:
        raise GraphQLError(
            f"'CustomerIdentifierInput' requires exactly one argument, but {len(given)} were provided.",
            extensions={"code": "invalidOneOfInputObject"},
        )
    (key, value), shop = given.popitem(), shop_of(info)
    if key == "id":
        return read_object(info, value, "Customer")
    name = {"emailAddress": "email", "phoneNumber": "phone"}.get(key)
    if name is None:
        raise GraphQLError("Metafield definition of type 'id' is required when using custom ids.")
    for gid, row in sorted(shop.documents.summaries(shop.name, "Customer").items()):
        if (row.get(name) or "").lower() == str(value).lower():
            return shop.get(gid)
    return None


def _shop(_: Any, info: Info) -> Json:
    return shop_of(info).shop


def _location(_: Any, info: Info, **args: Any) -> Json | None:
    if args.get("id") is not None:
        return read_object(info, args["id"], "Location")
    return next(iter(shop_of(info).documents.all(shop_of(info).name, "Location")), None)


def _locations(_: Any, info: Info, **args: Any) -> Json:
    rows = shop_of(info).documents.all(shop_of(info).name, "Location")
    if not args.get("includeInactive"):
        rows = [row for row in rows if row["isActive"]]
    if args.get("sortKey") == "NAME":
        rows.sort(key=lambda row: row["name"])
    return paging.list_connection(rows, args, "locations")


def _installation(_: Any, info: Info) -> Json:
    context, shop = context_of(info), shop_of(info)
    granted = [
        {"handle": scope, "description": scope.replace("_", " ").capitalize()}
        for scope in sorted(context.scopes)
        if not (scope.startswith("read_") and "write_" + scope[5:] in context.scopes)
    ]
    app = {
        "id": "gid://shopify/App/5501", "title": "Integration Hub", "handle": "integration-hub",
        "apiKey": context.client_id, "embedded": False, "webhookApiVersion": context.api_version,
        "requestedAccessScopes": granted, "optionalAccessScopes": [],
    }  # fmt: skip
    return {
        "id": "gid://shopify/AppInstallation/6601",
        "launchUrl": f"https://{shop.domain}/admin/apps/{context.client_id}",
        "accessScopes": granted,
        "app": app,
    }


def _versions(_: Any, _info: Info) -> list[Json]:
    return supported_versions()


def _job(_: Any, info: Info, **args: Any) -> Json | None:
    result = shop_of(info).get(args["id"].replace("/Job/", "/OrderCancelJobResult/"))
    return None if result is None else {"id": args["id"], "done": result["done"]}


def _terms(_: Any, info: Info, **args: Any) -> list[Json]:
    rows = shop_of(info).documents.all(shop_of(info).name, "PaymentTermsTemplate")
    return [row for row in rows if args.get("paymentTermsType") in (None, row["paymentTermsType"])]


def _subscriptions(_: Any, info: Info, **args: Any) -> Json:
    rows = shop_of(info).documents.all(shop_of(info).name, "WebhookSubscription")
    wanted = [
        row
        for row in rows
        if (not args.get("topics") or row["topic"] in args["topics"])
        and args.get("uri") in (None, row["uri"])
        and args.get("format") in (None, row["format"])
    ]
    return paging.list_connection(wanted, args, "webhookSubscriptions")


def _subscription_count(_: Any, info: Info, **_args: Any) -> Json:
    return {
        "count": len(shop_of(info).documents.summaries(shop_of(info).name, "WebhookSubscription")),
        "precision": "EXACT",
    }


def _by_kind(kind: str) -> Any:
    def resolve(_: Any, info: Info, **args: Any) -> Json | None:
        return read_object(info, args["id"], kind)

    return resolve


ROOTS: dict[str, Any] = {
        "order": _order, "orderByIdentifier": _order_by_identifier, "orders": _orders, "ordersCount": _count("Order"),
        "node": _node, "nodes": _nodes, "customer": _customer, "customers": _customers,
        "customersCount": _count("Customer"), "customerByIdentifier": _customer_by_identifier, "shop": _shop,
        "location": _location, "locations": _locations, "currentAppInstallation": _installation,
        "publicApiVersions": _versions, "job": _job, "paymentTermsTemplates": _terms,
        "webhookSubscriptions": _subscriptions, "webhookSubscriptionsCount": _subscription_count,
        "webhookSubscription": _by_kind("WebhookSubscription"), "product": _by_kind("Product"),
        "productVariant": _by_kind("ProductVariant"),
    }  # fmt: skip
"""Resolvers of QueryRoot, by field."""

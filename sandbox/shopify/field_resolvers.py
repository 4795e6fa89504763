"""The resolvers of fields inside objects, and attaching all resolvers to a schema."""

from __future__ import annotations

from typing import Any

from graphql import GraphQLField, GraphQLObjectType, GraphQLResolveInfo, GraphQLSchema, get_named_type

from sandbox.shopify import markets, paging
from sandbox.shopify.documents import number_of
from sandbox.shopify.execution import is_list_of
from sandbox.shopify.linking import nodes
from sandbox.shopify.projection import PLAIN
from sandbox.shopify.resolvers import ROOTS, context_of, search_documents, shop_of

Json = dict[str, Any]
Info = GraphQLResolveInfo


def _stored_connection(source: Json, info: Info, **args: Any) -> Json | None:
    rows = source.get(info.field_name)
    if rows is None and get_named_type(info.return_type) is info.return_type:
        return None
    return paging.list_connection(nodes(rows), args, info.field_name)


def _shipping_lines(source: Json, _info: Info, **args: Any) -> Json:
    rows = [
        row
        for row in nodes(source.get("shippingLines"))
        if args.get("includeRemovals") or not row.get("isRemoved")
    ]
    return paging.list_connection(rows, args, "shippingLines")


def _shipping_line(source: Json, _info: Info) -> Json | None:
    return next((row for row in nodes(source.get("shippingLines")) if not row.get("isRemoved")), None)


def _first_rows(source: Json, info: Info, first: int | None = None, **_args: Any) -> Any:
    rows = source.get(info.field_name)
    return rows if first is None or rows is None else rows[:first]


def app_namespace(namespace: str | None) -> str:
    """A namespace with `$app` written out as the app's reserved one."""
    if namespace is None or namespace == "$app":
        return "app--5501"
    return "app--5501--" + namespace[5:] if namespace.startswith("$app:") else namespace


def _metafield(source: Json, _info: Info, key: str, namespace: str | None = None) -> Json | None:
    wanted = app_namespace(namespace)
    rows = nodes(source.get("metafields"))
    return next((row for row in rows if row["namespace"] == wanted and row["key"] == key), None)


def _metafields(source: Json, _info: Info, namespace: str | None = None, **args: Any) -> Json:
    rows = [
        row
        for row in nodes(source.get("metafields"))
        if namespace is None or row["namespace"] == app_namespace(namespace)
    ]
    keys = args.pop("keys", None)
    if keys:
        rows = [row for row in rows if f"{row['namespace']}.{row['key']}" in keys]
    return paging.list_connection(rows, args, "metafields")


def _back_to_order(source: Json, info: Info) -> Json | None:
    reference = source.get("order") or {}
    gid = reference.get("id")
    return shop_of(info).get(gid) if gid else None


def _order_customer(source: Json, info: Info) -> Json | None:
    reference = source.get("customer")
    if not reference:
        return None
    return shop_of(info).get(reference["id"]) or reference


def _fulfillments_count(source: Json, _info: Info) -> Json:
    return {"count": len(source.get("fulfillments") or ()), "precision": "EXACT"}


def _transactions_count(source: Json, _info: Info) -> Json:
    return {"count": len(source.get("transactions") or ()), "precision": "EXACT"}


def _orders_of_customer(source: Json, info: Info, **args: Any) -> Json:
    mine = f"customer_id:{number_of(source['id'])}"
    query = f"({args['query']}) AND {mine}" if args.get("query") else mine
    return search_documents(info, "Order", {**args, "query": query})


def _last_order(source: Json, info: Info) -> Json | None:
    page = _orders_of_customer(source, info, first=1, reverse=True, sortKey="CREATED_AT")
    return page["nodes"][0] if page["nodes"] else None


def _status_page_url(source: Json, _info: Info, **_args: Any) -> Any:
    return source.get("statusPageUrl")


def _children_with_order(source: Json, info: Info, first: int | None = None, **_args: Any) -> list[Json]:
    rows = source.get(info.field_name) or []
    return [{**row, "order": {"id": source["id"]}} for row in rows[:first]]


def _agreements(source: Json, _info: Info, **args: Any) -> Json:
    rows = [{**row, "order": {"id": source["id"]}} for row in nodes(source.get("agreements"))]
    return paging.list_connection(rows, args, "agreements")


def _all_lines(order: Json) -> Json:
    """The lines of a fulfillment order that says nothing of its own, when it is the only one: everything that ships."""
    if len(nodes(order.get("fulfillmentOrders"))) != 1:
        return {"nodes": []}
    shipped = [
        line for line in nodes(order["lineItems"]) if line["requiresShipping"] and line["currentQuantity"]
    ]
    rows = [
        {
            "id": f"gid://shopify/FulfillmentOrderLineItem/{number_of(line['id'])}",
            "lineItem": line, "totalQuantity": line["currentQuantity"],
            "remainingQuantity": line["unfulfilledQuantity"],
        }
        for line in shipped
    ]  # fmt: skip
    return {"nodes": rows}


def _fulfillment_orders(source: Json, info: Info, *, displayable: bool = False, **args: Any) -> Json:
    """The scope for the shop's own locations shows those of them all (the sandbox has no others); one that was moved or
    combined away is hidden where only the displayable ones are asked for."""
    seen = "read_merchant_managed_fulfillment_orders" in context_of(info).scopes
    rows = [
        {"lineItems": _all_lines(source), **row, "order": {"id": source["id"]}}
        for row in (nodes(source.get("fulfillmentOrders")) if seen else ())
        if not (displayable and row.get("_hidden"))
    ]
    return paging.list_connection(rows, args, "fulfillmentOrders")


def _discounted_total(source: Json, _info: Info, **args: Any) -> Any:
    key = "discountedTotalWithCodesSet" if args.get("withCodeDiscounts") else "discountedTotalSet"
    return source.get(key)


def _sold_shipping_line(source: Json, _info: Info) -> Json | None:
    """A sale that takes shipping back does not name its line, as the published schema says."""
    return None if source["actionType"] == "RETURN" else source.get("shippingLine")


_RESOLVERS: dict[str, dict[str, Any]] = {
    "Order": {
        "shippingLines": _shipping_lines, "shippingLine": _shipping_line, "customer": _order_customer,
        "fulfillmentsCount": _fulfillments_count, "transactionsCount": _transactions_count,
        "statusPageUrl": _status_page_url, "transactions": _children_with_order, "refunds": _children_with_order,
        "fulfillments": _children_with_order, "agreements": _agreements,
        "fulfillmentOrders": _fulfillment_orders,
    },
    "Customer": {"orders": _orders_of_customer, "lastOrder": _last_order},
    "OrderCancelJobResult": {"order": _back_to_order},
    "LineItem": {"discountedTotalSet": _discounted_total},
    "ShippingLineSale": {"shippingLine": _sold_shipping_line},
}  # fmt: skip


def _by_shape(name: str, definition: GraphQLField) -> None:
    returned = get_named_type(definition.type).name
    if name == "metafield":
        definition.resolve = _metafield
    elif name == "metafields" and returned == "MetafieldConnection":
        definition.resolve = _metafields
    elif returned.endswith("Connection"):
        definition.resolve = _stored_connection
    elif returned == "Order" and name == "order":
        definition.resolve = _back_to_order
    elif "first" in definition.args and is_list_of(definition.type):
        definition.resolve = _first_rows
        definition.extensions = {PLAIN: True}


def attach(schema: GraphQLSchema) -> None:
    """Give every field that needs one its resolver: roots by name, paging and metafields by shape."""
    for kind in schema.type_map.values():
        if not isinstance(kind, GraphQLObjectType) or kind.name.startswith("__") or kind.name == "Mutation":
            continue
        by_name = ROOTS | markets.ROOTS if kind.name == "QueryRoot" else _RESOLVERS.get(kind.name, {})
        for name, definition in kind.fields.items():
            if name in by_name:
                definition.resolve = by_name[name]
                definition.extensions = {PLAIN: True} if name == "discountedTotalSet" else {}
            else:
                _by_shape(name, definition)

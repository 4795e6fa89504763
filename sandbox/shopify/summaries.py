"""What is kept in memory of each order and customer for searching, counting and sorting."""

from __future__ import annotations

from typing import Any

from graphql import GraphQLError

from sandbox.shopify import search
from sandbox.shopify.documents import number_of
from sandbox.shopify.linking import nodes

Json = dict[str, Any]


def order_summary(order: Json) -> Json:
    """The searchable part of an order."""
    lines = nodes(order.get("lineItems"))
    customer = order.get("customer") or {}
    children = [
        row["id"]
        for key in ("refunds", "transactions", "fulfillments", "returns")
        for row in nodes(order.get(key))
    ]
    return {
        "id": number_of(order["id"]),
        "name": order["name"],
        "created_at": order["createdAt"],
        "updated_at": order["updatedAt"],
        "processed_at": order["processedAt"],
        "closed": bool(order.get("closed")),
        "cancelled": bool(order.get("cancelledAt")),
        "test": bool(order.get("test")),
        "financial_status": order.get("displayFinancialStatus"),
        "fulfillment_status": order.get("displayFulfillmentStatus"),
        "return_status": order.get("returnStatus"),
        "tag": order.get("tags") or [],
        "po_number": order.get("poNumber"),
        "source_identifier": order.get("sourceIdentifier"),
        "source_name": order.get("sourceName"),
        "confirmation_number": order.get("confirmationNumber"),
        "email": order.get("email"),
        "gateway": order.get("paymentGatewayNames") or [],
        "customer_id": number_of(customer.get("id", "")),
        "sku": sorted({line["sku"] for line in lines if line.get("sku")}),
        "discount_code": order.get("discountCodes") or [],
        "children": children,
    }


def customer_summary(customer: Json) -> Json:
    """The searchable part of a customer."""
    return {
        "id": number_of(customer["id"]),
        "created_at": customer["createdAt"],
        "updated_at": customer["updatedAt"],
        "email": (customer.get("defaultEmailAddress") or {}).get("emailAddress"),
        "phone": (customer.get("defaultPhoneNumber") or {}).get("phoneNumber"),
        "first_name": customer.get("firstName"),
        "last_name": customer.get("lastName"),
        "tag": customer.get("tags") or [],
        "state": customer.get("state"),
    }


def _name(row: Json, _operator: str, value: str) -> bool:
    return bool(row["name"].lstrip("#").lower() == value.lstrip("#").lower())


def _status(row: Json, _operator: str, value: str) -> bool:
    found = {
        "open": not row["closed"] and not row["cancelled"],
        "closed": row["closed"] and not row["cancelled"],
        "cancelled": row["cancelled"],
        "not_closed": not row["closed"],
    }.get(value.lower(), True)
    return bool(found)


def _test(row: Json, _operator: str, value: str) -> bool:
    return bool(row["test"] == (value.lower() == "true"))


_FULFILLMENT = {
    "shipped": {"FULFILLED"},
    "partial": {"PARTIALLY_FULFILLED"},
    "unshipped": {"UNFULFILLED"},
    "unfulfilled": {"UNFULFILLED", "PARTIALLY_FULFILLED"},
}


def _fulfillment(row: Json, _operator: str, value: str) -> bool:
    wanted = _FULFILLMENT.get(value.lower(), {value.upper()})
    return str(row["fulfillment_status"]) in wanted


def _tag_not(row: Json, operator: str, value: str) -> bool:
    return not search.text_field("tag")(row, operator, value)


def _order_text(row: Json, operator: str, value: str) -> bool:
    return _name(row, operator, value) or search.text_field("email")(row, operator, value)


def _customer_text(row: Json, operator: str, value: str) -> bool:
    return any(search.text_field(name)(row, operator, value) for name in ("email", "first_name", "last_name"))


ORDER_FIELDS: dict[str, search.FieldTest] = {
    **{name: search.time_field(name) for name in ("created_at", "updated_at", "processed_at")},
    **{name: search.number_field(name) for name in ("id", "customer_id")},
    **{
        name: search.text_field(name)
        for name in [
            "confirmation_number",
            "discount_code",
            "email",
            "financial_status",
            "gateway",
            "po_number",
            "return_status",
            "sku",
            "source_identifier",
            "source_name",
            "tag",
        ]
    },
    "name": _name,
    "status": _status,
    "test": _test,
    "fulfillment_status": _fulfillment,
    "tag_not": _tag_not,
}

CUSTOMER_FIELDS: dict[str, search.FieldTest] = {
    **{name: search.time_field(name) for name in ("created_at", "updated_at")},
    "id": search.number_field("id"),
    **{
        name: search.text_field(name)
        for name in ("email", "phone", "first_name", "last_name", "tag", "state")
    },
}

_ORDER_SORTS = {
    "CREATED_AT": "created_at",
    "UPDATED_AT": "updated_at",
    "PROCESSED_AT": "processed_at",
    "ORDER_NUMBER": "id",
    "ID": "id",
    "RELEVANCE": "id",
    "FINANCIAL_STATUS": "financial_status",
    "FULFILLMENT_STATUS": "fulfillment_status",
    "PO_NUMBER": "po_number",
}
_CUSTOMER_SORTS = {"CREATED_AT": "created_at", "UPDATED_AT": "updated_at", "ID": "id", "RELEVANCE": "id"}


def order_search(query: str | None) -> search.Search:
    """Parse a search over orders."""
    return search.parse(query, ORDER_FIELDS, _order_text)


def customer_search(query: str | None) -> search.Search:
    """Parse a search over customers."""
    return search.parse(query, CUSTOMER_FIELDS, _customer_text)


def sort_field(kind: str, sort_key: str) -> str:
    """The summary field behind a sort key; GraphQLError for one the sandbox does not sort by."""
    found = (_ORDER_SORTS if kind == "Order" else _CUSTOMER_SORTS).get(sort_key)
    if found is None:
        raise GraphQLError(f"The sandbox does not sort by {sort_key}.", extensions={"code": "BAD_REQUEST"})
    return found

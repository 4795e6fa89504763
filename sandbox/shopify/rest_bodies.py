"""Webhook bodies: the REST shape (snake_case, numbers as ids, fixed decimals) of a GraphQL document."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sandbox.shopify.documents import number_of
from sandbox.shopify.linking import nodes
from sandbox.shopify.money import Bag, exponent, read_bag, total

Json = dict[str, Any]


def fixed(amount: str | Decimal, currency: str) -> str:
    """An amount at the currency's scale: "404.95", "0.00"; "1200" for yen."""
    return str(Decimal(amount).quantize(Decimal(1).scaleb(-exponent(currency))))


def money_set(value: Json | None) -> Json | None:
    """A *_set object."""
    if value is None:
        return None

    def side(part: Json) -> Json:
        return {"amount": fixed(part["amount"], part["currencyCode"]), "currency_code": part["currencyCode"]}

    return {"shop_money": side(value["shopMoney"]), "presentment_money": side(value["presentmentMoney"])}


def price(value: Json | None) -> str:
    """The shop amount of a money bag, at its currency's scale."""
    return (
        "0.00" if value is None else fixed(value["shopMoney"]["amount"], value["shopMoney"]["currencyCode"])
    )


def _id(row: Json | None) -> int | None:
    return number_of(row["id"]) if row and row.get("id") else None


def _address(row: Json | None) -> Json | None:
    if row is None:
        return None
    keys = {
        "first_name": "firstName", "last_name": "lastName", "name": "name", "company": "company",
        "address1": "address1", "address2": "address2", "city": "city", "province": "province",
        "province_code": "provinceCode", "zip": "zip", "country": "country", "country_code": "countryCodeV2",
        "phone": "phone",
    }  # fmt: skip
    return {key: row.get(name) for key, name in keys.items()}


def _taxes(rows: list[Json]) -> list[Json]:
    return [
        {
            "title": row["title"], "rate": row.get("rate"), "price": price(row["priceSet"]),
            "price_set": money_set(row["priceSet"]), "channel_liable": row.get("channelLiable"),
        }
        for row in rows
    ]  # fmt: skip


def _allocations(rows: list[Json]) -> list[Json]:
    return [
        {
            "amount": price(row["allocatedAmountSet"]),
            "amount_set": money_set(row["allocatedAmountSet"]),
            "discount_application_index": row["discountApplication"]["index"],
        }
        for row in rows
    ]


def _sum_of(rows: list[Json]) -> Bag:
    return total(read_bag(row["allocatedAmountSet"]) for row in rows)


def line_body(line: Json) -> Json:
    """A line item."""
    return {
        "id": _id(line), "admin_graphql_api_id": line["id"], "name": line["name"], "title": line["title"],
        "variant_title": line.get("variantTitle"), "sku": line.get("sku"), "vendor": line.get("vendor"),
        "quantity": line["quantity"], "current_quantity": line["currentQuantity"],
        "fulfillable_quantity": line.get("unfulfilledQuantity", 0), "gift_card": line["isGiftCard"],
        "taxable": line["taxable"], "requires_shipping": line["requiresShipping"],
        "price": price(line["originalUnitPriceSet"]), "price_set": money_set(line["originalUnitPriceSet"]),
        "product_id": _id(line.get("product")), "variant_id": _id(line.get("variant")),
        "product_exists": line.get("product") is not None,
        "properties": [{"name": row["key"], "value": row["value"]} for row in line["customAttributes"]],
        "tax_lines": _taxes(line["taxLines"]), "discount_allocations": _allocations(line["discountAllocations"]),
        "total_discount_set": money_set(line.get("totalDiscountSet")), "duties": [],
        "sales_line_item_group_id": None,
    }  # fmt: skip


def shipping_body(line: Json) -> Json:
    """A shipping line."""
    return {
        "id": _id(line), "title": line["title"], "code": line.get("code"), "source": line.get("source"),
        "price": price(line["originalPriceSet"]), "price_set": money_set(line["originalPriceSet"]),
        "discounted_price_set": money_set(line.get("discountedPriceSet")),
        "current_discounted_price_set": money_set(line.get("currentDiscountedPriceSet")),
        "is_removed": line.get("isRemoved", False), "tax_lines": _taxes(line["taxLines"]),
        "discount_allocations": _allocations(line["discountAllocations"]),
    }  # fmt: skip


def refund_body(order: Json, refund: Json) -> Json:
    """A refund, as `refunds/create` sends it."""
    lines = [
        {
            "id": _id(row), "quantity": row["quantity"], "line_item_id": _id(row["lineItem"]),
            "restock_type": str(row["restockType"]).lower(), "location_id": _id(row.get("location")),
            "subtotal": price(row["subtotalSet"]), "subtotal_set": money_set(row["subtotalSet"]),
            "total_tax": price(row["totalTaxSet"]), "total_tax_set": money_set(row["totalTaxSet"]),
        }
        for row in nodes(refund["refundLineItems"])
    ]  # fmt: skip
    return {
        "id": _id(refund), "admin_graphql_api_id": refund["id"], "order_id": _id(order), "note": refund.get("note"),
        "created_at": refund["createdAt"], "processed_at": refund["processedAt"], "refund_line_items": lines,
        "transactions": [{"id": _id(row)} for row in nodes(refund["transactions"])], "order_adjustments": [
            {"id": _id(row), "amount_set": money_set(row["amountSet"]), "kind": "refund_discrepancy"}
            for row in nodes(refund["orderAdjustments"])],
        "return": None,
    }  # fmt: skip


_SETS = [
    "subtotalPriceSet",
    "totalDiscountsSet",
    "totalTaxSet",
    "totalPriceSet",
    "currentSubtotalPriceSet",
    "currentTotalDiscountsSet",
    "currentTotalTaxSet",
    "currentTotalPriceSet",
]
_ONLY_SETS = [
    "totalShippingPriceSet",
    "currentShippingPriceSet",
    "originalTotalDutiesSet",
    "currentTotalDutiesSet",
    "originalTotalAdditionalFeesSet",
    "currentTotalAdditionalFeesSet",
]


def _snake(name: str) -> str:
    return "".join("_" + char.lower() if char.isupper() else char for char in name)


def order_body(order: Json) -> Json:
    """An order, as orders/* topics send it."""
    body: Json = {
        "id": _id(order), "admin_graphql_api_id": order["id"], "name": order["name"], "number": order["number"],
        "order_number": order["number"], "confirmation_number": order.get("confirmationNumber"),
        "created_at": order["createdAt"], "updated_at": order["updatedAt"], "processed_at": order["processedAt"],
        "closed_at": order.get("closedAt"), "cancelled_at": order.get("cancelledAt"),
        "cancel_reason": str(order["cancelReason"]).lower() if order.get("cancelReason") else None,
        "currency": order["currencyCode"], "presentment_currency": order["presentmentCurrencyCode"],
        "email": order.get("email"), "phone": order.get("phone"), "note": order.get("note"),
        "tags": ", ".join(order.get("tags") or ()), "test": order["test"], "confirmed": order["confirmed"],
        "taxes_included": order["taxesIncluded"], "tax_exempt": order["taxExempt"],
        "po_number": order.get("poNumber"), "source_name": order.get("sourceName"),
        "source_identifier": order.get("sourceIdentifier"),
        "financial_status": str(order["displayFinancialStatus"] or "pending").lower(),
        "fulfillment_status": {"FULFILLED": "fulfilled", "PARTIALLY_FULFILLED": "partial"}.get(
            order["displayFulfillmentStatus"]),
        "payment_gateway_names": order["paymentGatewayNames"], "location_id": _id(order.get("retailLocation")),
        "note_attributes": [{"name": row["key"], "value": row["value"]} for row in order["customAttributes"]],
        "customer": {"id": _id(order["customer"]), "admin_graphql_api_id": order["customer"]["id"]}
        if order.get("customer") else None,
        "billing_address": _address(order.get("billingAddress")),
        "shipping_address": _address(order.get("shippingAddress")),
        "discount_codes": [{"code": code, "amount": "0.00", "type": "percentage"} for code in order["discountCodes"]],
        "line_items": [line_body(line) for line in nodes(order["lineItems"])],
        "shipping_lines": [shipping_body(line) for line in nodes(order["shippingLines"])],
        "tax_lines": _taxes(order["taxLines"]),
        "refunds": [refund_body(order, row) for row in order["refunds"]],
        "total_tip_received": price(order["totalTipReceivedSet"]),
        "total_outstanding": price(order["totalOutstandingSet"]),
        "total_cash_rounding_payment_adjustment_set": money_set(order["totalCashRoundingAdjustment"]["paymentSet"]),
    }  # fmt: skip
    _code_amounts(order, body)
    for name in _SETS:
        body[_snake(name)] = money_set(order[name])
        body[_snake(name).removesuffix("_set")] = price(order[name])
    for name in _ONLY_SETS:
        body[_snake(name)] = money_set(order[name])
    return body


def _code_amounts(order: Json, body: Json) -> None:
    rows = [*nodes(order["lineItems"]), *nodes(order["shippingLines"])]
    for application in nodes(order["discountApplications"]):
        for code in body["discount_codes"]:
            if code["code"] == application.get("code"):
                chosen = [
                    each
                    for row in rows
                    for each in row["discountAllocations"]
                    if each["discountApplication"]["index"] == application["index"]
                ]
                code["amount"] = fixed(_sum_of(chosen).shop, order["currencyCode"])
                shipping = application["targetType"] == "SHIPPING_LINE"
                percent = application["value"]["__typename"] == "PricingPercentageValue"
                code["type"] = "shipping" if shipping else "percentage" if percent else "fixed_amount"


def _child(row: Json) -> Json:
    return {"id": _id(row), "admin_graphql_api_id": row["id"]}


def webhook_body(topic: str, document: Json, subscription: Json) -> Json:
    """The body of one delivery; `includeFields` of the subscription keeps only those keys."""
    body: Json
    if topic == "orders/edited":
        edits = [row for row in nodes(document["agreements"]) if row["__typename"] == "OrderEditAgreement"]
        body = {"order_edit": {"id": _id(edits[-1]) if edits else None, "order_id": _id(document)}}
    elif topic.startswith("orders/"):
        body = order_body(document)
    elif topic == "fulfillments/create":
        body = {**_child(document["fulfillments"][-1]), "order_id": _id(document), "status": "success"}
    elif topic == "order_transactions/create":
        body = {**_child(document["transactions"][-1]), "order_id": _id(document), "status": "success"}
    elif topic == "refunds/create":
        body = refund_body(document, document["refunds"][-1])
    else:
        body = {
            "id": _id(document),
            "admin_graphql_api_id": document["id"],
            "updated_at": document.get("updatedAt"),
        }
    wanted = subscription.get("includeFields")
    return {key: value for key, value in body.items() if key in wanted} if wanted else body

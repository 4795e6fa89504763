"""A raw order in the Admin GraphQL shape: #1001 of the accounting page, to the cent.

2 × TEE 25.00, 1 × MUG 15.00, code SAVE10 −6.50, shipping 5.95 untaxed, tax 3.71 + 1.11 = 4.82, total 69.27.
"""

from __future__ import annotations

from typing import Any

PLACED = "2026-11-20T12:00:00Z"


def usd(amount: str) -> dict[str, Any]:
    """A MoneyBag in dollars."""
    money = {"amount": amount, "currencyCode": "USD"}
    return {"shopMoney": money, "presentmentMoney": money}


def gid(kind: str, number: int | str) -> str:
    """A global id."""
    return f"gid://shopify/{kind}/{number}"


def _line(number: int, title: str, quantity: int, amounts: str) -> dict[str, Any]:
    price, discount, tax = amounts.split()
    return {
        "id": gid("LineItem", number), "title": title, "variantTitle": None, "sku": f"{title}-1", "quantity": quantity,
        "currentQuantity": quantity, "unfulfilledQuantity": quantity, "originalUnitPriceSet": usd(price),
        "isGiftCard": False, "taxable": True, "requiresShipping": True, "customAttributes": [],
        "discountAllocations": [{"allocatedAmountSet": usd(discount), "discountApplication": {"index": 0}}],
        "taxLines": [{"title": "NY State Tax", "rate": 0.0825, "priceSet": usd(tax), "channelLiable": False}],
        "duties": [],
    }  # fmt: skip


def _sale(
    number: int, kind: str, about: dict[str, Any], quantity: int | None, amounts: str
) -> dict[str, Any]:
    total, tax, discount = amounts.split()
    tax_line = {"title": "NY State Tax", "rate": 0.0825, "channelLiable": False}
    taxes = [] if tax == "0.00" else [{"amount": usd(tax), "taxLine": tax_line}]
    return {
        "id": gid("Sale", number), "actionType": "ORDER", "lineType": kind, "quantity": quantity,
        "totalAmount": usd(total), "totalTaxAmount": usd(tax), "totalDiscountAmountBeforeTaxes": usd(discount),
        "totalDiscountAmountAfterTaxes": usd("0.00"), "taxes": taxes, **about,
    }  # fmt: skip


def _address(first: str, last: str) -> dict[str, Any]:
    return {
        "firstName": first, "lastName": last, "company": None, "address1": "1 Main St", "address2": None,
        "city": "Albany", "provinceCode": "NY", "province": "New York", "zip": "12207", "countryCodeV2": "US",
        "phone": None,
    }  # fmt: skip


def raw_order(*, name: str = "#1001", source_id: str = "5000000001001", **changes: Any) -> dict[str, Any]:
    """The order, with some of its fields replaced."""
    totals = {
        "originalTotalPriceSet": "69.27", "totalPriceSet": "69.27", "totalTaxSet": "4.82",
        "totalShippingPriceSet": "5.95", "totalDiscountsSet": "6.50", "totalTipReceivedSet": "0.00",
        "currentTotalPriceSet": "69.27",
        "currentSubtotalPriceSet": "58.50", "currentTotalTaxSet": "4.82", "currentShippingPriceSet": "5.95",
        "currentTotalDiscountsSet": "6.50", "totalReceivedSet": "69.27", "totalRefundedSet": "0.00",
        "totalOutstandingSet": "0.00",
    }  # fmt: skip
    sales = [
        _sale(1, "PRODUCT", {"lineItem": {"id": gid("LineItem", 1)}}, 2, "48.71 3.71 5.00"),
        _sale(2, "PRODUCT", {"lineItem": {"id": gid("LineItem", 2)}}, 1, "14.61 1.11 1.50"),
        _sale(3, "SHIPPING", {"shippingLine": {"id": gid("ShippingLine", 3)}}, None, "5.95 0.00 0.00"),
    ]
    order = {
        "id": gid("Order", source_id), "name": name, "number": 1001, "createdAt": PLACED, "processedAt": PLACED,
        "updatedAt": PLACED, "currencyCode": "USD", "presentmentCurrencyCode": "USD", "email": "ada@example.com",
        "note": "", "tags": ["vip"], "test": False, "confirmed": True, "edited": False, "taxesIncluded": False,
        "taxExempt": False, "requiresShipping": True, "displayFinancialStatus": "PAID",
        "displayFulfillmentStatus": "UNFULFILLED", "paymentGatewayNames": ["shopify_payments"], "sourceName": "web",
        "customAttributes": [{"key": "gift", "value": "yes"}], "risk": {"recommendation": "ACCEPT", "assessments": []},
        "customer": {"id": gid("Customer", 7), "firstName": "Ada", "lastName": "Lovelace",
                     "displayName": "Ada Lovelace", "tags": []},
        "billingAddress": _address("Ada", "Lovelace"), "shippingAddress": _address("Ada", "Lovelace"),
        "discountApplications": {"nodes": [{"__typename": "DiscountCodeApplication", "index": 0, "code": "SAVE10",
                                            "targetType": "LINE_ITEM", "allocationMethod": "ACROSS"}]},
        "lineItems": {"nodes": [
            _line(1, "TEE", 2, "25.00 5.00 3.71"), _line(2, "MUG", 1, "15.00 1.50 1.11"),
        ]},
        "shippingLines": {"nodes": [{
            "id": gid("ShippingLine", 3), "title": "Standard", "code": "STD", "source": "shopify",
            "originalPriceSet": usd("5.95"), "discountedPriceSet": usd("5.95"), "isRemoved": False,
            "discountAllocations": [], "taxLines": [],
        }]},
        "additionalFees": [], "refunds": [],
        "agreements": {"nodes": [{"id": gid("SalesAgreement", 1), "reason": "ORDER", "happenedAt": PLACED,
                                  "sales": {"nodes": sales}}]},
        "transactions": [{
            "id": gid("OrderTransaction", 9), "kind": "SALE", "status": "SUCCESS", "gateway": "shopify_payments",
            "formattedGateway": "Shopify Payments", "amountSet": usd("69.27"), "processedAt": PLACED,
            "manualPaymentGateway": False, "test": False, "errorCode": None, "paymentDetails": {"company": "Visa"},
        }],
        **{key: usd(amount) for key, amount in totals.items()},
    }  # fmt: skip
    return {**order, **changes}

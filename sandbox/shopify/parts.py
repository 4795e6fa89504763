"""The parts an order is built from, each from a compact specification, in the Admin GraphQL shape."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from sandbox.shopify.catalog import CATALOG, GATEWAYS, LOCATIONS, SHIPPING, product_ids
from sandbox.shopify.ledger import new_id
from sandbox.shopify.money import ZERO, currencies_of, given, money, money_bag

Json = dict[str, Any]


class SpecError(ValueError):
    """A specification that cannot be built; the message names the order and the part."""


def tax_lines(order: Json, spec: Json) -> list[Json]:
    """The tax lines of a line, shipping line, duty or fee: amounts given in the order of the
    order's taxes, null where a tax does not apply."""
    rows = []
    for tax, amount in zip(order["_taxes"], spec.get("tax") or (), strict=False):
        if amount is None:
            continue
        rate = Decimal(str(tax["rate"]))
        row = {
            "title": tax["title"],
            "rate": float(rate),
            "ratePercentage": float(rate * 100),
            "channelLiable": tax.get("channel_liable", False),
            "source": tax.get("source", "shopify"),
            "priceSet": money_bag(given(amount), currencies_of(order)),
        }
        rows.append(row)
    return rows


def allocations(order: Json, spec: Json) -> list[Json]:
    """Discount allocations: `disc` of the specification maps a code or title to the amount allocated."""
    applications = {
        row.get("code") or row.get("title"): row for row in order["discountApplications"]["nodes"]
    }
    rows = []
    for name, amount in (spec.get("disc") or {}).items():
        application = applications.get(name)
        if application is None:
            raise SpecError(
                f"Order {order['name']}: discount {name} is allocated but not among the discounts."
            )
        keys = ("__typename", "index", "targetType", "targetSelection", "allocationMethod")
        short = {key: application[key] for key in keys}
        rows.append(
            {
                "allocatedAmountSet": money_bag(given(amount), currencies_of(order)),
                "discountApplication": short,
            }
        )
    return rows


def discount_application(order: Json, index: int, spec: Json) -> Json:
    """A discount: by `code`, or `automatic`, by `script` or manual with a `title`; `percent` or `amount`; `on` line,
    lines, or shipping."""
    on = spec.get("on", "order")
    if "percent" in spec:
        value: Json = {"__typename": "PricingPercentageValue", "percentage": float(spec["percent"])}
    else:
        amount = given(spec["amount"]).presentment
        value = {"__typename": "MoneyV2", **money(amount, currencies_of(order).presentment)}
    row: Json = {
        "index": index,
        "targetType": "SHIPPING_LINE" if on == "shipping" else "LINE_ITEM",
        "targetSelection": {"order": "ALL", "shipping": "ALL", "lines": "ENTITLED", "line": "EXPLICIT"}[on],
        "allocationMethod": "EACH" if on in ("shipping", "lines") else "ACROSS",
        "value": value,
    }
    if "code" in spec:
        return {"__typename": "DiscountCodeApplication", "code": spec["code"], **row}
    if spec.get("automatic"):
        return {"__typename": "AutomaticDiscountApplication", "title": spec["title"], **row}
    kind = "ScriptDiscountApplication" if spec.get("script") else "ManualDiscountApplication"
    return {"__typename": kind, "title": spec["title"], "description": spec.get("description"), **row}


def line_item(order: Json, spec: Json) -> Json:
    """A line item: of the catalogue by `sku` (or by `article`, where the SKU is written otherwise), or a custom one
    with `title`, or a tip. `deleted` says that its product is gone since; `group` is the bundle it is part of."""
    sku, tip = spec.get("sku"), bool(spec.get("tip"))
    listed = spec.get("article", sku) or ""
    article = CATALOG.get(listed)
    quantity = int(spec.get("qty", 1))
    price = spec.get("price") or (article.price if article else None)
    if price is None:
        raise SpecError(f"Order {order['name']}: the line {spec} has no price.")
    title = spec.get("title") or (article.title if article else "Tip" if tip else sku)
    variant_title = article.variant if article else None
    gift_card = bool(spec.get("gift_card"))
    found = None if spec.get("custom") or spec.get("deleted") else product_ids(listed)
    row: Json = {
        "id": new_id(order, "LineItem"),
        "name": f"{title} - {variant_title}" if variant_title else title,
        "title": title,
        "variantTitle": variant_title,
        "sku": sku,
        "vendor": "Demo Goods" if found or spec.get("deleted") else None,
        "quantity": quantity,
        "currentQuantity": quantity,
        "isGiftCard": gift_card,
        "taxable": bool(spec.get("taxable", not (tip or gift_card))),
        "requiresShipping": bool(spec.get("ships", not (tip or gift_card))),
        "restockable": not tip,
        "merchantEditable": True,
        "product": found["product"] if found else None,
        "variant": found["variant"] if found else None,
        "originalUnitPriceSet": money_bag(given(price), currencies_of(order)),
        "discountAllocations": allocations(order, spec),
        "taxLines": tax_lines(order, spec),
        "duties": [_duty(order, duty) for duty in spec.get("duties") or ()],
        "customAttributes": [
            {"key": key, "value": value} for key, value in (spec.get("properties") or {}).items()
        ],
        "lineItemGroup": _bundle(order, spec.get("group")),
        "sellingPlan": {"name": spec["plan"], "sellingPlanId": None} if "plan" in spec else None,
        "weight": {"unit": "GRAMS", "value": 0.0 if tip or gift_card else 200.0},
    }
    if tip:
        row["_tip"] = True
    if "disc_net" in spec:
        row["_net_discount"] = given(spec["disc_net"])
    return row


def _bundle(order: Json, spec: Json | None) -> Json | None:
    """The bundle a line is part of: `title`, `sku` of the bundle and how many of it were sold. Lines that name the
    same title are parts of the same one."""
    if spec is None:
        return None
    bundles: dict[str, Json] = order.setdefault("_bundles", {})
    if spec["title"] in bundles:
        return dict(bundles[spec["title"]])
    found = product_ids(spec.get("sku", "")) or {"product": {"id": None}, "variant": {"id": None}}
    bundles[spec["title"]] = {
        "id": new_id(order, "LineItemGroup"), "title": spec["title"], "quantity": int(spec.get("qty", 1)),
        "productId": found["product"]["id"], "variantId": found["variant"]["id"], "variantSku": spec.get("sku"),
    }  # fmt: skip
    return dict(bundles[spec["title"]])


def _duty(order: Json, spec: Json) -> Json:
    return {
        "id": new_id(order, "Duty"),
        "harmonizedSystemCode": spec.get("hs", "610910"),
        "countryCodeOfOrigin": spec.get("origin", "US"),
        "price": money_bag(given(spec["price"]), currencies_of(order)),
        "taxLines": tax_lines(order, spec),
    }


def additional_fee(order: Json, spec: Json) -> Json:
    """An additional fee: `name`, `price`, `tax`."""
    return {
        "id": new_id(order, "AdditionalFee"),
        "name": spec["name"],
        "price": money_bag(given(spec["price"]), currencies_of(order)),
        "taxLines": tax_lines(order, spec),
    }


def shipping_line(order: Json, spec: Json) -> Json:
    """A shipping line: `code` of the catalogue, or any with a `title`; `price`, `tax`, `disc`; `custom` for one that
    staff made up."""
    code = spec["code"]
    title, price = SHIPPING.get(code, (spec.get("title", code), spec.get("price")))
    return {
        "id": new_id(order, "ShippingLine"),
        "title": spec.get("title", title),
        "code": code,
        "source": spec.get("source", "shopify"),
        "phone": None,
        "carrierIdentifier": None,
        "deliveryCategory": None,
        "shippingRateHandle": None,
        "custom": bool(spec.get("custom")),
        "isRemoved": False,
        "originalPriceSet": money_bag(given(spec.get("price", price)), currencies_of(order)),
        "discountAllocations": allocations(order, spec),
        "taxLines": tax_lines(order, spec),
    }


def transaction(order: Json, spec: Json, at: str, parent: Json | None = None) -> Json:
    """A transaction: `gateway`, `kind`, `amount`, `status`, `rounding`, `location`, `last` (card digits)."""
    gateway, kind = spec.get("gateway", "shopify_payments"), spec.get("kind", "SALE")
    currencies, amount = currencies_of(order), given(spec["amount"])
    card = gateway in ("shopify_payments", "bogus")
    manual = gateway in ("manual", "cash")
    unsettled = amount if kind == "AUTHORIZATION" else ZERO
    location = spec.get("location")
    return {
        "id": new_id(order, "OrderTransaction"),
        "kind": kind,
        "status": spec.get("status", "SUCCESS"),
        "gateway": gateway,
        "formattedGateway": GATEWAYS.get(gateway, gateway),
        "manualPaymentGateway": manual,
        "manuallyCapturable": kind == "AUTHORIZATION",
        "multiCapturable": False,
        "test": bool(order["test"]),
        "createdAt": at,
        "processedAt": at,
        "paymentId": f"{order['name']}.{len(order['transactions']) + 1}",
        "accountNumber": f"•••• •••• •••• {spec.get('last', '4242')}" if card else None,
        "errorCode": spec.get("error"),
        "authorizationExpiresAt": spec.get("expires") if kind == "AUTHORIZATION" else None,
        "settlementCurrency": currencies.shop if card else None,
        "settlementCurrencyRate": None,
        "amountSet": money_bag(amount, currencies),
        "amountRoundingSet": money_bag(given(spec["rounding"]), currencies) if "rounding" in spec else None,
        "totalUnsettledSet": money_bag(unsettled, currencies),
        "parentTransaction": {"id": parent["id"]} if parent else None,
        "location": {"id": f"gid://shopify/Location/{location}", "name": LOCATIONS[location]}
        if location
        else None,
        "receiptJson": _receipt(gateway, spec),
        "fees": [],
        "currencyExchangeAdjustment": None,
        "paymentDetails": _card(spec) if card else None,
        "shopifyPaymentsSet": {"refundSet": None}
        if gateway == "shopify_payments" and kind == "REFUND"
        else None,
    }


def _receipt(gateway: str, spec: Json) -> str | None:
    if gateway != "gift_card":
        return None
    last = spec.get("last", "c3d4")
    return json.dumps({"gift_card_id": spec.get("gift_card_id", 5001), "gift_card_last_characters": last})


def _card(spec: Json) -> Json:
    return {
        "__typename": "CardPaymentDetails",
        "paymentMethodName": "card",
        "company": spec.get("brand", "Visa"),
        "number": f"•••• •••• •••• {spec.get('last', '4242')}",
        "wallet": spec.get("wallet"),
    }

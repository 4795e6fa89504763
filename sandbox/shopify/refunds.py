"""Refunds: the Refund object, its REFUND agreement in the ledger, and the money that goes back."""

from __future__ import annotations

from typing import Any

from sandbox.shopify import parts
from sandbox.shopify.catalog import LOCATIONS
from sandbox.shopify.ledger import (
    Amounts,
    agreement,
    all_sales,
    line_type,
    new_id,
    priced,
    sale,
    shipping_amounts,
    units_taken,
)
from sandbox.shopify.linking import nodes
from sandbox.shopify.money import ZERO, Bag, currencies_of, given, money_bag, read_bag, text, total
from sandbox.shopify.parts import SpecError

Json = dict[str, Any]


def refund(order: Json, spec: Json, at: str) -> Json:
    """Refund `lines` (each {"line" or "sku", "qty", "restock", "location"}), `shipping` ({"amount", "tax"}) or
    `all_shipping`, and an `adjustment` (money without a line, positive, with a `reason`).

    What is owed back goes to the gateways it came from, last payment first, or all of it `to` another one (a gift
    card, store credit), unless `pay_back` is false.
    """
    gid = new_id(order, "Refund")
    currencies = currencies_of(order)
    row: Json = {
        "id": gid, "legacyResourceId": gid.rsplit("/", 1)[-1], "createdAt": at, "processedAt": at, "updatedAt": at,
        "note": spec.get("note"), "return": None, "refundLineItems": {"nodes": []},
        "refundShippingLines": {"nodes": []}, "orderAdjustments": {"nodes": []}, "duties": [],
        "transactions": {"nodes": []},
    }  # fmt: skip
    sales: list[Json] = []
    for line_spec in spec.get("lines") or ():
        _return_line(order, row, sales, line_spec)
    _return_shipping(order, row, sales, spec)
    if spec.get("all_shipping"):
        _return_fees(order, sales)
    if "adjustment" in spec:
        _adjust(order, row, sales, spec)
    agreement(order, "REFUND", at, sales, refund={"id": gid})
    back = -total(read_bag(each["totalAmount"]) for each in sales)
    paid = _pay_back(order, row, back, at, spec.get("to")) if spec.get("pay_back", True) else ZERO
    row["totalRefundedSet"] = money_bag(paid, currencies)
    order["refunds"].append(row)
    return row


def _return_line(order: Json, row: Json, sales: list[Json], spec: Json) -> None:
    key, count = spec.get("line") or spec["sku"], int(spec["qty"])
    line = next(
        (each for each in nodes(order["lineItems"]) if key in (each["id"], each["sku"], each["title"])), None
    )
    if line is None:
        raise SpecError(f"Order {order['name']}: no line {key} to refund.")
    if count > line["currentQuantity"]:
        raise SpecError(
            f"Order {order['name']}: cannot refund {count} of {key}, only {line['currentQuantity']} left."
        )
    currencies = currencies_of(order)
    amounts = units_taken(line, count, currencies)
    sales.append(sale(order, line_type(line), "RETURN", line, count, amounts))
    for duty in line.get("duties") or ():
        if count == line["currentQuantity"]:
            sales.append(sale(order, "DUTY", "RETURN", duty, None, priced(duty)))
            row["duties"].append({"amountSet": duty["price"], "originalDuty": {"id": duty["id"]}})
    line["currentQuantity"] -= count
    restock = spec.get("restock", "RETURN")
    location = spec.get("location", 71001) if restock in ("RETURN", "CANCEL") else None
    row["refundLineItems"]["nodes"].append(
        {
            "id": new_id(order, "RefundLineItem"),
            "quantity": count,
            "restockType": restock,
            "restocked": restock in ("RETURN", "CANCEL"),
            "location": {"id": f"gid://shopify/Location/{location}", "name": LOCATIONS[location]}
            if location
            else None,
            "lineItem": {"id": line["id"]},
            "priceSet": line["originalUnitPriceSet"],
            "subtotalSet": money_bag(amounts.gross, currencies),
            "totalTaxSet": money_bag(amounts.tax, currencies),
        }
    )


def _return_shipping(order: Json, row: Json, sales: list[Json], spec: Json) -> None:
    lines = [line for line in nodes(order["shippingLines"]) if not line["isRemoved"]]
    if spec.get("shipping") and lines:
        given_part = {"tax": spec["shipping"].get("tax")}
        taxes = [
            (each, given(amount))
            for each, amount in zip(lines[0]["taxLines"], given_part["tax"] or (), strict=False)
        ]
        chosen = [(lines[0], Amounts(given(spec["shipping"]["amount"]), ZERO, taxes))]
    elif spec.get("all_shipping"):
        chosen = [
            (line, shipping_amounts(line)) for line in lines if read_bag(line["currentDiscountedPriceSet"])
        ]
    else:
        return
    currencies = currencies_of(order)
    for line, amounts in chosen:
        sales.append(sale(order, "SHIPPING", "RETURN", line, None, amounts))
        row["refundShippingLines"]["nodes"].append(
            {
                "id": new_id(order, "RefundShippingLine"),
                "shippingLine": {"id": line["id"]},
                "subtotalAmountSet": money_bag(amounts.gross, currencies),
                "taxAmountSet": money_bag(amounts.tax, currencies),
            }
        )


def _return_fees(order: Json, sales: list[Json]) -> None:
    returned = {
        each["additionalFee"]["id"]
        for each in all_sales(order)
        if each["lineType"] == "ADDITIONAL_FEE" and each["actionType"] == "RETURN"
    }
    sales += [
        sale(order, "ADDITIONAL_FEE", "RETURN", fee, None, priced(fee))
        for fee in order.get("additionalFees") or ()
        if fee["id"] not in returned
    ]


def _adjust(order: Json, row: Json, sales: list[Json], spec: Json) -> None:
    amount, currencies = given(spec["adjustment"]), currencies_of(order)
    sales.append(sale(order, "ADJUSTMENT", "RETURN", None, None, Amounts(amount)))
    row["orderAdjustments"]["nodes"].append(
        {
            "id": new_id(order, "OrderAdjustment"),
            "reason": spec.get("reason", "REFUND_DISCREPANCY"),
            "amountSet": money_bag(-amount, currencies),
            "taxAmountSet": money_bag(ZERO, currencies),
        }
    )


def _pay_back(order: Json, row: Json, back: Bag, at: str, gateway: str | None = None) -> Bag:
    """Give money back as part of a refund; the sum given."""
    given_back, transactions = give_back(order, back, at, gateway)
    row["transactions"]["nodes"] += [{"id": each["id"]} for each in transactions]
    return given_back


def give_back(order: Json, back: Bag, at: str, gateway: str | None = None) -> tuple[Bag, list[Json]]:
    """Give money back to the payments it came from, the last one first (or to another gateway): the sum given and
    its transactions."""
    left = back
    added: list[Json] = []
    for payment in reversed([each for each in order["transactions"] if each["kind"] in ("SALE", "CAPTURE")]):
        if left.shop <= 0 or payment["status"] != "SUCCESS":
            continue
        open_amount = read_bag(payment["amountSet"]) - total(
            read_bag(each["amountSet"])
            for each in order["transactions"]
            if each["kind"] == "REFUND" and (each["parentTransaction"] or {}).get("id") == payment["id"]
        )
        part = left if left.shop <= open_amount.shop else open_amount
        if part.shop <= 0:
            continue
        amount = [text(part.shop), text(part.presentment)]
        details = {"gateway": gateway or payment["gateway"], "kind": "REFUND", "amount": amount}
        transaction = parts.transaction(order, details, at, payment)
        order["transactions"].append(transaction)
        added.append(transaction)
        left = left - part
    return back - left, added


def void_open(order: Json, at: str) -> None:
    """Void every authorization that was not captured."""
    settled = {
        (each["parentTransaction"] or {}).get("id")
        for each in order["transactions"]
        if each["kind"] in ("CAPTURE", "VOID")
    }
    for payment in list(order["transactions"]):
        if (
            payment["kind"] == "AUTHORIZATION"
            and payment["id"] not in settled
            and payment["status"] == "SUCCESS"
        ):
            bag = read_bag(payment["amountSet"])
            amount = [text(bag.shop), text(bag.presentment)]
            details = {"gateway": payment["gateway"], "kind": "VOID", "amount": amount}
            order["transactions"].append(parts.transaction(order, details, at, payment))
            payment["totalUnsettledSet"] = money_bag(ZERO, currencies_of(order))

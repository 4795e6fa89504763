"""Everything on an order that follows from its sales, its transactions and its fulfillments.

`total...Set` fields count what was ever ordered (ORDER and UPDATE sales), `current...Set` fields also take
off what was removed or returned, as the recorded order edits show.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from sandbox.shopify.assigning import settle_fulfillment_orders
from sandbox.shopify.ledger import all_sales, line_discount, line_type
from sandbox.shopify.linking import nodes
from sandbox.shopify.money import (
    ZERO,
    Bag,
    Currencies,
    currencies_of,
    money_bag,
    read_bag,
    rounded,
    total,
    unit_shares,
)

Json = dict[str, Any]

_GOODS = ("PRODUCT", "GIFT_CARD", "UNKNOWN")


def recompute(order: Json) -> None:
    """Bring all derived fields of an order up to date with its ledger, payments and shipments."""
    currencies = currencies_of(order)
    for line in nodes(order["lineItems"]):
        _line(order, line, currencies)
    for shipping in nodes(order["shippingLines"]):
        _shipping(order, shipping, currencies)
    _prices(order, currencies)
    _payments(order, currencies)
    _fulfillment(order)
    settle_fulfillment_orders(order)


def _line(order: Json, line: Json, currencies: Currencies) -> None:
    quantity, current = int(line["quantity"]), int(line["currentQuantity"])
    unit, discount = read_bag(line["originalUnitPriceSet"]), line_discount(line)
    own = total(_own_allocations(order, line, codes=False))
    with_codes = own + total(_own_allocations(order, line, codes=True))
    original = unit * quantity
    shipped = sum(
        row["quantity"]
        for fulfillment in order.get("fulfillments") or ()
        if fulfillment["status"] == "SUCCESS"
        for row in nodes(fulfillment["fulfillmentLineItems"])
        if row["lineItem"]["id"] == line["id"]
    )
    open_units = max(0, current - shipped) if line["requiresShipping"] or line["isGiftCard"] else 0
    if line.get("_tip"):
        open_units = 0
    left = total(unit_shares(discount, quantity, currencies)[quantity - current :]) if quantity else ZERO
    net = unit * current - left
    if order["taxesIncluded"]:
        taxes = [unit_shares(read_bag(row["priceSet"]), quantity, currencies) for row in line["taxLines"]]
        net = net - total(total(shares[quantity - current :]) for shares in taxes)
    line |= {
        "originalTotalSet": money_bag(original, currencies),
        "discountedTotalSet": money_bag(original - own, currencies),
        "discountedTotalWithCodesSet": money_bag(original - with_codes, currencies),
        "discountedUnitPriceSet": money_bag(_each(original - own, quantity, currencies), currencies),
        "discountedUnitPriceAfterAllDiscountsSet": money_bag(
            _each(original - discount, quantity, currencies), currencies
        ),
        "totalDiscountSet": money_bag(with_codes, currencies),
        "priceAfterAllDiscountsBeforeTaxesSet": money_bag(net, currencies),
        "refundableQuantity": current,
        "unfulfilledQuantity": open_units,
        "nonFulfillableQuantity": quantity - shipped - open_units,
        "unfulfilledOriginalTotalSet": money_bag(unit * open_units, currencies),
        "unfulfilledDiscountedTotalSet": money_bag(
            _each(original - own, quantity, currencies) * open_units, currencies
        ),
    }


def _own_allocations(order: Json, line: Json, codes: bool) -> Iterable[Bag]:
    """Allocations of discounts on single lines (not the whole order), given by code or otherwise."""
    applications = {row["index"]: row for row in nodes(order.get("discountApplications"))}
    for row in line.get("discountAllocations") or ():
        application = applications.get(row["discountApplication"]["index"], row["discountApplication"])
        by_code = application.get("__typename") == "DiscountCodeApplication"
        whole_order = application["targetSelection"] == "ALL" and application["allocationMethod"] == "ACROSS"
        if not whole_order and by_code == codes:
            yield read_bag(row["allocatedAmountSet"])


def _each(bag: Bag, quantity: int, currencies: Currencies) -> Bag:
    return rounded(Bag(bag.shop / quantity, bag.presentment / quantity), currencies) if quantity else ZERO


def _shipping(order: Json, line: Json, currencies: Currencies) -> None:
    discounted = read_bag(line["originalPriceSet"]) - line_discount(line)
    gone = total(
        _priced(order, row)
        for row in all_sales(order)
        if row["lineType"] == "SHIPPING"
        and row["actionType"] == "RETURN"
        and row["shippingLine"]["id"] == line["id"]
    )
    line["discountedPriceSet"] = money_bag(discounted, currencies)
    line["currentDiscountedPriceSet"] = money_bag(discounted + gone, currencies)


def _priced(order: Json, row: Json) -> Bag:
    """A sale's amount as prices are shown: with tax only where prices include it."""
    whole = read_bag(row["totalAmount"])
    return whole if order["taxesIncluded"] else whole - read_bag(row["totalTaxAmount"])


def _prices(order: Json, currencies: Currencies) -> None:
    sales = [row for row in all_sales(order) if row["lineType"] != "ADJUSTMENT"]
    ordered = [row for row in sales if row["actionType"] in ("ORDER", "UPDATE")]
    opening = nodes(nodes(order["agreements"])[0]["sales"]) if nodes(order.get("agreements")) else []

    def put(name: str, rows: list[Json], value: Callable[[Json], Bag], kinds: tuple[str, ...] = ()) -> None:
        chosen = (value(row) for row in rows if not kinds or row["lineType"] in kinds)
        order[name] = money_bag(total(chosen), currencies)

    def shown(row: Json) -> Bag:
        return _priced(order, row)

    put("originalTotalPriceSet", opening, _whole)
    for prefix, suffix, rows in (("total", "", ordered), ("currentTotal", "current", sales)):
        put(f"{prefix}PriceSet", rows, _whole)
        put(f"{prefix}TaxSet", rows, _tax)
        put(f"{prefix}DiscountsSet", rows, _discount)
        put("currentSubtotalPriceSet" if suffix else "subtotalPriceSet", rows, shown, _GOODS)
        put("currentShippingPriceSet" if suffix else "totalShippingPriceSet", rows, shown, ("SHIPPING",))
        order["currentTaxLines" if suffix else "taxLines"] = _tax_lines(rows, currencies)
    put("totalTipReceivedSet", ordered, _whole, ("TIP",))
    for name, kind in (("Duties", "DUTY"), ("AdditionalFees", "ADDITIONAL_FEE")):
        any_of_kind = any(row["lineType"] == kind for row in sales)
        put(f"originalTotal{name}Set", opening, shown, (kind,))
        put(f"currentTotal{name}Set", sales, shown, (kind,))
        if not any_of_kind:
            order[f"originalTotal{name}Set"] = order[f"currentTotal{name}Set"] = None
    order["cartDiscountAmountSet"] = order["totalDiscountsSet"] if order.get("discountCodes") else None
    counted = [line for line in nodes(order["lineItems"]) if line_type(line) == "PRODUCT"]
    order["subtotalLineItemsQuantity"] = sum(int(line["quantity"]) for line in counted)
    order["currentSubtotalLineItemsQuantity"] = sum(int(line["currentQuantity"]) for line in counted)


def _whole(row: Json) -> Bag:
    return read_bag(row["totalAmount"])


def _tax(row: Json) -> Bag:
    return read_bag(row["totalTaxAmount"])


def _discount(row: Json) -> Bag:
    return read_bag(row.get("_discount") or row["totalDiscountAmountBeforeTaxes"])


def _tax_lines(rows: Iterable[Json], currencies: Currencies) -> list[Json]:
    sums: dict[tuple[str, Any], tuple[Json, Bag]] = {}
    for row in rows:
        for tax in row["taxes"]:
            key = (tax["taxLine"]["title"], tax["taxLine"].get("rate"))
            known = sums.get(key, (tax["taxLine"], ZERO))
            sums[key] = (known[0], known[1] + read_bag(tax["amount"]))
    return [
        {**line, "priceSet": money_bag(bag, currencies)}
        for line, bag in sums.values()
        if bag or not line.get("rate")
    ]


def _payments(order: Json, currencies: Currencies) -> None:
    done = [row for row in order["transactions"] if row["status"] == "SUCCESS"]

    def of(*kinds: str) -> Bag:
        return total(read_bag(row["amountSet"]) for row in done if row["kind"] in kinds)

    received, refunded = of("SALE", "CAPTURE"), of("REFUND")
    net = received - refunded
    owed = total(read_bag(row["totalAmount"]) for row in all_sales(order))
    capturable = _capturable(done)
    outstanding = ZERO if order["cancelledAt"] and not net else owed - net
    adjusted = total(
        read_bag(row["totalAmount"]) for row in all_sales(order) if row["lineType"] == "ADJUSTMENT"
    )
    for name, bag in {
        "totalReceivedSet": received,
        "totalRefundedSet": refunded,
        "netPaymentSet": net,
        "totalOutstandingSet": outstanding,
        "totalCapturableSet": capturable,
        "refundDiscrepancySet": adjusted,
        "totalRefundedShippingSet": _refunded_shipping(order),
    }.items():
        order[name] = money_bag(bag, currencies)
    rounding = total(read_bag(row["amountRoundingSet"]) for row in done if row.get("amountRoundingSet"))
    order["totalCashRoundingAdjustment"] = {
        "paymentSet": money_bag(rounding, currencies),
        "refundSet": money_bag(ZERO, currencies),
    }
    status = _financial_status(order, received, refunded, capturable, owed)
    order |= {
        "displayFinancialStatus": status,
        "fullyPaid": received.shop >= owed.shop,
        "unpaid": not received.shop,
        "capturable": bool(capturable.shop),
        "refundable": net.shop > 0,
        "canMarkAsPaid": not order["cancelledAt"] and outstanding.shop > 0 and status != "AUTHORIZED",
        "paymentGatewayNames": list(
            dict.fromkeys(row["gateway"] for row in order["transactions"] if row["gateway"])
        ),
    }


def _capturable(done: list[Json]) -> Bag:
    open_amounts: dict[str, Bag] = {}
    for row in done:
        parent = (row.get("parentTransaction") or {}).get("id", "")
        if row["kind"] == "AUTHORIZATION":
            open_amounts[row["id"]] = read_bag(row["amountSet"])
        elif row["kind"] in ("CAPTURE", "VOID") and parent in open_amounts:
            taken = read_bag(row["amountSet"]) if row["kind"] == "CAPTURE" else open_amounts[parent]
            open_amounts[parent] = open_amounts[parent] - taken
    return total(open_amounts.values())


def _refunded_shipping(order: Json) -> Bag:
    return total(
        read_bag(row["subtotalAmountSet"])
        for refund in order.get("refunds") or ()
        for row in nodes(refund["refundShippingLines"])
    )


def _financial_status(order: Json, received: Bag, refunded: Bag, capturable: Bag, owed: Bag) -> str:
    if refunded.shop > 0:
        return "REFUNDED" if refunded.shop >= received.shop else "PARTIALLY_REFUNDED"
    if received.shop > 0:
        return "PAID" if received.shop >= owed.shop else "PARTIALLY_PAID"
    if capturable.shop > 0:
        return "AUTHORIZED"
    kinds = {row["kind"] for row in order["transactions"]}
    if "VOID" in kinds or (order["cancelledAt"] and kinds):
        return "VOIDED"
    return "PAID" if owed.shop <= 0 and not order["cancelledAt"] else "PENDING"


def _fulfillment(order: Json) -> None:
    physical = [line for line in nodes(order["lineItems"]) if line["requiresShipping"] or line["isGiftCard"]]
    waiting = sum(line["unfulfilledQuantity"] for line in physical)
    current = sum(int(line["currentQuantity"]) for line in physical)
    shipped = any(each["status"] == "SUCCESS" for each in order.get("fulfillments") or ())
    if shipped:
        status = "PARTIALLY_FULFILLED" if waiting else "FULFILLED"
    elif physical and not current:
        status = "FULFILLMENT_NOT_REQUIRED"
    else:
        status = "UNFULFILLED"
    order["displayFulfillmentStatus"] = status
    order["fulfillable"] = bool(waiting) and not order["cancelledAt"]
    order["requiresShipping"] = any(line["requiresShipping"] for line in nodes(order["lineItems"]))

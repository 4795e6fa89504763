"""What can happen to an order after it was placed: payment, edit, refund, shipment, cancellation, archiving.

Each function changes an order object in place and leaves the derived totals to `totals.recompute`. They are
used by the demo specifications, by the mutations and by the sandbox's page alike.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sandbox.shopify import parts
from sandbox.shopify.catalog import LOCATIONS
from sandbox.shopify.ledger import Amounts, agreement, line_type, new_id, sale, shipping_amounts, units_taken
from sandbox.shopify.linking import nodes
from sandbox.shopify.money import Bag, currencies_of, given, money_bag, read_bag, total
from sandbox.shopify.parts import SpecError
from sandbox.shopify.refunds import refund, void_open
from sandbox.shopify.returning import bring_back

Json = dict[str, Any]


def pay(order: Json, spec: Json, at: str) -> Json:
    """Add a transaction; a CAPTURE or VOID hangs on the last authorization of its gateway."""
    parent = None
    if spec.get("kind") in ("CAPTURE", "VOID"):
        gateway = spec.get("gateway", "shopify_payments")
        fitting = [
            row
            for row in order["transactions"]
            if row["kind"] == "AUTHORIZATION" and row["gateway"] == gateway
        ]
        parent = fitting[-1] if fitting else None
    row = parts.transaction(order, spec, at, parent)
    order["transactions"].append(row)
    return row


def find_line(order: Json, key: str) -> Json:
    """A line item by SKU, title or id. SpecError when there is none."""
    for line in nodes(order["lineItems"]):
        if key in (line["sku"], line["title"], line["id"]):
            return line
    raise SpecError(f"Order {order['name']}: no line {key}.")


def edit(order: Json, spec: Json, at: str) -> None:
    """An order edit: `add` new lines, `remove` units of lines, `raise` a line's quantity, `discount` a line, change
    `shipping`.

    `raise` maps a line to {"by": units, "tax": [amounts]}; `discount` maps a line to {"title", "amount", "tax"}
    where `tax` is what the tax of each tax line goes down by; `shipping` lists {"add": a shipping line} and
    {"remove": its place, from 0} in the order they were done.
    """
    sales = []
    for line_spec in spec.get("add") or ():
        line = parts.line_item(order, line_spec)
        order["lineItems"]["nodes"].append(line)
        quantity = int(line["quantity"])
        amounts = units_taken(line, quantity, currencies_of(order), start=0)
        sales.append(sale(order, line_type(line), "ORDER", line, quantity, amounts))
    for key, count in (spec.get("remove") or {}).items():
        line = find_line(order, key)
        if count > line["currentQuantity"]:
            raise SpecError(
                f"Order {order['name']}: cannot remove {count} of {key}, only {line['currentQuantity']}."
            )
        amounts = units_taken(line, count, currencies_of(order))
        sales.append(sale(order, line_type(line), "RETURN", line, count, amounts))
        line["currentQuantity"] -= count
    for key, change in (spec.get("raise") or {}).items():
        sales.append(_raise(order, find_line(order, key), change))
    for key, change in (spec.get("discount") or {}).items():
        sales.append(_discount(order, find_line(order, key), change))
    sales += [_shipping(order, change) for change in spec.get("shipping") or ()]
    agreement(order, "ORDER_EDIT", at, sales)
    order["edited"] = True


def _raise(order: Json, line: Json, change: Json) -> Json:
    extra = parts.line_item(
        order, {**change, "sku": line["sku"], "title": line["title"], "qty": change["by"]}
    )
    extra["originalUnitPriceSet"] = line["originalUnitPriceSet"]
    amounts = units_taken(extra, int(change["by"]), currencies_of(order), start=0)
    line["quantity"] += int(change["by"])
    line["currentQuantity"] += int(change["by"])
    for row, added in zip(line["taxLines"], extra["taxLines"], strict=False):
        _add_to(order, row, "priceSet", read_bag(added["priceSet"]))
    return sale(order, line_type(line), "ORDER", line, int(change["by"]), amounts)


def _shipping(order: Json, change: Json) -> Json:
    """A shipping line added, or taken off: it stays on the order, marked as removed."""
    rows = order["shippingLines"]["nodes"]
    if "add" in change:
        rows.append(parts.shipping_line(order, change["add"]))
        return sale(order, "SHIPPING", "ORDER", rows[-1], None, shipping_amounts(rows[-1]))
    place = int(change["remove"])
    if place >= len(rows) or rows[place]["isRemoved"]:
        raise SpecError(f"Order {order['name']}: there is no shipping line {place} to remove.")
    rows[place]["isRemoved"] = True
    return sale(order, "SHIPPING", "RETURN", rows[place], None, shipping_amounts(rows[place]))


def _discount(order: Json, line: Json, change: Json) -> Json:
    """A line discount added by an edit: an UPDATE sale that lowers price and tax."""
    applications = order["discountApplications"]["nodes"]
    spec = {"title": change["title"], "amount": change["amount"], "on": "line"}
    applications.append(parts.discount_application(order, len(applications), spec))
    line["discountAllocations"] += parts.allocations(order, {"disc": {change["title"]: change["amount"]}})
    less = [given(amount) for amount in change.get("tax") or ()]
    lowered = given(change["amount"])
    row = sale(order, line_type(line), "UPDATE", line, 0, parts_of_discount(lowered, line, less))
    for tax_line, bag in zip(line["taxLines"], less, strict=False):
        _add_to(order, tax_line, "priceSet", -bag)
    return row


def parts_of_discount(lowered: Bag, line: Json, less: list[Bag]) -> Amounts:
    """The amounts of an UPDATE sale for a price lowered by so much."""
    taxes = [(tax_line, -bag) for tax_line, bag in zip(line["taxLines"], less, strict=False)]
    return Amounts(-lowered, lowered, taxes)


def _add_to(order: Json, row: Json, key: str, bag: Bag) -> None:
    row[key] = money_bag(read_bag(row[key]) + bag, currencies_of(order))


def fulfill(order: Json, spec: Json, at: str) -> None:
    """A shipment of `lines` ({line: units}; everything open when left out) from a `location`."""
    wanted = spec.get("lines")
    if wanted is None:
        wanted = {line["id"]: line["unfulfilledQuantity"] for line in nodes(order["lineItems"])}
    rows = []
    for key, units in wanted.items():
        line = find_line(order, key)
        if units > line["unfulfilledQuantity"]:
            raise SpecError(
                f"Order {order['name']}: cannot ship {units} of {key}, only {line['unfulfilledQuantity']}."
            )
        if units:
            share = {
                "originalTotalSet": _times(order, line, "originalUnitPriceSet", units),
                "discountedTotalSet": _times(order, line, "discountedUnitPriceSet", units),
            }
            identity = new_id(order, "FulfillmentLineItem")
            rows.append({"id": identity, "quantity": units, "lineItem": {"id": line["id"]}, **share})
    if not rows:
        raise SpecError(f"Order {order['name']}: nothing is left to ship.")
    location, gid = spec.get("location", 71001), new_id(order, "Fulfillment")
    tracking = spec.get("tracking")
    number = len(order["fulfillments"]) + 1
    order["fulfillments"].append(
        {
            "id": gid, "legacyResourceId": gid.rsplit("/", 1)[-1], "name": f"{order['name']}-F{number}",
            "status": "SUCCESS", "displayStatus": "FULFILLED", "createdAt": at, "updatedAt": at, "deliveredAt": None,
            "inTransitAt": None, "estimatedDeliveryAt": None,
            "totalQuantity": sum(row["quantity"] for row in rows), "requiresShipping": bool(spec.get("ships", True)),
            "location": {"id": f"gid://shopify/Location/{location}", "name": LOCATIONS[location]},
            "service": {"id": "gid://shopify/FulfillmentService/manual", "handle": "manual", "serviceName": "Manual",
                        "type": "MANUAL"},
            "trackingInfo": [tracking] if tracking else [], "fulfillmentLineItems": {"nodes": rows},
        }
    )  # fmt: skip


def _times(order: Json, line: Json, key: str, units: int) -> Json:
    return money_bag(read_bag(line[key]) * units, currencies_of(order))


def cancel(order: Json, spec: Json, at: str) -> None:
    """Cancel: everything left is returned in the ledger, money received goes back if `refund`, an open
    authorization is voided."""
    lines = [
        {
            "line": line["id"],
            "qty": line["currentQuantity"],
            "restock": "CANCEL" if spec.get("restock", True) else "NO_RESTOCK",
        }
        for line in nodes(order["lineItems"])
        if line["currentQuantity"]
    ]
    give_back = spec.get("refund", True)
    refund(
        order,
        {
            "lines": lines,
            "all_shipping": True,
            "pay_back": give_back,
            "note": spec.get("note"),
            "to": spec.get("refund_to"),
        },
        at,
    )
    void_open(order, at)
    order |= {
        "cancelledAt": at,
        "cancelReason": spec.get("reason", "CUSTOMER"),
        "cancellation": {"staffNote": spec.get("staff_note")},
        "closed": True,
        "closedAt": at,
        "merchantEditable": False,
        "merchantEditableErrors": ["This order was canceled"],
    }


def close(order: Json, _: Json, at: str) -> None:
    """Archive the order."""
    order |= {"closed": True, "closedAt": at}


def reopen(order: Json, _: Json, _at: str) -> None:
    """Take the order out of the archive."""
    order |= {"closed": False, "closedAt": None}


def owed(order: Json) -> Bag:
    """What the customer still has to pay, never less than nothing."""
    bag = read_bag(order["totalOutstandingSet"])
    return bag if bag.shop > 0 else total(())


STEPS: dict[str, Callable[[Json, Json, str], Any]] = {
    "pay": pay,
    "edit": edit,
    "refund": refund,
    "return": bring_back,
    "fulfill": fulfill,
    "cancel": cancel,
    "close": close,
    "reopen": reopen,
}

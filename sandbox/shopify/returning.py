"""Returns and exchanges: goods that come back, goods that go out for them, in one RETURN agreement.

The money is a step of its own: what an exchange costs more is paid, what came back for less is given back here.
"""

from __future__ import annotations

from typing import Any

from sandbox.shopify import parts
from sandbox.shopify.ledger import agreement, line_type, new_id, sale, units_taken
from sandbox.shopify.linking import nodes
from sandbox.shopify.money import currencies_of, read_bag, total
from sandbox.shopify.refunds import give_back

Json = dict[str, Any]


def bring_back(order: Json, spec: Json, at: str) -> None:
    """A closed return of `lines` (each {"sku", "qty"}), with the lines that go out for them in `add`.

    SpecError when a line is not there or not so many of it are left. What is owed to the customer after it is paid
    back to where it came from.
    """
    currencies, gid = currencies_of(order), new_id(order, "Return")
    sales, units = [], 0
    for part in spec["lines"]:
        line, count = _line(order, part["sku"], int(part["qty"])), int(part["qty"])
        sales.append(
            sale(order, line_type(line), "RETURN", line, count, units_taken(line, count, currencies))
        )
        line["currentQuantity"] -= count
        units += count
    for added in spec.get("add") or ():
        line = parts.line_item(order, added)
        order["lineItems"]["nodes"].append(line)
        count = int(line["quantity"])
        amounts = units_taken(line, count, currencies, start=0)
        sales.append(sale(order, line_type(line), "ORDER", line, count, amounts))
    agreement(order, "RETURN", at, sales, **{"return": {"id": gid}})
    order["returns"]["nodes"].append(
        {
            "id": gid, "name": f"{order['name']}-R{len(nodes(order['returns'])) + 1}", "status": "CLOSED",
            "createdAt": at, "closedAt": at, "totalQuantity": units,
        }
    )  # fmt: skip
    order["returnStatus"] = "RETURNED"
    back = -total(read_bag(each["totalAmount"]) for each in sales)
    if back.shop > 0:
        give_back(order, back, at)


def _line(order: Json, key: str, count: int) -> Json:
    for line in nodes(order["lineItems"]):
        if key == line["sku"] and line["currentQuantity"] >= count:
            return line
    raise parts.SpecError(f"Order {order['name']}: cannot return {count} of {key}.")

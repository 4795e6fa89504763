"""Order edits by mutation: begun, shipping lines staged, committed. Messages are the recorded ones.

What is staged is kept in a CalculatedOrder; the commit does it to the order as one edit with its agreement in the
ledger. An added line is taxed like the shipping lines the order has.
"""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any

from graphql import GraphQLResolveInfo

from sandbox.shopify import changes
from sandbox.shopify.documents import number_of
from sandbox.shopify.linking import nodes
from sandbox.shopify.money import Bag, currencies_of, money_bag, read_bag, rounded, text
from sandbox.shopify.resolvers import kind_of, shop_of
from sandbox.shopify.shop_state import ShopState, utc_now
from sandbox.shopify.totals import recompute

Json = dict[str, Any]
Info = GraphQLResolveInfo

KIND = "CalculatedOrder"
NO_SESSION = "The calculated order does not exist."
NOT_UPDATED = "The shipping line can't be updated because it doesn't exist or wasn't added during this edit."
NOT_REMOVED = "The shipping line can't be removed because it doesn't exist or has already been removed."


def begin(_: Any, info: Info, **args: Any) -> Json:
    """orderEditBegin: a session with the shipping lines the order has."""
    shop = shop_of(info)
    order = shop.get(args["id"]) if kind_of(args["id"]) == "Order" else None
    if order is None or not order["merchantEditable"]:
        message = "The order does not exist." if order is None else "The order cannot be edited."
        return _refused(message, "id", coded=False)
    lines = [
        {
            "id": f"gid://shopify/CalculatedShippingLine/{number_of(row['id'])}", "title": row["title"],
            "price": row["originalPriceSet"], "stagedStatus": "NONE", "_place": place,
        }
        for place, row in enumerate(nodes(order["shippingLines"]))
        if not row["isRemoved"]
    ]  # fmt: skip
    session = {"id": shop.next_id(KIND), "_order": order["id"], "shippingLines": lines}
    shop.put(KIND, session)
    return _answer(shop, session)


def add_shipping_line(_: Any, info: Info, **args: Any) -> Json:
    """orderEditAddShippingLine: a line of any title and price."""
    shop, session = _session(info, args["id"])
    if session is None:
        return _refused(NO_SESSION, "id")
    order, given = _order(shop, session), args["shippingLine"]
    if problem := _price_problem(order, given["price"]):
        return _refused(problem, "shippingLine", "price")
    line = {
        "id": f"gid://shopify/CalculatedShippingLine/{uuid.uuid4()}", "title": given["title"],
        "price": money_bag(_bag(order, given["price"]), currencies_of(order)), "stagedStatus": "ADDED",
    }  # fmt: skip
    session["shippingLines"].append(line)
    shop.put(KIND, session)
    return {**_answer(shop, session), "calculatedShippingLine": line}


def update_shipping_line(_: Any, info: Info, **args: Any) -> Json:
    """orderEditUpdateShippingLine: title and price of a line this edit added."""
    shop, session = _session(info, args["id"])
    if session is None:
        return _refused(NO_SESSION, "id")
    line, given, order = _staged(session, args["shippingLineId"]), args["shippingLine"], _order(shop, session)
    if line is None or line["stagedStatus"] != "ADDED":
        return _refused(NOT_UPDATED, "shippingLineId")
    if given.get("price"):
        if problem := _price_problem(order, given["price"]):
            return _refused(problem, "shippingLine", "price")
        line["price"] = money_bag(_bag(order, given["price"]), currencies_of(order))
    line["title"] = given.get("title") or line["title"]
    shop.put(KIND, session)
    return _answer(shop, session)


def remove_shipping_line(_: Any, info: Info, **args: Any) -> Json:
    """orderEditRemoveShippingLine: one the order has is marked, one this edit added is forgotten."""
    shop, session = _session(info, args["id"])
    if session is None:
        return _refused(NO_SESSION, "id")
    line = _staged(session, args["shippingLineId"])
    if line is None or line["stagedStatus"] == "REMOVED":
        return _refused(NOT_REMOVED, "shippingLineId")
    if line["stagedStatus"] == "ADDED":
        session["shippingLines"].remove(line)
    line["stagedStatus"] = "REMOVED"
    shop.put(KIND, session)
    return _answer(shop, session)


def commit(_: Any, info: Info, **args: Any) -> Json:
    """orderEditCommit: the staged changes become one edit of the order; the session is over."""
    shop, session = _session(info, args["id"])
    if session is None:
        return {**_refused(NO_SESSION, "id", coded=False), "successMessages": []}
    with shop.documents.batch():
        order = _order(shop, session)
        if steps := _steps(session):
            edit_shipping(order, steps)
            recompute(order)
            shop.save_order(order, ("orders/edited", "orders/updated"))
        shop.documents.delete(shop.name, KIND, session["id"])
    messages = ["Order updated", *(["Notification sent"] if args.get("notifyCustomer") else [])]
    return {"order": shop.get(order["id"]), "successMessages": messages, "userErrors": []}


def edit_shipping(order: Json, steps: list[Json]) -> None:
    """Add and remove shipping lines by one edit. A step is {"remove": place} or {"add": title, "price": Bag}; an
    added line is taxed like the first of the order's shipping lines that is taxed. SpecError for a place without a
    line."""
    rates: list[Json] = next(
        (row["taxLines"] for row in nodes(order["shippingLines"]) if row["taxLines"]), []
    )
    order["_taxes"] = [{"title": row["title"], "rate": str(row["rate"])} for row in rates]
    spec = [_added(order, step) if "add" in step else {"remove": step["remove"]} for step in steps]
    try:
        changes.edit(order, {"shipping": spec}, utc_now())
    finally:
        del order["_taxes"]


def _added(order: Json, step: Json) -> Json:
    price: Bag = step["price"]
    taxes = [_pair(bag) for bag in _taxes(order, price)]
    return {
        "add": {
            "code": step["add"],
            "title": step["add"],
            "price": _pair(price),
            "tax": taxes,
            "source": None,
            "custom": True,
        }
    }


def _taxes(order: Json, price: Bag) -> list[Bag]:
    """The tax of a price by rate, inside it where prices include tax."""
    rates = [Decimal(row["rate"]) for row in order["_taxes"]]
    base = 1 + sum(rates, Decimal(0)) if order["taxesIncluded"] else Decimal(1)
    return [rounded(price * (rate / base), currencies_of(order)) for rate in rates]


def _pair(bag: Bag) -> list[str]:
    return [text(bag.shop), text(bag.presentment)]


def _steps(session: Json) -> list[Json]:
    rows = session["shippingLines"]
    taken = [{"remove": row["_place"]} for row in rows if row["stagedStatus"] == "REMOVED"]
    added = [row for row in rows if row["stagedStatus"] == "ADDED"]
    return taken + [{"add": row["title"], "price": read_bag(row["price"])} for row in added]


def _session(info: Info, gid: str) -> tuple[ShopState, Json | None]:
    shop = shop_of(info)
    return shop, shop.editable(gid) if kind_of(gid) == KIND else None


def _order(shop: ShopState, session: Json) -> Json:
    return shop.editable(session["_order"]) or {}


def _staged(session: Json, gid: str) -> Json | None:
    return next((row for row in session["shippingLines"] if row["id"] == gid), None)


def _price_problem(order: Json, price: Json) -> str:
    wanted = currencies_of(order).presentment
    return "" if price["currencyCode"] == wanted else f"The price must be in {wanted}."


def _bag(order: Json, price: Json) -> Bag:
    """A price in the customer's currency on both sides, at the rate the order was placed at."""
    amount, paid = Decimal(str(price["amount"])), read_bag(order["originalTotalPriceSet"])
    rate = paid.shop / paid.presentment if paid.presentment else Decimal(1)
    return rounded(Bag(amount * rate, amount), currencies_of(order))


def _answer(shop: ShopState, session: Json) -> Json:
    """The payload: the order as it would be."""
    order = _order(shop, session)
    edit_shipping(order, _steps(session))
    recompute(order)
    shown = {
        "id": session["id"], "originalOrder": shop.get(session["_order"]), "shippingLines": session["shippingLines"],
        "subtotalLineItemsQuantity": order["currentSubtotalLineItemsQuantity"],
        "subtotalPriceSet": order["currentSubtotalPriceSet"], "totalPriceSet": order["currentTotalPriceSet"],
    }  # fmt: skip
    number = number_of(session["id"])
    return {
        "calculatedOrder": shown, "userErrors": [],
        "orderEditSession": {"id": f"gid://shopify/OrderEditSession/{number}"},
    }  # fmt: skip


def _refused(message: str, *field: str, coded: bool = True) -> Json:
    problem: Json = {"field": list(field), "message": message} | ({"code": "INVALID"} if coded else {})
    return {"calculatedOrder": None, "orderEditSession": None, "userErrors": [problem]}


RESOLVERS = {
    "orderEditBegin": begin,
    "orderEditAddShippingLine": add_shipping_line,
    "orderEditUpdateShippingLine": update_shipping_line,
    "orderEditRemoveShippingLine": remove_shipping_line,
    "orderEditCommit": commit,
}

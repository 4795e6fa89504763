"""The sandbox's page: stores, orders, a form to place an order, and buttons on each order."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from html import escape
from typing import Any

from werkzeug.exceptions import BadRequest, NotFound
from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from sandbox.shopify import changes, placing
from sandbox.shopify.catalog import CATALOG, SHIPPING
from sandbox.shopify.editing import edit_shipping
from sandbox.shopify.linking import nodes
from sandbox.shopify.money import currencies_of, given, read_bag, smallest_unit, text
from sandbox.shopify.parts import SpecError
from sandbox.shopify.refunds import refund
from sandbox.shopify.shop_state import ShopState, utc_now
from sandbox.shopify.stores import Stores
from sandbox.shopify.totals import recompute

Json = dict[str, Any]

_STYLE = """
:root{color-scheme:light dark;--line:light-dark(#ddd,#444);--soft:light-dark(#f6f6f4,#222);--ink:light-dark(#222,#eee)}
body{font:15px/1.5 system-ui,sans-serif;color:var(--ink);background:light-dark(#fff,#161616);max-width:70rem;
margin:0 auto;padding:1.5rem}a{color:light-dark(#0b6b46,#6fd6ac)}table{border-collapse:collapse;width:100%}
th,td{text-align:left;padding:.35rem .6rem;border-bottom:1px solid var(--line)}td.n,th.n{text-align:right;
font-variant-numeric:tabular-nums}section{background:var(--soft);border-radius:10px;padding:1rem 1.2rem;margin:1rem 0}
button,input,select{font:inherit;padding:.3rem .6rem;border-radius:6px;border:1px solid var(--line)}
form.inline{display:inline-block;margin:.2rem .4rem .2rem 0}.tag{border:1px solid var(--line);border-radius:9px;
padding:0 .5rem;font-size:.85em}.error{color:light-dark(#a40000,#ff9b9b)}
"""


def answer(sandbox: Stores, request: Request, endpoint: str, values: Json) -> Response:
    """Answer one of the page's addresses."""
    if endpoint == "home":
        return _html("Sandbox Shopify", _home(sandbox))
    shop = sandbox.shop(values["store"])
    if endpoint == "store":
        return _html(shop.shop["name"], _store(shop))
    if endpoint == "place":
        return _place(shop, request)
    gid = _find(shop, values["number"])
    if request.method == "POST":
        return _act(shop, gid, request)
    return _html(f"Order {values['number']}", _order(shop, gid))


def _find(shop: ShopState, number: int) -> str:
    for gid, row in shop.documents.summaries(shop.name, "Order").items():
        if row["id"] == number:
            return gid
    raise NotFound(f"{shop.name} has no order with the id {number}.")


def _html(title: str, body: str, status: int = 200) -> Response:
    page = (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style>'
        f"<body><p><a href='/'>Sandbox Shopify</a></p><h1>{escape(title)}</h1>{body}</body></html>"
    )
    return Response(page, status=status, content_type="text/html; charset=utf-8")


def _home(sandbox: Stores) -> str:
    rows = ""
    for store in sandbox.stores():
        shop = sandbox.shop(store)
        count = len(shop.documents.summaries(store, "Order"))
        rows += (
            f"<tr><td><a href='/{store}/'>{escape(shop.shop['name'])}</a><td>{escape(shop.domain)}"
            f"<td>{shop.currency}<td class=n>{count}"
        )
    return (
        "<p>A stand-in for Shopify. Nothing here is real, and nothing leaves this machine.</p>"
        f"<table><tr><th>Store<th>Domain<th>Currency<th class=n>Orders{rows}</table>"
    )


def _store(shop: ShopState) -> str:
    rows = ""
    summaries = shop.documents.summaries(shop.name, "Order")
    for _, gid in reversed(shop.sorted_keys("Order", "UPDATED_AT")):
        order = shop.get(gid) or {}
        total = order["currentTotalPriceSet"]["shopMoney"]
        who = (order.get("shippingAddress") or {}).get("name") or order.get("email") or "no customer"
        rows += (
            f"<tr><td><a href='/{shop.name}/orders/{summaries[gid]['id']}'>{escape(order['name'])}</a>"
            f"<td>{escape(str(who))}<td>{order['displayFinancialStatus'] or ''}<td>{order['displayFulfillmentStatus']}"
            f"<td>{order['updatedAt']}<td class=n>{total['amount']} {total['currencyCode']}"
        )
    head = "<tr><th>Order<th>Buyer<th>Payment<th>Shipping<th>Updated (UTC)<th class=n>Total"
    return _form(shop) + f"<table>{head}{rows}</table>"


def _form(shop: ShopState) -> str:
    if shop.currency != "USD" or shop.shop["taxesIncluded"]:
        return "<p>Orders can be placed by hand in the USD store; other stores take loaded orders.</p>"
    goods = "".join(
        f"<tr><td>{escape(article.title)} <small>{sku}</small><td class=n>{article.price}"
        f"<td class=n><input type=number name='qty_{sku}' min=0 max=99 value=0>"
        for sku, article in CATALOG.items()
    )
    ways = "".join(
        f"<option value='{code}'>{title} ({price})</option>" for code, (title, price) in SHIPPING.items()
    )
    return (
        f"<section><h2>Place an order</h2><form method=post action='/{shop.name}/orders/new'><table>{goods}</table>"
        "<p><label>Discount code <select name=code><option value=''>none</option><option>SAVE10</option>"
        "<option>WELCOME5</option><option>FREESHIP</option></select></label> "
        f"<label>Shipping <select name=shipping>{ways}<option value=''>none</option></select></label> "
        "<label>Payment <select name=pay><option value=paid>paid by card</option><option value=authorized>"
        "authorized only</option><option value=pending>not paid yet</option></select></label> "
        "<button>Place order</button></p></form></section>"
    )


def _place(shop: ShopState, request: Request) -> Response:
    quantities = {
        key[4:]: int(value)
        for key, value in request.form.items()
        if key.startswith("qty_") and value.isdigit() and int(value)
    }
    try:
        order = placing.place(
            shop,
            quantities,
            request.form.get("code", ""),
            request.form.get("shipping", ""),
            request.form.get("pay", "paid"),
        )
    except SpecError as error:
        return _html("The order was not placed", f"<p class=error>{escape(str(error))}</p>", 400)
    return redirect(f"/{shop.name}/orders/{order['legacyResourceId']}", code=303)


def _act(shop: ShopState, gid: str, request: Request) -> Response:
    action = _ACTIONS.get(request.form.get("action", ""))
    if action is None:
        raise BadRequest("There is no such action on an order.")
    with shop.documents.batch():
        order = shop.editable(gid)
        if order is None:
            raise NotFound("This order is gone.")
        try:
            topics = action(order, request.form)
        except SpecError as error:
            return _html(order["name"], f"<p class=error>{escape(str(error))}</p>", 400)
        recompute(order)
        number = order["legacyResourceId"]
        shop.save_order(order, (*topics, "orders/updated"))
    return redirect(f"/{shop.name}/orders/{number}", code=303)


def _pay(order: Json, _form: Any) -> tuple[str, ...]:
    bag = changes.owed(order)
    if not bag.shop:
        raise SpecError(f"Nothing is owed on {order['name']}.")
    amount = [text(bag.shop), text(bag.presentment)]
    open_money = read_bag(order["totalCapturableSet"])
    kind = "CAPTURE" if open_money.shop else "SALE"
    gateway = "shopify_payments" if kind == "CAPTURE" else "manual"
    changes.pay(order, {"gateway": gateway, "kind": kind, "amount": amount}, utc_now())
    return ("order_transactions/create", "orders/paid")


def _cancel(order: Json, _form: Any) -> tuple[str, ...]:
    if order["cancelledAt"]:
        raise SpecError(f"{order['name']} is cancelled already.")
    changes.cancel(order, {"reason": "CUSTOMER"}, utc_now())
    return ("orders/cancelled",)


def _note(order: Json, form: Any) -> tuple[str, ...]:
    order["note"] = form.get("note") or None
    return ()


def _quantity(order: Json, form: Any) -> tuple[str, ...]:
    line = changes.find_line(order, form.get("line", ""))
    wanted, now = int(form.get("quantity") or 0), int(line["currentQuantity"])
    if wanted > now:
        placing.raise_quantity(order, line, wanted - now, utc_now())
    elif wanted < now:
        changes.edit(order, {"remove": {line["id"]: now - wanted}}, utc_now())
    return ("orders/edited",)


def _details(order: Json, form: Any) -> tuple[str, ...]:
    """Tags, PO number and parts of the shipping address, those that are given."""
    if "tags" in form:
        order["tags"] = sorted(filter(None, (tag.strip() for tag in form["tags"].split(","))), key=str.lower)
    if "po" in form:
        order["poNumber"] = form["po"] or None
    address = order.get("shippingAddress")
    if address:
        address.update({part: form[part] for part in ("address1", "city", "zip") if part in form})
    return ()


def _edit(order: Json, form: Any) -> tuple[str, ...]:
    """An order edit written as JSON: lines to add, to discount, to take off."""
    try:
        spec = json.loads(form.get("spec") or "{}")
    except ValueError as error:
        raise SpecError(f"The edit is not JSON: {error}.") from error
    order["_taxes"] = [
        {"title": row["title"], "rate": str(row["rate"])}
        for row in order["lineItems"]["nodes"][0]["taxLines"]
    ]
    changes.edit(order, spec, utc_now())
    del order["_taxes"]
    return ("orders/edited",)


def _shipping(order: Json, form: Any) -> tuple[str, ...]:
    """An order edit of a shipping line: another title or price takes it off and adds the new one, an empty price only
    takes it off; without a line a new one is added."""
    steps: list[Json] = []
    if form.get("place"):
        steps.append({"remove": int(form["place"])})
    if form.get("price"):
        try:
            price = given(Decimal(form["price"]).quantize(smallest_unit(order["currencyCode"])))
        except InvalidOperation as error:
            raise SpecError(f"'{form['price']}' is not a price.") from error
        if currencies_of(order).presentment != order["currencyCode"]:
            raise SpecError("Orders in two currencies are edited by the API, or as JSON.")
        steps.append({"add": form.get("title") or "Shipping", "price": price})
    if not steps:
        raise SpecError("Write a price for the new shipping line.")
    edit_shipping(order, steps)
    return ("orders/edited",)


def _ship(order: Json, _form: Any) -> tuple[str, ...]:
    changes.fulfill(order, {}, utc_now())
    return ("fulfillments/create", "orders/fulfilled")


def _refund(order: Json, form: Any) -> tuple[str, ...]:
    line = changes.find_line(order, form.get("line", ""))
    refund(order, {"lines": [{"line": line["id"], "qty": 1}]}, utc_now())
    return ("refunds/create",)


def _archive(order: Json, _form: Any) -> tuple[str, ...]:
    (changes.reopen if order["closed"] else changes.close)(order, {}, utc_now())
    return ()


_ACTIONS: dict[str, Callable[[Json, Any], tuple[str, ...]]] = {
    "pay": _pay,
    "cancel": _cancel,
    "note": _note,
    "details": _details,
    "edit": _edit,
    "quantity": _quantity,
    "shipping": _shipping,
    "ship": _ship,
    "refund": _refund,
    "archive": _archive,
}


def _button(action: str, label: str, inner: str = "") -> str:
    hidden = f"<input type=hidden name=action value={action}>"
    return f"<form class=inline method=post>{hidden}{inner}<button>{label}</button></form>"


def _order(shop: ShopState, gid: str) -> str:
    order = shop.get(gid) or {}
    rows = ""
    for line in nodes(order["lineItems"]):
        hidden = f"<input type=hidden name=line value='{escape(line['id'])}'>"
        number = f"<input type=number name=quantity min=0 max=99 value={line['currentQuantity']}>"
        rows += (
            f"<tr><td>{escape(line['name'])} <small>{escape(line['sku'] or '')}</small><td class=n>"
            f"{line['currentQuantity']} of {line['quantity']}<td class=n>{_shown(line['originalUnitPriceSet'])}"
            f"<td class=n>{_shown(line['discountedUnitPriceAfterAllDiscountsSet'])}<td>"
            + _button("quantity", "Set quantity", hidden + number)
            + _button("refund", "Refund one", hidden)
        )
    for place, shipping in enumerate([*nodes(order["shippingLines"]), None]):
        rows += _shipping_row(place, shipping)
    totals = "".join(
        f"<tr><td>{label}<td class=n>{_shown(order[key])}"
        for label, key in (
            ("Goods", "currentSubtotalPriceSet"), ("Shipping", "currentShippingPriceSet"),
            ("Tax", "currentTotalTaxSet"),
            ("Tip", "totalTipReceivedSet"), ("Total", "currentTotalPriceSet"), ("Received", "totalReceivedSet"),
            ("Refunded", "totalRefundedSet"), ("Owed", "totalOutstandingSet"),
        )
    )  # fmt: skip
    note = f"<input name=note value='{escape(order.get('note') or '', quote=True)}' size=40>"
    buttons = (
        _button("pay", "Take payment") + _button("ship", "Ship everything") + _button("cancel", "Cancel and refund")
        + _button("archive", "Reopen" if order["closed"] else "Archive") + _button("note", "Save note", note)
    )  # fmt: skip
    address = order.get("shippingAddress") or {}
    places = "".join(
        f"<label>{part} <input name={part} value='{escape(address.get(part) or '', quote=True)}'"
        " size=12></label> "
        for part in ("address1", "city", "zip")
    )
    tags = f"<label>tags <input name=tags value='{escape(', '.join(order['tags']), quote=True)}' size=20></label> "
    spec = (
        """<input name=spec size=50 value='{"add": [{"sku": "MUG", "price": "15.00", "tax": ["1.24"]}]}'>"""
    )
    buttons += _button("details", "Save details", places + tags) + _button("edit", "Edit as JSON", spec)
    state = " ".join(
        f"<span class=tag>{escape(str(each))}</span>"
        for each in (order["displayFinancialStatus"], order["displayFulfillmentStatus"], *order["tags"])
        if each
    )
    return (
        f"<p>{escape(order['name'])} {state} · updated {order['updatedAt']} UTC · <code>{escape(gid)}</code></p>"
        + buttons
        + f"<table><tr><th>Line<th class=n>Quantity<th class=n>Price<th class=n>After discounts<th>{rows}</table>"
        f"<section><table>{totals}</table></section>"
    )


def _shipping_row(place: int, line: Json | None) -> str:
    """A row for a shipping line, or for one to add."""
    shown = _shown(line["originalPriceSet"]) if line else ""
    if line is not None and line["isRemoved"]:
        return f"<tr><td><s>{escape(line['title'])}</s><td class=n>0 of 1<td class=n>{shown}<td><td>"
    title, price = (line["title"], text(read_bag(line["originalPriceSet"]).shop)) if line else ("", "")
    fields = (
        (f"<input type=hidden name=place value={place}>" if line else "")
        + f"<input name=title size=14 placeholder='Shipping line' value='{escape(title, quote=True)}'>"
        + f"<input name=price size=6 placeholder=Price value='{price}'>"
    )
    button = _button("shipping", "Set shipping" if line else "Add shipping", fields)
    taken = f"<input type=hidden name=place value={place}>"
    off = _button("shipping", "Take off", taken) if line else ""
    after = _shown(line.get("currentDiscountedPriceSet")) if line else ""
    name = escape(title) if line else "<i>new shipping line</i>"
    count = "1 of 1" if line else ""
    return f"<tr><td>{name}<td class=n>{count}<td class=n>{shown}<td class=n>{after}<td>{button}{off}"


def _shown(value: Json | None) -> str:
    return f"{value['shopMoney']['amount']} {value['shopMoney']['currencyCode']}" if value else ""

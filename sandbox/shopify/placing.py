"""Placing an order by hand in the demo store: here the sandbox itself is the shop and works out the amounts.

New York's 8.25 % on goods, not on shipping; a discount code is shared over the lines by their price, what
is left over going cent by cent from the first line.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sandbox.shopify import changes
from sandbox.shopify.catalog import CATALOG, DISCOUNT_AMOUNT, DISCOUNT_PERCENT, FREE_SHIPPING_CODE, SHIPPING
from sandbox.shopify.money import read_bag
from sandbox.shopify.parts import SpecError
from sandbox.shopify.seeding import builder_for
from sandbox.shopify.shop_state import ShopState, utc_now

Json = dict[str, Any]

TAX = {"title": "New York State Tax", "rate": "0.0825"}
CENT = Decimal("0.01")


def spread(amount: Decimal, weights: list[Decimal]) -> list[Decimal]:
    """Share an amount by weight in whole cents, the left-over cents one each from the first.

    >>> [str(part) for part in spread(Decimal("5.00"), [Decimal(1), Decimal(1), Decimal(1)])]
    ['1.67', '1.67', '1.66']
    """
    whole = sum(weights)
    if not whole:
        return [Decimal("0.00") for _ in weights]
    shares = [(amount * weight / whole).quantize(CENT, "ROUND_DOWN") for weight in weights]
    left = int((amount - sum(shares)) / CENT)
    return [share + (CENT if index < left else 0) for index, share in enumerate(shares)]


def place(shop: ShopState, quantities: dict[str, int], code: str, shipping: str, payment: str) -> Json:
    """Place an order of `quantities` by SKU; `payment` is paid, authorized or pending. Announces orders/create.

    SpecError when nothing was picked or a SKU, code or shipping method is unknown.
    """
    if unknown := sorted(set(quantities) - set(CATALOG)):
        raise SpecError(f"The store does not sell {', '.join(unknown)}.")
    if not quantities:
        raise SpecError("Pick at least one article.")
    if shipping and shipping not in SHIPPING:
        raise SpecError(f"There is no shipping method {shipping}.")
    lines: list[Json] = [{"sku": sku, "qty": count} for sku, count in quantities.items()]
    spec: Json = {
        "name": shop.next_order_name(), "created": utc_now(), "customer": "ada", "taxes": [TAX], "lines": lines,
        "shipping": [{"code": shipping}] if shipping else [], "tags": ["placed-by-hand"],
    }  # fmt: skip
    _discount(spec, code)
    for line in lines:
        net = _gross(line) - Decimal((line.get("disc") or {}).get(code, "0"))
        line["tax"] = [str((net * Decimal(TAX["rate"])).quantize(CENT, ROUND_HALF_UP))]
        if line["sku"] == "GIFT-50":
            line |= {"gift_card": True, "tax": []}
    builder = builder_for(shop.name)
    total = read_bag(builder.build(spec)["totalPriceSet"]).shop
    if payment != "pending" and total:
        kind = "AUTHORIZATION" if payment == "authorized" else "SALE"
        spec["payments"] = [{"kind": kind, "amount": str(total)}]
    order = builder.build(spec)
    person = builder.people["ada"]
    with shop.documents.batch():
        if shop.get(person["id"]) is None:
            shop.put("Customer", person)
        shop.save_order(order, ("orders/create", "orders/paid") if payment == "paid" else ("orders/create",))
    return order


def _gross(line: Json) -> Decimal:
    return Decimal(CATALOG[line["sku"]].price) * int(line["qty"])


def _discount(spec: Json, code: str) -> None:
    if not code:
        return
    gross = [_gross(line) for line in spec["lines"]]
    if code == FREE_SHIPPING_CODE:
        spec["discounts"] = [{"code": code, "percent": "100", "on": "shipping"}]
        for line in spec["shipping"]:
            line["disc"] = {code: SHIPPING[line["code"]][1]}
        return
    if code in DISCOUNT_PERCENT:
        spec["discounts"] = [{"code": code, "percent": str(DISCOUNT_PERCENT[code])}]
        amount = (sum(gross, Decimal(0)) * DISCOUNT_PERCENT[code] / 100).quantize(CENT, ROUND_HALF_UP)
    elif code in DISCOUNT_AMOUNT:
        spec["discounts"] = [{"code": code, "amount": DISCOUNT_AMOUNT[code]}]
        amount = min(Decimal(DISCOUNT_AMOUNT[code]), sum(gross, Decimal(0)))
    else:
        raise SpecError(f"There is no discount code {code}.")
    for line, share in zip(spec["lines"], spread(amount, gross), strict=True):
        line["disc"] = {code: str(share)}


def raise_quantity(order: Json, line: Json, by: int, at: str) -> None:
    """Raise a line's quantity by an edit; the added units are taxed like those there are, without discount."""
    unit = read_bag(line["originalUnitPriceSet"]).shop
    tax = [
        str((unit * by * Decimal(str(row["rate"] or 0))).quantize(CENT, ROUND_HALF_UP))
        for row in line["taxLines"]
    ]
    order["_taxes"] = [{"title": row["title"], "rate": str(row["rate"])} for row in line["taxLines"]]
    changes.edit(order, {"raise": {line["id"]: {"by": by, "tax": tax}}}, at)
    del order["_taxes"]

"""The sales ledger of an order: agreements and their sales, as `Order.agreements` returns them.

Signs and meaning: ORDER sales are positive, RETURN sales negative in quantity, amount, tax and discount;
`totalAmount` is after discount and with tax, whether prices include tax or not; quantity is null for
shipping and adjustments.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sandbox.shopify.documents import number_of
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

_TYPENAMES = {
    "PRODUCT": "ProductSale",
    "GIFT_CARD": "GiftCardSale",
    "TIP": "TipSale",
    "SHIPPING": "ShippingLineSale",
    "DUTY": "DutySale",
    "ADDITIONAL_FEE": "AdditionalFeeSale",
    "ADJUSTMENT": "AdjustmentSale",
}
_SUBJECTS = {
    "PRODUCT": "lineItem",
    "GIFT_CARD": "lineItem",
    "TIP": "lineItem",
    "SHIPPING": "shippingLine",
    "DUTY": "duty",
    "ADDITIONAL_FEE": "additionalFee",
}
_AGREEMENTS = {
    "ORDER": "OrderAgreement",
    "ORDER_EDIT": "OrderEditAgreement",
    "REFUND": "RefundAgreement",
    "RETURN": "ReturnAgreement",
}


def new_id(order: Json, kind: str) -> str:
    """A new id for a part of an order: the order's number and a running one."""
    order["_sequence"] = order.get("_sequence", 5000) + 1
    return f"gid://shopify/{kind}/{number_of(order['id']) * 10000 + order['_sequence']}"


@dataclass
class Amounts:
    """What one sale comes to, all positive: `gross` after discount as priced (with tax only if prices
    include it), `discount` as priced, `taxes` by tax line, `net_discount` the discount without tax."""

    gross: Bag = ZERO
    discount: Bag = ZERO
    taxes: list[tuple[Json, Bag]] = field(default_factory=list)
    net_discount: Bag | None = None

    @property
    def tax(self) -> Bag:
        """The sum of the taxes."""
        return total(bag for _, bag in self.taxes)


def sale(  # noqa: PLR0917 - the six facts of a sale, always given in this order
    order: Json, line_type: str, action: str, subject: Json | None, quantity: int | None, amounts: Amounts
) -> Json:
    """One sale. RETURN turns the signs round."""
    currencies = currencies_of(order)
    sign = -1 if action == "RETURN" else 1
    whole = amounts.gross if order["taxesIncluded"] else amounts.gross + amounts.tax
    net_discount = amounts.net_discount if amounts.net_discount is not None else _without_tax(order, amounts)
    row: Json = {
        "__typename": _TYPENAMES[line_type],
        "id": new_id(order, "Sale"),
        "actionType": action,
        "lineType": line_type,
        "quantity": None if quantity is None else sign * quantity,
        "totalAmount": money_bag(whole * sign, currencies),
        "totalDiscountAmountBeforeTaxes": money_bag(net_discount * sign, currencies),
        "totalDiscountAmountAfterTaxes": money_bag(ZERO, currencies),
        "totalTaxAmount": money_bag(amounts.tax * sign, currencies),
        "taxes": [
            {"id": new_id(order, "SaleTax"), "amount": money_bag(bag * sign, currencies), "taxLine": tax_line}
            for tax_line, bag in amounts.taxes
        ],
        "_discount": money_bag(amounts.discount * sign, currencies),
    }
    name = _SUBJECTS.get(line_type)
    if name and subject is not None:
        row[name] = (
            {"id": subject["id"], "name": subject["name"]}
            if name == "additionalFee"
            else {"id": subject["id"]}
        )
    return row


def _without_tax(order: Json, amounts: Amounts) -> Bag:
    """The discount without the tax inside it, at the rates of the tax lines."""
    if not order["taxesIncluded"] or not amounts.discount:
        return amounts.discount
    rate = sum((Decimal(str(tax_line.get("rate") or 0)) for tax_line, _ in amounts.taxes), Decimal(0))
    factor = Decimal(1) / (1 + rate)
    return rounded(amounts.discount * factor, currencies_of(order))


def agreement(order: Json, reason: str, happened_at: str, sales: list[Json], **references: Json) -> Json:
    """Append an agreement with its sales; `references` name its refund or return."""
    row: Json = {
        "__typename": _AGREEMENTS[reason],
        "id": new_id(order, "SalesAgreement"),
        "happenedAt": happened_at,
        "reason": reason,
        "app": {"id": "gid://shopify/App/580111", "title": "Online Store"},
        "sales": {"nodes": sales},
        **references,
    }
    order.setdefault("agreements", {"nodes": []})["nodes"].append(row)
    return row


def line_type(line: Json) -> str:
    """The sale line type of a line item; a tip is marked when built and otherwise known from its sale."""
    if line.get("_tip"):
        return "TIP"
    return "GIFT_CARD" if line.get("isGiftCard") else "PRODUCT"


def line_discount(line: Json) -> Bag:
    """All discounts allocated to a line item (or shipping line), as priced."""
    return total(read_bag(row["allocatedAmountSet"]) for row in line.get("discountAllocations") or ())


def units_taken(line: Json, count: int, currencies: Currencies, start: int | None = None) -> Amounts:
    """The amounts of `count` units of a line, from the first one that is still there."""
    quantity = int(line["quantity"])
    first = quantity - int(line["currentQuantity"]) if start is None else start
    window = slice(first, first + count)
    discount = total(unit_shares(line_discount(line), quantity, currencies)[window])
    taxes = [
        (
            {**row, "priceSet": row["priceSet"]},
            total(unit_shares(read_bag(row["priceSet"]), quantity, currencies)[window]),
        )
        for row in line.get("taxLines") or ()
    ]
    gross = read_bag(line["originalUnitPriceSet"]) * count - discount
    return Amounts(gross, discount, taxes)


def shipping_amounts(line: Json) -> Amounts:
    """The amounts of a whole shipping line."""
    discount = line_discount(line)
    taxes = [(row, read_bag(row["priceSet"])) for row in line.get("taxLines") or ()]
    return Amounts(read_bag(line["originalPriceSet"]) - discount, discount, taxes)


def opening_sales(order: Json) -> list[Json]:
    """The sales of the order as placed: lines, tips, duties, shipping, fees, in Shopify's order of kinds."""
    currencies = currencies_of(order)
    rows: list[Json] = []
    for line in nodes(order["lineItems"]):
        amounts = units_taken(line, int(line["quantity"]), currencies, start=0)
        amounts.net_discount = line.pop("_net_discount", None)
        rows.append(sale(order, line_type(line), "ORDER", line, int(line["quantity"]), amounts))
        rows += [sale(order, "DUTY", "ORDER", duty, None, priced(duty)) for duty in line.get("duties") or ()]
    for line in nodes(order["shippingLines"]):
        rows.append(sale(order, "SHIPPING", "ORDER", line, None, shipping_amounts(line)))
    fees = order.get("additionalFees") or ()
    return rows + [sale(order, "ADDITIONAL_FEE", "ORDER", fee, None, priced(fee)) for fee in fees]


def priced(row: Json) -> Amounts:
    """The amounts of a duty or an additional fee."""
    return Amounts(
        read_bag(row["price"]), ZERO, [(each, read_bag(each["priceSet"])) for each in row["taxLines"]]
    )


def all_sales(order: Json) -> list[Json]:
    """Every sale of the order, oldest agreement first."""
    return [row for each in nodes(order.get("agreements")) for row in nodes(each.get("sales"))]

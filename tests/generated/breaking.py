"""Orders whose figures lack a cent: what a lost or doubled amount in Shopify's ledger would look like."""

from __future__ import annotations

from decimal import Decimal
from random import Random
from typing import Any

from tests.generated.specs import EXPONENTS, Json

STATED = ("currentTotalPriceSet", "originalTotalPriceSet", "currentTotalTaxSet", "currentShippingPriceSet")
"""Totals of the order that its sales must explain."""


def break_order(chance: Random, raw: Json) -> str:
    """Change one figure of the order by one smallest unit, in both currencies, or drop a sale; says what was done."""
    sales = [row for each in raw["agreements"]["nodes"] for row in each["sales"]["nodes"]]
    wide = [row for row in sales if Decimal(row["totalAmount"]["shopMoney"]["amount"])]
    ways = ["stated", "tax", "pieces", *(["dropped"] if wide else [])]
    if not _rounded_by_one(
        raw
    ):  # totals are stated with or without cash rounding: then one unit more is no mistake
        ways.append("sale")
    match chance.choice(ways):
        case "stated":
            name = chance.choice(STATED)
            _nudge(raw[name], chance)
            return name
        case "sale":
            _nudge(chance.choice(sales)["totalAmount"], chance)
            return "totalAmount of a sale"
        case "tax":
            _nudge(chance.choice(sales)["totalTaxAmount"], chance)
            return "totalTaxAmount of a sale"
        case "pieces":
            line = chance.choice(raw["lineItems"]["nodes"])
            line["currentQuantity"] += 1
            return "currentQuantity of a line"
        case _:
            gone = chance.choice(wide)
            for each in raw["agreements"]["nodes"]:
                each["sales"]["nodes"] = [row for row in each["sales"]["nodes"] if row is not gone]
            return "a sale"


def _rounded_by_one(raw: Json) -> bool:
    sides = raw["totalCashRoundingAdjustment"]["paymentSet"].values()
    units = (Decimal(side["amount"]).scaleb(EXPONENTS[side["currencyCode"]]) for side in sides)
    return any(abs(unit) == 1 for unit in units)


def _nudge(bag: dict[str, Any], chance: Random) -> None:
    """One smallest unit more or less, in the same direction in both currencies."""
    sign = chance.choice((-1, 1))
    for side in bag.values():
        unit = Decimal(1).scaleb(-EXPONENTS[side["currencyCode"]])
        side["amount"] = str(Decimal(side["amount"]) + sign * unit)

"""Sales documents (order, invoice, cash sale, credit memo, cash refund, return): parties, lines and totals.

Amount rules: REST help on price levels and shipping as gathered in the field reference of salesOrder.
"""

# ruff: noqa: PLR0917 - pricing needs line, place, item and currency

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sandbox.netsuite.errors import invalid_reference, missing_value, user_error
from sandbox.netsuite.references import check_all, resolve, subsidiaries_of
from sandbox.netsuite.store import Doc
from sandbox.netsuite.taxes import apply_tax
from sandbox.netsuite.work import Work, known_row, row_of

SALES_TYPES = ("salesOrder", "invoice", "cashSale", "creditMemo", "cashRefund", "returnAuthorization")
_LABELS = {"customer": "Customer", "entity": "Customer"}


def rounded(value: Decimal, precision: int) -> Decimal:
    """Half-up to the currency's decimals (0 for JPY, 3 for KWD)."""
    return value.quantize(Decimal(1).scaleb(-precision), rounding=ROUND_HALF_UP)


def precision_of(work: Work, doc: Doc) -> int:
    """Decimals of the document's currency."""
    row = row_of(work.db, "currency", doc["currency"]["id"])
    return int(row["currencyprecision"]) if row else 2


def set_party(work: Work, doc: Doc, field: str = "entity") -> dict[str, Any]:
    """Check customer, subsidiary, currency and exchange rate, and fill in what the customer brings.

    Raises RestError when the customer is missing, inactive, or does not trade in the subsidiary or currency.
    """
    if not doc.get(field):
        raise missing_value(_LABELS[field])
    customer = resolve(work, "customer", doc[field], field)
    doc.setdefault("subsidiary", {"id": str(customer["subsidiary"])})
    subsidiary = resolve(work, "subsidiary", doc["subsidiary"], "subsidiary")
    if subsidiary["id"] not in subsidiaries_of(work, customer["id"]):
        raise invalid_reference(doc[field]["id"], field, field)
    doc.setdefault("currency", {"id": str(customer["currency"])})
    currency = resolve(work, "currency", doc["currency"], "currency")
    if str(currency["id"]) not in str(customer["_currencies"]).split(","):
        raise invalid_reference(doc["currency"]["id"], "currency", "currency")
    if not doc.get("exchangeRate"):
        base = known_row(work.db, "currency", subsidiary["currency"])
        rate = Decimal(str(currency["exchangerate"])) / Decimal(str(base["exchangerate"]))
        doc["exchangeRate"] = round(rate, 8).normalize() + 0
    return customer


def prepare(work: Work, rectype: str, doc: Doc) -> None:
    """Check a sales document and compute its lines, shipping, tax and totals in place."""
    customer = set_party(work, doc)
    subsidiary = doc["subsidiary"]["id"]
    check_all(work, rectype, doc, subsidiary)
    precision = precision_of(work, doc)
    lines = (doc.get("item") or {}).get("items") or []
    if not lines:
        raise user_error("You must enter at least one line item for this transaction.")
    number_lines(lines)
    for index, line in enumerate(lines):
        _price_line(work, line, f"item.items[{index}]", subsidiary, precision, doc["currency"]["id"])
    _price_shipping(work, doc, precision)
    doc["subtotal"] = sum((line["amount"] for line in lines), Decimal(0))
    doc["discountTotal"] = _header_discount(doc, precision) - _promoted(work, doc, precision)
    apply_tax(work, doc, lines, customer, precision)
    extra = (doc.get("shippingCost") or Decimal(0)) + (doc.get("handlingCost") or Decimal(0))
    doc["total"] = rounded(doc["subtotal"] + doc["discountTotal"] + extra + doc["taxTotal"], precision)
    if rectype in ("cashSale", "invoice") and doc["total"] < 0:
        raise user_error("The total can not be negative.")


def number_lines(lines: list[Doc]) -> None:
    """Give lines without a key the next free one."""
    highest = max((line.get("line") or 0 for line in lines), default=0)
    for line in lines:
        if not line.get("line"):
            highest += 1
            line["line"] = highest


def _price_line(work: Work, line: Doc, path: str, subsidiary: str, precision: int, currency: str) -> None:
    if not line.get("item"):
        raise missing_value("Item")
    item = resolve(work, "item", line["item"], f"{path}.item", subsidiary)
    if item["matrixtype"] == "PARENT":
        raise invalid_reference(line["item"]["id"], "item", f"{path}.item")
    line.setdefault("isClosed", False)
    line["itemType"] = {"id": item["itemtype"]}
    if item["itemtype"] == "Description":
        line["amount"] = Decimal(0)
        return
    _price(work, line, path, item, precision, currency)


def _price(work: Work, line: Doc, path: str, item: dict[str, Any], precision: int, currency: str) -> None:
    discount = item["itemtype"] == "Discount"
    if not discount:
        line["quantity"] = line["quantity"] if line.get("quantity") is not None else Decimal(1)
    quantity = line["quantity"] if line.get("quantity") is not None else Decimal(1)
    custom = (line.get("price") or {}).get("id") == "-1"
    if not custom and item["_baseprice"] is not None:
        _apply_price_level(work, line, item, quantity, precision, currency)
        return
    rate, amount = line.get("rate"), line.get("amount")
    if rate is None and amount is None:
        raise missing_value("Amount")
    if amount is None:
        amount = quantity * (rate or Decimal(0))
    elif rate is None:
        line["rate"] = round(amount / quantity, 8).normalize() + 0 if quantity else amount
    elif rounded(quantity * rate, precision) != rounded(amount, precision):
        work.warnings.append(
            f"{path}: amount {amount} is not quantity {quantity} x rate {rate}; amount was kept."
        )
    line["amount"] = rounded(amount, precision)


def _apply_price_level(
    work: Work, line: Doc, item: dict[str, Any], quantity: Decimal, precision: int, currency: str
) -> None:
    """Without the custom level (-1) the item's own price replaces whatever rate was sent."""
    level = (line.get("price") or {"id": "1"})["id"]
    row = work.db.execute(
        "SELECT unitprice FROM q_pricing WHERE item = ? AND currency = ? AND pricelevel IN (?, 1) "
        "ORDER BY pricelevel = 1 LIMIT 1",
        (item["id"], int(currency), int(level)),
    ).fetchone()
    price = Decimal(str(row[0])) if row else Decimal(str(item["_baseprice"]))
    if line.get("rate") is not None and line["rate"] != price:
        work.warnings.append(
            f"line {line['line']}: rate {line['rate']} was replaced by the price level's {price}."
        )
    line["price"] = {"id": level}
    line["rate"] = price
    line["amount"] = rounded(quantity * price, precision)


def _price_shipping(work: Work, doc: Doc, precision: int) -> None:
    """A ship method without an explicit cost brings its own default cost."""
    method = doc.get("shipMethod")
    if doc.get("shippingCost") is None and method:
        row = row_of(work.db, "shipitem", method["id"])
        doc["shippingCost"] = Decimal(str(row["_defaultcost"])) if row else Decimal(0)
    for field in ("shippingCost", "handlingCost"):
        if doc.get(field) is not None:
            doc[field] = rounded(doc[field], precision)


def _promoted(work: Work, doc: Doc, precision: int) -> Decimal:
    """What the document's promotions take off by their own rates, whatever the caller meant by naming them."""
    less = Decimal(0)
    for given in (doc.get("promotions") or {}).get("items", []):
        promotion = known_row(work.db, "promotioncode", given["promoCode"]["id"])
        rate = Decimal(str(promotion["rate"] or 0))
        percent = promotion["discounttype"] == "percent"
        less += rounded(doc["subtotal"] * rate / 100, precision) if percent else rate
    return less


def _header_discount(doc: Doc, precision: int) -> Decimal:
    if not doc.get("discountItem") or doc.get("discountRate") is None:
        return Decimal(0)
    return rounded(doc["discountRate"], precision)

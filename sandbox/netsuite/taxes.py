"""Tax of sales documents, by the account's tax feature.

SuiteTax: with taxDetailsOverride the caller's rows count; without it the account's engine computes, on
the document's sum as many engines do (which is how a cent gets lost). Legacy: the line's tax code, per line.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sandbox.netsuite.errors import invalid_reference, missing_value
from sandbox.netsuite.store import Doc
from sandbox.netsuite.work import Work, row_of

DEFAULT_CODE = {"1": 902, "2": 904, "3": 906}
SHIPPING_REFERENCES = ("SHIPPING", "HANDLING")


def _round(value: Decimal, precision: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-precision), rounding=ROUND_HALF_UP)


def apply_tax(work: Work, doc: Doc, lines: list[Doc], customer: dict[str, Any], precision: int) -> None:
    """Set `taxTotal` and `taxSplit` (tax code id to amount; internal) on the document."""
    if work.settings["tax_mode"] == "legacy":
        split = _legacy(work, doc, lines, customer, precision)
    elif doc.get("taxDetailsOverride"):
        split = _override(doc, lines, precision)
    else:
        if doc.get("taxDetails"):
            work.warnings.append("taxDetails were ignored because taxDetailsOverride is not set.")
        split = _engine(work, doc, lines, customer, precision)
    doc["taxSplit"] = {str(code): amount for code, amount in split.items()}
    doc["taxTotal"] = sum(split.values(), Decimal(0))


def _override(doc: Doc, lines: list[Doc], precision: int) -> dict[str, Decimal]:
    """The caller's tax rows, each tied to a line (or SHIPPING / HANDLING) by taxDetailsReference."""
    known = {line["taxDetailsReference"] for line in lines if line.get("taxDetailsReference")}
    split: dict[str, Decimal] = {}
    for index, row in enumerate((doc.get("taxDetails") or {}).get("items", [])):
        path = f"taxDetails.items[{index}]"
        reference = row.get("taxDetailsReference")
        key = reference.get("id") if isinstance(reference, dict) else reference
        if key not in known and str(key).upper() not in SHIPPING_REFERENCES:
            raise invalid_reference(key, "taxDetailsReference", f"{path}.taxDetailsReference")
        if row.get("taxCode") is None:
            raise missing_value("Tax Code")
        if row.get("taxAmount") is None:
            raise missing_value("Tax Amount")
        row["taxAmount"] = _round(row["taxAmount"], precision)
        code = row["taxCode"]["id"]
        split[code] = split.get(code, Decimal(0)) + row["taxAmount"]
    return split


def _engine(
    work: Work, doc: Doc, lines: list[Doc], customer: dict[str, Any], precision: int
) -> dict[str, Decimal]:
    code = row_of(work.db, "salestaxitem", DEFAULT_CODE.get(doc["subsidiary"]["id"], 901))
    basis = sum((line["amount"] for line in lines if _taxable_item(work, line)), Decimal(0))
    if code is None or customer["taxable"] == "F" or not basis:
        doc["taxDetails"] = {"items": []}
        return {}
    rate = Decimal(str(code["rate"]))
    amount = _round(basis * rate / 100, precision)
    doc["taxDetails"] = {"items": [{
        "taxCode": {"id": str(code["id"])}, "taxType": {"id": str(code["taxtype"])},
        "taxBasis": basis, "taxRate": rate, "taxAmount": amount,
    }]}  # fmt: skip
    return {str(code["id"]): amount}


def _taxable_item(work: Work, line: Doc) -> bool:
    """Goods and the discounts on them are taxed by the engine; charges are not."""
    item = row_of(work.db, "item", line["item"]["id"])
    return item is not None and (item["istaxable"] == "T" or item["itemtype"] == "Discount")


def _legacy(
    work: Work, doc: Doc, lines: list[Doc], customer: dict[str, Any], precision: int
) -> dict[str, Decimal]:
    """Line tax code x amount, rounded per line; else the body's tax item for taxable lines."""
    split: dict[str, Decimal] = {}
    body_taxable = doc.get("isTaxable")
    if body_taxable is None:
        body_taxable = customer["taxable"] == "T"
    body_code = (doc.get("taxItem") or {}).get("id") or customer["_taxitem"]
    for line in lines:
        if line.get("tax1Amt") is not None or line.get("taxAmount") is not None:
            work.warnings.append(
                f"line {line['line']}: the tax amount is computed; the one sent was ignored."
            )
        code = (line.get("taxCode") or {}).get("id")
        if code is None and body_taxable and line.get("isTaxable") is not False and _taxable_item(work, line):
            code = body_code
        line["tax1Amt"] = _add_tax(work, split, code, line["amount"], precision)
        line.pop("taxAmount", None)
    shipping = doc.get("shippingCost") or Decimal(0)
    code = (doc.get("shippingTaxCode") or {}).get("id")
    doc["shippingTaxAmount"] = _add_tax(work, split, code, shipping, precision)
    return split


def _add_tax(
    work: Work, split: dict[str, Decimal], code: str | None, amount: Decimal, precision: int
) -> Decimal:
    if code is None:
        return Decimal(0)
    row = row_of(work.db, "salestaxitem", code)
    tax = _round(amount * Decimal(str(row["rate"])) / 100, precision) if row else Decimal(0)
    split[str(code)] = split.get(str(code), Decimal(0)) + tax
    return tax

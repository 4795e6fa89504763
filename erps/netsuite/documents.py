"""A sales document as the body NetSuite takes. Field names: REST API Browser 2026.1."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from canonical.documents import (
    DocumentKind,
    DocumentLine,
    DocumentTax,
    LineKind,
    Ref,
    SalesDocument,
    TaxStrategy,
)
from common.errors import NeedsPerson
from erps.netsuite.account import Account
from erps.netsuite.extra_fields import put_extras
from erps.netsuite.metadata import Features
from erps.netsuite.texts import DESCRIPTION, MEMO, OTHER_NUMBER, address_body, cut, cut_plain, usable_email

CUSTOM_PRICE = {"id": "-1"}
"""The custom price level: without it the item's own price replaces the rate that was sent."""
APPROVED = {"id": "B"}
PENDING_APPROVAL = {"id": "A"}
INVOICE_PENDING = {"id": "1"}
INVOICE_APPROVED = {"id": "2"}
_NEVER_TAXED = (LineKind.DISCOUNT, LineKind.COMMENT)
RECORDS = {
    DocumentKind.SALES_ORDER: "salesOrder",
    DocumentKind.INVOICE: "invoice",
    DocumentKind.CASH_SALE: "cashSale",
}
"""NetSuite's record type of each kind of document."""


def other_number(document: SalesDocument) -> str:
    """What stands in the PO number field: the customer's PO number, else the order's name; 45 characters."""
    return cut_plain(document.po_number or document.order_name, OTHER_NUMBER)


def document_body(
    document: SalesDocument, account: Account, currency_id: str, features: Features
) -> dict[str, Any]:
    """The body of `POST /record/v1/` and the record type of the document's kind.

    Raises NeedsPerson ERP_TAX_SETUP when the connection's tax strategy does not fit the account's tax engine, and
    ERP_NO_APPROVAL for an invoice that is to wait where invoices are not approved.
    """
    _check_tax(document, features)
    body: dict[str, Any] = {
        "externalId": document.external_id,
        "entity": _ref(document.customer),
        "tranDate": document.date.isoformat(),
        "otherRefNum": other_number(document),
        "memo": cut(document.memo or f"Shopify order {document.order_name}", MEMO),
        "currency": {"id": currency_id},
        "toBeEmailed": False,
        **_of_kind(document, features),
    }
    if document.number:
        body["tranId"] = cut_plain(document.number, OTHER_NUMBER)
    if document.exchange_rate is not None:
        body["exchangeRate"] = document.exchange_rate
    for name, ref in (
        ("subsidiary", document.subsidiary if features.oneworld else None),
        ("location", document.location),
        ("department", document.department),
        ("class", document.classification),
        ("salesRep", document.sales_rep),
        ("terms", document.terms),
        ("paymentOption", document.payment_method),
        ("shipMethod", document.ship_method),
    ):
        if ref is not None:
            body[name] = _ref(ref)
    if document.ship_method is not None or document.shipping_cost:
        body["shippingCost"] = document.shipping_cost
    _contact(document, body)
    if account.order_id_field:
        body[account.order_id_field] = document.source_id
    if account.order_url_field and document.source_url:
        body[account.order_url_field] = document.source_url
    body["item"] = {"items": [_line(line, account) for line in document.lines]}
    if document.promotions and features.promotions:
        body["promotions"] = {"items": [{"promoCode": _ref(each)} for each in document.promotions]}
    _tax(document, features, body)
    put_extras(body, document.extra)
    for line, row in zip(document.lines, body["item"]["items"], strict=True):
        put_extras(row, line.extra)
    return body


def _of_kind(document: SalesDocument, features: Features) -> dict[str, Any]:
    """What only this kind of record has: its approval, when it is due, or where its money lies.

    The money of a cash sale lies where its payment method says; without one in Undeposited Funds, from where a bank
    deposit takes it.
    """
    if document.kind is DocumentKind.SALES_ORDER:
        return {"orderStatus": dict(APPROVED if document.approved else PENDING_APPROVAL)}
    if document.kind is DocumentKind.CASH_SALE:
        return {} if document.payment_method is not None else {"undepFunds": {"id": "T"}}
    body: dict[str, Any] = {}
    if document.due_date is not None:
        body["dueDate"] = document.due_date.isoformat()
    if features.invoice_approval:
        body["approvalStatus"] = dict(INVOICE_APPROVED if document.approved else INVOICE_PENDING)
    elif not document.approved:
        raise NeedsPerson(
            "ERP_NO_APPROVAL",
            f"The invoice of order {document.order_name} is to wait for approval, but this NetSuite account "
            "approves no invoices.",
            field="approvalStatus",
            value="invoice",
        )
    return body


def line_names(document: SalesDocument) -> tuple[str, ...]:
    """What a person knows each line by, for error sentences."""
    return tuple(line.item.name or line.description or line.item.id for line in document.lines)


def _ref(ref: Ref) -> dict[str, str]:
    return {"id": ref.id}


def _contact(document: SalesDocument, body: dict[str, Any]) -> None:
    email = usable_email(document.email)
    if email:
        body["email"] = email
    for name, address in (("billingAddress", document.billing), ("shippingAddress", document.shipping)):
        parts = address_body(address, document.style) if address is not None else None
        if parts:
            body[name] = parts


def _line(line: DocumentLine, account: Account) -> dict[str, Any]:
    """One line at Shopify's amounts: rate and amount are both sent, the amount decides. A comment has only its text."""
    if line.kind is LineKind.COMMENT:
        return {"item": _ref(line.item), "description": cut(line.description, DESCRIPTION)}
    body: dict[str, Any] = {"item": _ref(line.item), "price": dict(CUSTOM_PRICE)}
    if line.quantity is not None:
        body["quantity"] = line.quantity
    body["rate"] = line.rate if line.rate is not None else line.amount
    body["amount"] = line.amount
    description = cut(line.description, DESCRIPTION)
    if description:
        body["description"] = description
    if line.location is not None:
        body["location"] = _ref(line.location)
    if account.line_id_field and line.source_id:
        body[account.line_id_field] = line.source_id
    return body


def _check_tax(document: SalesDocument, features: Features) -> None:
    if document.tax_strategy is TaxStrategy.TAX_DETAILS and not features.suitetax:
        problem = "gives tax details, but this NetSuite account does not use SuiteTax"
    elif document.tax_strategy is TaxStrategy.TAX_CODES and features.suitetax:
        problem = "puts tax codes on lines, but this NetSuite account uses SuiteTax"
    else:
        return
    raise NeedsPerson(
        "ERP_TAX_SETUP", f"The connection's tax choice {problem}.", field="tax_strategy",
        value=document.tax_strategy.value,
    )  # fmt: skip


def _tax(document: SalesDocument, features: Features, body: dict[str, Any]) -> None:
    """Make the account book Shopify's tax and none of its own."""
    if features.suitetax:
        body["taxDetailsOverride"] = True
        if document.tax_strategy is TaxStrategy.TAX_DETAILS:
            _tax_details(document, body)
        return
    taxed = document.tax_strategy is TaxStrategy.TAX_CODES
    if features.taxable_flag and not taxed:
        body["isTaxable"] = False
    for line, row in zip(document.lines, body["item"]["items"], strict=True):
        if line.tax_code is not None:
            row["taxCode"] = _ref(line.tax_code)
        elif features.taxable_flag and taxed and line.kind not in _NEVER_TAXED:
            row["isTaxable"] = False


def _tax_details(document: SalesDocument, body: dict[str, Any]) -> None:
    rows: list[dict[str, Any]] = []
    for number, (line, row) in enumerate(zip(document.lines, body["item"]["items"], strict=True), start=1):
        if line.taxes:
            reference = f"L{number}"
            row["taxDetailsReference"] = reference
            rows.extend(tax_row(tax, reference) for tax in line.taxes)
    if rows:
        body["taxDetails"] = {"items": rows}


def tax_row(tax: DocumentTax, reference: str) -> dict[str, Any]:
    """One row of the tax details, of the line with this reference."""
    row: dict[str, Any] = {"taxDetailsReference": {"id": reference}}
    if tax.tax_type is not None:
        row["taxType"] = _ref(tax.tax_type)
    row["taxCode"] = _ref(tax.code)
    row["taxBasis"] = _plain(tax.basis)
    row["taxRate"] = _plain(tax.rate)
    row["taxAmount"] = tax.amount
    return row


def _plain(value: Decimal) -> Decimal:
    """Without trailing zeros that say nothing (8.250000 is 8.25)."""
    return value.normalize() + 0 if value else Decimal(0)

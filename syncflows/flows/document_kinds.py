"""What an order becomes: a sales order, an invoice or a cash sale. Rules only: no database, no HTTP."""

from __future__ import annotations

from canonical.documents import DocumentKind
from canonical.orders import Order
from syncflows.models.rules import OrderRules

MONEY_IN = frozenset({"SALE", "CAPTURE"})
NOT_MONEY = frozenset({"gift_card", "shopify_store_credit", "store_credit"})
"""Gateways that give no money: what they pay was paid, or promised, before."""


def kind_of(order: Order, rules: OrderRules) -> DocumentKind:
    """The kind of document the shop's rules want for an order as it is now.

    Orders with nothing to ship come first: they may be called fulfilled as well. A cash sale says that the money is
    here, and names one payment; an order of which that is not true becomes an invoice.
    """
    if not order.requires_shipping:
        wanted = rules.unshippable_document
    elif order.fulfillment_status == "FULFILLED":
        wanted = rules.fulfilled_document
    else:
        return DocumentKind.SALES_ORDER
    kind = DocumentKind(wanted)
    if kind is DocumentKind.CASH_SALE and not paid_at_once(order):
        return DocumentKind.INVOICE
    return kind


def paid_at_once(order: Order) -> bool:
    """True when one gateway took all the money, or nothing was owed."""
    if order.financial_status != "PAID":
        return False
    gateways = {t.gateway for t in order.transactions if t.succeeded and t.kind in MONEY_IN}
    return len(gateways) <= 1 and not gateways & NOT_MONEY


def reviewable(kind: DocumentKind, *, approved: bool) -> tuple[DocumentKind, str]:
    """The kind for a document that is to wait for approval, and what to tell people: a cash sale cannot wait, so the
    order becomes a sales order, which can."""
    if approved or kind is not DocumentKind.CASH_SALE:
        return kind, ""
    return DocumentKind.SALES_ORDER, "A cash sale cannot wait for approval: the order becomes a sales order."

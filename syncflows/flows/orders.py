"""Orders: does it sync, how, and what changed since it was written. Rules only: no database, no HTTP."""

from __future__ import annotations

from dataclasses import dataclass

from canonical.documents import DocumentKind
from canonical.orders import Order
from common.errors import NeedsPerson, Skip
from syncflows.models.rules import OrderRules, Treatment

FULFILLED = frozenset({"FULFILLED", "PARTIALLY_FULFILLED", "IN_PROGRESS"})
UNPAID = frozenset({"PENDING", "AUTHORIZED", "EXPIRED", "PARTIALLY_PAID"})
HIGH_RISK = frozenset({"CANCEL", "HIGH"})
RELEVANT = {
    "lines": "lines",
    "ledger": "amounts",
    "discounts": "discounts",
    "shipping": "shipping",
    "tax": "tax",
    "totals": "totals",
    "addresses": "addresses",
    "customer": "customer",
    "po_number": "PO number",
    "terms": "payment terms",
    "cancelled": "cancellation",
}


@dataclass(frozen=True, slots=True)
class Decision:
    """How an order is to be written: approved at once or not, and what to tell people about it."""

    approved: bool
    warnings: tuple[str, ...]


def exclude(order: Order, rules: OrderRules) -> None:
    """Raise Skip when a rule leaves the order out, whatever a person says about the rest."""
    if not order.confirmed:
        raise Skip("UNCONFIRMED", f"Order {order.name} is not confirmed in Shopify yet.")
    if order.test and rules.test_orders == Treatment.EXCLUDE:
        raise Skip("TEST_ORDER", f"Order {order.name} is a test order.")
    if order.cancelled_at and rules.cancelled_orders == Treatment.EXCLUDE:
        raise Skip("CANCELLED", f"Order {order.name} was cancelled in Shopify before it was imported.")
    if order.closed_at and rules.archived_orders == Treatment.EXCLUDE:
        raise Skip("ARCHIVED", f"Order {order.name} is archived in Shopify.")
    if "REFUNDED" in order.financial_status and rules.refunded_orders == Treatment.EXCLUDE:
        raise Skip("REFUNDED_EXCLUDED", f"Order {order.name} was refunded before it was imported.")


def decide(
    order: Order, rules: OrderRules, *, released: bool = False, kind: DocumentKind = DocumentKind.SALES_ORDER
) -> Decision:
    """What to do with an order that has no document yet.

    `released` is True when a person imported it in spite of a hold: hold rules then import for review. Raises Skip
    or NeedsPerson. A document of another kind than a sales order ships nothing, so that an order shipped before import
    need not wait for approval.
    """
    exclude(order, rules)
    if order.cancelled_at:
        raise NeedsPerson(
            "CANCELLED_HELD", f"Order {order.name} was cancelled in Shopify before it was imported."
        )
    warnings: list[str] = []
    approved = rules.approve_documents
    for treatment, code, sentence, applies in (
        (
            rules.high_risk_orders,
            "HIGH_RISK",
            f"Shopify rates order {order.name} as a high risk.",
            order.risk in HIGH_RISK,
        ),
        (
            rules.unpaid_orders,
            "UNPAID",
            f"Order {order.name} is not paid yet ({_words(order.financial_status)}).",
            order.financial_status in UNPAID,
        ),
        (
            rules.fulfilled_orders,
            "ALREADY_FULFILLED",
            f"Order {order.name} was already shipped in Shopify ({_words(order.fulfillment_status)}).",
            order.fulfillment_status in FULFILLED
            and order.requires_shipping
            and (kind is DocumentKind.SALES_ORDER or rules.fulfilled_orders == Treatment.HOLD),
        ),
    ):
        if not applies or treatment == Treatment.IMPORT:
            continue
        if treatment == Treatment.HOLD and not released:
            raise NeedsPerson(code, sentence)
        approved = False
        warnings.append(f"{sentence} Its document waits for approval in the ERP.")
    return Decision(approved=approved, warnings=tuple(warnings))


def _words(status: str) -> str:
    return status.replace("_", " ").lower()


def changes(written: dict[str, str], current: dict[str, str]) -> list[str]:
    """Names of the parts of an order that differ from what was written, in plain words."""
    return [
        label
        for section, label in RELEVANT.items()
        if section in written and written[section] != current.get(section, "")
    ]


def check_unchanged(order: Order, written: dict[str, str], current: dict[str, str]) -> None:
    """Raise NeedsPerson when an order that has its document changed in a way the document would show."""
    differing = changes(written, current)
    if differing:
        raise NeedsPerson(
            "ORDER_CHANGED",
            f"Order {order.name} was changed in Shopify after it was written: {', '.join(differing)}.",
            field=", ".join(differing),
        )

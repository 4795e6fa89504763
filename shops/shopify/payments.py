"""Transactions and payment terms, from the Admin GraphQL shape."""

from __future__ import annotations

from canonical.payments import PaymentTerms, Transaction
from shops.shopify.reading import (
    Node,
    each,
    flag,
    id_of,
    instant_or_none,
    integer_or_none,
    money,
    part,
    required,
    source_id,
    text,
)


def read_transaction(node: Node) -> Transaction:
    """A transaction; kind, status and error code are Shopify's words."""
    return Transaction(
        source_id=source_id(node),
        kind=required(node, "kind"),
        status=required(node, "status"),
        gateway=text(node, "gateway"),
        gateway_name=text(node, "formattedGateway"),
        amount=money(node, "amountSet"),
        processed_at=instant_or_none(node, "processedAt"),
        parent_id=id_of(node, "parentTransaction"),
        manual=flag(node, "manualPaymentGateway"),
        test=flag(node, "test"),
        error_code=text(node, "errorCode"),
        card_company=part(node, "paymentDetails", lambda details: text(details, "company")) or "",
    )


def read_terms(node: Node) -> PaymentTerms:
    """Payment terms. The due date is the first schedule's."""
    due = each(node, "paymentSchedules", lambda schedule: instant_or_none(schedule, "dueAt"))
    return PaymentTerms(
        name=text(node, "paymentTermsName"),
        kind=text(node, "paymentTermsType"),
        due_in_days=integer_or_none(node, "dueInDays"),
        due_at=due[0] if due else None,
    )

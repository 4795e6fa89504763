"""The rules of a shop for what its orders become in the ERP."""

from __future__ import annotations

from django.db import models

from canonical.documents import DocumentKind


class OrderDocument(models.TextChoices):
    """Kinds of documents an order can become."""

    SALES_ORDER = DocumentKind.SALES_ORDER.value, "Sales order"
    INVOICE = DocumentKind.INVOICE.value, "Invoice"
    CASH_SALE = DocumentKind.CASH_SALE.value, "Cash sale, if paid in full by one payment; else invoice"


class DocumentRules(models.Model):
    """The part of a shop's order rules that says what documents look like."""

    unshippable_document = models.CharField(
        "Orders with nothing to ship become",
        max_length=20,
        choices=OrderDocument,
        default=OrderDocument.SALES_ORDER,
        help_text="Gift cards, downloads, services. An invoice or cash sale posts at once.",
    )
    fulfilled_document = models.CharField(
        "Orders shipped completely before import become",
        max_length=20,
        choices=OrderDocument,
        default=OrderDocument.SALES_ORDER,
        help_text="An invoice or cash sale also takes the goods out of stock in the ERP, and is not shipped again.",
    )

    class Meta:
        abstract = True

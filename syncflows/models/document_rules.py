"""The rules of a shop for what its orders become in the ERP."""

from __future__ import annotations

from django.db import models

from canonical.documents import DocumentKind
from common.fields import choice_field
from mappings.models import RateChoice


class OrderDocument(models.TextChoices):
    """Kinds of documents an order can become."""

    SALES_ORDER = DocumentKind.SALES_ORDER.value, "Sales order"
    INVOICE = DocumentKind.INVOICE.value, "Invoice"
    CASH_SALE = DocumentKind.CASH_SALE.value, "Cash sale, if paid in full by one payment; else invoice"


class BundleChoice(models.TextChoices):
    """What a bundle sold in Shopify becomes."""

    COMPONENTS = "components", "Its components, each with its price"
    MAPPED = "mapped", "One kit item, where the item map has a row for the bundle's SKU"
    KIT = "kit", "One kit item, found by the bundle's SKU"


class DocumentRules(models.Model):
    """The part of a shop's order rules that says what documents look like."""

    unshippable_document = choice_field(
        "Orders with nothing to ship become",
        OrderDocument.SALES_ORDER,
        help_text="Gift cards, downloads, services. An invoice or cash sale posts at once.",
    )
    fulfilled_document = choice_field(
        "Orders shipped completely before import become",
        OrderDocument.SALES_ORDER,
        help_text="An invoice or cash sale also takes the goods out of stock in the ERP, and is not shipped again.",
    )

    comment_line = models.BooleanField(
        "Comment line with the order number",
        default=False,
        help_text="A first line without amount, on the item that the charge Comment line is mapped to.",
    )
    number_from_shopify = models.BooleanField(
        "The order number becomes the document number",
        default=False,
        help_text="NetSuite has to allow it: Auto-Generated Numbers, Allow Override for the kind of document.",
    )
    exchange_rate = choice_field(
        "",
        RateChoice.SHOPIFY,
        length=10,
        help_text="Only where the books are in the currency the customer paid in.",
    )
    bundles = choice_field(
        "Bundles become",
        BundleChoice.COMPONENTS,
        length=12,
        help_text="A kit item carries the price of all components of the bundle; the ERP ships its members.",
    )

    class Meta:
        abstract = True

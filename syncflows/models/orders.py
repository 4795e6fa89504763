"""The staged order: what lists and pages show, and the raw document kept apart, compressed."""

from __future__ import annotations

import json
import zlib
from typing import Any

from django.db import models

from shops.models import Shop
from syncflows.models.sync import Sync


class Order(models.Model):
    """A Shopify order as found. Columns are for lists and search; the whole document is in `OrderPayload`."""

    sync = models.OneToOneField(Sync, on_delete=models.CASCADE, related_name="order", primary_key=True)
    shop = models.ForeignKey(Shop, on_delete=models.PROTECT, related_name="orders")
    source_id = models.CharField("Shopify id", max_length=40)
    name = models.CharField("Order", max_length=60)
    created_at = models.DateTimeField("Placed")
    processed_at = models.DateTimeField(null=True, blank=True)
    updated_at = models.DateTimeField("Changed in Shopify")
    currency = models.CharField(max_length=3)
    total = models.DecimalField("Shopify total", max_digits=18, decimal_places=4)
    presentment_currency = models.CharField(max_length=3, blank=True, default="")
    customer_name = models.CharField("Customer", max_length=255, blank=True, default="")
    email = models.CharField(max_length=255, blank=True, default="")
    country = models.CharField(max_length=2, blank=True, default="")
    channel = models.CharField(max_length=100, blank=True, default="")
    financial_status = models.CharField("Payment", max_length=40, blank=True, default="")
    fulfillment_status = models.CharField("Fulfillment", max_length=40, blank=True, default="")
    risk = models.CharField(max_length=20, blank=True, default="")
    tags = models.TextField(blank=True, default="")
    test = models.BooleanField(default=False)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    line_count = models.PositiveIntegerField(default=0)
    components = models.JSONField(
        default=dict, blank=True, help_text="Totals by component: {component: [Shopify, document]} as text."
    )
    books_currency = models.CharField(max_length=3, blank=True, default="")
    books_total = models.DecimalField(max_digits=18, decimal_places=4, null=True, blank=True)
    document_total = models.DecimalField("ERP total", max_digits=18, decimal_places=4, null=True, blank=True)
    document_number = models.CharField("ERP document", max_length=60, blank=True, default="")
    fingerprint = models.JSONField(default=dict, blank=True)
    edition = models.PositiveSmallIntegerField(
        default=1,
        help_text="Counts the documents people had written anew; part of the external id from 2 on.",
    )
    written_back_at = models.DateTimeField(null=True, blank=True)
    write_back_error = models.TextField(blank=True, default="")

    class Meta:
        ordering = ["-created_at"]
        permissions = [
            ("answer_change_order", "Can apply changes to documents or keep them"),
            ("import_order", "Can import orders"),
            ("exclude_order", "Can exclude orders"),
            ("retry_order", "Can retry orders"),
            ("assign_customer", "Can assign customers"),
            ("create_customer", "Can create customers in the ERP"),
            ("hold_order", "Can hold and release orders"),
            ("note_order", "Can write notes on orders"),
            ("override_order", "Can choose location and ship method of one order"),
            ("link_order", "Can unlink orders and link them to ERP documents"),
            ("link_differing_order", "Can link orders to ERP documents with another total"),
            ("pay_order", "Can mark orders as paid and capture payments"),
            ("cancel_order", "Can cancel orders in Shopify and the ERP"),
        ]
        indexes = [
            models.Index(fields=["-created_at"], name="order_newest"),
            models.Index(fields=["shop", "name"], name="order_by_name"),
        ]

    def __str__(self) -> str:
        return self.name

    def fit(self) -> Order:
        """Cut texts to the width of their columns: what an odd order says must not keep its row from being saved."""
        for name, width in _WIDTHS:
            setattr(self, name, getattr(self, name)[:width])
        return self


_WIDTHS: tuple[tuple[str, int | None], ...] = tuple(
    (field.attname, field.max_length)
    for field in Order._meta.concrete_fields
    if isinstance(field, models.CharField)
)


class OrderPayload(models.Model):
    """The raw order as Shopify answered, zlib-compressed, kept whatever becomes of the order."""

    order = models.OneToOneField(Order, on_delete=models.CASCADE, related_name="payload", primary_key=True)
    body = models.BinaryField()
    content_hash = models.CharField(max_length=64)
    api_version = models.CharField(max_length=10, blank=True, default="")
    fetched_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.content_hash

    @staticmethod
    def pack(document: dict[str, Any]) -> bytes:
        """Compress a document for the `body` column."""
        return zlib.compress(json.dumps(document, separators=(",", ":"), default=str).encode(), 1)

    def document(self) -> dict[str, Any]:
        """The raw order in the Admin GraphQL shape."""
        body: dict[str, Any] = json.loads(zlib.decompress(bytes(self.body)))
        return body

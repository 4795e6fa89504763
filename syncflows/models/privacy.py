"""What the law has a store ask for: the data of a customer, or that it be erased."""

from __future__ import annotations

import json
import zlib
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models

from common.clock import now
from shops.models import Shop
from syncflows.models.inbox import InboxEvent

DEADLINE = timedelta(days=30)
"""Shopify asks that such requests be answered within 30 days."""


def deadline() -> datetime:
    """The end of the time for a request that comes now."""
    return now() + DEADLINE


class PrivacyKind(models.TextChoices):
    """What is asked for; the value is the topic."""

    DATA_REQUEST = "customers/data_request", "Data of a customer"
    CUSTOMER_REDACT = "customers/redact", "Erase a customer"
    SHOP_REDACT = "shop/redact", "Erase a store"


class PrivacyState(models.TextChoices):
    """How a request stands."""

    OPEN = "open", "Open"
    CHECK = "check", "To be confirmed"
    DONE = "done", "Done"


class PrivacyRequest(models.Model):
    """One request, and what was done about it. It names customer and orders by their Shopify ids only."""

    event = models.OneToOneField(
        InboxEvent, on_delete=models.SET_NULL, null=True, blank=True, related_name="privacy_request"
    )
    shop = models.ForeignKey(Shop, on_delete=models.PROTECT, related_name="privacy_requests")
    kind = models.CharField(max_length=30, choices=PrivacyKind)
    state = models.CharField(max_length=10, choices=PrivacyState, default=PrivacyState.OPEN)
    request_id = models.CharField("Shopify's number", max_length=40, blank=True, default="")
    customer_id = models.CharField("Customer in Shopify", max_length=40, blank=True, default="")
    order_ids = models.JSONField("Orders in Shopify", default=list, blank=True)
    next_try_at = models.DateTimeField(default=now, editable=False)
    received_at = models.DateTimeField(default=now)
    due_at = models.DateTimeField("Answer by", default=deadline)
    report = models.BinaryField(blank=True, default=b"")
    counts = models.JSONField("What was found or erased", default=dict, blank=True)
    result = models.TextField(blank=True, default="")
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True)

    class Meta:
        ordering = ["-received_at"]
        verbose_name = "privacy request"
        permissions = [("answer_privacyrequest", "Can download and answer privacy requests")]
        indexes = [models.Index(fields=["state", "due_at"], name="privacy_open")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.shop}, {self.received_at:%d %b %Y}"

    @staticmethod
    def pack(report: dict[str, Any]) -> bytes:
        """Compress a report for its column."""
        return zlib.compress(json.dumps(report, ensure_ascii=False, default=str).encode())

    def unpacked(self) -> dict[str, Any]:
        """The collected data; empty when none was collected or it was given out and removed."""
        found: dict[str, Any] = json.loads(zlib.decompress(bytes(self.report))) if self.report else {}
        return found

"""The filter of a shop record: which of the store's orders are its own."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models

from shops.models import Shop
from syncflows.patterns import entries

FINANCIAL = (
    "PAID",
    "PENDING",
    "AUTHORIZED",
    "PARTIALLY_PAID",
    "EXPIRED",
    "PARTIALLY_REFUNDED",
    "REFUNDED",
    "VOIDED",
)
FULFILLMENT = (
    "UNFULFILLED", "PARTIALLY_FULFILLED", "FULFILLED", "IN_PROGRESS", "ON_HOLD", "OPEN", "PENDING_FULFILLMENT",
    "REQUEST_DECLINED", "RESTOCKED", "SCHEDULED",
)  # fmt: skip
RISKS = ("LOW", "MEDIUM", "HIGH", "NONE")
"""Risk in people's words: Shopify recommends to accept (low), to investigate (medium), to cancel (high), or nothing."""
_COUNTRY = re.compile(r"[A-Z]{2}")


class Paid(models.TextChoices):
    """Orders by whether the money came in."""

    ANY = "", "Paid or not"
    YES = "paid", "Paid in full only"
    NO = "unpaid", "Not (fully) paid only"


class Buyer(models.TextChoices):
    """Orders by who buys."""

    ANY = "", "Companies and consumers"
    COMPANY = "b2b", "Companies (B2B) only"
    CONSUMER = "no_b2b", "Consumers only (no B2B)"


class TestOrders(models.TextChoices):
    """Orders by whether they are tests."""

    __test__ = False

    ANY = "", "Test orders or not"
    YES = "only", "Test orders only"
    NO = "no", "No test orders"


def validate_countries(value: str) -> None:
    """Refuse what is not a list of two-letter country codes."""
    wrong = [code for code in entries(value) if not _COUNTRY.fullmatch(code.upper())]
    if wrong:
        raise ValidationError(f"'{wrong[0]}' is not a country code; write two letters, e.g. DE, FR.")


def validate_words(value: Any, allowed: tuple[str, ...]) -> None:
    """Refuse a list with a word Shopify does not use."""
    if not isinstance(value, list):
        raise ValidationError("Write a list.")
    wrong = [word for word in value if word not in allowed]
    if wrong:
        raise ValidationError(f"'{wrong[0]}' is none of {', '.join(allowed)}.")


def validate_financial(value: Any) -> None:
    """Only payment statuses of Shopify."""
    validate_words(value, FINANCIAL)


def validate_fulfillment(value: Any) -> None:
    """Only fulfillment statuses of Shopify."""
    validate_words(value, FULFILLMENT)


def validate_risks(value: Any) -> None:
    """Only the words for risks."""
    validate_words(value, RISKS)


def _patterns(title: str, help_text: str) -> models.TextField[str, str]:
    return models.TextField(title, blank=True, default="", help_text=help_text)


class OrderFilter(models.Model):
    """Which orders of the store belong to this shop record: an order does when every filled-in line holds. Empty: all.

    Lists of patterns hold with any one of their entries, without regard to case; `*` stands for any text. Amounts are
    in the shop's currency, days in the shop's time zone, and both ends belong to the range.
    """

    shop = models.OneToOneField(Shop, on_delete=models.CASCADE, related_name="order_filter", primary_key=True)
    paid = models.CharField("Paid", max_length=10, choices=Paid, blank=True, default=Paid.ANY)
    financial_statuses = models.JSONField(
        "Payment status", default=list, blank=True, validators=[validate_financial],
        help_text="Any of these. None ticked: every status.",
    )  # fmt: skip
    fulfillment_statuses = models.JSONField(
        "Fulfillment status", default=list, blank=True, validators=[validate_fulfillment],
        help_text="Any of these. None ticked: every status.",
    )  # fmt: skip
    risks = models.JSONField(
        "Risk", default=list, blank=True, validators=[validate_risks],
        help_text="Shopify's rating; none means that Shopify gave none. None ticked: every rating.",
    )  # fmt: skip
    tags_include = _patterns(
        "Tags", "With any of these tags, e.g. wholesale-*. Separated by commas or lines."
    )
    tags_exclude = _patterns("Not with tags", "Left out with any of these tags, e.g. internal, test-*.")
    attributes_include = _patterns(
        "Order attributes", "With any of these, one a line: a key alone, or key=value, e.g. source=app-*."
    )
    attributes_exclude = _patterns("Not with order attributes", "Left out with any of these, one a line.")
    channels_include = _patterns(
        "Channels",
        "Name of the sales channel or Shopify's source name, e.g. Point of Sale, web, shopify_draft_order.",
    )
    channels_exclude = _patterns("Not from channels", "Left out when the channel or source is any of these.")
    buyer = models.CharField("Buyers", max_length=10, choices=Buyer, blank=True, default=Buyer.ANY)
    countries_include = models.TextField(
        "Countries", blank=True, default="", validators=[validate_countries],
        help_text="Two-letter codes. Where it ships to; without a delivery address, the country of the bill.",
    )  # fmt: skip
    countries_exclude = models.TextField(
        "Not to countries", blank=True, default="", validators=[validate_countries],
        help_text="Left out when it ships to one of these.",
    )  # fmt: skip
    amount_from = models.DecimalField(
        max_digits=18, decimal_places=4, null=True, blank=True,
        help_text="Total in the shop's currency, after edits and refunds. This amount is in.",
    )  # fmt: skip
    amount_to = models.DecimalField(
        max_digits=18, decimal_places=4, null=True, blank=True, help_text="This amount is in."
    )
    placed_from = models.DateField(
        null=True, blank=True, help_text="Day in the shop's time zone. This day is in."
    )
    placed_to = models.DateField(null=True, blank=True, help_text="This day is in.")
    test = models.CharField(
        "Test orders", max_length=10, choices=TestOrders, blank=True, default=TestOrders.ANY,
        help_text="The order rules leave test orders out unless they say otherwise.",
    )  # fmt: skip

    class Meta:
        verbose_name = "order filter"
        verbose_name_plural = "order filters"

    def __str__(self) -> str:
        return f"Order filter of {self.shop}"

    def clean(self) -> None:
        """Refuse ranges nothing is in."""
        super().clean()
        low, high = self.amount_from, self.amount_to
        if isinstance(low, Decimal) and isinstance(high, Decimal) and low > high:
            raise ValidationError(
                {"amount_to": "The upper amount is below the lower one: no order would pass."}
            )
        if self.placed_from and self.placed_to and self.placed_from > self.placed_to:
            raise ValidationError({"placed_to": "The last day is before the first one: no order would pass."})

    @property
    def is_empty(self) -> bool:
        """True when every order passes."""
        return not any(getattr(self, name) not in ("", None, []) for name in FILTER_FIELDS)


FILTER_FIELDS = tuple(field.name for field in OrderFilter._meta.concrete_fields if not field.primary_key)

"""Rules that keep an order waiting until its reason ends."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from shops.models import Shop


class Expired(models.TextChoices):
    """What becomes of an order that was not paid in time."""

    BLOCK = "block", "Block it for a person"
    EXCLUDE = "exclude", "Exclude it"


class HoldRules(models.Model):
    """What a shop holds, and for how long. Whether unpaid orders are held at all is said by the order rules."""

    shop = models.OneToOneField(Shop, on_delete=models.CASCADE, related_name="hold_rules", primary_key=True)
    tags = models.TextField(
        "Hold while tagged",
        blank=True,
        default="",
        help_text="Tags that hold an order until they are taken off in Shopify, e.g. hold, check-*. Separated by "
        "commas or lines.",
    )
    unpaid_days = models.PositiveSmallIntegerField(
        "Wait for payment (days)",
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(365)],
        help_text="From when the order was placed, if the rule for unpaid orders is Hold. Empty: without end.",
    )
    unpaid_then = models.CharField(
        "Not paid by then",
        max_length=10,
        choices=Expired,
        default=Expired.BLOCK,
        help_text="An excluded order still comes in by itself if the payment arrives later.",
    )

    class Meta:
        verbose_name = "hold rules"
        verbose_name_plural = "hold rules"

    def __str__(self) -> str:
        return f"Hold rules of {self.shop}"

"""From when on a shop's orders and searches are late."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from shops.models import Shop

LONGEST = 60 * 24 * 90


def _minutes(title: str, default: int, help_text: str) -> models.PositiveIntegerField[int, int]:
    return models.PositiveIntegerField(
        title,
        default=default,
        validators=[MinValueValidator(1), MaxValueValidator(LONGEST)],
        help_text=f"{help_text} In minutes.",
    )


class AlertLimits(models.Model):
    """The limits of one shop. A shop without a row has the defaults."""

    shop = models.OneToOneField(Shop, on_delete=models.CASCADE, related_name="alert_limits", primary_key=True)
    pending_minutes = _minutes("Pending longer than", 30, "Orders that are due but no worker took.")
    waiting_minutes = _minutes("Waiting longer than", 120, "Orders that are tried again and again.")
    blocked_minutes = _minutes("Blocked longer than", 480, "Orders that need a person and got none.")
    search_intervals = models.PositiveSmallIntegerField(
        "Searches missed",
        default=3,
        validators=[MinValueValidator(2), MaxValueValidator(100)],
        help_text="After so many intervals without a finished search (and 15 minutes at least).",
    )
    silence = models.BooleanField(
        "Tell when orders stop coming",
        default=True,
        help_text="Compared with the shop's own rhythm by hour of the week; a shop too new for one has none.",
    )

    class Meta:
        ordering = ["shop__name"]
        verbose_name = "alert limits"
        verbose_name_plural = "alert limits"

    def __str__(self) -> str:
        return f"Alert limits of {self.shop}"


def limits_by_shop() -> dict[int, AlertLimits]:
    """The limits by shop, of the shops that have a row; one query."""
    return AlertLimits.objects.in_bulk()

"""How many orders Shopify itself counts."""

from __future__ import annotations

from django.db import models

from shops.models import Shop


class ShopifyCount(models.Model):
    """Shopify's own number of orders of a shop, placed from `since` (None: from the first) up to `until`.

    Orders that are younger than the last finished search cannot be known to the hub yet, so they are not asked for.
    """

    shop = models.OneToOneField(
        Shop, on_delete=models.CASCADE, related_name="shopify_count", primary_key=True
    )
    orders = models.PositiveIntegerField(null=True, blank=True)
    exact = models.BooleanField(default=True, help_text="False: Shopify says there are at least so many.")
    since = models.DateTimeField(null=True, blank=True)
    until = models.DateTimeField(null=True, blank=True)
    counted_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True, default="", help_text="Why the last count failed.")

    def __str__(self) -> str:
        return f"{self.shop}: {self.orders}"

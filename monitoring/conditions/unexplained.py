"""Orders Shopify counts and the hub does not know."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache

from django.urls import reverse

from monitoring.completeness import figures
from monitoring.models import ShopifyCount
from monitoring.registry import Condition, Finding, Severity, register
from monitoring.words import of
from shops.models import Shop


@lru_cache(maxsize=2048)
def missing(shop_id: int, _counted_at: datetime) -> int:
    """The unexplained orders of a shop at a count: figured once for each count and process, because it reads all orders
    of the shop. The next search has them counted again."""
    (row,) = figures(Shop.objects.get(pk=shop_id))
    return row.unexplained or 0


def find(_at: datetime) -> Iterator[Finding]:
    """Every active shop with unexplained orders; one query, and those of `completeness.figures` after each count."""
    rows = ShopifyCount.objects.filter(shop__is_active=True).exclude(counted_at=None).select_related("shop")
    for row in rows:
        count = missing(row.shop_id, row.counted_at) if row.counted_at else 0
        if count:
            what = "order is" if count == 1 else "orders are"
            yield Finding(
                f"{count:,} {what} in Shopify but not in the hub, of {of(row.shop)}.",
                shop=row.shop,
                count=count,
                since=row.counted_at,
                url=reverse("admin:shops_shop_change", args=[row.shop_id]),
            )


register(
    Condition(
        "unexplained",
        "Orders are missing from the hub",
        "Shopify counts more orders than the hub knows of a shop.",
        "Press Sync now on the shop; if the number stays, look at its scopes (read_all_orders for orders older than 60 "
        "days).",
        Severity.CRITICAL,
        find,
    )
)

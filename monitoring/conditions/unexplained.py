"""Orders Shopify counts and the hub does not know."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.urls import reverse

from monitoring.completeness import figures
from monitoring.registry import Condition, Finding, Severity, register
from monitoring.words import of


def find(_at: datetime) -> Iterator[Finding]:
    """Every active shop with unexplained orders; the queries of `completeness.figures`."""
    for row in figures():
        if row.unexplained and row.shop.is_active:
            what = "order is" if row.unexplained == 1 else "orders are"
            yield Finding(
                f"{row.unexplained:,} {what} in Shopify but not in the hub, of {of(row.shop)}.",
                shop=row.shop,
                count=row.unexplained,
                since=row.counted_at,
                url=reverse("admin:shops_shop_change", args=[row.shop.pk]),
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

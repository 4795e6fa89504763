"""The store's locations, read from Shopify and kept for the location mapping."""

from __future__ import annotations

from django.db import transaction

from common.clock import now
from shops.models import Location
from shops.shopify.client import ShopifyClient
from shops.shopify.ids import number
from shops.shopify.listing import all_nodes, unreadable

PAGE = 100


def refresh_locations(client: ShopifyClient) -> int:
    """Read all locations, active or not, and save them; one that is gone from Shopify is kept as inactive, because
    mappings may name it. Returns how many Shopify has. Raises the client's errors."""
    nodes = all_nodes(client, "locations", {"first": PAGE}, lambda answer: answer["locations"])
    try:
        found = {number(row["id"]): (str(row["name"]), bool(row["isActive"])) for row in nodes}
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise unreadable("locations", error) from error
    moment = now()
    rows = [
        Location(shop=client.shop, source_id=key, name=name[:255], is_active=active, fetched_at=moment)
        for key, (name, active) in found.items()
    ]
    with transaction.atomic():
        Location.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["shop", "source_id"],
            update_fields=["name", "is_active", "fetched_at"],
        )
        Location.objects.filter(shop=client.shop, is_active=True).exclude(source_id__in=found).update(
            is_active=False
        )
    return len(rows)

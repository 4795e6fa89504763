"""The store's markets, read from Shopify and kept for the mappings by market."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction

from canonical.markets import EVERYWHERE, region_code
from common.clock import now
from shops.models import Market, Shop
from shops.shopify.answers import Json
from shops.shopify.client import ShopifyClient, client_for
from shops.shopify.ids import number
from shops.shopify.listing import all_nodes, unreadable
from shops.shopify.scopes import MARKET_SCOPE, missing

PAGE = 20
REGIONS = 50
"""Regions read with their market; the others in pages of MORE_REGIONS."""
MORE_REGIONS = 250
OLD = timedelta(days=1)
"""At this age markets are read again before the next search for orders."""


@dataclass(frozen=True, slots=True)
class MarketsRead:
    """`names` of the markets kept, `others` of those that are not for regions alone."""

    names: tuple[str, ...]
    others: tuple[str, ...]

    @property
    def words(self) -> str:
        """One sentence or two, for people."""
        text = f"{len(self.names)} market{'' if len(self.names) == 1 else 's'} of regions read."
        if self.others:
            text += f" Not for regions alone, so not offered: {', '.join(self.others)}."
        return text


def refresh_markets(client: ShopifyClient) -> MarketsRead:
    """Read all markets and save those whose only condition is the buyer's region; a draft, and one that is gone from
    Shopify, is kept as inactive, because mappings may name it.

    Raises the client's errors.
    """
    variables = {"first": PAGE, "regions": REGIONS}
    nodes = all_nodes(client, "markets", variables, lambda answer: answer["markets"])
    try:
        rows = {number(node["id"]): _market(client, node) for node in nodes if _of_regions(node)}
        others = tuple(str(node["name"]) for node in nodes if not _of_regions(node))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise unreadable("markets", error) from error
    _save(client.shop, rows)
    return MarketsRead(tuple(row.name for row in rows.values()), others)


def refresh_if_old(shop: Shop) -> bool:
    """Read the markets of a shop again when they are a day old; True when they were read. A shop without markets, and
    an app without the scope, is left alone. Raises the client's errors."""
    kept = Market.objects.filter(shop=shop).order_by("-fetched_at").first()
    if kept is None or kept.fetched_at > now() - OLD or missing(shop.scopes.split(), [MARKET_SCOPE]):
        return False
    refresh_markets(client_for(shop))
    return True


def _of_regions(node: Json) -> bool:
    conditions = node["conditions"] or {}
    return bool(conditions.get("conditionTypes") == ["REGION"])


def _market(client: ShopifyClient, node: Json) -> Market:
    return Market(
        shop=client.shop,
        source_id=number(node["id"]),
        handle=str(node["handle"])[:255],
        name=str(node["name"])[:255],
        regions=_regions(client, node),
        is_active=node["status"] == "ACTIVE",
        fetched_at=now(),
    )


def _regions(client: ShopifyClient, node: Json) -> list[str]:
    """Codes of the market's regions: `DE`, `CA-ON`, or `*`."""
    condition = node["conditions"]["regionsCondition"]
    if condition["applicationLevel"] == "ALL":
        return [EVERYWHERE]
    page = condition["regions"]
    found = list(page["nodes"])
    if page["pageInfo"]["hasNextPage"]:
        found += all_nodes(
            client,
            "market_regions",
            {"id": node["id"], "first": MORE_REGIONS},
            lambda answer: answer["market"]["conditions"]["regionsCondition"]["regions"],
            after=page["pageInfo"]["endCursor"],
        )
    return sorted({code for code in map(_code, found) if code})


def _code(region: Json) -> str:
    if region["__typename"] == "MarketRegionCountry":
        return region_code(str(region["code"]))
    if region["__typename"] == "MarketRegionSubdivision":
        return region_code(str(region["country"]["code"]), str(region["subdivision"]))
    return ""


def _save(shop: Shop, rows: dict[str, Market]) -> None:
    with transaction.atomic():
        known = {row.source_id: row for row in Market.objects.select_for_update().filter(shop=shop)}
        taken = {row.handle for row in rows.values()}
        for key, row in rows.items():
            before = known.get(key)
            names = [*before.earlier_handles, before.handle] if before else []
            row.earlier_handles = list(dict.fromkeys(name for name in names if name not in taken))
        Market.objects.bulk_create(
            rows.values(),
            update_conflicts=True,
            unique_fields=["shop", "source_id"],
            update_fields=["handle", "earlier_handles", "name", "regions", "is_active", "fetched_at"],
        )
        Market.objects.filter(shop=shop, is_active=True).exclude(source_id__in=rows).update(is_active=False)

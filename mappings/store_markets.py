"""The markets of a shop as the mappings take them, and how they are offered to people."""

from __future__ import annotations

from canonical.markets import MarketArea
from mappings.dimensions import MARKET, market_in
from shops.models import Market, Shop


def areas_of(shop: Shop) -> list[MarketArea]:
    """All markets the hub has read of a shop, active or not; one query."""
    return [
        MarketArea(
            handles=(market.handle, *market.earlier_handles),
            name=market.name,
            regions=frozenset(market.regions),
            active=market.is_active,
        )
        for market in Market.objects.filter(shop=shop)
    ]


def offered(shop: Shop) -> dict[str, str]:
    """What a row for each active market is written as, with the market's name."""
    return {f"{MARKET}{area.handle}": area.name for area in areas_of(shop) if area.active}


def market_problem(source: str, shop: Shop) -> str:
    """What is wrong with the market a source names for a shop; "" when nothing is."""
    wanted = market_in(source)
    areas = areas_of(shop) if wanted else []
    if not wanted or any(wanted == handle.casefold() for area in areas for handle in area.handles):
        return ""
    if not areas:
        return (
            f"No market of {shop} has been read. Give the app the scope read_markets and press Test connection on "
            "the shop, or write the countries: country:DE,AT,CH."
        )
    known = ", ".join(area.handle for area in areas if area.active)
    return f"{shop} has no market '{wanted}'. Its markets are: {known}."

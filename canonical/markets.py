"""Which markets an order belongs to: by the region it goes to, as Shopify does. Pure.

Shopify puts a buyer into every active market whose region holds theirs; the most specific one counts, and what it does
not say comes from the wider ones (shopify.dev, market inheritance). Of markets that are equally specific the one with
the lowest handle counts (developer changelog of 13 November 2026).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

EVERYWHERE = "*"
"""The region of a market that holds every country."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketArea:
    """A market of a store. `regions` are countries (`DE`), parts of one (`CA-ON`), or `*`; `handles` are all short
    names it has or had, the present one first. One that is not `active` has no orders, but is known."""

    handles: tuple[str, ...]
    name: str
    regions: frozenset[str]
    active: bool = True

    @property
    def handle(self) -> str:
        """Its present short name."""
        return self.handles[0]

    def holds(self, country: str, province: str) -> bool:
        """Whether a place is in it: ISO alpha-2, and the code of the part of the country as Shopify writes it."""
        return any(_covers(region, region_code(country, province)) for region in self.regions)

    def narrower_than(self, other: MarketArea) -> bool:
        """Whether the other one holds all its regions and more."""
        return _inside(self, other) and not _inside(other, self)


def markets_of(areas: Iterable[MarketArea], country: str, province: str = "") -> list[MarketArea]:
    """The active markets a place is in, the most specific first; of equally specific ones the lowest handle."""
    if not country:
        return []
    left = sorted((a for a in areas if a.active and a.holds(country, province)), key=lambda a: a.handle)
    found: list[MarketArea] = []
    while left:
        first = next(area for area in left if not any(other.narrower_than(area) for other in left))
        left.remove(first)
        found.append(first)
    return found


def region_code(country: str, province: str = "") -> str:
    """How a place is written as a region: `DE`, or `CA-ON` for both `ON` and `CA-ON`."""
    country, province = country.strip().upper(), province.strip().upper()
    if not province:
        return country
    return province if province.startswith(f"{country}-") else f"{country}-{province}"


def _covers(region: str, place: str) -> bool:
    return region in (EVERYWHERE, place, place.partition("-")[0])


def _inside(one: MarketArea, other: MarketArea) -> bool:
    return all(any(_covers(wide, region) for wide in other.regions) for region in one.regions)

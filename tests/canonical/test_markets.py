"""Which markets a place is in, by Shopify's own rule."""

from __future__ import annotations

import pytest

from canonical.markets import MarketArea, markets_of, region_code


def area(handle: str, *regions: str, active: bool = True) -> MarketArea:
    return MarketArea(handles=(handle,), name=handle.title(), regions=frozenset(regions), active=active)


CA_US, CA_MX = area("canada-us", "CA", "US"), area("canada-mexico", "CA", "MX")
CANADA, ONTARIO, WORLD = area("zz-canada", "CA"), area("zz-ontario", "CA-ON"), area("a-world", "*")
DRAFT = area("draft", "CA", active=False)


@pytest.mark.parametrize(
    ("areas", "place", "found"),
    [
        # The market that holds the country; none where no market does, or the order has no address.
        ([CA_US], ("US", ""), ["canada-us"]),
        ([CA_US], ("DE", ""), []),
        ([WORLD], ("", ""), []),
        # A market inside another one counts before it, whatever its handle is.
        ([CA_US, CANADA], ("CA", "ON"), ["zz-canada", "canada-us"]),
        ([WORLD, CA_US, CANADA, ONTARIO], ("CA", "ON"), ["zz-ontario", "zz-canada", "canada-us", "a-world"]),
        ([WORLD, CA_US, CANADA, ONTARIO], ("CA", "QC"), ["zz-canada", "canada-us", "a-world"]),
        # Without a province nobody knows that it is Ontario.
        ([CANADA, ONTARIO], ("CA", ""), ["zz-canada"]),
        # Equally specific: the lowest handle.
        ([CA_US, CA_MX], ("CA", ""), ["canada-mexico", "canada-us"]),
        ([area("b", "GB"), area("a", "GB")], ("GB", ""), ["a", "b"]),
        # A draft has no customers.
        ([DRAFT, CA_US], ("CA", ""), ["canada-us"]),
        # Both spellings of a part of a country; case does not matter.
        ([area("tokyo", "JP-13")], ("JP", "JP-13"), ["tokyo"]),
        ([ONTARIO], ("ca", "on"), ["zz-ontario"]),
    ],
)
def test_the_most_specific_market_first(
    areas: list[MarketArea], place: tuple[str, str], found: list[str]
) -> None:
    assert [each.handle for each in markets_of(areas, *place)] == found
    assert [each.handle for each in markets_of(reversed(areas), *place)] == found


def test_how_a_region_is_written() -> None:
    assert [region_code("de"), region_code("CA", "ON"), region_code("CA", "CA-ON")] == [
        "DE",
        "CA-ON",
        "CA-ON",
    ]

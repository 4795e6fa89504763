"""By what an order finds its subsidiary, department and class."""

from __future__ import annotations

import pytest

from canonical.markets import MarketArea
from common.errors import NeedsPerson
from mappings.dimensions import single_countries, source_problem
from mappings.models import MapKind
from tests.canonical.making import order_1001
from tests.mappings.making import mapped, plain_context, row

SAVE10 = row(MapKind.DISCOUNT, "SAVE10", "650", target_label="Discount SAVE10")


@pytest.mark.parametrize(
    ("sources", "chosen"),
    [
        ({"country:CA,US,MX": "1", "": "9"}, "1"),
        ({"country:CA,US": "1", "country:US": "2"}, "2"),
        ({"country: ca , us ": "1"}, "1"),
        ({"channel:Online Store|country:CA,US": "3", "Online Store": "1"}, "3"),
        ({"country:DE,AT": "1", "": "9"}, "9"),
    ],
)
def test_a_market_is_its_countries(sources: dict[str, str], chosen: str) -> None:
    rows = [row(MapKind.DEPARTMENT, source, target) for source, target in sources.items()]
    department = mapped(order_1001(), plain_context(SAVE10, *rows)).department
    assert department is not None
    assert department.id == chosen


def test_a_market_is_one_source_for_each_of_its_countries() -> None:
    assert single_countries("country:DE, AT") == ["country:DE", "country:AT"]
    assert single_countries("channel:POS|country:DE,AT") == [
        "channel:POS|country:DE",
        "channel:POS|country:AT",
    ]
    assert single_countries("country:DE") == single_countries("Online Store, the old one") == []


@pytest.mark.parametrize(
    "source",
    ["country:Germany", "country:DE,Austria", "country:", "channel:", "channel:|country:GB", "market:"],
)
def test_what_is_no_country_or_channel_is_refused_in_words(source: str) -> None:
    assert source_problem(source)


@pytest.mark.parametrize(
    "source",
    [
        "",
        "POS",
        "channel:POS",
        "country:GB",
        "country:DE,AT",
        "channel:POS|country:GB",
        "market:eu",
        "POS|market:eu",
    ],
)
def test_what_a_row_may_be_for(source: str) -> None:
    assert source_problem(source) == ""


AREAS = (
    MarketArea(handles=("north-america", "na"), name="North America", regions=frozenset({"US", "CA"})),
    MarketArea(handles=("usa",), name="USA", regions=frozenset({"US"})),
    MarketArea(handles=("dach",), name="DACH", regions=frozenset({"DE", "AT", "CH"})),
)


@pytest.mark.parametrize(
    ("sources", "chosen"),
    [
        ({"market:usa": "1", "": "9"}, "1"),
        ({"market:north-america": "1", "": "9"}, "1"),  # the wider one stands in
        ({"market:north-america": "1", "market:usa": "2"}, "2"),
        ({"channel: Online Store | Market: NA ": "1", "": "9"}, "1"),
        ({"country: us": "1", "": "9"}, "1"),
        ({"MARKET:NA": "1", "": "9"}, "1"),  # an earlier handle, without case
        ({"market:dach": "1", "": "9"}, "9"),
        ({"market:usa": "1", "country:US": "2"}, "2"),
        ({"market:usa": "1", "country:CA,US": "2"}, "2"),
        ({"market:usa": "1", "Online Store": "2"}, "2"),
        ({"channel:Online Store|market:north-america": "1", "Online Store": "2", "country:US": "3"}, "1"),
        ({"channel:Online Store|market:usa": "1", "channel:Online Store|country:US": "2"}, "2"),
    ],
)
def test_a_row_for_a_market(sources: dict[str, str], chosen: str) -> None:
    rows = [row(MapKind.DEPARTMENT, source, target) for source, target in sources.items()]
    context = plain_context(SAVE10, *rows)
    context.markets = AREAS
    department = mapped(order_1001(), context).department
    assert department is not None
    assert department.id == chosen


def test_a_row_for_a_market_nobody_has_read_stops_the_order() -> None:
    context = plain_context(SAVE10, row(MapKind.CLASS, "market:oceania", "1"), row(MapKind.CLASS, "", "9"))
    context.markets = AREAS
    with pytest.raises(NeedsPerson) as caught:
        mapped(order_1001(), context)
    assert (caught.value.code, caught.value.value) == ("UNKNOWN_MARKET", "oceania")
    assert caught.value.message == (
        "Order #1001: a row of the map Class is for the market 'oceania', "
        "which is not among the markets read from Demo."
    )

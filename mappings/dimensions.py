"""By what an order finds its subsidiary, department, class, currency and exchange rate: channel, country, market, and a
channel in one of these."""

from __future__ import annotations

from collections.abc import Iterable

from canonical.markets import MarketArea, markets_of
from canonical.orders import Order
from mappings.models import MapKind

KINDS = frozenset(
    {MapKind.SUBSIDIARY, MapKind.DEPARTMENT, MapKind.CLASS, MapKind.CURRENCY, MapKind.EXCHANGE_RATE}
)
"""Maps whose values are found this way."""
CHANNEL = "channel:"
COUNTRY = "country:"
MARKET = "market:"
BOTH = "|"


def country_of(order: Order) -> str:
    """Where an order goes, else where it is billed (ISO alpha-2, empty without address)."""
    place = order.shipping or order.billing
    return place.country if place else ""


def order_markets(order: Order, areas: Iterable[MarketArea]) -> list[MarketArea]:
    """The markets an order belongs to, the most specific first: by where it goes, else where it is billed."""
    place = order.shipping or order.billing
    return markets_of(areas, place.country, place.province) if place else []


def sources_of(order: Order, areas: Iterable[MarketArea] = ()) -> list[str]:
    """The names a row may have for an order, the most telling first: channel with country, channel with market,
    channel, country, market. A channel may stand without its word; a wider market stands in for one without a row."""
    channels = [name.strip() for name in (order.channel, order.source_name) if name.strip()]
    country = country_of(order)
    places = [f"{COUNTRY}{country}"] if country else []
    places += [f"{MARKET}{handle}" for area in order_markets(order, areas) for handle in area.handles]
    found = [f"{CHANNEL}{name}{BOTH}{place}" for place in places for name in channels]
    for name in channels:
        found += [f"{CHANNEL}{name}", name]
    return [*found, *places]


def named(order: Order) -> str:
    """The value an order without a row waits for: its channel, else its country."""
    return order.channel.strip() or order.source_name.strip() or f"{COUNTRY}{country_of(order)}"


def single_countries(source: str) -> list[str]:
    """A source that names a market by its countries (country:DE,AT,CH) as one source for each; [] for all others."""
    before, word, listed = source.rpartition(COUNTRY)
    if not word or "," not in listed:
        return []
    return [f"{before}{COUNTRY}{code.strip()}" for code in listed.split(",") if code.strip()]


def tidied(key: str) -> str:
    """A source in lower case without space around its marks: `pos | country: gb` is `channel:pos|country:gb`."""
    parts = [part.strip() for part in key.split(BOTH)]
    if len(parts) > 1 and not parts[0].startswith((CHANNEL, COUNTRY, MARKET)):
        parts[0] = CHANNEL + parts[0]
    for at, part in enumerate(parts):
        for word in (CHANNEL, COUNTRY, MARKET):
            if part.startswith(word):
                parts[at] = word + part[len(word) :].strip()
    return BOTH.join(parts)


def market_in(source: str) -> str:
    """The handle a source names a market by, without case; "" when it names none."""
    for part in source.split(BOTH):
        text = part.strip().casefold()
        if text.startswith(MARKET):
            return text[len(MARKET) :].strip()
    return ""


def unknown_markets(sources: Iterable[str], areas: Iterable[MarketArea]) -> list[str]:
    """Handles that rows name and no market of the shop has or had."""
    known = {handle.casefold() for area in areas for handle in area.handles}
    return sorted({market_in(source) for source in sources} - known - {""})


def source_problem(source: str) -> str:
    """What is wrong with a source a person typed; "" when nothing is."""
    for part in source.split(BOTH):
        text = part.strip()
        if text.casefold().startswith(COUNTRY):
            for code in (each.strip() for each in text[len(COUNTRY) :].split(",")):
                if not (len(code) == 2 and code.isalpha()):
                    return f"'{code}' is not a two-letter country code; write e.g. country:GB, or country:DE,AT,CH."
        elif text.casefold().startswith(CHANNEL) and not text[len(CHANNEL) :].strip():
            return "Write the sales channel after channel:."
        elif text.casefold().startswith(MARKET) and not text[len(MARKET) :].strip():
            return "Write the market's handle after market:, e.g. market:europe."
    return ""

"""By what an order finds its subsidiary, department and class: channel, country, and both together."""

from __future__ import annotations

from canonical.orders import Order
from mappings.models import MapKind

KINDS = frozenset({MapKind.SUBSIDIARY, MapKind.DEPARTMENT, MapKind.CLASS})
"""Maps whose values are found this way."""
CHANNEL = "channel:"
COUNTRY = "country:"
BOTH = "|"


def country_of(order: Order) -> str:
    """Where an order goes, else where it is billed (ISO alpha-2, empty without address)."""
    place = order.shipping or order.billing
    return place.country if place else ""


def sources_of(order: Order) -> list[str]:
    """The names a row may have for an order, the most telling first: channel with country, channel, country. A channel
    may stand without its word."""
    channels = [name.strip() for name in (order.channel, order.source_name) if name.strip()]
    country = country_of(order)
    found = [f"{CHANNEL}{name}{BOTH}{COUNTRY}{country}" for name in channels] if country else []
    for name in channels:
        found += [f"{CHANNEL}{name}", name]
    return [*found, *([f"{COUNTRY}{country}"] if country else [])]


def named(order: Order) -> str:
    """The value an order without a row waits for: its channel, else its country."""
    return order.channel.strip() or order.source_name.strip() or f"{COUNTRY}{country_of(order)}"


def single_countries(source: str) -> list[str]:
    """A source that names a market by its countries (country:DE,AT,CH) as one source for each; [] for all others."""
    before, word, listed = source.rpartition(COUNTRY)
    if not word or "," not in listed:
        return []
    return [f"{before}{COUNTRY}{code.strip()}" for code in listed.split(",") if code.strip()]


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
    return ""

"""Filters: whether an order belongs to a shop record, and which line of its filter says no. Rules only."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.utils.text import capfirst

from canonical.orders import Order
from syncflows.models.filters import Buyer, OrderFilter, Paid, TestOrders
from syncflows.patterns import entries, first_match, matches

PAID_IN_FULL = frozenset({"PAID", "PARTIALLY_REFUNDED", "REFUNDED"})
RISK_WORDS = {"ACCEPT": "LOW", "INVESTIGATE": "MEDIUM", "CANCEL": "HIGH", "HIGH": "HIGH"}
_TITLES = {field.name: str(capfirst(field.verbose_name)) for field in OrderFilter._meta.concrete_fields}


@dataclass(frozen=True, slots=True)
class Refusal:
    """The line of a filter that says no: the field's name, its title, and what about the order it refuses."""

    field: str
    title: str
    why: str


def refusal(order: Order, wanted: OrderFilter, zone: str) -> Refusal | None:
    """The first line of the filter the order does not pass; None when it passes. `zone` is the shop's IANA zone, for
    the day the order was placed."""
    for field, check in _CHECKS.items():
        why = check(order, wanted, zone)
        if why:
            return Refusal(field, _TITLES[field], why)
    return None


def country_of(order: Order) -> str:
    """Where an order goes: the country of the delivery address, without one that of the bill; "" when unknown."""
    place = order.shipping or order.billing
    return place.country if place else ""


def _words(status: str) -> str:
    return status.replace("_", " ").lower() or "unknown"


def _listed(values: Iterable[str]) -> str:
    return " or ".join(_words(value) for value in values)


def _paid(order: Order, wanted: OrderFilter, _zone: str) -> str:
    paid = order.financial_status in PAID_IN_FULL
    if wanted.paid == Paid.YES and not paid:
        return f"it is not paid in full ({_words(order.financial_status)})"
    if wanted.paid == Paid.NO and paid:
        return f"it is paid ({_words(order.financial_status)})"
    return ""


def _financial(order: Order, wanted: OrderFilter, _zone: str) -> str:
    allowed = wanted.financial_statuses
    if not allowed or order.financial_status in allowed:
        return ""
    return f"its payment is {_words(order.financial_status)}, not {_listed(allowed)}"


def _fulfillment(order: Order, wanted: OrderFilter, _zone: str) -> str:
    allowed = wanted.fulfillment_statuses
    if not allowed or order.fulfillment_status in allowed:
        return ""
    return f"it is {_words(order.fulfillment_status)}, not {_listed(allowed)}"


def _risk(order: Order, wanted: OrderFilter, _zone: str) -> str:
    risk = RISK_WORDS.get(order.risk, "NONE")
    if not wanted.risks or risk in wanted.risks:
        return ""
    return f"its risk is {_words(risk)}, not {_listed(wanted.risks)}"


def _tags_in(order: Order, wanted: OrderFilter, _zone: str) -> str:
    if not wanted.tags_include or first_match(order.tags, wanted.tags_include):
        return ""
    return f"it has none of the tags {', '.join(entries(wanted.tags_include))}"


def _tags_out(order: Order, wanted: OrderFilter, _zone: str) -> str:
    tag = first_match(order.tags, wanted.tags_exclude)
    return f"it has the tag {tag}" if tag else ""


def _attribute(order: Order, patterns: str) -> str:
    for line in entries(patterns, by_line=True):
        key, given, value = line.partition("=")
        for name, text in order.attributes:
            if matches(name, key) and (not given or matches(text, value)):
                return f"{name}={text}"
    return ""


def _attributes_in(order: Order, wanted: OrderFilter, _zone: str) -> str:
    lines = entries(wanted.attributes_include, by_line=True)
    if not lines or _attribute(order, wanted.attributes_include):
        return ""
    return f"it has none of the attributes {', '.join(lines)}"


def _attributes_out(order: Order, wanted: OrderFilter, _zone: str) -> str:
    found = _attribute(order, wanted.attributes_exclude)
    return f"it has the attribute {found}" if found else ""


def _channels(order: Order) -> list[str]:
    return [name for name in (order.channel, order.source_name) if name]


def _channels_in(order: Order, wanted: OrderFilter, _zone: str) -> str:
    if not wanted.channels_include or first_match(_channels(order), wanted.channels_include):
        return ""
    came = (_channels(order) or ["an unknown channel"])[0]
    return f"it came from {came}, not {' or '.join(entries(wanted.channels_include))}"


def _channels_out(order: Order, wanted: OrderFilter, _zone: str) -> str:
    found = first_match(_channels(order), wanted.channels_exclude)
    return f"it came from {found}" if found else ""


def _buyer(order: Order, wanted: OrderFilter, _zone: str) -> str:
    if wanted.buyer == Buyer.COMPANY and order.company is None:
        return "it was not placed by a company"
    if wanted.buyer == Buyer.CONSUMER and order.company is not None:
        return f"it was placed by the company {order.company.name}"
    return ""


def _codes(text: str) -> list[str]:
    return [code.upper() for code in entries(text)]


def _countries_in(order: Order, wanted: OrderFilter, _zone: str) -> str:
    allowed = _codes(wanted.countries_include)
    country = country_of(order)
    if not allowed or country in allowed:
        return ""
    return f"it goes to {country or 'an unknown country'}, not {' or '.join(allowed)}"


def _countries_out(order: Order, wanted: OrderFilter, _zone: str) -> str:
    country = country_of(order)
    return f"it goes to {country}" if country and country in _codes(wanted.countries_exclude) else ""


def _total(order: Order) -> Decimal:
    return order.totals.current_total.shop.amount


def _amount_from(order: Order, wanted: OrderFilter, _zone: str) -> str:
    if wanted.amount_from is None or _total(order) >= wanted.amount_from:
        return ""
    return f"it comes to {_total(order)} {order.currency}, less than {wanted.amount_from.normalize():f}"


def _amount_to(order: Order, wanted: OrderFilter, _zone: str) -> str:
    if wanted.amount_to is None or _total(order) <= wanted.amount_to:
        return ""
    return f"it comes to {_total(order)} {order.currency}, more than {wanted.amount_to.normalize():f}"


def _day(order: Order, zone: str) -> date:
    return order.created_at.astimezone(ZoneInfo(zone)).date()


def _placed_from(order: Order, wanted: OrderFilter, zone: str) -> str:
    if wanted.placed_from is None or _day(order, zone) >= wanted.placed_from:
        return ""
    return f"it was placed on {_day(order, zone):%d %b %Y}, before {wanted.placed_from:%d %b %Y}"


def _placed_to(order: Order, wanted: OrderFilter, zone: str) -> str:
    if wanted.placed_to is None or _day(order, zone) <= wanted.placed_to:
        return ""
    return f"it was placed on {_day(order, zone):%d %b %Y}, after {wanted.placed_to:%d %b %Y}"


def _test(order: Order, wanted: OrderFilter, _zone: str) -> str:
    if wanted.test == TestOrders.YES and not order.test:
        return "it is no test order"
    return "it is a test order" if wanted.test == TestOrders.NO and order.test else ""


_CHECKS: dict[str, Callable[[Order, OrderFilter, str], str]] = {
    "test": _test,
    "placed_from": _placed_from,
    "placed_to": _placed_to,
    "channels_include": _channels_in,
    "channels_exclude": _channels_out,
    "buyer": _buyer,
    "tags_include": _tags_in,
    "tags_exclude": _tags_out,
    "attributes_include": _attributes_in,
    "attributes_exclude": _attributes_out,
    "countries_include": _countries_in,
    "countries_exclude": _countries_out,
    "amount_from": _amount_from,
    "amount_to": _amount_to,
    "paid": _paid,
    "financial_statuses": _financial,
    "fulfillment_statuses": _fulfillment,
    "risks": _risk,
}

"""Reading values out of Shopify's JSON, so that what cannot be read is named by its path and value.

The readers are on the hot path of every order: nothing is done for the error case until it happens, and equal amounts
share one immutable object.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, TypeVar

from canonical.money import MoneyBag, PresentmentMoney, ShopMoney, parse_amount
from shops.shopify.ids import number

T = TypeVar("T")
Node = Mapping[str, Any]
_UNSTORABLE = re.compile("[\\x00\\ud800-\\udfff]")


class Unreadable(Exception):
    """A value that is missing or not what it should be; `path` leads to it from the order."""

    def __init__(self, path: str, value: object) -> None:
        super().__init__(path)
        self.path = path
        self.value = value

    def inside(self, parent: str) -> Unreadable:
        """The same, seen from one level further out."""
        return Unreadable(f"{parent}.{self.path}", self.value)


@lru_cache(maxsize=16384)
def _bag(shop: str, shop_currency: str, presentment: str, presentment_currency: str) -> MoneyBag:
    return MoneyBag(
        ShopMoney(parse_amount(shop, shop_currency), shop_currency),
        PresentmentMoney(parse_amount(presentment, presentment_currency), presentment_currency),
    )


def money(node: Node, key: str) -> MoneyBag:
    """A MoneyBag that must be there. Raises Unreadable, also when an amount is finer than its currency."""
    try:
        raw = node[key]
        shop, presentment = raw["shopMoney"], raw["presentmentMoney"]
        return _bag(shop["amount"], shop["currencyCode"], presentment["amount"], presentment["currencyCode"])
    except (LookupError, TypeError, ValueError) as error:
        raise Unreadable(key, node.get(key)) from error


def money_or_none(node: Node, key: str) -> MoneyBag | None:
    """A MoneyBag that may be null."""
    return None if node.get(key) is None else money(node, key)


@lru_cache(maxsize=256)
def zero(currency: str, presentment_currency: str) -> MoneyBag:
    """Nothing, in both currencies of an order."""
    return MoneyBag(ShopMoney.zero(currency), PresentmentMoney.zero(presentment_currency))


def storable(value: str) -> str:
    """The text without what no database stores: NUL and halves of characters."""
    return _UNSTORABLE.sub("", value) if _UNSTORABLE.search(value) else value


def text(node: Node, key: str) -> str:
    """A text that may be null or absent: then empty."""
    value = node.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Unreadable(key, value)
    return storable(value)


def required(node: Node, key: str) -> str:
    """A text that must be there and not be empty."""
    value = node.get(key)
    if not isinstance(value, str) or not value:
        raise Unreadable(key, value)
    return storable(value)


def flag(node: Node, key: str, default: bool = False) -> bool:
    """A boolean; null or absent is the default."""
    value = node.get(key)
    if value is None:
        return default
    if not isinstance(value, bool):
        raise Unreadable(key, value)
    return value


def integer(node: Node, key: str) -> int:
    """A whole number that must be there."""
    value = node.get(key)
    if not isinstance(value, int) or isinstance(value, bool):
        raise Unreadable(key, value)
    return value


def integer_or_none(node: Node, key: str) -> int | None:
    """A whole number that may be null."""
    return None if node.get(key) is None else integer(node, key)


def instant(node: Node, key: str) -> datetime:
    """An ISO 8601 instant that must be there, as aware UTC."""
    found = instant_or_none(node, key)
    if found is None:
        raise Unreadable(key, node.get(key))
    return found


def instant_or_none(node: Node, key: str) -> datetime | None:
    """An ISO 8601 instant that may be null, as aware UTC."""
    value = node.get(key)
    if value is None:
        return None
    try:
        found = datetime.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise Unreadable(key, value) from error
    if found.tzinfo is None:
        raise Unreadable(key, value)
    return found if found.tzinfo is UTC else found.astimezone(UTC)


def source_id(node: Node, key: str = "id") -> str:
    """The number in a global id that must be there."""
    value = node.get(key)
    try:
        return number(value)  # type: ignore[arg-type]
    except (AttributeError, ValueError) as error:
        raise Unreadable(key, value) from error


def id_of(node: Node, key: str) -> str:
    """The number of a linked object; empty when there is none."""
    linked = node.get(key)
    if linked is None:
        return ""
    if not isinstance(linked, Mapping):
        raise Unreadable(key, linked)
    if linked.get("id") is None:
        return ""
    try:
        return source_id(linked)
    except Unreadable as error:
        raise error.inside(key) from error


def part(node: Node, key: str, read: Callable[[Node], T]) -> T | None:
    """A nested object read by `read`; None when it is null or absent."""
    value = node.get(key)
    if value is None:
        return None
    if not isinstance(value, Mapping):
        raise Unreadable(key, value)
    try:
        return read(value)
    except Unreadable as error:
        raise error.inside(key) from error


def each(node: Node, key: str, read: Callable[[Any], T]) -> tuple[T, ...]:
    """Every element of a list, or of a flattened connection ({"nodes": [...]}), read by `read`."""
    value = node.get(key)
    if value is None:
        return ()
    rows = value if isinstance(value, list) else value.get("nodes") if isinstance(value, Mapping) else None
    if not isinstance(rows, list):
        raise Unreadable(key, value)
    found: list[T] = []
    for row in rows:
        if not isinstance(row, Mapping):
            raise Unreadable(f"{key}.{len(found)}", row)
        try:
            found.append(read(row))
        except Unreadable as error:
            raise error.inside(f"{key}.{len(found)}") from error
    return tuple(found)


def texts(node: Node, key: str) -> tuple[str, ...]:
    """A list of texts; null or absent is empty."""
    value = node.get(key)
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(entry, str) for entry in value):
        raise Unreadable(key, value)
    return tuple(map(storable, value))


def rate(node: Node, key: str) -> str:
    """A tax rate as its decimal fraction in plain digits ("0.0825"); "0" when Shopify gives none."""
    value = node.get(key)
    if value is None:
        return "0"
    if isinstance(value, bool) or not isinstance(value, (int, float, str, Decimal)):
        raise Unreadable(key, value)
    return _rate(str(value), key)


@lru_cache(maxsize=1024)
def _rate(value: str, key: str) -> str:
    try:
        found = Decimal(value)
    except ArithmeticError as error:
        raise Unreadable(key, value) from error
    if not found.is_finite():
        raise Unreadable(key, value)
    return format(found.normalize(), "f")


def pairs(node: Node, key: str) -> tuple[tuple[str, str], ...]:
    """Custom attributes as (name, value)."""
    return each(node, key, lambda row: (text(row, "key"), text(row, "value")))

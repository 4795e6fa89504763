"""Values orders wait for, shown above the mapping that would let them go.

Mappings know nothing of orders, so whoever knows (the project) says where these figures come from: see `use`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Protocol
from urllib.parse import urlencode

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser

from mappings import dimensions
from mappings.admin.targets import reference_kinds
from mappings.models import CHOICES, Behaviour, Charge, MapKind, ValueMapping
from mappings.suggesting import Suggestion, Suggestions
from mappings.taxes import CHANNEL_LIABLE
from shops.models import Location, Shop

CODES: dict[MapKind, tuple[str, ...]] = {
    MapKind.LOCATION: ("UNMAPPED_LOCATION",),
    MapKind.SHIPMENT_METHOD: ("UNMAPPED_SHIPMENT_METHOD",),
    MapKind.PAYMENT_METHOD: ("UNMAPPED_PAYMENT_METHOD",),
    MapKind.PAYMENT_TERMS: ("UNMAPPED_PAYMENT_TERMS",),
    MapKind.TAX: ("UNMAPPED_TAX", "UNMAPPED_CHANNEL_TAX"),
    MapKind.DISCOUNT: ("UNMAPPED_DISCOUNT",),
    MapKind.ITEM: ("UNMAPPED_ITEM", "UNKNOWN_SKU", "AMBIGUOUS_SKU", "INACTIVE_ITEM"),
    MapKind.ACCOUNT: ("UNMAPPED_CHARGE",),
    MapKind.SUBSIDIARY: ("UNMAPPED_SUBSIDIARY",),
    MapKind.DEPARTMENT: ("UNMAPPED_DEPARTMENT",),
    MapKind.CLASS: ("UNMAPPED_CLASS",),
    MapKind.SALES_REP: ("UNMAPPED_SALES_REP",),
    MapKind.CURRENCY: ("UNMAPPED_CURRENCY",),
    MapKind.EXCHANGE_RATE: ("UNMAPPED_EXCHANGE_RATE",),
}
"""Cause codes with which an order is blocked until a row of the map is there."""
DEFAULT_ITEM = frozenset({"UNKNOWN_SKU"})
"""Of the item map's causes those its default row mends."""


@dataclass(frozen=True, slots=True)
class WaitingValue:
    """A Shopify value for which orders of one shop wait. `amounts` are order totals by currency, in major units."""

    shop_id: int
    shop: str
    value: str
    orders: int
    amounts: tuple[tuple[str, Decimal], ...]
    oldest: datetime
    label: str = ""
    """The value in words, where Shopify's own value is an id."""
    mapped: bool = False
    """A row for it (or a default row) is there by now: the orders only need a retry."""
    codes: frozenset[str] = frozenset()
    """The causes the orders wait with."""
    suggestion: Suggestion | None = None
    """What it probably becomes."""

    @property
    def query(self) -> str:
        """The query string that opens the form of a new row with shop and value filled in, and the suggestion."""
        known = {"shop": self.shop_id, "source": self.value}
        return urlencode(known | ({"target": self.suggestion.choice} if self.suggestion else {}))


class WaitingOrders(Protocol):
    """What the mapping pages ask of the part that knows the orders."""

    def values(self, codes: Sequence[str]) -> list[WaitingValue]:
        """Values orders are blocked for with one of the codes, the most orders first."""

    def seen(self, shop: Shop, kind: MapKind, codes: Sequence[str]) -> list[str]:
        """Values of that kind known from the shop's orders, to be offered while typing."""

    def retry(
        self, user: AbstractBaseUser | AnonymousUser, codes: Sequence[str], values: Iterable[tuple[int, str]]
    ) -> int:
        """Take up the orders blocked for these (shop id, value) again; how many."""


class _NoOrders:
    """While nobody said where orders are known."""

    def values(self, codes: Sequence[str]) -> list[WaitingValue]:
        return []

    def seen(self, shop: Shop, kind: MapKind, codes: Sequence[str]) -> list[str]:
        return []

    def retry(
        self, user: AbstractBaseUser | AnonymousUser, codes: Sequence[str], values: Iterable[tuple[int, str]]
    ) -> int:
        return 0


_known: list[WaitingOrders] = [_NoOrders()]


def use(orders: WaitingOrders) -> None:
    """Say who knows the orders; called once, when the project's admin is loaded."""
    _known[0] = orders


def orders_known() -> WaitingOrders:
    """Who knows the orders."""
    return _known[0]


def waiting_values(kind: MapKind) -> list[WaitingValue]:
    """Values orders wait for, each marked when a row or a default row lets them go by now. Three queries at most."""
    values = orders_known().values(CODES[kind])
    if not values:
        return []
    rows = ValueMapping.objects.filter(kind=kind, shop_id__in={v.shop_id for v in values})
    rows = rows.exclude(behaviour=Behaviour.STOP)
    words = _words(kind, values)
    have = {(shop_id, source.strip().casefold()) for shop_id, source in rows.values_list("shop_id", "source")}

    places = (dimensions.COUNTRY, dimensions.MARKET)
    by_place = {shop_id for shop_id, source in have if any(word in source for word in places)}

    def lets_go(value: WaitingValue) -> bool:
        own = (value.shop_id, value.value.strip().casefold()) in have
        about = kind in dimensions.KINDS and value.shop_id in by_place
        return own or about or (default_helps(kind, value) and (value.shop_id, "") in have)

    return [replace(v, label=words.get((v.shop_id, v.value), ""), mapped=lets_go(v)) for v in values]


def with_suggestions(kind: MapKind, values: Sequence[WaitingValue]) -> list[WaitingValue]:
    """The values with what each probably becomes, where anything speaks for it; at most three queries."""
    open_values = [value for value in values if not value.mapped]
    if not open_values or kind in CHOICES:
        return list(values)
    shops = Shop.objects.select_related("erp_connection").filter(pk__in={v.shop_id for v in open_values})
    known = Suggestions(
        kind, shops, [v.value for v in open_values], lambda connection: reference_kinds(kind, connection)
    )
    return [
        v if v.mapped else replace(v, suggestion=known.of(v.shop_id, [v.value.partition("|")[0], v.label]))
        for v in values
    ]


def default_helps(kind: MapKind, value: WaitingValue) -> bool:
    """Whether the default row of a map stands in for a value: not for tax the channel owes, nor for a SKU the ERP has
    twice or switched off."""
    return value.value != CHANNEL_LIABLE and (kind != MapKind.ITEM or value.codes <= DEFAULT_ITEM)


def _words(kind: MapKind, values: Sequence[WaitingValue]) -> dict[tuple[int, str], str]:
    """Names for (shop id, value) of the kinds whose values are ids or keywords."""
    if kind == MapKind.LOCATION:
        places = Location.objects.filter(source_id__in=[v.value for v in values])
        return {
            (shop_id, ident): name
            for shop_id, ident, name in places.values_list("shop_id", "source_id", "name")
        }
    if kind == MapKind.ACCOUNT:
        charges = {value: str(label) for value, label in Charge.choices}
        return {(v.shop_id, v.value): charges[v.value] for v in values if v.value in charges}
    return {}

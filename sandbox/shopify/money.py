"""Amounts of the sandbox: shop and presentment money side by side, in Shopify's loose number format."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, NamedTuple

Json = dict[str, Any]

_EXPONENTS = {
    "JPY": 0,
    "KRW": 0,
    "CLP": 0,
    "ISK": 0,
    "VND": 0,
    "KWD": 3,
    "BHD": 3,
    "TND": 3,
    "OMR": 3,
    "JOD": 3,
}


class Currencies(NamedTuple):
    """The currency of the shop's books and the one the customer saw (ISO 4217)."""

    shop: str
    presentment: str


@dataclass(frozen=True)
class Bag:
    """An amount in shop and in presentment money."""

    shop: Decimal = Decimal(0)
    presentment: Decimal = Decimal(0)

    def __add__(self, other: Bag) -> Bag:
        return Bag(self.shop + other.shop, self.presentment + other.presentment)

    def __sub__(self, other: Bag) -> Bag:
        return Bag(self.shop - other.shop, self.presentment - other.presentment)

    def __neg__(self) -> Bag:
        return Bag(-self.shop, -self.presentment)

    def __mul__(self, factor: int | Decimal) -> Bag:
        return Bag(self.shop * factor, self.presentment * factor)

    def __bool__(self) -> bool:
        return bool(self.shop or self.presentment)


ZERO = Bag()


def total(bags: Any) -> Bag:
    """The sum of bags; zero for none."""
    result = ZERO
    for bag in bags:
        result += bag
    return result


def exponent(currency: str) -> int:
    """Digits after the point of a currency (ISO 4217)."""
    return _EXPONENTS.get(currency, 2)


def smallest_unit(currency: str) -> Decimal:
    """The smallest amount of a currency: 0.01, 1 or 0.001."""
    return Decimal(1).scaleb(-exponent(currency))


def rounded(bag: Bag, currencies: Currencies) -> Bag:
    """The bag rounded half up to each currency's digits."""
    return Bag(
        bag.shop.quantize(smallest_unit(currencies.shop), ROUND_HALF_UP),
        bag.presentment.quantize(smallest_unit(currencies.presentment), ROUND_HALF_UP),
    )


def given(value: Any) -> Bag:
    """A bag from a specification: "5.00", or ["5.00", "4.60"] for shop and presentment money."""
    if isinstance(value, (list, tuple)):
        return Bag(Decimal(value[0]), Decimal(value[1]))
    amount = Decimal(str(value))
    return Bag(amount, amount)


def text(amount: Decimal) -> str:
    """An amount as GraphQL answers it: no fixed scale, at least one digit after the point.

    >>> text(Decimal("12.50")), text(Decimal("0")), text(Decimal("1200"))
    ('12.5', '0.0', '1200.0')
    """
    plain = format(amount.normalize(), "f") if amount else "0"
    return plain if "." in plain else plain + ".0"


def money(amount: Decimal, currency: str) -> Json:
    """A MoneyV2 object."""
    return {"amount": text(amount), "currencyCode": currency}


def money_bag(bag: Bag, currencies: Currencies) -> Json:
    """A MoneyBag object."""
    return {
        "shopMoney": money(bag.shop, currencies.shop),
        "presentmentMoney": money(bag.presentment, currencies.presentment),
    }


def read_bag(value: Json | None) -> Bag:
    """The bag of a MoneyBag object; zero for None."""
    if not value:
        return ZERO
    shop = Decimal(value["shopMoney"]["amount"])
    seen = value.get("presentmentMoney")
    return Bag(shop, Decimal(seen["amount"]) if seen else shop)


def currencies_of(order: Json) -> Currencies:
    """The two currencies of an order."""
    return Currencies(order["currencyCode"], order.get("presentmentCurrencyCode") or order["currencyCode"])


def _parts(amount: Decimal, count: int, currency: str) -> list[Decimal]:
    unit = smallest_unit(currency)
    units = int(amount / unit)
    sign = -1 if units < 0 else 1
    each, left = divmod(abs(units), count)
    return [sign * (each + (index < left)) * unit for index in range(count)]


def unit_shares(bag: Bag, count: int, currencies: Currencies) -> list[Bag]:
    """The bag split over units: in smallest units, what is left over going one by one from the first.

    This is Shopify's documented penny rule.

    >>> [str(share.shop) for share in unit_shares(given("3.71"), 2, Currencies("USD", "USD"))]
    ['1.86', '1.85']
    """
    shop = _parts(bag.shop, count, currencies.shop)
    seen = _parts(bag.presentment, count, currencies.presentment)
    return [Bag(left, right) for left, right in zip(shop, seen, strict=True)]

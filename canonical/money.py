"""Money: a Decimal with its ISO 4217 currency, always at the currency's own scale.

Shop money (the books of the store) and presentment money (what the customer saw) are different types, so that
one can never be added to the other by accident.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache
from typing import Self

from babel.numbers import get_currency_precision

TOO_MUCH = Decimal(10) ** 14
"""More than any order comes to in any currency, and more than the columns for totals hold (14 digits)."""


class MoneyError(ValueError):
    """An amount or a pair of amounts that cannot be what it claims to be."""


@lru_cache(maxsize=512)
def currency_exponent(currency: str) -> int:
    """Digits after the decimal point for an ISO 4217 code (USD 2, JPY 0, KWD 3), from CLDR."""
    return int(get_currency_precision(currency))


@lru_cache(maxsize=512)
def smallest_unit(currency: str) -> Decimal:
    """One unit of the currency's last digit: 0.01 for USD, 1 for JPY, 0.001 for KWD."""
    return Decimal(1).scaleb(-currency_exponent(currency))


def quantize(amount: Decimal, currency: str) -> Decimal:
    """Round half up to the currency's own scale (major units)."""
    return amount.quantize(smallest_unit(currency), rounding=ROUND_HALF_UP)


def parse_amount(text: str, currency: str) -> Decimal:
    """Read an amount Shopify sent as a string of any scale ("12.5", "14000.0").

    Raises MoneyError if it is not a number, not finite, absurdly large, or finer than the currency allows: such an
    amount is not rounded silently.
    """
    try:
        amount = Decimal(text)
    except (InvalidOperation, TypeError) as error:
        raise MoneyError(f"'{text}' is not an amount.") from error
    if not amount.is_finite():
        raise MoneyError(f"'{text}' is not a finite amount.")
    if abs(amount) >= TOO_MUCH:
        raise MoneyError(f"{text} {currency} is too much to be an amount.")
    exact = quantize(amount, currency)
    if exact != amount:
        raise MoneyError(f"{text} {currency} has more decimals than {currency} allows.")
    return exact


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in major units of one currency."""

    amount: Decimal
    currency: str

    @classmethod
    def of(cls, amount: Decimal | str | int, currency: str) -> Self:
        """Build from a Decimal, string or integer; raises MoneyError when it does not fit the currency."""
        return cls(parse_amount(str(amount), currency), currency)

    @classmethod
    def zero(cls, currency: str) -> Self:
        """Nothing, in this currency."""
        return cls(quantize(Decimal(0), currency), currency)

    def _same(self, other: Money) -> None:
        if type(other) is not type(self):
            raise MoneyError(f"{type(self).__name__} and {type(other).__name__} cannot be mixed.")
        if other.currency != self.currency:
            raise MoneyError(f"{self.currency} and {other.currency} cannot be added.")

    def __add__(self, other: Self) -> Self:
        self._same(other)
        return type(self)(self.amount + other.amount, self.currency)

    def __sub__(self, other: Self) -> Self:
        self._same(other)
        return type(self)(self.amount - other.amount, self.currency)

    def __neg__(self) -> Self:
        return type(self)(-self.amount, self.currency)

    def __bool__(self) -> bool:
        return bool(self.amount)

    def __str__(self) -> str:
        return f"{self.amount:,} {self.currency}"


class ShopMoney(Money):
    """Money in the store's own currency."""

    __slots__ = ()


class PresentmentMoney(Money):
    """Money in the currency the customer was shown."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class MoneyBag:
    """One amount in both currencies, as Shopify's MoneyBag."""

    shop: ShopMoney
    presentment: PresentmentMoney

    def books(self, policy: MoneyPolicy) -> Money:
        """The side that goes into the books under the shop's policy, as plain Money."""
        side: Money = self.presentment if policy == PRESENTMENT else self.shop
        return Money(side.amount, side.currency)


MoneyPolicy = str
SHOP: MoneyPolicy = "shop"
PRESENTMENT: MoneyPolicy = "presentment"


def side_of(bag: MoneyBag, policy: MoneyPolicy) -> Decimal:
    """The amount that goes into the books: `MoneyBag.books` without its currency, for sums over many sales."""
    return bag.presentment.amount if policy == PRESENTMENT else bag.shop.amount


def allocate(total: Decimal, weights: list[Decimal], currency: str) -> list[Decimal]:
    """Split `total` by `weights`; leftover smallest units go one at a time from the first share.

    This is how Shopify splits amounts (see sales ledger: leftovers from the first line, never re-allocated).
    The shares always add up to `total`. All weights zero gives everything to the first share.
    """
    if not weights:
        return []
    whole = sum(weights, Decimal(0))
    if whole == 0:
        return [total, *[quantize(Decimal(0), currency)] * (len(weights) - 1)]
    unit = smallest_unit(currency)
    sign = -1 if total < 0 else 1
    units = int(abs(total) / unit)
    shares = [int(Decimal(units) * weight / whole) for weight in weights]
    left = units - sum(shares)
    for index in range(left):
        shares[index % len(shares)] += 1
    return [unit * share * sign for share in shares]

"""Money keeps its currency and its scale."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from canonical.money import (
    Money,
    MoneyBag,
    MoneyError,
    PresentmentMoney,
    ShopMoney,
    allocate,
    currency_exponent,
    parse_amount,
    quantize,
    side_of,
    smallest_unit,
)

D = Decimal


@pytest.mark.parametrize(
    ("currency", "digits", "unit"), [("USD", 2, "0.01"), ("JPY", 0, "1"), ("KWD", 3, "0.001")]
)
def test_each_currency_has_its_own_scale(currency: str, digits: int, unit: str) -> None:
    assert (currency_exponent(currency), smallest_unit(currency)) == (digits, D(unit))


@pytest.mark.parametrize(("amount", "currency", "rounded"), [
    ("4.125", "USD", "4.13"), ("-4.125", "USD", "-4.13"), ("0.5", "JPY", "1"), ("1.0005", "KWD", "1.001"),
])  # fmt: skip
def test_halves_go_away_from_zero(amount: str, currency: str, rounded: str) -> None:
    assert quantize(D(amount), currency) == D(rounded)


@pytest.mark.parametrize(
    ("text", "currency", "amount"),
    [("12.5", "USD", "12.50"), ("14000.0", "JPY", "14000"), ("1", "KWD", "1.000")],
)
def test_amounts_are_read_in_any_scale(text: str, currency: str, amount: str) -> None:
    assert str(parse_amount(text, currency)) == amount


@pytest.mark.parametrize(
    ("text", "currency"),
    [
        ("1.005", "USD"),
        ("0.5", "JPY"),
        ("NaN", "USD"),
        ("Infinity", "USD"),
        ("ten", "USD"),
        ("1e14", "USD"),
        ("-100000000000000", "JPY"),
        ("9" * 40, "USD"),
    ],
)
def test_what_is_no_amount_of_the_currency_is_refused(text: str, currency: str) -> None:
    with pytest.raises(MoneyError):
        parse_amount(text, currency)


def test_money_adds_only_its_own_kind() -> None:
    assert Money.of("2.50", "USD") + Money.of(1, "USD") == Money.of("3.50", "USD")
    assert Money.of("2.50", "USD") - Money.of("3.00", "USD") == -Money.of("0.50", "USD")
    with pytest.raises(MoneyError, match="USD and EUR"):
        Money.of("1.00", "USD") + Money.of("1.00", "EUR")
    with pytest.raises(MoneyError, match="ShopMoney and PresentmentMoney"):
        ShopMoney.of("1.00", "USD") + PresentmentMoney.of("1.00", "USD")  # type: ignore[operator]


def test_money_reads_well() -> None:
    assert str(Money.of("4812.4", "USD")) == "4,812.40 USD"
    assert (bool(Money.zero("JPY")), bool(Money.of("0.01", "USD"))) == (False, True)


def test_a_policy_chooses_the_side_that_is_booked() -> None:
    bag = MoneyBag(ShopMoney.of("39.90", "USD"), PresentmentMoney.of("36.71", "EUR"))
    assert (bag.books("shop"), bag.books("presentment")) == (
        Money.of("39.90", "USD"),
        Money.of("36.71", "EUR"),
    )
    assert (side_of(bag, "shop"), side_of(bag, "presentment")) == (D("39.90"), D("36.71"))


@pytest.mark.parametrize(("total", "weights", "currency", "shares"), [
    ("3.71", ["1", "1"], "USD", ["1.86", "1.85"]),
    ("-3.71", ["1", "1"], "USD", ["-1.86", "-1.85"]),
    ("10.00", ["1", "1", "1"], "USD", ["3.34", "3.33", "3.33"]),
    ("0.02", ["1", "1", "1"], "USD", ["0.01", "0.01", "0.00"]),
    ("6.50", ["50", "15"], "USD", ["5.00", "1.50"]),
    ("100", ["1", "2"], "JPY", ["34", "66"]),
    ("1.000", ["1", "2"], "KWD", ["0.334", "0.666"]),
    ("5.00", ["0", "0"], "USD", ["5.00", "0.00"]),
    ("5.00", [], "USD", []),
])  # fmt: skip
def test_leftover_units_go_one_by_one_from_the_first_share(
    total: str, weights: list[str], currency: str, shares: list[str]
) -> None:
    assert [str(share) for share in allocate(D(total), [D(w) for w in weights], currency)] == shares


@given(
    cents=st.integers(-10_000_000, 10_000_000),
    weights=st.lists(st.decimals("0", "99999", places=2), min_size=1, max_size=40),
    currency=st.sampled_from(["USD", "JPY", "KWD"]),
)
def test_shares_always_add_up_and_are_within_one_unit_for_each_share(
    cents: int, weights: list[Decimal], currency: str
) -> None:
    unit = smallest_unit(currency)
    total = cents * unit
    shares = allocate(total, weights, currency)
    assert sum(shares) == total
    whole = sum(weights)
    if whole:
        assert all(
            abs(share - total * weight / whole) < 2 * unit
            for share, weight in zip(shares, weights, strict=True)
        )


@given(amount=st.decimals("-1000000", "1000000", places=6), currency=st.sampled_from(["USD", "JPY", "KWD"]))
def test_rounding_moves_by_half_a_unit_at_most_and_only_once(amount: Decimal, currency: str) -> None:
    rounded = quantize(amount, currency)
    assert abs(rounded - amount) * 2 <= smallest_unit(currency)
    assert quantize(rounded, currency) == rounded
    assert quantize(-amount, currency) == -rounded

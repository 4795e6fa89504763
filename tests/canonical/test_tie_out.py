"""The gate: equal to the cent, or a bounded rounding; never two errors that cancel out."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from canonical.components import Components
from canonical.tie_out import RoundingLimits, tie_out
from common.errors import NeedsPerson

D = Decimal
STRICT = RoundingLimits(0, 0)


def side(total: str, currency: str = "USD", **amounts: str) -> Components:
    return Components(currency, {name: D(amount) for name, amount in amounts.items()}, D(total))


def refused(shopify: Components, document: Components, limits: RoundingLimits, lines: int) -> NeedsPerson:
    with pytest.raises(NeedsPerson) as caught:
        tie_out("#1001", shopify, document, limits, lines)
    assert caught.value.code == "TOTALS_DIFFER"
    return caught.value


@pytest.mark.parametrize(("line_units", "document_units", "lines", "currency", "allowed"), [
    (1, 5, 3, "USD", "0.03"), (1, 5, 300, "USD", "0.05"), (2, 5, 2, "USD", "0.04"), (0, 5, 9, "USD", "0"),
    (1, 0, 9, "USD", "0"), (1, 5, 3, "JPY", "3"), (1, 5, 3, "KWD", "0.003"), (1, 5, 0, "USD", "0"),
])  # fmt: skip
def test_the_limit_is_per_line_and_capped_per_document(
    line_units: int, document_units: int, lines: int, currency: str, allowed: str
) -> None:
    assert RoundingLimits(line_units, document_units).allowed(lines, currency) == D(allowed)


def test_the_defaults_are_a_cent_a_line_and_five_a_document() -> None:
    assert RoundingLimits() == RoundingLimits(line_units=1, document_units=5)


def test_limits_cannot_be_widened_on_the_way() -> None:
    with pytest.raises(FrozenInstanceError):
        RoundingLimits().document_units = 99  # type: ignore[misc]


def test_equal_sides_need_no_rounding() -> None:
    both = side("69.27", goods="65.00", discount="-6.50", shipping="5.95", tax="4.82")
    assert tie_out("#1001", both, both, STRICT, 3) == 0


def test_a_forced_price_becomes_a_rounding_line() -> None:
    """O1: 24.98 + 4.99 = 29.97 in Shopify; the ERP's 3 x 8.33 = 24.99 makes 29.98, so the line is -0.01."""
    shopify = side("29.97", goods="24.98", tax="4.99")
    document = side("29.98", goods="24.99", tax="4.99")
    assert tie_out("O1", shopify, document, RoundingLimits(1, 5), 1) == D("-0.01")


@pytest.mark.parametrize(
    ("document", "lines", "rounding"), [("64.97", 3, "0.03"), ("65.03", 3, "-0.03"), ("64.95", 9, "0.05")]
)
def test_up_to_the_limit_both_ways(document: str, lines: int, rounding: str) -> None:
    ours = side(document, goods=document)
    assert tie_out("#1001", side("65.00", goods="65.00"), ours, RoundingLimits(1, 5), lines) == D(rounding)


@pytest.mark.parametrize(("document", "lines"), [("64.96", 3), ("65.04", 3), ("64.94", 9), ("65.06", 9)])
def test_above_the_limit_it_blocks(document: str, lines: int) -> None:
    error = refused(side("65.00", goods="65.00"), side(document, goods=document), RoundingLimits(1, 5), lines)
    assert (error.field, error.value) == ("goods", "goods")


def test_the_difference_is_shown_by_component_and_in_total() -> None:
    shopify = side("70.95", goods="65.00", shipping="5.95")
    error = refused(shopify, side("65.00", goods="65.00"), RoundingLimits(1, 5), 2)
    assert [(d.component, d.shopify, d.document, d.difference, d.currency) for d in error.differences] == [
        ("shipping", D("5.95"), D(0), D("5.95"), "USD"), ("total", D("70.95"), D("65.00"), D("5.95"), "USD"),
    ]  # fmt: skip
    assert error.message == (
        "Order #1001 comes to 70.95 USD in Shopify, but its document would come to 65.00 USD; shipping differs by 5.95."
    )


def test_components_that_cancel_out_block_too() -> None:
    shopify = side("75.00", goods="65.00", shipping="10.00")
    error = refused(shopify, side("75.00", goods="66.00", shipping="9.00"), RoundingLimits(1, 5), 3)
    assert [(d.component, d.difference) for d in error.differences] == [
        ("goods", D("-1.00")), ("shipping", D("1.00")), ("total", D("0.00")),
    ]  # fmt: skip


def test_many_small_differences_in_one_direction_block_by_the_total() -> None:
    shopify = side("30.00", goods="10.00", shipping="10.00", tip="10.00")
    document = side("29.94", goods="9.98", shipping="9.98", tip="9.98")
    error = refused(shopify, document, RoundingLimits(1, 5), 3)
    assert (error.field, error.differences[-1].component) == ("total", "total")
    assert tie_out("#1", shopify, document, RoundingLimits(2, 6), 3) == D("0.06")


def test_the_worst_component_is_named() -> None:
    shopify = side("30.00", goods="20.00", shipping="10.00")
    error = refused(shopify, side("28.50", goods="19.90", shipping="8.60"), RoundingLimits(1, 5), 3)
    assert error.value == "total"
    error = refused(shopify, side("31.50", goods="21.60", shipping="9.90"), RoundingLimits(1, 5), 3)
    assert error.value == "goods"
    assert "goods differs by -1.60" in error.message


def test_shipping_discounts_read_as_words() -> None:
    error = refused(side("-5.95", shipping_discount="-5.95"), side("0.00"), STRICT, 1)
    assert "shipping discount differs by -5.95" in error.message


def test_another_currency_never_ties() -> None:
    error = refused(
        side("10.00", "USD", goods="10.00"), side("10.00", "EUR", goods="10.00"), RoundingLimits(5, 50), 9
    )
    assert (error.field, error.value, error.differences) == ("currency", "currency", ())
    assert error.message == "Order #1001 is in USD, but its document would be in EUR."


NAMES = ("goods", "discount", "shipping", "shipping_discount", "tax", "tip", "duty", "fee", "gift_card")
CENTS = st.dictionaries(st.sampled_from(NAMES), st.integers(-100_000, 100_000))


def summed(cents: dict[str, int]) -> Components:
    amounts = {name: D(amount) / 100 for name, amount in cents.items()}
    return Components("USD", amounts, sum(amounts.values(), D(0)))


@given(shopify=CENTS, noise=st.dictionaries(st.sampled_from(NAMES), st.integers(-9, 9)), lines=st.integers(0, 12),
       line_units=st.integers(0, 5), document_units=st.integers(0, 50))  # fmt: skip
def test_what_passes_is_within_the_limit_everywhere_and_ends_equal(
    shopify: dict[str, int], noise: dict[str, int], lines: int, line_units: int, document_units: int
) -> None:
    document = {name: shopify.get(name, 0) + noise.get(name, 0) for name in {*shopify, *noise}}
    theirs, ours = summed(shopify), summed(document)
    allowed = min(line_units * lines, document_units)
    fits = all(abs(each) <= allowed for each in noise.values()) and abs(sum(noise.values())) <= allowed
    try:
        rounding = tie_out("#1", theirs, ours, RoundingLimits(line_units, document_units), lines)
    except NeedsPerson:
        assert not fits
    else:
        assert fits
        assert ours.total + rounding == theirs.total

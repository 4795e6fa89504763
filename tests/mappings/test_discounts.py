"""Discounts: Shopify's allocation, one line each, under what they reduce."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from canonical.orders import Order
from common.errors import NeedsPerson
from mappings.models import Behaviour, MapKind
from tests.canonical.making import Coin, Sold, code, line, order_1001, shipping, simple
from tests.mappings.making import lines_of, mapped, plain_context, row

D = Decimal
USD = Coin()


def hoodie(discount: str, **allocations: str) -> Order:
    """A HOODIE at 40.00 with a discount allocated to applications 0 (WELCOME5), 1 (Loyal customer)."""
    total = str(D("40.00") - D(discount))
    shares = {int(index[1:]): amount for index, amount in allocations.items()}
    return simple(
        [Sold("PRODUCT", "1", total, discount=discount, quantity=1)],
        [line(USD, "1", "HOODIE", 1, "40.00", discounts=shares)],
        discounts=(code(0, "WELCOME5"), code(1, "Loyal customer", "manual")),
    )


def test_each_application_has_its_line_and_item() -> None:
    rows = [row(MapKind.DISCOUNT, "welcome5", "651"), row(MapKind.DISCOUNT, "Loyal customer", "652")]
    document = mapped(hoodie("9.00", a0="5.00", a1="4.00"), plain_context(*rows))
    assert lines_of(document) == [
        ("goods", "503", "40.00", "1"), ("discount", "651", "-5.00", "1"), ("discount", "652", "-4.00", "1"),
    ]  # fmt: skip
    assert [each.description for each in document.lines[1:]] == [
        "Discount WELCOME5",
        "Discount Loyal customer",
    ]


def test_the_ledger_decides_how_much_the_allocation_how_it_splits() -> None:
    """Tax inside the price: 9.00 allocated as shown is 7.50 net; 5/9 and 4/9 of it are 4.17 and 3.33."""
    document = mapped(hoodie("7.50", a0="5.00", a1="4.00"), plain_context())
    assert [amount for _, _, amount, _ in lines_of(document)[1:]] == ["-4.17", "-3.33"]


def test_a_share_of_nothing_has_no_line() -> None:
    assert len(lines_of(mapped(hoodie("5.00", a0="5.00", a1="0.00"), plain_context()))) == 2
    assert len(lines_of(mapped(hoodie("0.01", a0="5.00", a1="5.00"), plain_context()))) == 2


def test_two_allocations_of_one_application_are_one_line() -> None:
    half = line(USD, "1", "HOODIE", 1, "40.00", discounts={0: "2.00"})
    order = simple(
        [Sold("PRODUCT", "1", "36.00", discount="4.00", quantity=1)],
        [replace(half, discounts=half.discounts * 2)],
        discounts=(code(0, "WELCOME5"),),
    )
    assert [amount for _, _, amount, _ in lines_of(mapped(order, plain_context()))] == ["40.00", "-4.00"]


def test_an_unmapped_one_is_booked_and_told() -> None:
    document = mapped(order_1001(), plain_context())
    assert lines_of(document)[1] == ("discount", "602", "-5.00", "1")
    assert document.warnings == (
        "Discount 'SAVE10' is not mapped; it is booked on Discount (when no discount row matches).",
    )


def test_a_default_row_is_a_decision_and_no_warning() -> None:
    document = mapped(order_1001(), plain_context(row(MapKind.DISCOUNT, "", "659")))
    assert (lines_of(document)[1][1], document.warnings) == ("659", ())


@pytest.mark.parametrize("allocated", [{}, {"a7": "5.00"}])
def test_a_discount_without_a_name_is_booked_all_the_same(allocated: dict[str, str]) -> None:
    document = mapped(hoodie("5.00", **allocated), plain_context())
    assert lines_of(document)[1] == ("discount", "602", "-5.00", "1")
    assert document.lines[1].description == "Discount"
    assert document.warnings[0].startswith("A discount without a name is not mapped")


@pytest.mark.parametrize("behaviour", [Behaviour.STOP, Behaviour.EMPTY])
def test_a_row_may_stop_the_order_but_not_hide_the_discount(behaviour: Behaviour) -> None:
    with pytest.raises(NeedsPerson) as caught:
        mapped(order_1001(), plain_context(row(MapKind.DISCOUNT, "SAVE10", behaviour=behaviour)))
    assert (caught.value.code, caught.value.value) == ("UNMAPPED_DISCOUNT", "SAVE10")


def test_without_any_item_for_discounts_it_stops() -> None:
    with pytest.raises(NeedsPerson) as caught:
        mapped(order_1001(), plain_context(charges=False))
    assert (caught.value.code, caught.value.value) == ("UNMAPPED_DISCOUNT", "SAVE10")


def test_free_shipping_is_the_price_and_its_discount() -> None:
    order = simple(
        [Sold("PRODUCT", "1", "30.00", quantity=1), Sold("SHIPPING", "3", "0.00", discount="5.95")],
        [line(USD, "1", "HOODIE", 1, "30.00")],
        shipping_lines=[shipping(USD, "3", "5.95", discounts={0: "5.95"})],
        discounts=(code(0, "FREESHIP"),),
    )
    document = mapped(order, plain_context(row(MapKind.DISCOUNT, "FREESHIP", "653")))
    assert lines_of(document)[1:] == [("shipping", "601", "5.95", "3"), ("discount", "653", "-5.95", "3")]


def test_in_presentment_books_the_customers_allocation_splits() -> None:
    coin = Coin("USD", "EUR")
    order = simple(
        [Sold("PRODUCT", "1", "31.00/28.00", discount="9.00/8.00", quantity=1)],
        [line(coin, "1", "HOODIE", 1, "40.00/36.00", discounts={0: "5.00/4.50", 1: "4.00/3.50"})],
        coin,
        discounts=(code(0, "A"), code(1, "B")),
    )
    document = mapped(order, plain_context(money_policy="presentment"))
    assert [amount for _, _, amount, _ in lines_of(document)] == ["36.00", "-4.50", "-3.50"]

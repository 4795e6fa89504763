"""Discounts: Shopify's allocation, one line each, under what they reduce."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import ClassVar

import pytest

from canonical.documents import LineKind, Ref, SalesDocument
from canonical.orders import Order
from common.errors import NeedsPerson
from mappings.models import Behaviour, MapKind, ValueMapping
from mappings.promotions import Promotion, gives_nothing
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
        "Discount code 'SAVE10' is unmapped; it is booked on Discount (when no discount row matches).",
    )


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("code", ("Discount code 'SAVE10' is unmapped; it is booked on discount 659.",)),
        ("automatic", ("Discount 'SAVE10' is unmapped; it is booked on discount 659.",)),
        ("script", ("Discount 'SAVE10' is unmapped; it is booked on discount 659.",)),
        ("manual", ()),
    ],
)
def test_the_default_row_takes_it_and_tells_of_what_could_have_a_row(
    kind: str, said: tuple[str, ...]
) -> None:
    """Staff type whatever they like as a reason; a code or an automatic discount somebody has set up by name."""
    order = order_1001(discounts=(code(0, "SAVE10", kind),))
    document = mapped(order, plain_context(row(MapKind.DISCOUNT, "", "659")))
    assert (lines_of(document)[1][:3], document.warnings) == (("discount", "659", "-5.00"), said)


def test_a_mapped_one_leaves_no_warning() -> None:
    rows = (row(MapKind.DISCOUNT, "save10 ", "651"), row(MapKind.DISCOUNT, "", "659"))
    assert mapped(order_1001(), plain_context(*rows)).warnings == ()


class TestPromotions:
    """A promotion is named; what it takes off is always a line at Shopify's amount."""

    given: ClassVar[dict[str, Promotion]] = {
        "43": Promotion(Ref("43", "Newsletter"), gives_nothing=True),
        "44": Promotion(Ref("44", "Summer sale"), gives_nothing=False),
    }

    def document(self, *rows: ValueMapping) -> SalesDocument:
        return mapped(order_1001(), replace(plain_context(*rows), promotions=self.given))

    def test_one_that_gives_nothing_is_on_the_document_once(self) -> None:
        document = self.document(row(MapKind.DISCOUNT, "SAVE10", "651", promotion_id="43"))
        assert document.promotions == (Ref("43", "Newsletter"),)
        found = [line for line in document.lines if line.kind is LineKind.DISCOUNT]
        assert [(line.item.id, line.amount) for line in found] == [("651", D("-5.00")), ("651", D("-1.50"))]
        assert {line.description for line in found} == {"Discount SAVE10 (promotion Newsletter)"}

    @pytest.mark.parametrize(("promotion", "name"), [("44", "Summer sale"), ("99", "99")])
    def test_one_that_takes_something_off_itself_or_is_not_known_is_only_named(
        self, promotion: str, name: str
    ) -> None:
        document = self.document(row(MapKind.DISCOUNT, "SAVE10", "651", promotion_id=promotion))
        assert document.promotions == ()
        assert document.lines[1].description == f"Discount SAVE10 (promotion {name})"
        assert document.lines[1].amount == D("-5.00")

    @pytest.mark.parametrize(("default", "item"), [((), "602"), ((row(MapKind.DISCOUNT, "", "659"),), "659")])
    def test_without_an_item_the_amount_goes_where_all_others_go_and_nobody_is_warned(
        self, default: tuple[ValueMapping, ...], item: str
    ) -> None:
        document = self.document(row(MapKind.DISCOUNT, "SAVE10", promotion_id="43"), *default)
        assert (lines_of(document)[1][:3], document.warnings) == (("discount", item, "-5.00"), ())

    def test_a_row_that_stops_stops_all_the_same(self) -> None:
        with pytest.raises(NeedsPerson) as caught:
            self.document(row(MapKind.DISCOUNT, "SAVE10", promotion_id="43", behaviour=Behaviour.STOP))
        assert caught.value.code == "UNMAPPED_DISCOUNT"

    @pytest.mark.parametrize(
        ("rate", "nothing"),
        [("0", True), ("0.0%", True), ("-0.00", True), ("10", False), ("", False), ("?", False)],
    )
    def test_only_a_rate_known_to_be_zero_gives_nothing(self, rate: str, nothing: bool) -> None:
        assert gives_nothing(rate) is nothing


@pytest.mark.parametrize("allocated", [{}, {"a7": "5.00"}])
def test_a_discount_without_a_name_is_booked_all_the_same(allocated: dict[str, str]) -> None:
    document = mapped(hoodie("5.00", **allocated), plain_context())
    assert lines_of(document)[1] == ("discount", "602", "-5.00", "1")
    assert document.lines[1].description == "Discount"
    assert document.warnings[0].startswith("A discount without a name is unmapped")


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

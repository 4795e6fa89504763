"""Shopify's tax by each of the three strategies, to the cent."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from canonical.components import components_of_document
from canonical.documents import Ref
from canonical.orders import Order
from canonical.tie_out import RoundingLimits
from common.errors import NeedsPerson
from mappings.models import Behaviour, MapKind, ValueMapping
from tests.canonical.making import HOME, NY, Coin, Sold, line, order_1001, shipping, simple
from tests.mappings.making import lines_of, mapped, plain_context, row

D = Decimal
USD = Coin()
SAVE10 = row(MapKind.DISCOUNT, "SAVE10", "650")
NY_CODE = row(MapKind.TAX, f"{NY}|8.25", "901", target_label="NY 8.25%", tax_rate=D("8.25"), tax_type_id="5")


def refused(order: Order, *rows: ValueMapping, **values: Any) -> NeedsPerson:
    with pytest.raises(NeedsPerson) as caught:
        mapped(order, plain_context(*rows, **values))
    return caught.value


def taxed(title: str = NY, rate: str = "0.0825", *, channel_liable: bool = False) -> Order:
    """TEE 25.00 with 2.06 of tax."""
    sold = Sold(
        "PRODUCT",
        "1",
        "27.06",
        "2.06",
        quantity=1,
        taxes=[(title, rate, "2.06")],
        channel_liable=channel_liable,
    )
    return simple([sold], [line(USD, "1", "TEE-1", 1, "25.00")])


class TestTaxDetails:
    """SuiteTax: rate, basis and amount given line by line."""

    def test_every_line_carries_shopifys_tax(self) -> None:
        document = mapped(order_1001(), plain_context(SAVE10, NY_CODE, strategy="tax_details"))
        assert lines_of(document) == [
            ("goods", "501", "50.00", "1"), ("discount", "650", "-5.00", "1"), ("goods", "502", "15.00", "2"),
            ("discount", "650", "-1.50", "2"), ("shipping", "601", "5.95", "3"),
        ]  # fmt: skip
        details = [tax for each in document.lines for tax in each.taxes]
        assert [(t.code, t.tax_type, t.rate, t.basis, t.amount, t.title) for t in details] == [
            (Ref("901", "NY 8.25%"), Ref("5"), D("8.25"), D("45.00"), D("3.71"), NY),
            (Ref("901", "NY 8.25%"), Ref("5"), D("8.25"), D("13.50"), D("1.11"), NY),
        ]  # fmt: skip
        assert components_of_document(document).total == D("69.27")

    def test_an_unmapped_tax_stops_naming_title_and_rate(self) -> None:
        error = refused(taxed(), strategy="tax_details")
        assert (error.code, error.value) == ("UNMAPPED_TAX", f"{NY}|8.25")

    def test_tax_the_channel_owes_goes_to_its_own_code(self) -> None:
        channel = row(MapKind.TAX, "channel-liable", "950")
        everything = row(MapKind.TAX, "", "901")
        context = plain_context(channel, everything, strategy="tax_details")
        assert mapped(taxed(channel_liable=True), context).lines[0].taxes[0].code.id == "950"

    @pytest.mark.parametrize("strategy", ["tax_details", "tax_line", "tax_codes"])
    def test_and_never_to_a_default(self, strategy: str) -> None:
        error = refused(taxed(channel_liable=True), row(MapKind.TAX, "", "901"), strategy=strategy)
        assert (error.code, error.value) == ("UNMAPPED_CHANNEL_TAX", "channel-liable")


class TestTaxLine:
    """One line for each item that taxes are mapped to."""

    @pytest.mark.parametrize(("source", "item"), [
        (f"{NY}|8.25|US", "671"), (f"{NY}|8.250|us", "671"), (f"{NY} | 8.25", "671"), (NY.lower(), "671"), ("", "671"),
        (f"{NY}|8.25|CA", "607"), (f"{NY}|8", "607"), (f"{NY}|much", "607"), ("Other", "607"),
    ])  # fmt: skip
    def test_by_title_rate_and_country(self, source: str, item: str) -> None:
        document = mapped(taxed(), plain_context(row(MapKind.TAX, source, "671")))
        assert lines_of(document)[1:] == [("tax", item, "2.06", "")]

    def test_without_an_address_the_country_is_not_compared(self) -> None:
        order = replace(taxed(), shipping=None, billing=None)
        assert (
            lines_of(mapped(order, plain_context(row(MapKind.TAX, f"{NY}|8.25|US", "671"))))[-1][1] == "607"
        )
        order = replace(taxed(), shipping=None, billing=replace(HOME, country="CA"))
        assert (
            lines_of(mapped(order, plain_context(row(MapKind.TAX, f"{NY}|8.25|CA", "671"))))[-1][1] == "671"
        )

    def test_the_most_telling_row_wins(self) -> None:
        rows = [
            row(MapKind.TAX, NY, "673"),
            row(MapKind.TAX, f"{NY}|8.25", "672"),
            row(MapKind.TAX, "", "674"),
        ]
        assert lines_of(mapped(taxed(), plain_context(*rows)))[-1][1] == "672"

    def test_without_row_and_without_charge_it_stops(self) -> None:
        error = refused(taxed(), row(MapKind.ACCOUNT, "shipping", "601"), charges=False)
        assert (error.code, error.value) == ("UNMAPPED_TAX", f"{NY}|8.25")

    @pytest.mark.parametrize(
        ("behaviour", "word"), [(Behaviour.STOP, "stop the order"), (Behaviour.EMPTY, "stay empty")]
    )
    def test_tax_cannot_be_left_out(self, behaviour: Behaviour, word: str) -> None:
        error = refused(taxed(), row(MapKind.TAX, NY, behaviour=behaviour))
        assert (error.code, word in error.message) == ("UNMAPPED_TAX", True)

    def test_tax_the_channel_owes_is_kept_apart(self) -> None:
        document = mapped(
            taxed(channel_liable=True), plain_context(row(MapKind.TAX, "Channel-Liable", "675"))
        )
        assert lines_of(document)[-1] == ("tax", "675", "2.06", "")
        assert document.lines[-1].description == f"{NY} 8.25% (collected and owed by the channel)"

    def test_taxes_that_cancel_out_need_no_line(self) -> None:
        order = simple(
            [
                Sold("PRODUCT", "1", "26.00", "1.00", quantity=1, taxes=[("A", "0.04", "1.00")]),
                Sold("ADDITIONAL_FEE", "2", "-1.00", "-1.00", taxes=[("A", "0.04", "-1.00")]),
            ],
            [line(USD, "1", "TEE-1", 1, "25.00")],
        )
        assert [kind for kind, *_ in lines_of(mapped(order, plain_context()))] == ["goods", "fee"]


class TestTaxCodes:
    """The ERP computes; the variance line makes it Shopify's figure."""

    def test_codes_on_goods_and_discounts_and_the_variance(self) -> None:
        """50.00 4.13, -5.00 -0.41, 15.00 1.24, -1.50 -0.12: 4.84; Shopify has 4.82, so the line is -0.02."""
        document = mapped(order_1001(), plain_context(SAVE10, NY_CODE, strategy="tax_codes"))
        assert lines_of(document)[-1] == ("tax_variance", "608", "-0.02", "")
        assert [(each.tax_code.id if each.tax_code else "", each.tax_code_rate) for each in document.lines] == [
            ("901", D("8.25")), ("901", D("8.25")), ("901", D("8.25")), ("901", D("8.25")), ("", None), ("", None),
        ]  # fmt: skip
        assert components_of_document(document).total == D("69.27")

    def test_no_variance_no_line(self) -> None:
        document = mapped(taxed(), plain_context(NY_CODE, strategy="tax_codes"))
        assert [kind for kind, *_ in lines_of(document)] == ["goods"]

    def test_several_taxes_are_one_combined_code(self) -> None:
        sold = Sold(
            "PRODUCT",
            "1",
            "27.17",
            "2.17",
            quantity=1,
            taxes=[("State", "0.04", "1.00"), ("City", "0.04675", "1.17")],
        )
        order = simple([sold], [line(USD, "1", "TEE-1", 1, "25.00")])
        both = row(MapKind.TAX, "State + City|8.675", "902", tax_rate=D("8.675"))
        document = mapped(order, plain_context(both, strategy="tax_codes"))
        assert document.lines[0].tax_code == Ref("902", "tax 902")
        assert refused(order, strategy="tax_codes").value == "State + City|8.675"

    def test_lines_without_tax_take_the_code_for_it_when_there_is_one(self) -> None:
        untaxed = row(MapKind.TAX, "untaxed", "909", tax_rate=D(0))
        document = mapped(order_1001(), plain_context(SAVE10, NY_CODE, untaxed, strategy="tax_codes"))
        assert (document.lines[4].tax_code, document.lines[4].tax_code_rate) == (Ref("909", "tax 909"), D(0))
        without = row(MapKind.TAX, "untaxed", behaviour=Behaviour.EMPTY)
        document = mapped(order_1001(), plain_context(SAVE10, NY_CODE, without, strategy="tax_codes"))
        assert document.lines[4].tax_code is None

    def test_the_rate_of_the_code_must_be_known(self) -> None:
        error = refused(taxed(), row(MapKind.TAX, NY, "901"), strategy="tax_codes")
        assert (error.code, error.value) == ("TAX_RATE_MISSING", f"{NY}|8.25")

    def test_codes_at_another_rate_are_no_rounding(self) -> None:
        """25.00 at 8 % is 2.00, Shopify has 2.06."""
        error = refused(taxed(), row(MapKind.TAX, NY, "901", tax_rate=D(8)), strategy="tax_codes")
        assert error.code == "TAX_VARIANCE_HIGH"
        assert "2.06 USD, but the mapped tax codes come to 2.00 USD" in error.message

    @pytest.mark.parametrize(("rate", "fits"), [("8.28", True), ("8.32", False)])
    def test_a_cent_for_each_line_with_a_code(self, rate: str, fits: bool) -> None:
        """25.00 at 8.28 % is 2.07, at 8.32 % 2.08; Shopify has 2.06."""
        code = row(MapKind.TAX, NY, "901", tax_rate=D(rate))
        if fits:
            assert lines_of(mapped(taxed(), plain_context(code, strategy="tax_codes")))[-1][2] == "-0.01"
        else:
            assert refused(taxed(), code, strategy="tax_codes").code == "TAX_VARIANCE_HIGH"

    def test_the_shops_limit_counts(self) -> None:
        code = row(MapKind.TAX, NY, "901", tax_rate=D("8.32"))
        context = plain_context(code, strategy="tax_codes", limits=RoundingLimits(2, 5))
        assert lines_of(mapped(taxed(), context))[-1] == ("tax_variance", "608", "-0.02", "")

    def test_a_row_that_leaves_the_code_out_leaves_the_tax_to_the_limit(self) -> None:
        small = simple(
            [Sold("PRODUCT", "1", "0.13", "0.01", quantity=1, taxes=[(NY, "0.0825", "0.01")])],
            [line(USD, "1", "TEE-1", 1, "0.12")],
        )
        empty = row(MapKind.TAX, NY, behaviour=Behaviour.EMPTY)
        document = mapped(small, plain_context(empty, strategy="tax_codes"))
        assert lines_of(document)[-1] == ("tax_variance", "608", "0.01", "")
        assert refused(taxed(), empty, strategy="tax_codes").code == "TAX_VARIANCE_HIGH"

    def test_tax_the_channel_owes_is_a_line_and_no_code(self) -> None:
        channel = row(MapKind.TAX, "channel-liable", "675")
        document = mapped(taxed(channel_liable=True), plain_context(channel, NY_CODE, strategy="tax_codes"))
        assert lines_of(document) == [("goods", "501", "25.00", "1"), ("tax", "675", "2.06", "")]
        assert document.lines[0].tax_code is None


def test_tax_on_shipping_follows_the_same_rules() -> None:
    order = simple(
        [
            Sold("PRODUCT", "1", "27.06", "2.06", quantity=1, taxes=[(NY, "0.0825", "2.06")]),
            Sold("SHIPPING", "3", "6.44", "0.49", taxes=[(NY, "0.0825", "0.49")]),
        ],
        [line(USD, "1", "TEE-1", 1, "25.00")],
        shipping_lines=[shipping(USD, "3", "5.95")],
    )  # fmt: skip
    document = mapped(order, plain_context(NY_CODE, strategy="tax_details"))
    (detail,) = document.lines[1].taxes
    assert (detail.basis, detail.amount) == (D("5.95"), D("0.49"))
    assert components_of_document(document).total == D("33.50")

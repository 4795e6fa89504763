"""Shipping, duties and fees: as lines, or shipping in the document's own field."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from canonical.components import components_of_document
from canonical.documents import Ref
from canonical.orders import Order
from common.errors import NeedsPerson
from mappings.batch import tied_document
from mappings.models import MapKind
from tests.canonical.making import NY, Coin, Sketch, Sold, code, line, shipping, simple
from tests.mappings.making import lines_of, mapped, plain_context, plain_items, row

D = Decimal
USD = Coin()
TEE = Sold("PRODUCT", "1", "25.00", quantity=1)


def order(*sold: Sold, **values: Any) -> Order:
    return simple([TEE, *sold], [line(USD, "1", "TEE-1", 1, "25.00")], **values)


def test_several_shipping_lines_are_kept() -> None:
    freight = [shipping(USD, "3", "5.95"), shipping(USD, "4", "14.90", title="", code="express")]
    document = mapped(
        order(Sold("SHIPPING", "3", "5.95"), Sold("SHIPPING", "4", "14.90"), shipping_lines=freight),
        plain_context(),
    )
    assert lines_of(document)[1:] == [("shipping", "601", "5.95", "3"), ("shipping", "601", "14.90", "4")]
    assert [each.description for each in document.lines[1:]] == ["Shipping: Standard", "Shipping: express"]


def test_shipping_that_is_gone_from_the_order_still_counts() -> None:
    document = mapped(order(Sold("SHIPPING", "99", "5.95")), plain_context())
    assert (lines_of(document)[1], document.lines[1].description) == (
        ("shipping", "601", "5.95", "99"),
        "Shipping",
    )


@pytest.mark.parametrize("kind", ["SHIPPING", "DUTY", "ADDITIONAL_FEE"])
def test_what_costs_nothing_needs_no_line_and_no_item(kind: str) -> None:
    document = mapped(order(Sold(kind, "3", "0.00", quantity=1)), plain_context(charges=False))
    assert [each[0] for each in lines_of(document)] == ["goods"]


def test_fees_are_told_apart_by_name() -> None:
    sold = [
        Sold("ADDITIONAL_FEE", "5", "0.50"),
        Sold("ADDITIONAL_FEE", "6", "1.25"),
        Sold("FEE", "7", "2.00"),
    ]
    fees = (("5", "Bottle deposit"), ("6", "Gift wrap"))
    document = mapped(
        order(*sold, fees=fees), plain_context(row(MapKind.ACCOUNT, "fee|Bottle Deposit", "661"))
    )
    assert lines_of(document)[1:] == [
        ("fee", "661", "0.50", "5"),
        ("fee", "606", "1.25", "6"),
        ("fee", "606", "2.00", "7"),
    ]
    assert [each.description for each in document.lines[1:]] == ["Bottle deposit", "Gift wrap", "Fee"]


def test_a_discount_on_duties_stands_under_them() -> None:
    document = mapped(order(Sold("DUTY", "5", "6.00", discount="2.00")), plain_context())
    assert lines_of(document)[1:] == [("duty", "605", "8.00", "5"), ("discount", "602", "-2.00", "5")]


@pytest.mark.parametrize(("sold", "charge"), [
    (Sold("SHIPPING", "3", "5.95"), "shipping"), (Sold("DUTY", "3", "5.95"), "duty"),
    (Sold("ADDITIONAL_FEE", "3", "5.95"), "fee"),
])  # fmt: skip
def test_a_charge_without_an_item_stops(sold: Sold, charge: str) -> None:
    with pytest.raises(NeedsPerson) as caught:
        mapped(order(sold), plain_context(charges=False))
    assert (caught.value.code, caught.value.value) == ("UNMAPPED_CHARGE", charge)


class TestShippingInTheBody:
    """One figure after discounts; only a tax line can carry the tax on it."""

    def test_after_discounts(self) -> None:
        document = mapped(
            order(
                Sold("SHIPPING", "3", "4.95", discount="1.00"), Sold("SHIPPING", "4", "2.00"),
                shipping_lines=[shipping(USD, "3", "5.95", discounts={0: "1.00"}), shipping(USD, "4", "2.00")],
                discounts=(code(0, "X"),),
            ),
            plain_context(shipping_as="body"),
        )  # fmt: skip
        assert (lines_of(document), document.shipping_cost) == ([("goods", "501", "25.00", "1")], D("6.95"))
        assert components_of_document(document).total == D("31.95")

    taxed = Sold("SHIPPING", "3", "6.44", "0.49", taxes=[(NY, "0.0825", "0.49")])

    def test_its_tax_on_the_tax_line(self) -> None:
        document = mapped(order(self.taxed), plain_context(shipping_as="body"))
        assert (lines_of(document)[1:], document.shipping_cost) == ([("tax", "607", "0.49", "")], D("5.95"))

    @pytest.mark.parametrize("strategy", ["tax_details", "tax_codes"])
    def test_its_tax_refused_elsewhere(self, strategy: str) -> None:
        with pytest.raises(NeedsPerson) as caught:
            mapped(order(self.taxed), plain_context(shipping_as="body", strategy=strategy))
        assert (caught.value.code, caught.value.field) == ("SHIPPING_TAX_IN_BODY", "shipping")
        assert "0.49 USD" in caught.value.message

    def test_where_edits_left_nothing_else_it_is_a_line_all_the_same(self) -> None:
        """A document needs a line: the tee was taken off, shipping at 5.95 less 1.00 stays owed."""
        sketch = Sketch(
            agreements=[
                ("ORDER", [
                    Sold("PRODUCT", "1", "25.00", quantity=1), Sold("SHIPPING", "3", "4.95", discount="1.00"),
                ]),
                ("ORDER_EDIT", [Sold("PRODUCT", "1", "-25.00", quantity=-1, action="RETURN")]),
            ],
            lines=[line(USD, "1", "TEE-1", 1, "25.00", current_quantity=0)],
            shipping_lines=[shipping(USD, "3", "5.95", discounts={0: "1.00"})],
            values={"discounts": (code(0, "X"),)},
        )  # fmt: skip
        context = plain_context(shipping_as="body", strategy="tax_details")
        found = tied_document(context, plain_items(context), sketch.order(), Ref("9", "Ada Lovelace"))
        assert lines_of(found.document) == [
            ("shipping", "601", "5.95", "3"),
            ("discount", "602", "-1.00", "3"),
        ]
        assert (found.document.shipping_cost, found.document.total) == (D(0), D("4.95"))

    def test_untaxed_it_fits_every_strategy(self) -> None:
        context = plain_context(shipping_as="body", strategy="tax_details")
        assert mapped(order(Sold("SHIPPING", "3", "5.95")), context).shipping_cost == D("5.95")

"""An order's sales added up, and every way in which they may be refused."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from canonical.ledger import ledger_facts
from canonical.orders import Order
from canonical.sales import SaleKind
from common.errors import NeedsPerson
from tests.canonical.making import NY, Coin, Sketch, Sold, line, order_1001, shipping, simple, sketch_1001

D = Decimal
USD = Coin()


def refused(order: Order, **values: Any) -> NeedsPerson:
    with pytest.raises(NeedsPerson) as caught:
        ledger_facts(order, "shop", **values)
    return caught.value


def differences(error: NeedsPerson) -> list[tuple[str, str, str]]:
    return [(d.component, str(d.shopify), str(d.document)) for d in error.differences]


def test_the_classic_order_comes_to_shopifys_figures() -> None:
    facts = ledger_facts(order_1001(), "shop")
    assert (facts.currency, facts.total, facts.sold, facts.cash_rounding) == (
        "USD",
        D("69.27"),
        D("69.27"),
        D(0),
    )
    assert [(f.kind, f.object_id, f.quantity, f.gross, f.discount, f.tax, f.net) for f in facts.lines] == [
        (SaleKind.PRODUCT, "1", 2, D("50.00"), D("5.00"), D("3.71"), D("45.00")),
        (SaleKind.PRODUCT, "2", 1, D("15.00"), D("1.50"), D("1.11"), D("13.50")),
        (SaleKind.SHIPPING, "3", None, D("5.95"), D("0.00"), D("0.00"), D("5.95")),
    ]
    assert [(t.title, t.rate, t.amount, t.channel_liable) for t in facts.lines[0].taxes] == [
        (NY, "0.0825", D("3.71"), False)
    ]


def test_the_presentment_side_is_taken_when_the_books_are_in_it() -> None:
    coin = Coin("USD", "EUR")
    order = simple(
        [Sold("PRODUCT", "1", "25.00/23.00", quantity=1), Sold("SHIPPING", "2", "14.90/13.71")],
        [line(coin, "1", "TEE-1", 1, "25.00/23.00")],
        coin,
    )
    facts = ledger_facts(order, "presentment")
    assert (facts.currency, facts.total) == ("EUR", D("36.71"))
    assert ledger_facts(order, "shop").total == D("39.90")


def test_prices_with_tax_come_down_to_net() -> None:
    """O1: 3 x 9.99 with 20 % VAT inside: 29.97 - 4.99 = 24.98 net."""
    order = simple(
        [Sold("PRODUCT", "1", "29.97", "4.99", quantity=3, taxes=[("VAT", "0.2", "4.99")])],
        [line(USD, "1", "SOCKS", 3, "9.99", rates=["0.2"])],
        taxes_included=True,
    )
    (fact,) = ledger_facts(order, "shop").lines
    assert (fact.gross, fact.tax, fact.total) == (D("24.98"), D("4.99"), D("29.97"))


@pytest.mark.parametrize(("stated", "total"), [("5.02", "5.00"), ("5.00", "5.00")])
def test_cash_rounding_is_no_sale_and_totals_may_be_stated_with_or_without_it(
    stated: str, total: str
) -> None:
    order = simple(
        [Sold("PRODUCT", "1", "5.02", quantity=1)],
        [line(USD, "1", "GUM", 1, "5.02")],
        totals={"cash_rounding": "-0.02", "current_total": stated, "original_total": stated},
    )
    facts = ledger_facts(order, "shop")
    assert (facts.sold, facts.cash_rounding, facts.total) == (D("5.02"), D("-0.02"), D(total))


def test_an_edit_adds_lines_and_takes_others_away() -> None:
    """A TEE stays, a MUG 8.66 with tax goes, a CAP 12.99 with tax comes: 27.06 + 12.99 + shipping 5.95 = 46.00."""
    order = Sketch(
        agreements=[
            ("ORDER", [
                Sold("PRODUCT", "1", "27.06", "2.06", quantity=1, taxes=[(NY, "0.0825", "2.06")]),
                Sold("PRODUCT", "2", "8.66", "0.66", quantity=1, taxes=[(NY, "0.0825", "0.66")]),
                Sold("SHIPPING", "3", "5.95"),
            ]),
            ("ORDER_EDIT", [
                Sold("PRODUCT", "2", "-8.66", "-0.66", quantity=-1, action="RETURN", taxes=[(NY, "0.0825", "-0.66")]),
                Sold("PRODUCT", "4", "12.99", "0.99", quantity=1, taxes=[(NY, "0.0825", "0.99")]),
            ]),
        ],
        lines=[
            line(USD, "1", "TEE-1", 1, "25.00"),
            line(USD, "2", "POSTER", 1, "8.00", current_quantity=0),
            line(USD, "4", "CAP", 1, "12.00"),
        ],
        shipping_lines=[shipping(USD, "3", "5.95")],
    ).order()  # fmt: skip
    facts = ledger_facts(order, "shop")
    assert [(f.object_id, f.total) for f in facts.lines] == [
        ("1", D("27.06")),
        ("3", D("5.95")),
        ("4", D("12.99")),
    ]
    assert facts.total == D("46.00")


def test_a_price_lowered_by_an_edit_is_a_discount_at_the_same_price() -> None:
    order = Sketch(
        agreements=[
            ("ORDER", [Sold("PRODUCT", "1", "32.48", "2.48", quantity=1, taxes=[(NY, "0.0825", "2.48")])]),
            ("ORDER_EDIT", [
                Sold("PRODUCT", "1", "-3.25", "-0.25", "3.00", 0, "UPDATE", taxes=[(NY, "0.0825", "-0.25")]),
            ]),
        ],
        lines=[line(USD, "1", "BAG", 1, "30.00", discounts={0: "3.00"})],
    ).order()  # fmt: skip
    (fact,) = ledger_facts(order, "shop").lines
    assert (fact.gross, fact.discount, fact.tax, fact.total) == (D("30.00"), D("3.00"), D("2.23"), D("29.23"))


class TestShippingTakenBack:
    """A RETURN sale does not say which shipping line it is about."""

    def sold(self, *prices: str, back: str) -> Order:
        opening = [Sold("PRODUCT", "1", "25.00", quantity=1)]
        opening += [Sold("SHIPPING", str(10 + index), price) for index, price in enumerate(prices)]
        return Sketch(
            agreements=[
                ("ORDER", opening),
                ("ORDER_EDIT", [Sold("SHIPPING", "", f"-{back}", action="RETURN")]),
            ],
            lines=[line(USD, "1", "TEE-1", 1, "25.00")],
        ).order()

    def test_the_only_one_is_meant(self) -> None:
        facts = ledger_facts(self.sold("5.95", back="2.00"), "shop")
        assert [(f.object_id, f.gross) for f in facts.lines] == [("1", D("25.00")), ("10", D("3.95"))]

    def test_else_the_one_of_that_amount(self) -> None:
        facts = ledger_facts(self.sold("5.95", "14.90", back="14.90"), "shop")
        assert [(f.object_id, f.gross) for f in facts.lines] == [("1", D("25.00")), ("10", D("5.95"))]

    def test_else_it_stays_a_line_of_its_own(self) -> None:
        facts = ledger_facts(self.sold("5.95", "5.95", back="5.95"), "shop")
        assert [(f.object_id, f.gross) for f in facts.lines][1:] == [
            ("10", D("5.95")), ("11", D("5.95")), ("", D("-5.95")),
        ]  # fmt: skip

    @pytest.mark.parametrize(("gone", "left"), [("10", "11"), ("11", "10")])
    def test_of_two_alike_the_one_the_order_says_was_removed(self, gone: str, left: str) -> None:
        freight = tuple(shipping(USD, each, "5.95", removed=each == gone) for each in ("10", "11"))
        order = replace(self.sold("5.95", "5.95", back="5.95"), shipping_lines=freight)
        facts = ledger_facts(order, "shop")
        assert [(f.object_id, f.gross) for f in facts.lines][1:] == [(left, D("5.95"))]

    def test_one_added_again_before_the_old_one_goes(self) -> None:
        """5.95 with 0.49 of tax is added while the first is still there, which is then taken off."""
        taxed = [(NY, "0.0825", "0.49")]
        order = Sketch(
            agreements=[
                ("ORDER", [
                    Sold("PRODUCT", "1", "25.00", quantity=1), Sold("SHIPPING", "10", "6.44", "0.49", taxes=taxed),
                ]),
                ("ORDER_EDIT", [
                    Sold("SHIPPING", "11", "6.44", "0.49", taxes=taxed),
                    Sold("SHIPPING", "", "-6.44", "-0.49", action="RETURN", taxes=[(NY, "0.0825", "-0.49")]),
                ]),
            ],
            lines=[line(USD, "1", "TEE-1", 1, "25.00")],
            shipping_lines=[shipping(USD, "10", "5.95", removed=True), shipping(USD, "11", "5.95")],
        ).order()  # fmt: skip
        facts = ledger_facts(order, "shop")
        assert [(f.object_id, f.gross, f.tax) for f in facts.lines][1:] == [("11", D("5.95"), D("0.49"))]
        assert facts.total == D("31.44")

    def test_two_alike_both_removed(self) -> None:
        order = self.sold("5.95", "5.95", back="5.95")
        again = replace(order.agreements[1], source_id="3")
        order = replace(order, agreements=(*order.agreements, again), totals=replace(
            order.totals, current_total=USD.bag("25.00"), current_shipping=USD.bag("0.00"),
        ), shipping_lines=tuple(shipping(USD, each, "5.95", removed=True) for each in ("10", "11")))  # fmt: skip
        assert [f.object_id for f in ledger_facts(order, "shop").lines] == ["1"]


class TestRefunds:
    """A refund is a document of its own."""

    def refunded(self, *sold: Sold, quantity: int = 2) -> Order:
        sketch = sketch_1001()
        sketch.agreements.append(("REFUND", list(sold)))
        sketch.lines[0] = line(
            USD, "1", "TEE-1", 2, "25.00", current_quantity=quantity, discounts={0: "5.00"}
        )
        return sketch.order()

    tee = Sold("PRODUCT", "1", "-24.36", "-1.86", "-2.50", -1, "RETURN", taxes=[(NY, "0.0825", "-1.86")])

    def test_one_worth_something_stops_the_order(self) -> None:
        error = refused(self.refunded(self.tee, quantity=1))
        assert (error.code, error.value) == ("REFUNDED_BEFORE_IMPORT", "refund")
        assert "#1001" in error.message

    def test_unless_refunds_are_booked_apart(self) -> None:
        facts = ledger_facts(self.refunded(self.tee, quantity=1), "shop", refunds_apart=True)
        assert (facts.total, facts.lines[0].quantity) == (D("69.27"), 2)

    def test_its_adjustment_is_not_in_the_orders_totals(self) -> None:
        order = self.refunded(self.tee, Sold("ADJUSTMENT", "", "-5.00", action="RETURN"), quantity=1)
        assert ledger_facts(order, "shop", refunds_apart=True).total == D("69.27")

    def test_one_worth_nothing_only_counts_pieces(self) -> None:
        sample = Sold("PRODUCT", "9", "0", quantity=1)
        sketch = sketch_1001()
        sketch.agreements[0][1].append(sample)
        sketch.agreements.append(("REFUND", [Sold("PRODUCT", "9", "0", quantity=-1, action="RETURN")]))
        sketch.lines.append(line(USD, "9", "SAMPLE", 1, "0.00", current_quantity=0))
        facts = ledger_facts(sketch.order(), "shop")
        assert [f.object_id for f in facts.lines] == ["1", "2", "3"]

    def test_a_refund_of_less_than_a_yen_is_worth_something_in_dollars(self) -> None:
        coin = Coin("JPY", "USD")
        order = Sketch(
            coin=coin,
            agreements=[
                ("ORDER", [Sold("PRODUCT", "1", "150/1.00", quantity=1)]),
                ("REFUND", [Sold("ADJUSTMENT", "", "0/-0.01", action="RETURN")]),
            ],
            lines=[line(coin, "1", "PEN", 1, "150/1.00")],
        ).order()
        assert refused(order).code == "REFUNDED_WITHOUT_GOODS"

    @pytest.mark.parametrize("sale", [
        Sold("PRODUCT", "1", "0", "0", "-2.50", -1, "RETURN"), Sold("PRODUCT", "1", "0", "-1.00", "0", -1, "RETURN"),
    ])  # fmt: skip
    def test_a_refund_of_tax_or_of_a_discount_is_worth_something(self, sale: Sold) -> None:
        assert refused(self.refunded(sale, quantity=1)).code == "REFUNDED_BEFORE_IMPORT"


class TestUncovered:
    """What the rules do not cover stops the order with a cause of its own."""

    @pytest.mark.parametrize(("reason", "sold", "field", "word"), [
        ("SOMETHING", Sold("PRODUCT", "1", "1.00", quantity=1), "agreement reason", "SOMETHING"),
        ("ORDER", Sold("UNKNOWN", "1", "1.00", quantity=1), "sale type", "UNKNOWN"),
        ("ORDER", Sold("PRODUCT", "1", "1.00", quantity=1, action="UNKNOWN"), "sale action", "UNKNOWN"),
    ])  # fmt: skip
    def test_unknown_words(self, reason: str, sold: Sold, field: str, word: str) -> None:
        error = refused(Sketch(agreements=[(reason, [sold])]).order())
        assert (error.code, error.field, error.value) == ("LEDGER_UNKNOWN", field, word)

    def test_a_discount_after_tax(self) -> None:
        order = simple(
            [Sold("PRODUCT", "1", "24.00", quantity=1, after_tax="1.00")],
            [line(USD, "1", "TEE-1", 1, "25.00")],
        )
        assert refused(order).code == "LEDGER_DISCOUNT_AFTER_TAX"

    def test_an_adjustment_outside_a_refund(self) -> None:
        assert refused(simple([Sold("ADJUSTMENT", "", "-1.00", action="UPDATE")])).code == "LEDGER_ADJUSTMENT"

    @pytest.mark.parametrize("kind", ["PRODUCT", "GIFT_CARD"])
    @pytest.mark.parametrize("about", ["", "77"])
    def test_a_sale_of_a_line_that_is_gone(self, kind: str, about: str) -> None:
        error = refused(simple([Sold(kind, about, "5.00", quantity=1)], [line(USD, "1", "TEE-1", 0, "5.00")]))
        assert (error.code, error.value) == ("LEDGER_LINE_GONE", "line")

    def test_gone_and_worth_nothing_is_nothing(self) -> None:
        assert ledger_facts(simple([Sold("PRODUCT", "", "0")]), "shop").lines == ()


class TestDisagreement:
    """Shopify's own figures: both are shown, and nothing is posted from a guess."""

    @pytest.mark.parametrize(("figure", "stated", "name", "ledger"), [
        ("original_total", "69.28", "original total", "69.27"),
        ("current_total", "69.26", "total", "69.27"),
        ("current_tax", "4.83", "tax", "4.82"),
        ("current_shipping", "6.00", "shipping", "5.95"),
        ("tip", "1.00", "tips", "0"),
        ("current_duties", "2.00", "duties", "0"),
        ("current_fees", "0.50", "fees", "0"),
    ])  # fmt: skip
    def test_a_total_of_the_order(self, figure: str, stated: str, name: str, ledger: str) -> None:
        sketch = sketch_1001()
        sketch.totals[figure] = stated
        error = refused(sketch.order())
        assert error.code == "LEDGER_DISAGREES"
        assert differences(error) == [(name, stated, ledger)]
        assert "Shopify's own figures disagree for order #1001" in error.message

    def test_pieces_of_a_line(self) -> None:
        sketch = sketch_1001()
        sketch.lines[1] = line(USD, "2", "MUG-1", 2, "15.00", discounts={0: "1.50"})
        error = refused(sketch.order())
        assert (error.value, differences(error)) == ("line", [("quantity: MUG-1", "2", "1")])

    def test_a_line_without_any_sale(self) -> None:
        sketch = sketch_1001()
        sketch.lines.append(line(USD, "8", "CAP", 1, "12.00"))
        assert differences(refused(sketch.order())) == [("quantity: CAP", "1", "0")]

    @pytest.mark.parametrize(
        ("price", "fits"), [("24.99", True), ("25.01", True), ("24.98", False), ("25.02", False)]
    )
    def test_the_price_within_one_cent_a_piece(self, price: str, fits: bool) -> None:
        sketch = sketch_1001()
        sketch.lines[0] = line(USD, "1", "TEE-1", 2, price, discounts={0: "5.00"})
        if fits:
            assert ledger_facts(sketch.order(), "shop").total == D("69.27")
        else:
            assert refused(sketch.order()).differences[0].component == "price: TEE-1"

    def test_tax_lines_that_do_not_add_up(self) -> None:
        order = simple(
            [Sold("PRODUCT", "1", "27.06", "2.06", quantity=1, taxes=[(NY, "0.0825", "2.05")])],
            [line(USD, "1", "TEE-1", 1, "25.00")],
        )
        assert differences(refused(order)) == [("tax by tax line: product", "2.06", "2.05")]

    @pytest.mark.parametrize("reasons", [(), ("ORDER", "ORDER"), ("ORDER_EDIT",)])
    def test_an_order_has_one_order_agreement(self, reasons: tuple[str, ...]) -> None:
        sketch = Sketch(agreements=[(reason, []) for reason in reasons])
        assert ("order agreements", "1", str(reasons.count("ORDER"))) in differences(refused(sketch.order()))

    def test_money_left_on_a_line_without_pieces(self) -> None:
        order = Sketch(
            agreements=[
                ("ORDER", [Sold("PRODUCT", "1", "25.00", quantity=1)]),
                ("ORDER_EDIT", [Sold("PRODUCT", "1", "-24.99", quantity=-1, action="RETURN")]),
            ],
            lines=[line(USD, "1", "TEE-1", 1, "25.00", current_quantity=0)],
        ).order()
        assert differences(refused(order)) == [("price: TEE-1", "0.00", "0.01")]


def test_a_line_discounted_to_nothing_with_tax_inside_the_price() -> None:
    """It bears no tax: its discount may be stated with the tax inside or without."""
    for gross in ("30.00", "25.00"):
        order = simple(
            [Sold("PRODUCT", "1", "0", "0", gross, 1)],
            [line(USD, "1", "BAG", 1, "30.00", discounts={0: "30.00"}, rates=["0.2"])],
            taxes_included=True,
        )
        assert ledger_facts(order, "shop").lines[0].gross == D(gross)


def test_a_tip_need_not_say_its_pieces() -> None:
    order = simple([Sold("TIP", "1", "5.00")], [line(USD, "1", "", 1, "5.00", title="Tip")])
    assert ledger_facts(order, "shop").lines[0].total == D("5.00")


def test_duties_and_fees_against_the_orders_own_totals() -> None:
    sold = [
        Sold("PRODUCT", "1", "95.00", quantity=1), Sold("DUTY", "2", "8.80", "0.80", taxes=[("GST", "0.1", "0.80")]),
        Sold("ADDITIONAL_FEE", "3", "0.50"), Sold("FEE", "4", "1.50"),
    ]  # fmt: skip
    for duties, fees in (("8.00", "2.00"), ("8.80", "10.00"), ("8.00", "10.80")):
        order = simple(
            sold,
            [line(USD, "1", "HOODIE", 1, "95.00")],
            totals={"current_duties": duties, "current_fees": fees},
        )
        assert ledger_facts(order, "shop").total == D("105.80")

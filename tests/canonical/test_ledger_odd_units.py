"""Smallest units that cannot be shared evenly, and totals with or without what the till rounded."""

from __future__ import annotations

from decimal import Decimal as D  # noqa: N817 - as in the other tests of amounts

import pytest

from canonical.ledger import ledger_facts
from common.errors import NeedsPerson
from tests.canonical.making import Coin, Sketch, Sold, line, simple

USD = Coin()


def test_both_totals_state_cash_rounding_in_the_same_way() -> None:
    """5.02 sold, 0.02 rounded off: 5.02 and 5.00 side by side is no reading of it."""
    order = simple(
        [Sold("PRODUCT", "1", "5.02", quantity=2)],
        [line(USD, "1", "STICKER", 2, "2.51")],
        totals={"cash_rounding": "-0.02", "current_total": "5.00", "original_total": "5.02"},
    )
    with pytest.raises(NeedsPerson) as caught:
        ledger_facts(order, "shop")
    (row,) = caught.value.differences
    assert (row.component, row.shopify, row.document) == ("total", D("5.00"), D("5.02"))


def test_pieces_taken_off_a_line_with_several_taxes_inside_its_price() -> None:
    """100 x 0.719 with three taxes inside, 86 pieces taken off: Shopify gives the odd fils to the first pieces, so the
    14 that stay bear 0.392 + 0.434 + 0.350 of tax where the rates make 1.197 of it; 10.066 - 1.176 = 8.890."""
    coin = Coin("KWD", "KWD")
    rates = (("City", "0.045"), ("GST", "0.05"), ("State", "0.04"))

    def taxes(*amounts: str) -> list[tuple[str, str, str]]:
        return [(title, rate, amount) for (title, rate), amount in zip(rates, amounts, strict=True)]

    order = Sketch(
        coin=coin,
        agreements=[
            ("ORDER", [Sold("PRODUCT", "1", "71.900", "8.552", quantity=100, taxes=taxes("2.851", "3.167", "2.534"))]),
            ("ORDER_EDIT", [
                Sold("PRODUCT", "1", "-61.834", "-7.376", quantity=-86, action="RETURN",
                     taxes=taxes("-2.459", "-2.733", "-2.184")),
            ]),
        ],
        lines=[line(coin, "1", "POSTER", 100, "0.719", current_quantity=14, rates=[rate for _, rate in rates])],
        values={"taxes_included": True},
    ).order()  # fmt: skip
    (fact,) = ledger_facts(order, "shop").lines
    assert (fact.quantity, fact.gross, fact.tax, fact.total) == (14, D("8.890"), D("1.176"), D("10.066"))
    assert [tax.amount for tax in fact.taxes] == [D("0.392"), D("0.434"), D("0.350")]

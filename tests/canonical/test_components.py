"""Both sides by component."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from canonical.components import Components, components_of_document, components_of_facts, computed_tax
from canonical.documents import DocumentLine, DocumentTax, LineKind, Ref, SalesDocument, TaxStrategy
from canonical.ledger import ledger_facts
from tests.canonical.making import Coin, Sold, line, order_1001, shipping, simple

D = Decimal
ITEM = Ref("1", "Item")


def shown(components: Components) -> dict[str, str]:
    return {str(name): str(amount) for name, amount in components.amounts.items() if amount}


def document(
    *lines: DocumentLine, strategy: TaxStrategy = TaxStrategy.TAX_LINE, **values: Any
) -> SalesDocument:
    return SalesDocument(
        external_id="shp-demo-so-1", source_id="1", order_name="#1", customer=ITEM, currency="USD",
        date=date(2026, 11, 20), lines=lines, total=D(0), tax_strategy=strategy, **values,
    )  # fmt: skip


def doc_line(kind: LineKind, amount: str, **values: Any) -> DocumentLine:
    return DocumentLine(kind=kind, item=ITEM, amount=D(amount), **values)


def test_the_classic_order() -> None:
    components = components_of_facts(ledger_facts(order_1001(), "shop"))
    assert shown(components) == {"goods": "65.00", "discount": "-6.50", "shipping": "5.95", "tax": "4.82"}
    assert (components.total, components.of("goods"), components.of("tip"), components.of("nonsense")) == (
        D("69.27"), D("65.00"), D(0), D(0),
    )  # fmt: skip


def test_every_part_has_its_component() -> None:
    """95.00 goods + 50.00 gift card + 5.00 tip + 8.00 duties + 0.50 fee + 1.50 fee + shipping 5.95 - 5.95 - 0.02."""
    coin = Coin()
    order = simple(
        [
            Sold("PRODUCT", "1", "95.00", quantity=1), Sold("GIFT_CARD", "2", "50.00", quantity=1),
            Sold("TIP", "3", "5.00", quantity=1), Sold("DUTY", "4", "8.00"), Sold("ADDITIONAL_FEE", "5", "0.50"),
            Sold("FEE", "6", "1.50"), Sold("SHIPPING", "7", "0", discount="5.95"),
        ],
        [line(coin, "1", "HOODIE", 1, "95.00"), line(coin, "2", "GIFT-50", 1, "50.00"), line(coin, "3", "", 1, "5.00")],
        totals={"cash_rounding": "-0.02"},
        shipping_lines=[shipping(coin, "7", "5.95", discounts={0: "5.95"})],
    )  # fmt: skip
    facts = ledger_facts(order, "shop")
    expected = {
        "goods": "95.00", "shipping": "5.95", "shipping_discount": "-5.95", "gift_card": "50.00", "tip": "5.00",
        "duty": "8.00", "fee": "2.00", "cash_rounding": "-0.02",
    }  # fmt: skip
    assert shown(components_of_facts(facts)) == expected
    assert components_of_facts(facts).total == D("159.98")
    net = shown(components_of_facts(facts, shipping_net=True))
    assert net == {name: amount for name, amount in expected.items() if "shipping" not in name}


@pytest.mark.parametrize(("policy", "expected", "total"), [
    ("shop", {"goods": "100.00", "shipping": "15.00", "tax": "25.00", "cash_rounding": "2.00"}, "142.00"),
    ("presentment", {"goods": "200.00", "shipping": "30.00", "tax": "50.00", "cash_rounding": "4.00"}, "284.00"),
])  # fmt: skip
def test_the_books_decide_which_figures_are_shown(policy: str, expected: dict[str, str], total: str) -> None:
    coin = Coin("USD", "EUR")
    order = simple(
        [
            Sold("PRODUCT", "1", "125.00/250.00", "25.00/50.00", quantity=1, taxes=[("VAT", "0.25", "25.00/50.00")]),
            Sold("SHIPPING", "3", "15.00/30.00"),
        ],
        [line(coin, "1", "TEE-1", 1, "100.00/200.00", rates=["0.25"])], coin,
        totals={"cash_rounding": "2.00/4.00"}, shipping_lines=[shipping(coin, "3", "15.00/30.00")],
    )  # fmt: skip
    components = components_of_facts(ledger_facts(order, policy))
    assert (shown(components), components.total) == (expected, D(total))


def test_a_document_with_a_tax_line() -> None:
    components = components_of_document(document(
        doc_line(LineKind.GOODS, "50.00", source_id="1", tax=D("3.71")),
        doc_line(LineKind.DISCOUNT, "-5.00", source_id="1"),
        doc_line(LineKind.SHIPPING, "5.95", source_id="3"),
        doc_line(LineKind.DISCOUNT, "-5.95", source_id="3"),
        doc_line(LineKind.TAX, "3.71"),
        doc_line(LineKind.CASH_ROUNDING, "-0.02"),
        doc_line(LineKind.ROUNDING, "0.01"),
    ))  # fmt: skip
    assert shown(components) == {
        "goods": "50.00", "discount": "-5.00", "shipping": "5.95", "shipping_discount": "-5.95", "tax": "3.71",
        "cash_rounding": "-0.02", "rounding": "0.01",
    }  # fmt: skip
    assert components.total == D("48.70")


def test_a_document_with_tax_details() -> None:
    details = tuple(
        DocumentTax(code=ITEM, tax_type=None, rate=D(rate), basis=D("45.00"), amount=D(amount))
        for rate, amount in (("4", "1.80"), ("4.25", "1.91"))
    )
    components = components_of_document(
        document(doc_line(LineKind.GOODS, "45.00", taxes=details), strategy=TaxStrategy.TAX_DETAILS)
    )
    assert (components.of("tax"), components.total) == (D("3.71"), D("48.71"))


def test_a_document_with_tax_codes_and_their_variance() -> None:
    """50.00 at 8.25 % is 4.13, -5.00 is -0.41: 3.72, and the variance -0.01 makes it Shopify's 3.71."""
    coded = {"tax_code": ITEM, "tax_code_rate": D("8.25")}
    components = components_of_document(document(
        doc_line(LineKind.GOODS, "50.00", **coded), doc_line(LineKind.DISCOUNT, "-5.00", **coded),
        doc_line(LineKind.TAX_VARIANCE, "-0.01"), strategy=TaxStrategy.TAX_CODES,
    ))  # fmt: skip
    assert (components.of("tax"), components.total) == (D("3.71"), D("48.71"))


def test_shipping_in_the_body() -> None:
    components = components_of_document(document(doc_line(LineKind.GOODS, "25.00"), shipping_cost=D("4.95")))
    assert shown(components) == {"goods": "25.00", "shipping": "4.95"}


@pytest.mark.parametrize(("amount", "rate", "currency", "tax"), [
    ("50.00", "8.25", "USD", "4.13"), ("-1.50", "8.25", "USD", "-0.12"), ("1485", "10", "JPY", "149"),
    ("1.550", "5", "KWD", "0.078"), ("50.00", None, "USD", "0"), ("50.00", "0", "USD", "0"),
])  # fmt: skip
def test_what_an_erp_computes(amount: str, rate: str | None, currency: str, tax: str) -> None:
    assert computed_tax(D(amount), D(rate) if rate else None, currency) == D(tax)

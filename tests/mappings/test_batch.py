"""A batch: few calls, every order on its own, both sides side by side."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from canonical.components import components_of_document, components_of_facts
from canonical.documents import CustomerDocument, DocumentLine, Ref, SalesDocument
from canonical.ledger import ledger_facts
from canonical.money import smallest_unit
from canonical.tie_out import RoundingLimits, tie_out
from common import causes
from common.errors import NeedsPerson
from mappings import batch as batch_module
from mappings.batch import Batch
from mappings.models import MapKind
from tests.canonical.making import NY, Coin, Sold, code, line, order_1001, shipping, simple
from tests.mappings.making import ListedErp, add_row, make_shop, map_all, mapped, plain_context, row

D = Decimal
ADA = Ref("9", "Ada Lovelace")


@pytest.mark.django_db
class TestBatch:
    """The way of the pipeline."""

    def batch(self, erp: ListedErp | None = None, **values: Any) -> Batch:
        shop = make_shop(**values)
        map_all(shop)
        add_row(shop, MapKind.DISCOUNT, "SAVE10", "650")
        return Batch(shop, erp or ListedErp())

    def test_from_order_to_document(self) -> None:
        batch, order = self.batch(), order_1001()
        batch.prepare([order])
        customer = batch.customer_for(order)
        assert isinstance(customer, CustomerDocument)
        batch.remember_customer(order, ADA)
        assert batch.customer_for(order) == ADA
        result = batch.document_for(order, ADA)
        assert (result.document.customer, result.document.total, result.facts.total) == (
            ADA,
            D("69.27"),
            D("69.27"),
        )
        assert result.components == {
            "goods": ["65.00", "65.00"], "discount": ["-6.50", "-6.50"], "shipping": ["5.95", "5.95"],
            "tax": ["4.82", "4.82"], "total": ["69.27", "69.27"],
        }  # fmt: skip

    def test_two_calls_for_fifty_new_orders_and_none_for_known_ones(
        self, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        erp = ListedErp()
        batch = self.batch(erp)
        orders = [order_1001(source_id=str(number)) for number in range(50)]
        batch.prepare(orders)
        assert [what for what, _ in erp.asked] == ["items", "customers"]
        batch.remember_customer(orders[0], ADA)
        later = Batch(batch.context.shop, erp)
        with django_assert_num_queries(2):
            later.prepare(orders)
        with django_assert_num_queries(0):
            for order in orders:
                later.document_for(order, ADA)
        assert len(erp.asked) == 2

    def test_one_order_that_cannot_be_mapped_leaves_the_others_alone(self) -> None:
        batch = self.batch()
        good = order_1001()
        bad = replace(good, lines=(replace(good.lines[0], sku="NOPE"), good.lines[1]))
        batch.prepare([good, bad])
        with pytest.raises(NeedsPerson) as caught:
            batch.document_for(bad, ADA)
        assert caught.value.code == "UNKNOWN_SKU"
        assert batch.document_for(good, ADA).document.total == D("69.27")

    @pytest.mark.parametrize("strategy", ["tax_line", "tax_details", "tax_codes"])
    def test_every_strategy_comes_to_shopifys_total(self, strategy: str) -> None:
        batch, order = self.batch(strategy=strategy), order_1001()
        add_row(batch.context.shop, MapKind.TAX, "", "901", tax_rate="8.25")
        batch = Batch(batch.context.shop, ListedErp())
        batch.prepare([order])
        result = batch.document_for(order, ADA)
        if strategy == "tax_line":  # the tax row is an item then
            assert result.document.lines[-1].item.id == "901"
        assert result.components["total"] == ["69.27", "69.27"]
        assert result.components["tax"] == ["4.82", "4.82"]

    def test_shipping_in_the_body_is_compared_after_discount(self) -> None:
        batch = self.batch(shipping_as="body")
        order = simple(
            [Sold("PRODUCT", "1", "25.00", quantity=1), Sold("SHIPPING", "3", "4.95", discount="1.00")],
            [line(Coin(), "1", "TEE-1", 1, "25.00")],
            shipping_lines=[shipping(Coin(), "3", "5.95")],
        )
        batch.prepare([order])
        result = batch.document_for(order, ADA)
        assert result.components == {
            "goods": ["25.00", "25.00"], "shipping": ["4.95", "4.95"], "total": ["29.95", "29.95"],
        }  # fmt: skip

    def huge(self, quantity: int) -> Any:
        """A quantity for which no rate of eight decimals gives the amount back."""
        return simple(
            [Sold("PRODUCT", "1", "1000000.00", quantity=quantity)],
            [line(Coin(), "1", "TEE-1", quantity, "0.33")],
        )

    def test_what_no_unit_rate_can_express_becomes_a_rounding_line(self) -> None:
        """1,000,000.00 for 3,000,001 pieces: 0.33333322 each makes 999,999.99."""
        batch, order = self.batch(), self.huge(3_000_001)
        batch.prepare([order])
        result = batch.document_for(order, ADA)
        assert [(str(each.amount), each.item.id) for each in result.document.lines] == [
            ("999999.99", "501"), ("0.01", "610"),
        ]  # fmt: skip
        assert result.components == {
            "goods": ["1000000.00", "999999.99"], "rounding": ["0.00", "0.01"], "total": ["1000000.00", "1000000.00"],
        }  # fmt: skip
        assert result.document.total == D("1000000.00")

    def test_above_the_limit_the_order_stops_with_the_difference(self) -> None:
        """12,000,007 pieces at 0.08333328 make 999,999.94: six cents on one line."""
        batch = self.batch()
        order = simple(
            [Sold("PRODUCT", "1", "1000000.00", quantity=12_000_007)],
            [line(Coin(), "1", "TEE-1", 12_000_007, "0.08")],
        )
        batch.prepare([order])
        with pytest.raises(NeedsPerson) as caught:
            batch.document_for(order, ADA)
        assert caught.value.code == "TOTALS_DIFFER"
        assert [d.component for d in caught.value.differences] == ["goods", "total"]


def test_every_cause_that_mappings_raise_is_in_the_catalogue() -> None:
    root = Path(batch_module.__file__).parents[1]
    raised: set[str] = set()
    for folder in ("canonical", "mappings"):
        for path in (root / folder).glob("*.py"):
            text = path.read_text(encoding="utf-8")
            raised |= (
                set(re.findall(r'"([A-Z][A-Z]+(?:_[A-Z]+)+)"', text)) if path.name != "causes.py" else set()
            )
    words = {"ORDER_EDIT", "GIFT_CARD", "ADDITIONAL_FEE"}
    unknown = {word for word in raised - words if word not in causes.CAUSES}
    assert unknown == set()


RATES = st.sampled_from(["0.04", "0.0825", "0.19", "0.2"])


@st.composite
def sold_lines(draw: st.DrawFn) -> list[tuple[int, int, int, int, str]]:
    """Quantity, unit price, discount, tax (smallest units) and rate of each line."""
    line_ = st.tuples(
        st.integers(1, 40), st.integers(0, 99_999), st.integers(0, 100), st.integers(0, 5_000), RATES
    )
    rows = draw(st.lists(line_, min_size=1, max_size=6))
    return [(q, price, q * price * percent // 100, tax, rate) for q, price, percent, tax, rate in rows]


def built(rows: list[tuple[int, int, int, int, str]], currency: str) -> Any:
    coin, unit = Coin(currency, currency), smallest_unit(currency)
    sold, lines = [], []
    for number, (quantity, price, discount, tax, rate) in enumerate(rows):
        total = quantity * price - discount + tax
        sold.append(Sold("PRODUCT", str(number), str(total * unit), str(tax * unit), str(discount * unit), quantity,
                         taxes=[(NY, rate, str(tax * unit))]))  # fmt: skip
        lines.append(
            line(coin, str(number), "TEE-1", quantity, str(price * unit), discounts={0: str(discount * unit)})
        )
    return simple(sold, lines, coin, discounts=(code(0, "SAVE10"),))


def both(order: Any, document: SalesDocument) -> Decimal:
    facts = components_of_facts(ledger_facts(order, "shop"))
    return tie_out("#1", facts, components_of_document(document), RoundingLimits(0, 0), len(document.lines))


@given(
    rows=sold_lines(),
    currency=st.sampled_from(["USD", "JPY", "KWD"]),
    strategy=st.sampled_from(["tax_line", "tax_details"]),
)
def test_any_order_ties_without_a_rounding_line(
    rows: list[tuple[int, int, int, int, str]], currency: str, strategy: str
) -> None:
    order = built(rows, currency)
    document = mapped(order, plain_context(row(MapKind.TAX, "", "901"), strategy=strategy))
    assert both(order, document) == 0
    assert all(_fits(each, currency) for each in document.lines)


def _fits(each: DocumentLine, currency: str) -> bool:
    """Rate x quantity is the amount, once rounded."""
    product = (each.rate or D(0)) * (each.quantity if each.quantity is not None else 1)
    return abs(product - each.amount) * 2 <= smallest_unit(currency)

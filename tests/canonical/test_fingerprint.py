"""What changed after an order was written."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from canonical.fingerprint import fingerprint
from canonical.orders import Order, TaxLine
from canonical.parties import Company, Customer
from canonical.payments import PaymentTerms
from tests.canonical.making import (
    HOME,
    Coin,
    Sold,
    code,
    line,
    order_1001,
    shipping,
    sketch_1001,
    with_totals,
)

USD = Coin()
LATER = datetime(2026, 12, 1, tzinfo=UTC)
ORDER = order_1001()


def changed(order: Order) -> set[str]:
    before, after = fingerprint(ORDER), fingerprint(order)
    assert before.keys() == after.keys()
    return {name for name in before if before[name] != after[name]}


def edited() -> Order:
    sketch = sketch_1001()
    sketch.agreements.append(("ORDER_EDIT", [Sold("PRODUCT", "4", "12.00", quantity=1)]))
    sketch.lines.append(line(USD, "4", "CAP", 1, "12.00"))
    return sketch.order()


@pytest.mark.parametrize(("order", "sections"), [
    (order_1001(), set()),
    (edited(), {"lines", "ledger", "totals", "tax", "discounts"} - {"discounts"}),
    (replace(ORDER, discounts=(code(0, "SAVE20"),)), {"discounts"}),
    (replace(ORDER, shipping_lines=(shipping(USD, "3", "5.95", code="express"),)), {"shipping"}),
    (replace(ORDER, taxes_included=True), {"tax"}),
    (replace(ORDER, tax_exempt=True), {"tax"}),
    (with_totals(ORDER, USD, current_total="69.28"), {"totals"}),
    (replace(ORDER, billing=replace(HOME, city="Albany")), {"addresses"}),
    (replace(ORDER, shipping=None), {"addresses"}),
    (replace(ORDER, customer=None), {"customer"}),
    (replace(ORDER, customer=Customer(source_id="8")), {"customer"}),
    (replace(ORDER, company=Company(source_id="5", name="Acme", location_id="6")), {"customer"}),
    (replace(ORDER, po_number="PO-7"), {"po_number"}),
    (replace(ORDER, payment_terms=PaymentTerms(name="Net 30", kind="NET", due_in_days=30)), {"terms"}),
    (replace(ORDER, cancelled_at=LATER), {"cancelled"}),
])  # fmt: skip
def test_each_change_shows_in_its_section(order: Order, sections: set[str]) -> None:
    assert changed(order) == sections


def test_a_tax_shows_line_by_line() -> None:
    tax = TaxLine(title="GST", rate="0.05", amount=USD.bag("1.00"))
    assert changed(replace(ORDER, lines=(replace(ORDER.lines[0], taxes=(tax,)), ORDER.lines[1]))) == {"tax"}


@pytest.mark.parametrize("order", [
    replace(ORDER, updated_at=LATER, closed_at=LATER, tags=("vip",), note="ring twice", fulfillment_status="FULFILLED",
            financial_status="PAID", risk="LOW", email="new@example.com"),
    with_totals(ORDER, USD, received="69.27", outstanding="1.00"),
    replace(ORDER, lines=tuple(replace(each, title="New title", unfulfilled_quantity=0) for each in ORDER.lines)),
    replace(ORDER, customer=Customer(source_id="7", first_name="A.", email="new@example.com")),
])  # fmt: skip
def test_the_ordinary_life_of_an_order_changes_nothing(order: Order) -> None:
    assert changed(order) == set()


def test_hashes_are_short_and_the_same_in_every_run() -> None:
    assert fingerprint(ORDER)["po_number"] == "68846f458a539088"
    assert {len(value) for value in fingerprint(ORDER).values()} == {16}

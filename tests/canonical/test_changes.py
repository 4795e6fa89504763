"""Every kind of change with its figures, worked out by hand on order #1001 (69.27 = 48.71 + 14.61 + 5.95)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from canonical.changes import ChangeKind, changes_between, net_amount
from canonical.orders import Order
from canonical.parties import Company, Customer
from canonical.payments import PaymentTerms, Transaction
from tests.canonical.making import HOME, NY, PLACED, Sold, line, order_1001, shipping, sketch_1001

D = Decimal
Row = tuple[str, str, str, str, str]


def rows(before: Order, after: Order) -> list[Row]:
    return [
        (change.kind.value, change.what, change.before, change.after, str(change.amount))
        for change in changes_between(before, after, "shop")
    ]


def edited(*sold: Sold, reason: str = "ORDER_EDIT", **lines: Any) -> Order:
    """#1001 with a further agreement; `lines` replaces its lines or shipping lines."""
    sketch = sketch_1001()
    sketch.agreements.append((reason, list(sold)))
    for name, value in lines.items():
        setattr(sketch, name, value)
    return sketch.order()


def tee(quantity: int, current: int) -> list[Any]:
    sketch = sketch_1001()
    return [replace(sketch.lines[0], quantity=quantity, current_quantity=current), sketch.lines[1]]


def test_the_same_order_has_not_changed() -> None:
    assert changes_between(order_1001(), order_1001(), "shop") == ()


def test_a_raised_quantity_carries_what_its_line_gained() -> None:
    more = Sold("PRODUCT", "1", "27.06", "2.06", quantity=1, taxes=[(NY, "0.0825", "2.06")])
    after = edited(more, lines=tee(3, 3))
    assert rows(order_1001(), after) == [("quantity_up", "TEE-1", "2", "3", "27.06")]
    (change,) = changes_between(order_1001(), after, "shop")
    assert change.sentence == "Quantity raised: TEE-1 2 → 3 (+27.06 USD)"


def test_a_lowered_quantity_and_a_removed_line() -> None:
    less = Sold("PRODUCT", "1", "-24.36", "-1.86", "-2.50", -1, "RETURN", taxes=[(NY, "0.0825", "-1.86")])
    gone = Sold("PRODUCT", "2", "-14.61", "-1.11", "-1.50", -1, "RETURN", taxes=[(NY, "0.0825", "-1.11")])
    lines = [tee(2, 1)[0], replace(sketch_1001().lines[1], current_quantity=0)]
    found = rows(order_1001(), edited(less, gone, lines=lines))
    assert found == [
        ("line_removed", "MUG-1", "1 for 14.61 USD", "", "-14.61"),
        ("quantity_down", "TEE-1", "2", "1", "-24.36"),
    ]


def test_an_added_line() -> None:
    sketch = sketch_1001()
    hat = line(sketch.coin, "9", "HAT", 2, "10.00")
    sold = Sold("PRODUCT", "9", "20.00", quantity=2)
    found = rows(order_1001(), edited(sold, lines=[*sketch.lines, hat]))
    assert found == [("line_added", "HAT", "", "2 for 20.00 USD", "20.00")]


def test_a_discount_given_by_an_edit_and_its_tax() -> None:
    less = Sold("PRODUCT", "2", "-2.17", "-0.17", "2.00", 0, "UPDATE", taxes=[(NY, "0.0825", "-0.17")])
    assert rows(order_1001(), edited(less)) == [
        ("discount", "MUG-1", "1.50 USD", "3.50 USD", "-2.00"),
        ("tax", "MUG-1", "1.11 USD", "0.94 USD", "-0.17"),
    ]


def test_a_price_that_changed() -> None:
    sketch = sketch_1001()
    sketch.agreements[0][1][1] = Sold(
        "PRODUCT", "2", "16.61", "1.11", "1.50", 1, taxes=[(NY, "0.0825", "1.11")]
    )
    sketch.lines[1] = line(sketch.coin, "2", "MUG-1", 1, "17.00", discounts={0: "1.50"})
    assert rows(order_1001(), sketch.order()) == [("price", "MUG-1", "15.00 USD", "17.00 USD", "2.00")]


def test_shipping_added_taken_off_and_named_anew() -> None:
    sketch = sketch_1001()
    express = shipping(sketch.coin, "4", "9.95", title="Express", code="express")
    after = edited(Sold("SHIPPING", "4", "9.95"), shipping_lines=[*sketch.shipping_lines, express])
    assert rows(order_1001(), after) == [("shipping", "Express", "", "9.95 USD", "9.95")]
    assert rows(after, order_1001()) == [("shipping", "Express", "9.95 USD", "", "-9.95")]
    named = sketch_1001()
    named.shipping_lines = [shipping(named.coin, "3", "5.95", title="Courier")]
    assert rows(order_1001(), named.order()) == [("shipping", "Method", "Standard", "Courier", "0")]


def test_tips_and_fees_are_charges() -> None:
    found = rows(order_1001(), edited(Sold("ADDITIONAL_FEE", "8", "3.00")))
    assert found == [("charge", "additional fee", "", "3.00 USD", "3.00")]


def test_a_refund_counts_apart() -> None:
    back = Sold("PRODUCT", "1", "-24.36", "-1.86", "-2.50", -1, "RETURN", taxes=[(NY, "0.0825", "-1.86")])
    after = edited(back, reason="REFUND", lines=tee(2, 1))
    found = changes_between(order_1001(), after, "shop")
    assert [(change.kind, change.amount) for change in found] == [(ChangeKind.REFUND, D("-24.36"))]
    assert net_amount(found) == 0


def test_units_taken_off_for_nothing_are_no_refund() -> None:
    nothing = Sold("PRODUCT", "2", "0", quantity=0, action="RETURN")
    assert changes_between(order_1001(), edited(nothing, reason="REFUND"), "shop") == ()


PAID = Transaction(
    source_id="5", kind="SALE", status="SUCCESS", gateway="shopify_payments", gateway_name="Shopify Payments",
    amount=order_1001().totals.total, processed_at=PLACED,
)  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "row"),
    [
        ({"shipping": replace(HOME, city="Albany")}, ("address", "Ship to: city", "New York", "Albany", "0")),
        (
            {"billing": replace(HOME, address2="Apt 2")},
            ("address", "Bill to: address line 2", "", "Apt 2", "0"),
        ),
        ({"note": "Ring"}, ("note", "Note", "", "Ring", "0")),
        ({"attributes": (("gift", "yes"),)}, ("note", "Attribute gift", "", "yes", "0")),
        ({"tags": ("vip",)}, ("tag", "Tag", "", "vip", "0")),
        ({"po_number": "PO-7"}, ("details", "PO number", "", "PO-7", "0")),
        ({"email": "eve@example.com"}, ("details", "E-mail", "ada@example.com", "eve@example.com", "0")),
        (
            {"payment_terms": PaymentTerms(name="Net 30", kind="NET", due_in_days=30)},
            ("details", "Payment terms", "", "Net 30, NET, 30 days", "0"),
        ),
        (
            {"customer": Customer(source_id="8", first_name="Eve")},
            ("customer", "Customer", "Ada Lovelace", "Eve", "0"),
        ),
        (
            {"company": Company(source_id="1", name="Acme", location_id="2", location_name="HQ")},
            ("customer", "Company", "", "Acme HQ", "0"),
        ),
        ({"tax_exempt": True}, ("tax", "Exempt from tax", "no", "yes", "0")),
        ({"transactions": (PAID,)}, ("payment", "sale by Shopify Payments", "", "69.27 USD success", "0")),
        (
            {"cancelled_at": datetime(2026, 11, 21, tzinfo=UTC), "cancel_reason": "INVENTORY"},
            ("cancel", "the order", "", "inventory", "0"),
        ),
    ],
)
def test_what_has_no_price_is_told_before_and_after(changed: dict[str, Any], row: Row) -> None:
    assert rows(order_1001(), order_1001(**changed)) == [row]


def test_a_location_is_a_change_only_while_one_is_named() -> None:
    here, there = order_1001(assigned_location_id="1"), order_1001(assigned_location_id="2")
    assert rows(here, there) == [("location", "Location", "1", "2", "0")]
    assert rows(here, order_1001()) == []


def test_a_sku_that_changed_is_something_else() -> None:
    sketch = sketch_1001()
    sketch.lines[1] = replace(sketch.lines[1], sku="MUG-2")
    assert rows(order_1001(), sketch.order()) == [("other", "SKU of MUG-1", "MUG-1", "MUG-2", "0")]


def test_all_changes_together_come_to_the_difference_of_the_totals() -> None:
    more = Sold("PRODUCT", "1", "27.06", "2.06", quantity=1, taxes=[(NY, "0.0825", "2.06")])
    less = Sold("PRODUCT", "2", "-2.17", "-0.17", "2.00", 0, "UPDATE", taxes=[(NY, "0.0825", "-0.17")])
    fee = Sold("ADDITIONAL_FEE", "8", "3.00")
    found = changes_between(order_1001(), edited(more, less, fee, lines=tee(3, 3)), "shop")
    assert net_amount(found) == D("27.89")  # 27.06 - 2.17 + 3.00

"""What was refunded, returned or exchanged before import stops with a cause and a sentence of its own."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from canonical.ledger import ledger_facts
from canonical.orders import Order
from canonical.payments import Transaction
from canonical.refunded import refuse_refunded
from common.errors import NeedsPerson
from tests.canonical.making import NY, Coin, Sold, line, order_1001, sketch_1001

USD = Coin()
TEE_BACK = Sold("PRODUCT", "1", "-24.36", "-1.86", "-2.50", -1, "RETURN", taxes=[(NY, "0.0825", "-1.86")])
TEES_BACK = Sold("PRODUCT", "1", "-48.71", "-3.71", "-5.00", -2, "RETURN", taxes=[(NY, "0.0825", "-3.71")])
MUG_BACK = Sold("PRODUCT", "2", "-14.61", "-1.11", "-1.50", -1, "RETURN", taxes=[(NY, "0.0825", "-1.11")])
SHIPPING_BACK = Sold("SHIPPING", "3", "-5.95", action="RETURN")
GOODWILL = Sold("ADJUSTMENT", "", "-5.00", action="RETURN")
HOODIE_OUT = Sold("PRODUCT", "9", "43.30", "3.30", "0", 1, taxes=[(NY, "0.0825", "3.30")])

GIVEN_BACK = (
    "Order #1001 had 10.95 USD given back without any goods coming back (5.95 of shipping, 5.00 as an adjustment) "
    "before it was imported."
)


def paid_back(gateway: str, amount: str, status: str = "SUCCESS") -> Transaction:
    return Transaction(
        source_id="77", kind="REFUND", status=status, gateway=gateway, gateway_name=gateway, amount=USD.bag(amount),
        processed_at=datetime(2026, 11, 21, tzinfo=UTC),
    )  # fmt: skip


def order(reason: str, *sold: Sold, transactions: tuple[Transaction, ...] = ()) -> Order:
    sketch = sketch_1001(transactions=transactions)
    sketch.agreements.append((reason, list(sold)))
    sketch.lines.append(line(USD, "9", "HOODIE-1", 1, "40.00"))
    return sketch.order()


CASES = {
    "one of two pieces": (
        order("REFUND", TEE_BACK),
        "REFUNDED_BEFORE_IMPORT", "refund",
        "Order #1001 was refunded in part (24.36 USD) before it was imported.",
    ),
    "goods and shipping, all of it": (
        order("REFUND", TEES_BACK, MUG_BACK, SHIPPING_BACK),
        "REFUNDED_IN_FULL", "refund",
        "Order #1001 was refunded in full (69.27 USD) before it was imported.",
    ),
    "shipping and goodwill": (
        order("REFUND", SHIPPING_BACK, GOODWILL),
        "REFUNDED_WITHOUT_GOODS", "refund",
        GIVEN_BACK,
    ),
    "to a gift card": (
        order("REFUND", TEE_BACK, transactions=(paid_back("gift_card", "24.36"),)),
        "REFUNDED_TO_GIFT_CARD", "refund",
        "Order #1001 was refunded to a gift card (24.36 USD) before it was imported.",
    ),
    "to store credit": (
        order("REFUND", TEE_BACK, transactions=(paid_back("shopify_store_credit", "24.36"),)),
        "REFUNDED_TO_STORE_CREDIT", "refund",
        "Order #1001 was refunded to store credit (24.36 USD) before it was imported.",
    ),
    "to a gift card that did not take it": (
        order("REFUND", TEE_BACK, transactions=(paid_back("gift_card", "24.36", "FAILURE"),)),
        "REFUNDED_BEFORE_IMPORT", "refund",
        "Order #1001 was refunded in part (24.36 USD) before it was imported.",
    ),
    "a return": (
        order("RETURN", TEE_BACK),
        "RETURNED_BEFORE_IMPORT", "return",
        "Order #1001 had goods returned (24.36 USD) before it was imported.",
    ),
    "an exchange": (
        order("RETURN", TEE_BACK, HOODIE_OUT),
        "EXCHANGED_BEFORE_IMPORT", "return",
        "Order #1001 was exchanged (goods of 24.36 USD came back, goods of 43.30 USD went out) before it was imported.",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_each_kind_has_its_cause_and_sentence(case: str) -> None:
    found, code, value, sentence = CASES[case]
    with pytest.raises(NeedsPerson) as caught:
        ledger_facts(found, "shop")
    assert (caught.value.code, caught.value.value, caught.value.message) == (code, value, sentence)


def test_an_order_without_refunds_goes_on() -> None:
    refuse_refunded(order_1001(), "shop")
    refuse_refunded(order("REFUND"), "shop")

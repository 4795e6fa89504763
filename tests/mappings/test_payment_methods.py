"""The payment method of a sales order: who took the money, by mapping."""

from __future__ import annotations

import pytest

from canonical.documents import Ref
from canonical.payments import Transaction
from common.errors import NeedsPerson
from mappings.models import Behaviour, MapKind
from tests.canonical.making import Coin, order_1001
from tests.mappings.making import mapped, plain_context, row

SAVE10 = row(MapKind.DISCOUNT, "SAVE10", "650")
CARD = row(MapKind.PAYMENT_METHOD, "shopify_payments", "1")
GIFT = row(MapKind.PAYMENT_METHOD, "gift_card", "5")


def paid(
    gateway: str, amount: str, kind: str = "SALE", status: str = "SUCCESS", parent: str = ""
) -> Transaction:
    return Transaction(
        source_id=gateway, kind=kind, status=status, gateway=gateway, gateway_name=gateway.title(),
        amount=Coin().bag(amount), processed_at=None, parent_id=parent,
    )  # fmt: skip


def method(*transactions: Transaction, maps: tuple[object, ...] = (CARD, GIFT)) -> Ref | None:
    document = mapped(order_1001(transactions=transactions), plain_context(SAVE10, *maps))  # type: ignore[arg-type]
    return document.payment_method


def test_the_gateway_that_took_the_money() -> None:
    assert method(paid("shopify_payments", "69.27")) == Ref("1", "payment_method 1")


def test_an_authorization_counts_and_its_capture_adds_nothing() -> None:
    assert method(
        paid("shopify_payments", "69.27", "AUTHORIZATION"),
        paid("other", "69.27", "CAPTURE", parent="shopify_payments"),
    ) == Ref("1", "payment_method 1")


def test_a_gift_card_only_when_nothing_else_paid() -> None:
    assert method(paid("gift_card", "50.00"), paid("shopify_payments", "19.27")) == Ref(
        "1", "payment_method 1"
    )
    assert method(paid("gift_card", "69.27")) == Ref("5", "payment_method 5")


def test_declined_cards_and_refunds_are_no_payment() -> None:
    assert (
        method(
            paid("bogus", "69.27", status="FAILURE"), paid("shopify_payments", "69.27", "REFUND", parent="x")
        )
        is None
    )


def test_a_gateway_that_is_not_mapped_stops_the_order_once_the_shop_maps_them() -> None:
    assert method(paid("paypal", "69.27"), maps=()) is None
    with pytest.raises(NeedsPerson) as caught:
        method(paid("paypal", "69.27"))
    assert (caught.value.code, caught.value.value) == ("UNMAPPED_PAYMENT_METHOD", "paypal")
    empty = row(MapKind.PAYMENT_METHOD, "", "", behaviour=Behaviour.EMPTY)
    assert method(paid("paypal", "69.27"), maps=(CARD, empty)) is None


def test_of_two_gateways_the_first_that_took_money_decides() -> None:
    """One that is not mapped takes nothing away from the one that is, and does not stand in for it."""
    card, paypal = paid("shopify_payments", "60.00"), paid("paypal", "9.27")
    assert method(card, paypal) == Ref("1", "payment_method 1")
    with pytest.raises(NeedsPerson) as caught:
        method(paypal, card)
    assert (caught.value.code, caught.value.value) == ("UNMAPPED_PAYMENT_METHOD", "paypal")

"""What an order becomes, as a table; and which record of the ERP already is it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from canonical.documents import DocumentKind, FoundDocument
from canonical.payments import Transaction
from common.errors import NeedsPerson
from syncflows.flows.document_kinds import kind_of, reviewable
from syncflows.flows.orders import decide
from syncflows.models import OrderRules, Treatment
from syncflows.pipeline.deciding import plan
from syncflows.pipeline.preparing import choose_existing
from tests.syncflows.making import order_facts, usd

SO, INV, CS = DocumentKind.SALES_ORDER, DocumentKind.INVOICE, DocumentKind.CASH_SALE
CASH = {"unshippable_document": "cash_sale", "fulfilled_document": "cash_sale"}
INVOICE = {"unshippable_document": "invoice", "fulfilled_document": "invoice"}
DIGITAL = {"requires_shipping": False}
SHIPPED = {"fulfillment_status": "FULFILLED"}


def paid(*gateways: str, kind: str = "SALE", status: str = "SUCCESS") -> tuple[Transaction, ...]:
    return tuple(
        Transaction(
            source_id=str(number), kind=kind, status=status, gateway=gateway, gateway_name=gateway,
            amount=usd("1.00"), processed_at=None,
        )
        for number, gateway in enumerate(gateways)
    )  # fmt: skip


@pytest.mark.parametrize(
    ("order", "rules", "kind"),
    [
        (DIGITAL, {}, SO),
        (SHIPPED, {}, SO),
        (DIGITAL, {"unshippable_document": "invoice"}, INV),
        (SHIPPED, {"unshippable_document": "invoice"}, SO),
        (SHIPPED, {"fulfilled_document": "invoice"}, INV),
        (DIGITAL | SHIPPED, {"fulfilled_document": "invoice"}, SO),
        ({}, CASH, SO),
        ({"fulfillment_status": "PARTIALLY_FULFILLED"}, CASH, SO),
        (DIGITAL, CASH, CS),
        (DIGITAL | {"transactions": paid("shopify_payments", "shopify_payments")}, CASH, CS),
        (DIGITAL | {"transactions": paid("shopify_payments", "paypal")}, CASH, INV),
        (DIGITAL | {"transactions": paid("gift_card")}, CASH, INV),
        (DIGITAL | {"transactions": (*paid("paypal", status="FAILURE"), *paid("cash"))}, CASH, CS),
        (SHIPPED | {"financial_status": "PENDING"}, CASH, INV),
        (SHIPPED | {"financial_status": "AUTHORIZED"}, CASH, INV),
        (SHIPPED | {"financial_status": "PENDING"}, INVOICE, INV),
    ],
)
def test_what_an_order_becomes(order: dict[str, Any], rules: dict[str, str], kind: DocumentKind) -> None:
    assert kind_of(order_facts(**order), OrderRules(**rules)) is kind


def test_what_ships_nothing_need_not_wait_because_it_was_shipped_but_is_held_when_the_rule_says_so() -> None:
    order = order_facts(**SHIPPED)
    assert not decide(order, OrderRules(), kind=SO).approved
    assert decide(order, OrderRules(), kind=INV).approved
    with pytest.raises(NeedsPerson) as caught:
        decide(order, OrderRules(fulfilled_orders=Treatment.HOLD), kind=INV)
    assert caught.value.code == "ALREADY_FULFILLED"


def test_only_a_cash_sale_cannot_wait() -> None:
    assert reviewable(CS, approved=True) == (CS, "")
    assert reviewable(INV, approved=False) == (INV, "")
    assert reviewable(CS, approved=False)[0] is SO


def test_what_may_be_on_its_way_stays_what_it_is() -> None:
    order = order_facts(**DIGITAL)
    assert plan(order, OrderRules(**CASH)).kind is CS
    assert plan(order, OrderRules(**CASH), sent=SO).kind is SO
    assert plan(order, OrderRules(approve_documents=False, **CASH), sent=CS).kind is CS


def found(number: str, kind: str, total: str = "69.27", external_id: str = "") -> FoundDocument:
    return FoundDocument(
        id=number, kind=kind, external_id=external_id, number=number, other_number="#1001", status="A",
        total=Decimal(total),
    )  # fmt: skip


OURS = {"shp-demo-so-5001", "shp-demo-inv-o5001"}


def chosen(*existing: FoundDocument) -> str:
    one = choose_existing(order_facts(), OURS, Decimal("69.27"), existing)
    return one.number if one else ""


def test_ours_is_found_under_the_id_of_either_kind() -> None:
    assert (
        chosen(found("HAND", "sales_order"), found("INV1", "invoice", "1.00", "shp-demo-inv-o5001")) == "INV1"
    )


def test_a_hand_typed_order_is_the_document_and_not_the_invoice_it_was_billed_with() -> None:
    assert chosen(found("INV1", "invoice", "30.31"), found("SO1", "sales_order")) == "SO1"


def test_a_hand_typed_invoice_is_linked_too() -> None:
    assert chosen(found("INV1", "invoice")) == "INV1"


def test_two_hand_typed_orders_are_a_persons_choice() -> None:
    with pytest.raises(NeedsPerson) as caught:
        chosen(found("SO1", "sales_order"), found("SO2", "sales_order"), found("INV1", "invoice"))
    assert caught.value.code == "EXISTING_ORDER_AMBIGUOUS"
    assert "INV1" not in caught.value.message

"""Rules of the orders flow: what is left out, held, reviewed; what counts as a change."""

from __future__ import annotations

import pytest

from common.errors import NeedsPerson, Skip
from syncflows.flows.orders import changes, check_unchanged, decide
from syncflows.models import OrderRules, Treatment
from tests.syncflows.making import NOON, order_facts


def rules(**values: object) -> OrderRules:
    return OrderRules(**values)


@pytest.mark.parametrize(
    ("order", "code"),
    [
        ({"test": True}, "TEST_ORDER"),
        ({"cancelled_at": NOON}, "CANCELLED"),
        ({"confirmed": False}, "UNCONFIRMED"),
    ],
)
def test_left_out_by_default(order: dict[str, object], code: str) -> None:
    with pytest.raises(Skip) as caught:
        decide(order_facts(**order), rules())
    assert caught.value.code == code
    assert "#1001" in caught.value.message


@pytest.mark.parametrize(
    ("order", "rule", "code"),
    [
        ({"closed_at": NOON}, {"archived_orders": Treatment.EXCLUDE}, "ARCHIVED"),
        (
            {"financial_status": "PARTIALLY_REFUNDED"},
            {"refunded_orders": Treatment.EXCLUDE},
            "REFUNDED_EXCLUDED",
        ),
    ],
)
def test_left_out_when_the_rule_says_so(order: dict[str, object], rule: dict[str, object], code: str) -> None:
    decide(order_facts(**order), rules())
    with pytest.raises(Skip) as caught:
        decide(order_facts(**order), rules(**rule))
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("order", "rule", "code"),
    [
        ({"risk": "CANCEL"}, {}, "HIGH_RISK"),
        ({"financial_status": "AUTHORIZED"}, {"unpaid_orders": Treatment.HOLD}, "UNPAID"),
        ({"fulfillment_status": "FULFILLED"}, {"fulfilled_orders": Treatment.HOLD}, "ALREADY_FULFILLED"),
        ({"cancelled_at": NOON}, {"cancelled_orders": Treatment.HOLD}, "CANCELLED_HELD"),
    ],
)
def test_held_for_a_person(order: dict[str, object], rule: dict[str, object], code: str) -> None:
    with pytest.raises(NeedsPerson) as caught:
        decide(order_facts(**order), rules(**rule))
    assert caught.value.code == code


@pytest.mark.parametrize("risk", ["", "NONE", "ACCEPT", "LOW"])
def test_a_low_risk_holds_nothing(risk: str) -> None:
    decide(order_facts(risk=risk), rules())


def test_a_person_releases_a_held_order_and_it_waits_for_approval() -> None:
    decision = decide(order_facts(risk="CANCEL"), rules(), released=True)
    assert decision.approved is False
    assert decision.warnings == (
        "Shopify rates order #1001 as a high risk. Its document waits for approval in the ERP.",
    )


def test_a_cancelled_order_stays_held_even_when_released() -> None:
    with pytest.raises(NeedsPerson):
        decide(order_facts(cancelled_at=NOON), rules(cancelled_orders=Treatment.HOLD), released=True)


def test_shipped_orders_wait_for_approval_by_default() -> None:
    assert decide(order_facts(fulfillment_status="PARTIALLY_FULFILLED"), rules()).approved is False


def test_shipped_is_nothing_special_when_nothing_ships() -> None:
    facts = order_facts(fulfillment_status="FULFILLED", requires_shipping=False)
    assert decide(facts, rules()).approved is True


def test_plain_order_is_approved_or_not_by_rule() -> None:
    assert decide(order_facts(), rules()).approved is True
    assert decide(order_facts(), rules(approve_documents=False)).approved is False


def test_test_orders_come_in_when_the_rule_says_so() -> None:
    assert decide(order_facts(test=True), rules(test_orders=Treatment.IMPORT)).approved is True


def test_changes_name_what_a_person_would_see() -> None:
    written = {"lines": "a", "addresses": "b", "totals": "c", "tags": "d"}
    assert changes(written, {**written, "tags": "x"}) == []
    assert changes(written, {**written, "addresses": "x", "totals": "y"}) == ["totals", "addresses"]
    assert changes({}, written) == []


def test_a_changed_order_is_blocked_with_the_parts_that_changed() -> None:
    check_unchanged(order_facts(), {"lines": "a"}, {"lines": "a"})
    with pytest.raises(NeedsPerson) as caught:
        check_unchanged(order_facts(), {"lines": "a"}, {"lines": "b"})
    assert caught.value.code == "ORDER_CHANGED"
    assert caught.value.message == "Order #1001 was changed in Shopify after it was written: lines."

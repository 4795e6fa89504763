"""What counts as accounted for: every order in its state, one equal document per written order, nothing else."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from integration_hub.demo import results
from integration_hub.demo.results import Placed, Results
from integration_hub.demo.sandbox_link import LedgerRow
from integration_hub.demo.table import table
from monitoring.figures import CauseFigure, Summary

WRITTEN = Placed(
    shop="mill",
    source_id="5001",
    name="#1",
    state="done",
    code="",
    reason="",
    currency="USD",
    total=Decimal("69.27"),
    touched=False,
    linked=True,
)
BLOCKED = replace(
    WRITTEN,
    source_id="5002",
    name="#2",
    state="blocked",
    code="UNKNOWN_SKU",
    reason="Item NOPE-404 is not in NetSuite.",
    total=None,
    linked=False,
)
DOCUMENT = LedgerRow("shp-mill-so-5001", "SO10001", "USD", Decimal("69.27"))
FIGURES = Summary(
    shopify=3,
    found=3,
    staged=3,
    written=1,
    excluded=1,
    waiting=0,
    held=0,
    blocked=1,
    unexplained=0,
    excluded_by=(CauseFigure("TEST_ORDER", "Test order", 1, {}),),
    blocked_by=(CauseFigure("UNKNOWN_SKU", "SKU the ERP does not know", 1, {}),),
    totals=(),
)


def problems(orders: list[Placed], ledger: list[LedgerRow]) -> list[str]:
    return [*results._states(orders), *results._documents(orders, ledger)]


def test_a_written_and_a_blocked_order_are_accounted_for() -> None:
    assert problems([WRITTEN, BLOCKED], [DOCUMENT]) == []


@pytest.mark.parametrize(
    ("ledger", "sentence"),
    [
        ([], "mill #1 has 0 documents in NetSuite and should have one."),
        ([DOCUMENT, DOCUMENT], "mill #1 has 2 documents in NetSuite and should have one."),
        (
            [replace(DOCUMENT, total=Decimal("69.28"))],
            "mill #1 comes to 69.27 USD, its document SO10001 to 69.28 USD.",
        ),
        (
            [replace(DOCUMENT, currency="CAD")],
            "mill #1 comes to 69.27 USD, its document SO10001 to 69.27 CAD.",
        ),
        (
            [DOCUMENT, replace(DOCUMENT, external_id="shp-mill-so-5002")],
            "mill #2 has 1 documents in NetSuite and should have none.",
        ),
        (
            [DOCUMENT, replace(DOCUMENT, external_id="shp-mill-so-77")],
            "NetSuite has a document shp-mill-so-77 that belongs to no order of the hub.",
        ),
    ],
)
def test_each_way_not_to_fit_is_a_sentence(ledger: list[LedgerRow], sentence: str) -> None:
    assert problems([WRITTEN, BLOCKED], ledger) == [sentence]


def test_orders_typed_by_hand_are_none_of_the_hubs_business() -> None:
    by_hand = LedgerRow("", "SO9", "USD", Decimal("12.00"))
    assert problems([WRITTEN], [DOCUMENT, by_hand, replace(by_hand, external_id="celigo-1")]) == []


def test_an_order_without_an_end_or_without_a_reason_is_not_accounted_for() -> None:
    waiting = replace(BLOCKED, state="waiting", reason="NetSuite cannot be reached.")
    assert problems([waiting], []) == ["mill #2 is still waiting. NetSuite cannot be reached."]
    assert problems([replace(BLOCKED, reason="")], []) == ["mill #2 is blocked without a reason."]
    assert problems([replace(BLOCKED, state="skipped", code="")], []) == [
        "mill #2 is excluded without a reason."
    ]


def test_demo_orders_must_end_where_the_list_says_unless_somebody_acted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(results, "EXPECTED", {"mill": {"#2": {"state": "done"}}})
    assert list(results._as_expected([WRITTEN, BLOCKED])) == [
        "mill #2 should be done and is blocked (UNKNOWN_SKU). Item NOPE-404 is not in NetSuite."
    ]
    assert list(results._as_expected([replace(BLOCKED, touched=True)])) == []
    assert list(results._as_expected([replace(BLOCKED, code="ORDER_CHANGED")])) == []


def test_an_order_changed_after_it_was_written_keeps_its_one_document() -> None:
    changed = replace(WRITTEN, state="blocked", code="ORDER_CHANGED", reason="Changed: lines.")
    assert problems([changed], [DOCUMENT]) == []
    assert problems([changed], []) == ["mill #1 has 0 documents in NetSuite and should have one."]


def test_unexplained_and_uncounted_orders_are_said() -> None:
    assert list(results._completeness(FIGURES)) == []
    assert list(results._completeness(replace(FIGURES, unexplained=2))) == [
        "2 orders Shopify counts have no row in the hub."
    ]
    assert list(results._completeness(replace(FIGURES, shopify=None, unexplained=None))) == [
        "Shopify did not say how many orders it has; see the shops in the admin."
    ]
    assert list(results._completeness(replace(FIGURES, staged=0))) == ["No order was found at all."]


def test_totals_set_shopify_against_what_netsuite_answered() -> None:
    yen = replace(WRITTEN, source_id="5003", currency="JPY", total=Decimal(6380))
    missing = replace(WRITTEN, source_id="5004", total=Decimal("1.00"))
    found = results.totals(
        [WRITTEN, yen, missing, BLOCKED],
        [DOCUMENT, LedgerRow("shp-mill-so-5003", "SO2", "JPY", Decimal(6380))],
    )
    assert [(row.currency, row.orders, row.shopify, row.erp, row.difference) for row in found] == [
        ("JPY", 1, Decimal(6380), Decimal(6380), Decimal(0)),
        ("USD", 2, Decimal("70.27"), Decimal("69.27"), Decimal("1.00")),
    ]


def test_the_table_shows_every_group_with_its_orders_and_both_totals() -> None:
    skipped = replace(BLOCKED, name="#3", state="skipped", code="TEST_ORDER")
    orders = (WRITTEN, BLOCKED, skipped)
    lines = table(Results(FIGURES, orders, tuple(results.totals(orders, [DOCUMENT])), ()))
    text = "\n".join(" ".join(line.split()) for line in lines)
    for expected in (
        "Found in Shopify 3",
        "Staged in the hub 3",
        "Written to NetSuite 1",
        "Excluded 1\nTest order 1 #3",
        "Blocked 1\nSKU the ERP does not know 1 #2",
        "Unexplained 0",
        "USD (1 orders) 69.27 69.27 0.00",
    ):
        assert expected in text
    assert max(map(len, lines)) <= 100

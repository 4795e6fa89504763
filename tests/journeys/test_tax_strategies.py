"""Shopify's tax arrives to the cent whichever way the account takes it: in details, on one line, or by codes."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from canonical.documents import TaxStrategy
from erps.models import ErpConnection
from erps.registry import adapter_for, forget
from mappings.models import MapKind, ValueMapping
from tests.journeys.expected import TABLES, Expected, table
from tests.journeys.world import World

HERE = Path(__file__).parent
ORDERS = frozenset({"#1001", "#1013", "#1014", "UK1001", "UK1002", "UK1004", "JP1002"})
VARIANTS = {
    "tax details, SuiteTax": (TaxStrategy.TAX_DETAILS, "suitetax", TABLES),
    "one tax line, SuiteTax": (TaxStrategy.TAX_LINE, "suitetax", (HERE / "tax_line_documents.txt",)),
    "one tax line, legacy tax": (TaxStrategy.TAX_LINE, "legacy", (HERE / "tax_line_documents.txt",)),
    "tax codes, legacy tax": (TaxStrategy.TAX_CODES, "legacy", (HERE / "tax_code_documents.txt",)),
}


def choose(world: World, strategy: TaxStrategy, tax_mode: str) -> None:
    """Set the account's tax engine and the connection's choice, and press Test connection, as a person would."""
    world.account(tax_mode=tax_mode)
    ErpConnection.objects.update(tax_strategy=strategy)
    connection = ErpConnection.objects.get()
    forget(connection.pk)
    failed = [check for check in adapter_for(connection).check() if not check.ok]
    assert failed == []
    if strategy is TaxStrategy.TAX_LINE:
        ValueMapping.objects.filter(
            kind=MapKind.TAX
        ).delete()  # its rows name codes, and a line wants an item


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_same_orders_come_to_the_same_totals(four_stores: World, variant: str) -> None:
    strategy, tax_mode, paths = VARIANTS[variant]
    choose(four_stores, strategy, tax_mode)
    rows = [row for row in table(*paths) if row.name in ORDERS]
    assert {row.name for row in rows} == ORDERS
    for row in rows:
        four_stores.place(row.name, store=row.store)
    four_stores.run()
    for row in rows:
        compare(four_stores, row, strategy)


def compare(world: World, row: Expected, strategy: TaxStrategy) -> None:
    sync = world.sync(row.name, row.store)
    if row.outcome == "blocked":
        assert (sync.state, sync.reason_code, sync.reason_value) == ("blocked", row.code, row.value)
        assert sync.reason.startswith(f"Order {row.name}: Shopify's tax is 4.09 USD")
        return
    assert sync.state == "done", sync.reason
    document = world.document(row.name, row.store)
    found = [
        (line.item, line.quantity, line.amount, tuple((tax.code, tax.amount) for tax in line.taxes))
        for line in document.lines
    ]
    assert found == [(line.item, line.quantity, line.amount, line.taxes) for line in row.lines], row.name
    assert document.total == row.total
    beside = sum((amount for line in row.lines for _, amount in line.taxes), Decimal(0))
    assert document.tax == beside
    if strategy is TaxStrategy.TAX_DETAILS:
        assert beside == row.tax
    sides = {name: Decimal(theirs) for name, (_, theirs) in sync.order.components.items()}
    assert sides.pop("total") == row.total
    assert sides == row.components
    assert world.books.totals()[document.external_id] == [row.total]


@pytest.mark.parametrize(
    ("strategy", "tax_mode", "said"),
    [
        (TaxStrategy.TAX_DETAILS, "legacy", "does not use SuiteTax"),
        (TaxStrategy.TAX_CODES, "suitetax", "uses SuiteTax"),
    ],
)
def test_a_choice_the_account_cannot_take_stops_every_order_and_says_so(
    world: World, strategy: TaxStrategy, tax_mode: str, said: str
) -> None:
    choose(world, strategy, tax_mode)
    world.place("#1001", "#1005")
    world.run()
    for name in ("#1001", "#1005"):
        assert world.outcome(name) == ("blocked", "ERP_TAX_SETUP")
        assert said in world.sync(name).reason
    assert world.books.count() == 0

"""Every demo order ends where its case calls for, and NetSuite holds its document line by line, to the cent.

All orders go through the real pipeline once, over HTTP; then each is compared with the tables made by hand.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import override_settings
from pytest_django import DjangoDbBlocker

from integration_hub.demo.results import EXPECTED
from sandbox.shopify.seeding import demo_orders, read_demo
from syncflows.models import Sync
from tests.journeys.expected import TABLES, Expected, table
from tests.journeys.netsuite import Document
from tests.journeys.world import set_up

pytestmark = pytest.mark.django_db  # without a mark there is no database; the tests themselves only compare
ROWS = table()
WRITTEN = [row for row in ROWS if row.outcome == "written"]
OUTCOMES = {
    "demo_documents.txt": {"written": 48, "blocked": 10, "excluded": 4},
    "demo_documents_other_shapes.txt": {"written": 46, "blocked": 8, "excluded": 1},
    "demo_documents_prices.txt": {"written": 46, "blocked": 1},
}
SUMS = {
    "demo_documents.txt": {"USD": "5344.53", "GBP": "95.37", "JPY": "7865", "KWD": "30.025"},
    "demo_documents_other_shapes.txt": {"USD": "8688.18", "GBP": "146.48", "JPY": "7030", "KWD": "26.356"},
    "demo_documents_prices.txt": {"USD": "1383.46", "GBP": "386.61"},
}
"""What the written orders of each table come to."""
STATES = {"done": "written", "skipped": "excluded", "blocked": "blocked"}
PLACES = {
    "demo-store": ("Demo Inc.", "Main warehouse"),
    "demo-uk": ("Demo UK Ltd", "London"),
    "demo-jp": ("Demo KK", "Tokyo"),
    "demo-kw": ("Demo Inc.", "Main warehouse"),
}


@dataclass(slots=True)
class Arrived:
    """Where an order ended: its row in the hub, its document in NetSuite, and the number it has in Shopify."""

    outcome: str
    code: str
    value: str
    reason: str
    components: dict[str, list[str]]
    source_id: str
    document: Document | None
    number_in_shopify: str


@dataclass(slots=True)
class Everything:
    """All orders after the run, by (store, name); and every sales order of the account by external id."""

    orders: dict[tuple[str, str], Arrived]
    totals: dict[str, list[Decimal]]


@pytest.fixture(scope="module")
def everything(
    systems: tuple[str, str], django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Everything:
    """The whole demo, imported once; what there is to compare is kept in memory and the database emptied again."""
    hosts = [address.partition("//")[2] for address in systems]
    with django_db_blocker.unblock(), override_settings(HUB_EXTRA_API_HOSTS=hosts), set_up(systems) as world:
        try:
            for store in PLACES:
                world.pour(demo_orders(store), store)
            world.run()
            totals = world.books.totals()
            numbers = {store: world.numbers_in_shopify(store) for store in PLACES}
            found = {}
            for sync in Sync.objects.select_related("shop", "order"):
                external_id = f"shp-{sync.shop.key}-so-{sync.source_id}"
                document = world.books.document(external_id) if external_id in totals else None
                found[sync.shop.key, sync.name] = Arrived(
                    outcome=STATES.get(sync.state, sync.state), code=sync.reason_code, value=sync.reason_value,
                    reason=sync.reason, components=sync.order.components, source_id=sync.source_id,
                    document=document, number_in_shopify=numbers[sync.shop.key][sync.name],
                )  # fmt: skip
        finally:
            call_command("flush", verbosity=0, interactive=False)
    return Everything(found, totals)


def written(everything: Everything, row: Expected) -> tuple[Arrived, Document]:
    order = everything.orders[row.store, row.name]
    assert order.outcome == "written", f"{order.outcome} {order.code}: {order.reason}"
    assert order.document is not None
    return order, order.document


def of(rows: list[Expected]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("row", rows, ids=lambda row: row.name)


def test_the_table_has_every_demo_order_and_agrees_with_what_the_demo_expects() -> None:
    there = {(store, order["name"]) for store in read_demo("stores") for order in demo_orders(store)}
    assert {(row.store, row.name) for row in ROWS} == there
    assert {path.name: Counter(row.outcome for row in table(path)) for path in TABLES} == OUTCOMES
    listed = {
        (store, name): (STATES[entry["state"]], entry.get("code", ""))
        for store, orders in EXPECTED.items()
        for name, entry in orders.items()
    }
    assert {(row.store, row.name): (row.outcome, row.code) for row in ROWS} == listed


@of(WRITTEN)
def test_the_figures_made_by_hand_add_up(row: Expected) -> None:
    lines = sum((line.amount for line in row.lines), Decimal(0))
    taxes = sum((amount for line in row.lines for _, amount in line.taxes), Decimal(0))
    assert (lines + taxes, taxes) == (row.total, row.tax)
    assert sum(row.components.values(), Decimal(0)) == row.total


@of(ROWS)
def test_it_ends_where_its_case_calls_for(everything: Everything, row: Expected) -> None:
    order = everything.orders[row.store, row.name]
    assert (order.outcome, order.code, order.value) == (row.outcome, row.code, row.value), order.reason
    if row.outcome == "written":
        assert order.reason == ""
    else:
        assert row.name in order.reason
        assert order.document is None


@of(WRITTEN)
def test_its_document_has_these_lines(everything: Everything, row: Expected) -> None:
    _, document = written(everything, row)
    found = [
        (line.item, line.quantity, line.amount, tuple((tax.code, tax.amount) for tax in line.taxes))
        for line in document.lines
    ]
    assert found == [(line.item, line.quantity, line.amount, line.taxes) for line in row.lines]
    for line in document.lines:
        unit = Decimal(1).scaleb(-{"JPY": 0, "KWD": 3}.get(row.currency, 2))
        assert ((line.quantity or 1) * line.rate).quantize(unit) == line.amount


@of(WRITTEN)
def test_it_comes_to_what_shopify_says(everything: Everything, row: Expected) -> None:
    order, document = written(everything, row)
    assert (document.total, document.tax, document.currency) == (row.total, row.tax, row.currency)
    assert everything.totals[document.external_id] == [row.total]
    shopify = next(each for each in demo_orders(row.store) if each["name"] == row.name)
    shown = Decimal(shopify["currentTotalPriceSet"]["shopMoney"]["amount"])
    assert shown + row.components.get("cash_rounding", Decimal(0)) == document.total
    sides = {name: (Decimal(ours), Decimal(theirs)) for name, (ours, theirs) in order.components.items()}
    assert sides.pop("total") == (row.total, row.total)
    assert sides == {name: (amount, amount) for name, amount in row.components.items()}


@of(WRITTEN)
def test_it_says_who_where_and_how(everything: Everything, row: Expected) -> None:
    order, document = written(everything, row)
    subsidiary, usual = PLACES[row.store]
    location, till = row.location or usual, row.location == "Boston store"
    assert (document.customer, document.ship_method, document.payment_method) == (
        row.customer, row.ship_method, row.payment_method,
    )  # fmt: skip
    assert (document.subsidiary, document.location, document.terms) == (subsidiary, location, row.terms)
    assert (document.department, document.classification) == (
        ("Retail", "POS") if till else ("E-commerce", "Online")
    )
    assert document.status == ("A" if row.pending else "B")
    assert document.other_number == (row.po_number or row.name)
    assert document.memo == f"Shopify order {row.name}"
    assert document.order_id == order.source_id
    assert document.order_url.endswith(f"/orders/{order.source_id}")
    assert document.shipping_cost == 0
    goods = {line.location for line in document.lines if line.item not in CHARGES}
    assert goods <= {location}


CHARGES = frozenset({
    "Shopify shipping", "Shopify discount", "Discount SAVE10", "Discount WELCOME5", "Free shipping", "Tip", "Duties",
    "Gift card", "Additional fee", "Rounding difference",
})  # fmt: skip


@of(WRITTEN)
def test_its_number_is_on_the_order_in_shopify(everything: Everything, row: Expected) -> None:
    order, document = written(everything, row)
    assert order.number_in_shopify == document.number


@of([row for row in ROWS if row.outcome != "written"])
def test_nothing_is_told_to_shopify_about_an_order_that_was_not_written(
    everything: Everything, row: Expected
) -> None:
    assert everything.orders[row.store, row.name].number_in_shopify == ""


def test_netsuite_has_these_documents_and_no_other(everything: Everything) -> None:
    wanted = {f"shp-{row.store}-so-{everything.orders[row.store, row.name].source_id}" for row in WRITTEN}
    assert everything.totals.keys() == wanted
    assert {len(found) for found in everything.totals.values()} == {1}


@pytest.mark.parametrize("path", TABLES, ids=lambda path: path.stem)
def test_both_sides_come_to_the_same_by_currency(everything: Everything, path: Path) -> None:
    sums: dict[str, Decimal] = {}
    for row in table(path):
        if row.outcome == "written":
            document = written(everything, row)[1]
            sums[document.currency] = sums.get(document.currency, Decimal(0)) + document.total
    assert sums == {currency: Decimal(amount) for currency, amount in SUMS[path.name].items()}

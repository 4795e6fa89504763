"""Every shape of discount, tax and shipping line ties out whichever way the account takes tax, or blocks by name.

Tax details are compared in test_demo_orders; here one tax line and tax codes. Lines and amounts are those of
demo_documents_prices.txt, what the account's codes come to is worked out by hand in tax_code_shapes.txt.
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from canonical.documents import TaxStrategy
from erps.models import ErpConnection, ReferenceKind, ReferenceRecord, ShippingChoice
from erps.registry import forget
from mappings.models import MapKind, ValueMapping
from tests.journeys.expected import Expected, table
from tests.journeys.netsuite import Document
from tests.journeys.test_tax_strategies import choose
from tests.journeys.world import World

HERE = Path(__file__).parent
SHAPES = {row.name: row for row in table(HERE / "demo_documents_prices.txt")}
TAX_LINE, OWED, SHIPPING = "Sales tax (Shopify)", "Tax owed by channel", "Shopify shipping"
OWED_BY_CHANNEL = {"UK2011": Decimal("3.49"), "UK2012": Decimal("2.00")}
"""What the channel owes of these orders: 2.50 + 0.99, and 2.00."""
JURISDICTIONS = (
    "New York State Tax + Westchester County Tax + Yonkers City Tax + Commuter District Tax|8.875",
    "Yonkers 8.875%",
)
Line = tuple[str, Decimal | None, Decimal, str, Decimal | None]
"""Item, quantity, amount; tax code and what it comes to."""


def map_tax(source: str, name: str, store: str, kind: str) -> None:
    """A row of the tax map of a store, as a person would make it."""
    record = ReferenceRecord.objects.get(kind=kind, name=name)
    shop = ValueMapping.objects.filter(shop__key=store).first()
    assert shop is not None
    ValueMapping.objects.update_or_create(
        shop=shop.shop, kind=MapKind.TAX, source=source,
        defaults={"target_id": record.erp_id, "target_label": name, "tax_rate": record.extra.get("rate")},
    )  # fmt: skip


def arrive(world: World) -> None:
    for store in ("demo-store", "demo-uk"):
        world.place(*(row.name for row in SHAPES.values() if row.store == store), store=store)
    world.run()


def lines_of(document: Document) -> list[Line]:
    found: list[Line] = []
    for line in document.lines:
        code, amount = (line.taxes[0].code, line.taxes[0].amount) if line.taxes else ("", None)
        found.append((line.item, line.quantity, line.amount, code, amount))
    return found


def check(world: World, row: Expected, wanted: list[Line], beside: Decimal) -> None:
    """The order is written with these lines, `beside` being the tax the account adds to them."""
    sync = world.sync(row.name, row.store)
    assert sync.state == "done", sync.reason
    document = world.document(row.name, row.store)
    assert lines_of(document) == wanted, row.name
    assert (document.total, document.tax) == (row.total, beside), row.name
    assert sum((line[2] for line in wanted), beside) == row.total, row.name
    sides = {name: Decimal(theirs) for name, (_, theirs) in sync.order.components.items()}
    assert sides == {**row.components, "total": row.total}, row.name


def blocked(world: World, row: Expected) -> bool:
    """Whether the row says blocked; then the order must be, by that cause."""
    if row.outcome == "written":
        return False
    sync = world.sync(row.name, row.store)
    assert (sync.state, sync.reason_code, sync.reason_value) == ("blocked", row.code, row.value)
    return True


def untaxed(row: Expected) -> list[Line]:
    return [(line.item, line.quantity, line.amount, "", None) for line in row.lines]


@pytest.mark.parametrize("tax_mode", ["suitetax", "legacy"])
def test_shapes_with_one_tax_line(four_stores: World, tax_mode: str) -> None:
    choose(four_stores, TaxStrategy.TAX_LINE, tax_mode)
    map_tax("channel-liable", OWED, "demo-uk", ReferenceKind.ITEM)
    arrive(four_stores)
    for row in SHAPES.values():
        if blocked(four_stores, row):
            continue
        owed = OWED_BY_CHANNEL.get(row.name, Decimal(0))
        own = [(TAX_LINE, Decimal(1), row.tax - owed, "", None)] if row.tax - owed else []
        theirs = [(OWED, Decimal(1), owed, "", None)] if owed else []
        check(four_stores, row, [*untaxed(row), *own, *theirs], Decimal(0))


def test_shapes_with_tax_codes(four_stores: World) -> None:
    choose(four_stores, TaxStrategy.TAX_CODES, "legacy")
    map_tax("channel-liable", OWED, "demo-uk", ReferenceKind.ITEM)
    map_tax(*JURISDICTIONS, "demo-store", ReferenceKind.TAX_CODE)
    arrive(four_stores)
    computed = by_codes()
    assert computed.keys() == {name for name, row in SHAPES.items() if row.outcome == "written"}
    for row in SHAPES.values():
        if blocked(four_stores, row):
            continue
        amounts, variance = computed[row.name]
        wanted, code = [], ""
        for line, amount in zip(row.lines, amounts, strict=True):
            code = line.taxes[0][0] if line.taxes else code  # discounts carry the code of what they reduce
            code = JURISDICTIONS[1] if row.name == "#2021" else code
            wanted.append((line.item, line.quantity, line.amount, "" if amount is None else code, amount))
        if row.name in OWED_BY_CHANNEL:
            wanted.append((OWED, Decimal(1), OWED_BY_CHANNEL[row.name], "", None))
        if variance:
            wanted.append(("Tax variance", Decimal(1), variance, "", None))
        beside = sum((amount for amount in amounts if amount is not None), Decimal(0))
        check(four_stores, row, wanted, beside)


def test_shapes_with_shipping_in_the_field_of_the_document(four_stores: World) -> None:
    """Shipping after its discounts in one figure; only a tax line can carry tax on it."""
    ErpConnection.objects.update(shipping_as=ShippingChoice.BODY)
    forget(ErpConnection.objects.get().pk)
    arrive(four_stores)
    taxed = {"#2010", "#2021", "#2025", "#2046", "UK2005", "UK2006", "UK2010", "UK2011", "UK2013"}
    for row in SHAPES.values():
        sync = four_stores.sync(row.name, row.store)
        if row.name in taxed:
            assert (sync.state, sync.reason_code) == ("blocked", "SHIPPING_TAX_IN_BODY"), row.name
            continue
        if blocked(four_stores, row):
            continue
        assert sync.state == "done", sync.reason
        document = four_stores.document(row.name, row.store)
        first = next((n for n, line in enumerate(row.lines) if line.item == SHIPPING), len(row.lines))
        assert [line[:3] for line in lines_of(document)] == [line[:3] for line in untaxed(row)[:first]]
        cost = row.components.get("shipping", Decimal(0)) + row.components.get(
            "shipping_discount", Decimal(0)
        )
        assert (document.shipping_cost, document.total) == (cost, row.total), row.name


def by_codes() -> dict[str, tuple[list[Decimal | None], Decimal]]:
    """What the codes come to line by line, and the variance, by order."""
    found = {}
    for text in (HERE / "tax_code_shapes.txt").read_text(encoding="utf-8").splitlines():
        if text and not text.startswith("#"):
            _, name, amounts, variance = text.split(" | ")
            each = [None if amount == "-" else Decimal(amount) for amount in amounts.split()]
            found[name] = (each, Decimal(variance))
    return found


def test_tax_of_channel_and_merchant_on_one_line_once_the_channels_is_mapped(world: World) -> None:
    """#2029: 0.74 owed by the channel and 0.79 by the merchant, on one bottle of 18.50; shipping 5.95."""
    map_tax("channel-liable", "Exempt", "demo-store", ReferenceKind.TAX_CODE)
    world.place("#2029")
    world.run()
    document = world.document("#2029")
    assert [(tax.code, tax.amount) for tax in document.lines[0].taxes] == [
        ("Exempt", Decimal("0.74")), ("Shopify tax", Decimal("0.79")),
    ]  # fmt: skip
    assert (document.tax, document.total) == (Decimal("1.53"), Decimal("25.98"))


def test_on_tax_lines_what_the_channel_owes_has_a_line_of_its_own(world: World) -> None:
    choose(world, TaxStrategy.TAX_LINE, "suitetax")
    map_tax("channel-liable", OWED, "demo-store", ReferenceKind.ITEM)
    world.place("#2029")
    world.run()
    document = world.document("#2029")
    assert [(line.item, line.amount) for line in document.lines] == [
        ("BOTTLE", Decimal("18.50")), (SHIPPING, Decimal("5.95")), (OWED, Decimal("0.74")),
        (TAX_LINE, Decimal("0.79")),
    ]  # fmt: skip
    assert document.total == Decimal("25.98")


def test_without_a_code_for_the_jurisdictions_together_it_is_blocked_by_name(world: World) -> None:
    choose(world, TaxStrategy.TAX_CODES, "legacy")
    world.place("#2021")
    world.run()
    sync = world.sync("#2021")
    assert (sync.state, sync.reason_code) == ("blocked", "TAX_VARIANCE_HIGH")
    assert sync.reason.startswith(
        "Order #2021: Shopify's tax is 7.73 USD, but the mapped tax codes come to 0.00 USD"
    )
    assert world.books.count() == 0

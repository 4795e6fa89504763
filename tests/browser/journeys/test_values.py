"""A value nobody has mapped stops an order; a person maps it where it waits, and the order is written."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import pytest
from playwright.sync_api import expect

from mappings.models import ValueMapping
from syncflows.pipeline.run import drain
from tests.browser.journeys.conftest import Desk
from tests.journeys.world import World

pytestmark = pytest.mark.django_db(transaction=True)


@dataclass(frozen=True, slots=True)
class Part:
    """A part of an order that has no item: its charge, the item it gets, the line's amount and the order's total."""

    order: str
    charge: str
    item: str
    amount: str
    total: str


@pytest.mark.parametrize(
    "part",
    [
        Part("#1004", "gift_card", "Gift card", "50.00", "50.00"),
        Part("#1003", "tip", "Tip", "5.00", "108.00"),
        Part("#1001", "shipping", "Shopify shipping", "5.95", "69.27"),
    ],
    ids=["gift card", "tip", "shipping charge"],
)
def test_a_part_of_an_order_gets_its_item(desk: Desk, world: World, part: Part) -> None:
    row = ValueMapping.objects.get(kind="account", source=part.charge)
    target_id = row.target_id
    row.delete()
    world.place(part.order)
    world.run()
    assert world.outcome(part.order) == ("blocked", "UNMAPPED_CHARGE")

    desk.go("mappings/accountmapping/")
    waiting = desk.page.locator(".hub-waiting")
    expect(waiting).to_contain_text("1 order")
    if part.charge == "gift_card":
        desk.picture("mapping-waiting")
    waiting.get_by_role("link", name="Add").click()
    expect(desk.page.locator("#id_source")).to_have_value(part.charge)
    desk.page.locator("#id_target").select_option("")
    desk.page.locator("#id_typed_id").fill(target_id)
    desk.page.get_by_role("button", name="Save", exact=True).click()
    expect(desk.page.get_by_text("1 order that waited for it is taken up again.")).to_be_visible()
    drain(seconds=60)

    assert world.outcome(part.order) == ("done", "")
    desk.order(world.sync(part.order))
    expect(
        desk.page.get_by_role("link", name=world.sync(part.order).order.document_number).first
    ).to_be_visible()
    desk.picture(f"rule-{part.charge.replace('_', '-')}")
    document = world.document(part.order)
    assert document.total == Decimal(part.total)
    assert [line.amount for line in document.lines if line.item == part.item] == [Decimal(part.amount)]


@dataclass(frozen=True, slots=True)
class Value:
    """A value without a row: the order, the map, its page, the document's field and what stands in it afterwards."""

    order: str
    kind: str
    listing: str
    field: str
    becomes: str


@pytest.mark.parametrize(
    "value",
    [
        Value("#1031", "payment_terms", "paymenttermsmapping", "terms", "Net 30"),
        Value("#1015", "location", "locationmapping", "location", "Boston store"),
        Value("#1005", "shipment_method", "shipmentmethodmapping", "ship_method", "Standard"),
    ],
    ids=["payment terms", "location", "ship method"],
)
def test_what_is_suggested_is_what_the_order_gets(desk: Desk, world: World, value: Value) -> None:
    ValueMapping.objects.filter(kind=value.kind).delete()
    world.place(value.order)
    world.run()
    assert world.outcome(value.order) == ("blocked", f"UNMAPPED_{value.kind.upper()}")

    desk.go(f"mappings/{value.listing}/")
    waiting = desk.page.locator(".hub-waiting")
    expect(waiting).to_contain_text(f"probably {value.becomes} (the same name)")
    waiting.get_by_role("link", name="Add").click()
    expect(desk.page.get_by_text("Suggested: the same name.")).to_be_visible()
    if value.kind == "location":
        desk.picture("mapping-suggestion")
    desk.page.get_by_role("button", name="Save", exact=True).click()
    expect(desk.page.get_by_text("1 order that waited for it is taken up again.")).to_be_visible()
    drain(seconds=60)
    assert world.outcome(value.order) == ("done", "")
    desk.order(world.sync(value.order))
    expect(
        desk.page.get_by_role("link", name=world.sync(value.order).order.document_number).first
    ).to_be_visible()
    desk.picture(f"rule-{value.kind.replace('_', '-')}")
    assert getattr(world.document(value.order), value.field) == value.becomes

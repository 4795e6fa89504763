"""What people do to one order in the browser, read back on both sides."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import expect

from mappings.models import RecordLink
from syncflows.models import OrderRules
from syncflows.models.rules import Treatment
from syncflows.pipeline.run import drain
from tests.browser.journeys.conftest import Desk
from tests.journeys.pressing import in_shopify, payments
from tests.journeys.world import World

pytestmark = pytest.mark.django_db(transaction=True)


def test_an_unpaid_order_is_marked_as_paid(desk: Desk, world: World) -> None:
    OrderRules.objects.update(unpaid_orders=Treatment.HOLD)
    order_id, name = world.buy({"CAP": 1}, pay="pending")
    world.run()
    assert world.books.count() == 0
    desk.order(world.sync(name))
    dialog = desk.press("Mark as paid")
    dialog.locator("textarea").fill("Bank transfer 4711")
    desk.picture("action-mark-as-paid")
    desk.send(dialog, f"Order {name} was marked as paid in Shopify.")
    expect(desk.page.locator(".hub-timeline")).to_contain_text("Bank transfer 4711")
    assert in_shopify(world, order_id)["displayFinancialStatus"] == "PAID"
    drain(seconds=60)
    assert world.outcome(name) == ("done", "")
    assert world.books.count() == 1


def test_an_order_is_cancelled_on_both_sides(desk: Desk, world: World) -> None:
    order_id, name = world.buy({"CAP": 1})
    world.run()
    number = world.sync(name).order.document_number
    desk.order(world.sync(name))
    dialog = desk.press("Cancel order")
    expect(dialog).to_contain_text("this cannot be undone")
    dialog.locator("select[name=refund]").select_option("original")
    dialog.locator("textarea[name=reason]").fill("Ada changed her mind")
    desk.picture("action-cancel")
    desk.send(dialog, f"Order {name} was cancelled in Shopify. {number} was closed in the ERP.")
    order = in_shopify(world, order_id)
    assert order["cancelledAt"]
    assert [kind for kind, _, _ in payments(order)] == ["SALE", "REFUND"]


def test_an_order_is_unlinked_and_stays_out(desk: Desk, world: World) -> None:
    world.place("#1001")
    world.run()
    desk.order(world.sync("#1001"))
    dialog = desk.press("Unlink")
    dialog.locator("textarea[name=reason]").fill("Belongs to another order")
    desk.picture("action-unlink")
    dialog.locator("button[type=submit]").click()
    expect(desk.page.locator(".hub-timeline")).to_contain_text("Belongs to another order")
    world.again()
    assert world.sync("#1001").state == "skipped"
    assert RecordLink.objects.get(kind="sales_order").unlinked_at is not None
    assert world.books.count() == 1


def test_a_written_order_is_imported_again_without_a_second_document(desk: Desk, world: World) -> None:
    world.place("#1001")
    world.run()
    desk.order(world.sync("#1001"))
    dialog = desk.press("Re-import")
    desk.picture("action-re-import")
    dialog.locator("button[type=submit]").click()
    expect(desk.page.locator(".hub-timeline")).to_contain_text("admin")
    drain(seconds=60)
    assert world.outcome("#1001") == ("done", "")
    assert world.books.count() == 1


def test_a_changed_order_shows_what_changed_and_is_applied(desk: Desk, world: World) -> None:
    order_id, name = world.buy({"TEE": 1})
    world.run()
    added = {"add": [{"sku": "MUG", "price": "15.00", "tax": ["1.24"]}]}
    world.do(order_id, "edit", spec=json.dumps(added))
    world.run()
    assert world.outcome(name) == ("blocked", "ORDER_CHANGED")
    desk.order(world.sync(name))
    table = desk.page.get_by_role("region", name="Changes since it was written")
    expect(table).to_contain_text("Enamel mug")
    expect(table).to_contain_text("16.24")  # 15.00 and 1.24 tax
    desk.picture("order-changed")
    dialog = desk.press("Apply")
    dialog.locator("textarea[name=reason]").fill("The customer asked for it")
    dialog.locator("button[type=submit]").click()
    # Asked once more, with what the document would then show.
    expect(dialog).to_contain_text("49.25")
    dialog.locator("button[type=submit]").click()
    expect(desk.page.locator(".hub-timeline")).to_contain_text("The customer asked for it")
    drain(seconds=60)
    assert world.outcome(name) == ("done", "")
    assert str(world.document(name).total) == "49.25"  # 33.01 and 16.24
    assert world.books.count() == 1

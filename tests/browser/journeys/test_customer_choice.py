"""Two customers fit: the hub asks, and a person chooses on the page that shows why."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from syncflows.pipeline.run import drain
from tests.browser.journeys.conftest import Desk
from tests.journeys.world import World

pytestmark = pytest.mark.django_db(transaction=True)


def test_one_of_two_customers_with_one_email_is_chosen(desk: Desk, world: World) -> None:
    world.books.create("customer", {
        "isPerson": True, "firstName": "Ada", "lastName": "Second", "email": "ADA@example.com",
        "subsidiary": {"id": "1"}, "entityId": "Ada Second",
    })  # fmt: skip
    _, name = world.buy({"CAP": 1})
    world.run()
    assert world.outcome(name) == ("blocked", "AMBIGUOUS_CUSTOMER")
    assert world.books.count() == 0

    desk.order(world.sync(name))
    desk.page.locator("a[title^='Shows which rule chooses the customer']").click()
    expect(desk.page.get_by_role("region", name="How the customer is chosen")).to_be_visible()
    fitting = desk.page.get_by_role("region", name="Who fits")
    expect(fitting).to_contain_text("Ada Example")
    desk.picture("customer-choice")
    fitting.get_by_role("row", name="Ada Second").get_by_role("button", name="Assign").click()
    dialog = desk.page.locator("#dialog")
    dialog.locator("textarea[name=reason]").fill("She called")
    dialog.locator("button[type=submit]").click()
    # Asked once more, with the customer's name: now it counts.
    expect(dialog).to_contain_text("Ada Second")
    dialog.locator("button[type=submit]").click()
    expect(desk.page.get_by_text(f"Customer of order {name}: Ada Second").first).to_be_visible()
    drain(seconds=60)
    assert world.outcome(name) == ("done", "")
    assert world.document(name).customer == "Ada Second"

"""What a shop's filter would do is looked at first, and an order it does not want is listed with the reason."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.journeys.conftest import Desk
from tests.journeys.world import World

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_shop_takes_the_orders_of_one_channel(desk: Desk, world: World) -> None:
    shop = world.shops["demo-store"]
    desk.go(f"shops/shop/{shop.pk}/filter/")
    desk.page.get_by_label("Channels", exact=True).fill("Point of Sale")
    desk.page.get_by_role("button", name="Preview").click()
    expect(desk.page.get_by_text("Not saved")).to_be_visible()
    desk.page.get_by_role("button", name="Save this filter").click()
    expect(desk.page.get_by_text("is saved.")).to_be_visible()

    world.place("#1001", "#1015")
    world.run()
    assert world.outcome("#1001") == ("skipped", "NOT_WANTED")
    assert world.outcome("#1015") == ("done", "")
    assert world.books.count() == 1
    desk.go(f"shops/shop/{shop.pk}/filter/")
    expect(desk.page.get_by_role("link", name="#1001").first).to_be_visible()
    desk.picture("filter-preview")

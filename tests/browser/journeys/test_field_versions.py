"""A version of the field mappings is published, does not do what was meant, and the one before is published again."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from mappings.field_versions import current_of
from tests.browser.journeys.conftest import Desk
from tests.journeys.test_field_mappings import mapping, record, use
from tests.journeys.world import STORE, World

pytestmark = pytest.mark.django_db(transaction=True)


def test_publish_compare_and_roll_back(desk: Desk, world: World) -> None:
    shop, page = world.shops[STORE], desk.page
    use(shop, [mapping("Gift", "custbody_gift_message", "Thank you", source_kind="fixed")])
    first = current_of(shop)
    assert first is not None

    desk.go("mappings/fieldmappingset/add/")
    page.locator("select[name=shop]").select_option(label="Demo Store")
    page.get_by_role("button", name="Open the draft").click()
    page.locator("[data-row]").first.locator("[name$=-fixed]").fill("Merry Christmas")
    page.get_by_role("button", name="Save draft").click()
    page.get_by_role("link", name="Try and publish the saved draft").click()
    expect(page.get_by_text("What changes against version 1")).to_be_visible()
    page.locator("textarea[name=reason]").fill("For December")
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_text("is in use from the next order on")).to_be_visible()
    _, one = world.buy({"CAP": 1})
    world.run()
    assert record(world, one)["custbody_gift_message"] == "Merry Christmas"

    desk.go("mappings/fieldmappingset/")
    page.locator("#result_list").get_by_role("link", name="Version 1").click()
    expect(page.get_by_text("Earlier", exact=True)).to_be_visible()
    page.get_by_role("link", name="Compare").click()
    row = page.locator("tr", has_text="Merry Christmas")
    expect(row).to_contain_text("Thank you")
    desk.picture("field-versions-compare")
    page.get_by_role("link", name="Back to version 1").click()
    page.get_by_role("link", name="Publish this version again").click()
    page.locator("textarea[name=reason]").fill("Too early for it")
    desk.picture("field-versions-again")
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_text("is in use from the next order on")).to_be_visible()
    current = current_of(shop)
    assert current is not None
    assert (current.number, current.copied_from, current.reason) == (3, 1, "Too early for it")
    _, two = world.buy({"CAP": 1})
    world.run()
    assert record(world, two)["custbody_gift_message"] == "Thank you"
    assert record(world, one)["custbody_gift_message"] == "Merry Christmas"  # what is written stays

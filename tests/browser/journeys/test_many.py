"""Many orders at once: all of a filter in a bulk run, and old orders imported by their numbers."""

from __future__ import annotations

import csv

import pytest
from playwright.sync_api import expect

from syncflows.actions import bulk
from syncflows.models import BulkRun, Sync
from syncflows.pipeline.run import drain
from tests.browser.journeys.conftest import Desk
from tests.factories import blocked
from tests.journeys.world import STORE, World

pytestmark = pytest.mark.django_db(transaction=True)


def test_all_orders_of_a_filter_are_excluded(desk: Desk, world: World) -> None:
    """205 orders over 69.27 wait for an item and one for something else: the run is about the 205, one of which was
    written meanwhile."""
    shop, page = world.shops[STORE], desk.page
    waiting = [blocked(shop, number) for number in range(1, 206)]
    other = blocked(shop, 300, code="UNMAPPED_TAX", value="VAT|20")
    desk.go("syncflows/sync/?cause=UNKNOWN_SKU")
    page.locator("#action-toggle").check()
    page.get_by_text("Select all 205").click()
    page.locator("select[name=action]").select_option("exclude_selected")
    page.locator("button[name=index]").click()
    asked = page.locator("form.hub-page")
    expect(asked).to_contain_text("205 orders, 14,200.35")
    asked.locator("textarea[name=reason]").fill("Sold in the old shop")
    desk.picture("bulk-ask")
    asked.get_by_role("button", name="Exclude").click()

    progress = page.locator("#bulk-progress")
    expect(progress).to_contain_text("0 of 205")
    run = BulkRun.objects.get()
    Sync.objects.filter(pk=waiting[-1].pk).update(state="done")
    bulk.work(run.pk, seconds=0)
    expect(progress).to_contain_text("200 of 205", timeout=15_000)  # the page looks by itself
    desk.picture("bulk-run")
    bulk.work(run.pk)
    expect(progress).to_contain_text("205 of 205", timeout=15_000)
    expect(progress.get_by_text("Not done or not touched")).to_be_visible()
    expect(progress.get_by_role("link", name="#205")).to_be_visible()
    with page.expect_download() as loading:
        page.get_by_role("link", name="Report (CSV)").click()
    rows = list(csv.DictReader(loading.value.path().read_text(encoding="utf-8").splitlines()))
    assert len(rows) == 205
    desk.go("syncflows/bulkrun/")
    expect(page.locator("#result_list")).to_contain_text("Exclude")
    assert Sync.objects.filter(state="skipped", reason="Sold in the old shop").count() == 204
    other.refresh_from_db()
    assert other.state == "blocked"


def test_old_orders_are_imported_by_number(desk: Desk, world: World) -> None:
    world.place("#1002")
    world.run()
    world.place("#1001", "#1005")
    desk.go("syncflows/order/")
    desk.page.get_by_role("link", name="Import by number").first.click()
    desk.page.locator("textarea[name=numbers]").fill("1001, #1002\n1005 #7777")
    desk.page.locator("textarea[name=reason]").fill("Missing in November")
    desk.page.get_by_role("button", name="Import").click()
    found = desk.page.get_by_role("region", name="What was found")
    expect(found).to_contain_text("2 orders will be imported now")
    expect(found).to_contain_text("In the ERP already")
    expect(found).to_contain_text("Not found in any chosen shop: 1")
    expect(found).to_contain_text("#7777")
    desk.picture("import-by-number")
    drain(seconds=60)
    assert [world.outcome(name) for name in ("#1001", "#1002", "#1005")] == [("done", "")] * 3
    assert world.books.count() == 3
    found.get_by_role("link", name="#1005").click()
    expect(desk.page.locator(".hub-timeline")).to_contain_text("Missing in November")

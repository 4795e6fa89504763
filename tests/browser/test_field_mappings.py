"""A field is mapped in a real browser: edited, tried on a real order, published; the next order has it in NetSuite."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from mappings.field_versions import current_of
from tests.journeys.world import STORE, World, running, set_up

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(tmp_path: Path, transactional_db: None, settings: LazySettings) -> Iterator[World]:
    with running(tmp_path) as addresses:
        settings.HUB_EXTRA_API_HOSTS = [address.partition("//")[2] for address in addresses]
        with set_up(addresses, STORE) as one:
            yield one


def test_from_a_wish_to_a_field_in_netsuite(
    page: Page, live_server: LiveServer, world: World, admin_user: User
) -> None:
    broken: list[str] = []
    page.on("pageerror", lambda problem: broken.append(str(problem)))
    _, first = world.buy({"TEE": 2, "MUG": 1}, code="SAVE10")
    world.run()
    page.goto(f"{live_server.url}/admin/login/?next=/admin/mappings/fieldmappingset/add/")
    page.locator("input[name=username]").fill("admin")
    page.locator("input[name=password]").fill("password")
    page.get_by_role("button", name="Sign in").click()

    page.locator("select[name=shop]").select_option(label="Demo Store")
    page.get_by_role("button", name="Open the draft").click()
    expect(page.get_by_role("heading", name="Preview")).to_be_visible()

    page.get_by_role("button", name="Add a mapping").click()
    row = page.locator("[data-row]").first
    row.locator("[name$=-name]").fill("Bill")
    row.locator("[name$=-target]").select_option("header:custbody_gift_message")
    expect(row.locator("[name$=-expression]")).to_be_hidden()
    row.locator("[name$=-source_kind]").select_option("expression")
    expect(row.locator("[name$=-fact]")).to_be_hidden()
    row.locator("[name$=-expression]").fill("to_string(order.total)")
    row.get_by_text("Steps", exact=True).click()
    row.locator("[name$=-add_step]").select_option(label='Put behind: suffix " (web)"')
    expect(row.locator("[name$=-transforms]")).to_have_value('suffix " (web)"')

    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_text("It ties out. 1 field differs from the published mappings.")).to_be_visible()
    expect(page.get_by_label("What changes")).to_contain_text("69.27 (web) instead of nothing")
    changed = page.locator("#preview tr.hub-changed")
    expect(changed).to_have_count(1)
    expect(changed).to_contain_text("custbody_gift_message")
    expect(changed).to_contain_text("69.27 (web)")
    if os.environ.get("HUB_PICTURE"):
        page.screenshot(path=os.environ["HUB_PICTURE"])

    page.get_by_role("button", name="Save draft").click()
    expect(page.get_by_text("is saved. It counts once it is published.")).to_be_visible()
    page.get_by_role("link", name="Try and publish the saved draft").click()
    expect(page.get_by_text("1 of 1 order ties out.")).to_be_visible()
    page.locator("textarea[name=reason]").fill("The warehouse prints it")
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_text("is in use from the next order on")).to_be_visible()
    current = current_of(world.shops[STORE])
    assert current is not None
    assert (current.number, current.reason) == (1, "The warehouse prints it")

    _, second = world.buy({"CAP": 1})
    world.run()
    message = {
        name: world.books.send(
            "GET", f"/record/v1/salesOrder/eid:shp-demo-store-so-{world.names()[name]}"
        ).get("custbody_gift_message")
        for name in (first, second)
    }
    assert message == {first: None, second: f"{world.document(second).total} (web)"}
    assert broken == []

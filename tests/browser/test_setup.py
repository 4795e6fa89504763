"""A person sets up a shop and maps a value, in a real browser."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from erps.models import ErpConnection, ReferenceKind, ReferenceRecord
from mappings.models import ValueMapping
from shops.models import Shop

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def signed_in(page: Page, live_server: LiveServer, admin_user: User) -> list[str]:
    """The admin with its look, open in the browser; collects what breaks on its pages."""
    broken: list[str] = []
    page.on("pageerror", lambda problem: broken.append(str(problem)))
    page.goto(f"{live_server.url}/admin/login/")
    page.locator("input[name=username]").fill("admin")
    page.locator("input[name=password]").fill("password")
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(f"{live_server.url}/admin/")
    return broken


def test_only_the_fields_of_the_chosen_sign_in_are_asked_for(
    page: Page, live_server: LiveServer, signed_in: list[str]
) -> None:
    page.goto(f"{live_server.url}/admin/shops/shop/add/")
    secret, token = page.locator("#id_client_secret"), page.locator("#id_access_token")
    expect(secret).to_be_visible()
    expect(token).to_be_hidden()
    page.locator("#id_auth_kind").select_option("static")
    expect(token).to_be_visible()
    expect(page.locator("#id_client_id")).to_be_hidden()
    expect(secret).to_be_visible()  # webhooks are signed with it, however the hub signs in
    page.locator("#id_name").fill("Main store")
    page.locator("#id_key").fill("main-store")
    page.locator("#id_domain").fill("main-store.myshopify.com")
    token.fill("shpat_1")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page).to_have_url(f"{live_server.url}/admin/shops/shop/")
    assert Shop.objects.get().access_token == "shpat_1"
    assert signed_in == []


def test_a_test_of_a_connection_asks_first_and_then_shows_its_lines(
    page: Page, live_server: LiveServer, signed_in: list[str], settings: Any
) -> None:
    settings.HUB_EXTRA_API_HOSTS = ["127.0.0.1"]
    shop = Shop.objects.create(
        key="main",
        name="Main store",
        domain="main-store.myshopify.com",
        api_base_url="http://127.0.0.1:9",
        auth_kind="static",
        access_token="shpat_1",
    )
    page.goto(f"{live_server.url}/admin/shops/shop/{shop.pk}/change/")
    page.get_by_role("link", name="Test connection").click()
    expect(page.get_by_text("Test the connection to Shopify?")).to_be_visible()
    page.get_by_role("button", name="Test now").click()
    expect(page).to_have_url(f"{live_server.url}/admin/shops/shop/{shop.pk}/checks/", timeout=60_000)
    expect(page.get_by_text("need something done")).to_be_visible()
    expect(page.get_by_text("What to do:").first).to_be_visible()
    assert signed_in == []


def test_a_value_is_mapped_by_choosing_a_record(
    page: Page, live_server: LiveServer, signed_in: list[str]
) -> None:
    connection = ErpConnection.objects.create(key="ns", name="NetSuite", account_id="1")
    first = Shop.objects.create(key="a", name="First", domain="a.myshopify.com")
    shop = Shop.objects.create(key="b", name="Second", domain="b.myshopify.com", erp_connection=connection)
    ReferenceRecord.objects.create(
        connection=connection,
        kind=ReferenceKind.SHIP_METHOD,
        erp_id="21",
        name="UPS Ground",
        fetched_at=datetime(2026, 11, 20, tzinfo=UTC),
    )
    page.goto(f"{live_server.url}/admin/mappings/shipmentmethodmapping/add/?shop={first.pk}&source=Express")
    expect(page.get_by_text("First has no ERP connection yet")).to_be_visible()
    # Another shop offers other records; what was typed stays.
    page.locator("#id_shop").select_option(str(shop.pk))
    expect(page.get_by_text("1 record of NetSuite")).to_be_visible()
    expect(page.locator("#id_source")).to_have_value("Express")
    page.locator("#id_target + .select2").click()
    page.get_by_role("option", name="UPS Ground (21)").click()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("was added successfully")).to_be_visible()
    stored = ValueMapping.objects.get()
    assert (stored.source, stored.target_id, stored.target_label) == ("Express", "21", "UPS Ground")
    assert signed_in == []


def test_forms_stay_inside_a_narrow_screen(page: Page, live_server: LiveServer, signed_in: list[str]) -> None:
    connection = ErpConnection.objects.create(key="ns", name="NetSuite", account_id="1")
    page.set_viewport_size({"width": 390, "height": 844})
    for path in ("shops/shop/add/", f"erps/erpconnection/{connection.pk}/change/", "mappings/taxmapping/"):
        page.goto(f"{live_server.url}/admin/{path}")
        wider = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert wider <= 0, path
    assert signed_in == []

"""A person tries a filter in a real browser before saving it."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from syncflows.models import OrderFilter
from tests.factories import keep, make_shop, stage
from tests.raw_orders import raw_order

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_filter_is_tried_and_then_saved(page: Page, live_server: LiveServer, admin_user: User) -> None:
    broken: list[str] = []
    page.on("pageerror", lambda problem: broken.append(str(problem)))
    shop = make_shop("demo", is_active=False)
    for number, tags in enumerate((["vip"], ["wholesale-eu"], []), 1):
        sync = stage(shop, number)
        keep(sync, raw_order(name=sync.name, source_id=sync.source_id, tags=tags))
    page.goto(f"{live_server.url}/admin/login/?next=/admin/shops/shop/{shop.pk}/change/")
    page.locator("input[name=username]").fill("admin")
    page.locator("input[name=password]").fill("password")
    page.get_by_role("button", name="Sign in").click()
    page.goto(f"{live_server.url}/admin/shops/shop/{shop.pk}/filter/")
    result = page.get_by_role("region", name="Result")
    expect(result.get_by_role("heading", name="The last 3 orders")).to_be_visible()
    page.get_by_label("Not with tags").fill("wholesale-*")
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_text("Not saved")).to_be_visible()
    expect(result.get_by_text("it has the tag wholesale-eu")).to_be_visible()
    assert not OrderFilter.objects.exists()
    page.get_by_role("button", name="Save this filter").click()
    expect(page.get_by_text("The filter of Demo is saved.")).to_be_visible()
    assert OrderFilter.objects.get().tags_exclude == "wholesale-*"
    assert broken == []

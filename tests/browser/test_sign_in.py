"""A person opens the hub, signs in, and nothing on the way comes from another machine."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer


@pytest.mark.django_db(transaction=True)
def test_a_person_signs_in_and_no_page_loads_anything_from_elsewhere(
    page: Page, live_server: LiveServer, admin_user: User
) -> None:
    requested: list[str] = []
    broken: list[str] = []
    page.on("request", lambda request: requested.append(request.url))
    page.on("pageerror", lambda problem: broken.append(str(problem)))

    page.goto(f"{live_server.url}/")
    page.locator("input[name=username]").fill("admin")
    page.locator("input[name=password]").fill("password")
    page.locator("button[type=submit]").click()

    expect(page).to_have_url(f"{live_server.url}/admin/")
    expect(page.locator("form[action$='/logout/']").first).to_be_attached()
    assert [url for url in requested if not url.startswith((live_server.url, "data:"))] == []
    assert broken == []

"""A person at the browser, with a Shopify and a NetSuite behind the hub.

With HUB_PICTURES=FOLDER the journeys also leave pictures of what the person saw: the docs show them.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User
from playwright.sync_api import Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from syncflows.models import Sync
from tests.journeys.world import STORE, World, running, set_up

PICTURES = os.environ.get("HUB_PICTURES", "")


@pytest.fixture(scope="session")
def systems(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    with running(tmp_path_factory.mktemp("sandboxes")) as addresses:
        yield addresses


@pytest.fixture
def world(systems: tuple[str, str], transactional_db: None, settings: LazySettings) -> Iterator[World]:
    """The demo store and the hub."""
    settings.HUB_EXTRA_API_HOSTS = [address.partition("//")[2] for address in systems]
    with set_up(systems, STORE) as one:
        yield one


@dataclass(slots=True)
class Desk:
    """Somebody signed in, at the pages of the hub."""

    page: Page
    url: str

    def go(self, path: str) -> None:
        """Open a page of the admin."""
        self.page.goto(f"{self.url}/admin/{path}")

    def order(self, sync: Sync) -> None:
        """Open the page of an order."""
        self.go(f"syncflows/order/{sync.pk}/change/")

    def press(self, name: str) -> Locator:
        """Press a button of the page; the dialog that opens."""
        self.page.get_by_role("button", name=name, exact=True).first.click()
        dialog = self.page.locator("#dialog")
        expect(dialog.locator("button[type=submit]")).to_be_visible()
        return dialog

    def send(self, dialog: Locator, told: str) -> None:
        """Send a dialog; the page then tells what came of it."""
        dialog.locator("button[type=submit]").click()
        expect(self.page.get_by_text(told).first).to_be_visible(timeout=30_000)

    def picture(self, name: str) -> None:
        """What the person sees now, for the docs; behind a dialog nothing, which keeps the picture small."""
        if PICTURES:
            where = Path(PICTURES) / f"{name}.png"
            style = "#modal-overlay { background: #eef1f4 !important; backdrop-filter: none !important; }"
            self.page.screenshot(path=where, animations="disabled", style=style)


@pytest.fixture
def desk(page: Page, live_server: LiveServer, admin_user: User) -> Iterator[Desk]:
    """Signed in; any error of a script on the way fails the test."""
    broken: list[str] = []
    page.on("pageerror", lambda problem: broken.append(str(problem)))
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(f"{live_server.url}/admin/login/")
    page.locator("input[name=username]").fill("admin")
    page.locator("input[name=password]").fill("password")
    page.locator("button[type=submit]").click()
    expect(page).to_have_url(f"{live_server.url}/admin/")
    yield Desk(page, live_server.url)
    assert broken == []

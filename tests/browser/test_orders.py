"""People at work on orders: look, decide, retry; on a desk and on a phone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from syncflows.models import Action, Outcome, Sync
from tests.factories import attempt, blocked, make_connection, make_shop, stage, written

LONG = "Wolfeschlegelsteinhausenbergerdorff-Featherstonehaugh and Sons International Trading Company"
ARABIC = "متجر القاهرة للإلكترونيات"

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def desk(page: Page, live_server: LiveServer, admin_user: User) -> Iterator[Page]:
    """Signed in; any error of a script on the way fails the test."""
    broken: list[str] = []
    page.on("pageerror", lambda problem: broken.append(str(problem)))
    page.goto(f"{live_server.url}/admin/login/")
    page.locator("input[name=username]").fill("admin")
    page.locator("input[name=password]").fill("password")
    page.locator("button[type=submit]").click()
    expect(page).to_have_url(f"{live_server.url}/admin/")
    yield page
    assert broken == []


def _orders() -> Sync:
    shop = make_shop("demo", name=ARABIC, erp_connection=make_connection())
    written(shop, 1)
    stage(shop, 2, customer_name=LONG)
    stage(shop, 3, state="waiting", reason_code="UNREACHABLE", reason="NetSuite cannot be reached.")
    sync = blocked(shop, 4, customer_name=ARABIC, value=LONG)
    attempt(sync, Outcome.BLOCKED, message=sync.reason)
    return sync


def test_an_order_is_excluded_with_a_reason_in_a_dialog(desk: Page, live_server: LiveServer) -> None:
    sync = _orders()
    desk.goto(f"{live_server.url}/admin/syncflows/order/{sync.pk}/change/")
    desk.get_by_role("button", name="Exclude").click()
    dialog = desk.locator("#dialog")
    expect(dialog).to_contain_text("Left out for good")
    dialog.locator("button[type=submit]").click()
    expect(dialog).to_contain_text("Say why the order is left out.")
    dialog.locator("textarea").fill("Typed by hand")
    dialog.locator("button[type=submit]").click()
    expect(desk.get_by_text("1 order excluded.")).to_be_visible()
    expect(desk.locator(".hub-timeline")).to_contain_text("Typed by hand")
    assert Action.objects.get().reason == "Typed by hand"


def test_what_was_sent_is_loaded_when_it_is_opened(desk: Page, live_server: LiveServer) -> None:
    sync = _orders()
    desk.goto(f"{live_server.url}/admin/syncflows/order/{sync.pk}/change/")
    expect(desk.locator(".hub-calls")).to_contain_text("Loading")
    desk.get_by_text("What was sent and answered").click()
    expect(desk.locator(".hub-calls")).to_contain_text('"total": 69.27')


def test_a_group_is_opened_and_retried(desk: Page, live_server: LiveServer) -> None:
    sync = _orders()
    desk.goto(f"{live_server.url}/admin/syncflows/order/causes/")
    group = desk.locator("article").first
    group.get_by_text("Show the orders").click()
    expect(group.get_by_role("link", name="#4")).to_be_visible()
    group.get_by_role("button", name="Retry the 1").click()
    desk.locator("#dialog button[type=submit]").click()
    expect(desk.get_by_text("1 order will be tried again now.")).to_be_visible()
    sync.refresh_from_db()
    assert sync.state == "pending"


def test_selected_orders_are_imported_after_asking(desk: Page, live_server: LiveServer) -> None:
    _orders()
    desk.goto(f"{live_server.url}/admin/syncflows/sync/")
    for box in desk.locator("input.action-select").all():
        box.check()
    desk.locator("select[name=action]").select_option("import_selected")
    desk.get_by_role("button", name="Run").click()
    expect(desk.get_by_text("3 orders, 207.81")).to_be_visible()
    desk.locator("main, #content").get_by_role("button", name="Import 3 orders").click()
    expect(desk.get_by_text("3 orders will be imported now.")).to_be_visible()
    assert Sync.objects.filter(released=True).count() == 3


@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize(
    "path", ["", "syncflows/sync/", "syncflows/order/", "syncflows/order/causes/", "{page}"]
)
def test_nothing_sticks_out_on_a_desk_or_a_phone(
    desk: Page, live_server: LiveServer, path: str, width: int
) -> None:
    sync = _orders()
    desk.set_viewport_size({"width": width, "height": 900})
    page = f"syncflows/order/{sync.pk}/change/"
    desk.goto(f"{live_server.url}/admin/{path.format(page=page)}")
    room = desk.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert room == 0

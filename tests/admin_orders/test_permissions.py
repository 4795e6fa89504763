"""Who may open which page and press which button."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client

from shops.models import Shop
from syncflows.models import Action, Outcome, Sync
from tests.factories import attempt, blocked, make_person

PAGES = [
    "/admin/syncflows/sync/",
    "/admin/syncflows/order/",
    "/admin/syncflows/order/causes/",
    "/admin/syncflows/order/causes/orders/?state=blocked&cause=UNKNOWN_SKU&value=TEE-RED-XL",
    "/admin/syncflows/order/{pk}/change/",
    "/admin/syncflows/order/attempts/{attempt}/calls/",
]
DIALOGS = {
    "/admin/syncflows/order/{pk}/import_order/": "import_order",
    "/admin/syncflows/order/{pk}/retry_order/": "retry_order",
    "/admin/syncflows/order/{pk}/exclude_order/": "exclude_order",
    "/admin/syncflows/order/causes/retry/?state=blocked&cause=UNKNOWN_SKU&value=TEE-RED-XL": "retry_order",
}


@pytest.fixture
def sync(shop: Shop) -> Sync:
    return blocked(shop, 1)


def at(url: str, sync: Sync) -> str:
    url = url.replace("_order/", "/") if "{pk}" in url else url
    return url.format(pk=sync.pk, attempt=attempt(sync, Outcome.BLOCKED).pk)


@pytest.mark.parametrize("url", PAGES)
def test_whoever_may_view_orders_sees_every_page(as_auditor: Client, sync: Sync, url: str) -> None:
    assert as_auditor.get(at(url, sync)).status_code == 200


@pytest.mark.parametrize("url", [*PAGES, *DIALOGS, "/admin/syncflows/order/{pk}/preview/"])
def test_nobody_else_does(client: Client, outsider: User, sync: Sync, url: str) -> None:
    client.force_login(outsider)
    assert client.get(at(url, sync)).status_code == 403


@pytest.mark.parametrize("url", [*PAGES, *DIALOGS])
def test_strangers_are_sent_to_the_log_in(client: Client, sync: Sync, url: str) -> None:
    answer = client.get(at(url, sync))
    assert answer.status_code == 302
    assert answer["Location"].startswith("/admin/login/")


@pytest.mark.parametrize(("url", "permission"), DIALOGS.items())
def test_each_deed_has_a_permission_of_its_own(client: Client, sync: Sync, url: str, permission: str) -> None:
    others = {"view_order", "import_order", "exclude_order", "retry_order"} - {permission}
    client.force_login(make_person("nearly", *others))
    post = {"_form_submitted": "True", "reason": "because"}
    assert client.post(at(url, sync), post).status_code == 403
    client.force_login(make_person("enough", "view_order", permission))
    assert client.get(at(url, sync)).status_code == 200
    assert Action.objects.count() == 0


def test_an_auditor_gets_no_buttons_and_no_bulk_actions(as_auditor: Client, sync: Sync) -> None:
    page = as_auditor.get(f"/admin/syncflows/order/{sync.pk}/change/")
    assert page.context["buttons"] == []
    assert b"Retry the" not in as_auditor.get("/admin/syncflows/order/causes/").content
    assert as_auditor.get("/admin/syncflows/sync/").context["action_form"] is None
    post = {"action": "exclude_selected", "_selected_action": [sync.pk], "confirmed": "1", "reason": "no"}
    as_auditor.post("/admin/syncflows/sync/", post)
    sync.refresh_from_db()
    assert sync.state == "blocked"


@pytest.mark.parametrize("url", ["/admin/syncflows/order/add/", "/admin/syncflows/sync/add/"])
def test_nobody_adds_orders_by_hand(admin_client: Client, url: str) -> None:
    assert admin_client.get(url).status_code == 403


def test_nobody_deletes_orders(admin_client: Client, sync: Sync) -> None:
    assert admin_client.post(f"/admin/syncflows/order/{sync.pk}/delete/", {"post": "yes"}).status_code == 403
    assert Sync.objects.filter(pk=sync.pk).exists()

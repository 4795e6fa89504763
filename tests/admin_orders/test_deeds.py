"""Import, retry and exclude, from the page of one order, from lists and from a group."""

from __future__ import annotations

from html import unescape

import pytest
from django.contrib.auth.models import User
from django.test import Client

from shops.models import Shop
from syncflows.models import Action, Sync
from tests.factories import blocked, stage, written

TO_IMPORT = "/admin/syncflows/sync/"


def page_of(sync: Sync, deed: str) -> str:
    return f"/admin/syncflows/order/{sync.pk}/{deed}/"


def submit(client: Client, url: str, reason: str = "") -> str:
    """Send a dialog; returns where it leads to."""
    answer = client.post(url, {"_form_submitted": "True", "reason": reason})
    assert answer.status_code == 200
    return answer.headers.get("HX-Redirect", "")


def deeds() -> list[tuple[str, str, str, str]]:
    rows = Action.objects.order_by("sync__name").select_related("sync", "user")
    return [(a.sync.name, a.kind, a.reason, a.user.get_username() if a.user else "") for a in rows]


@pytest.mark.parametrize("deed", ["import", "retry"])
def test_one_order_is_taken_up_again(as_operator: Client, shop: Shop, deed: str) -> None:
    sync = blocked(shop, 1)
    assert submit(as_operator, page_of(sync, deed), "mended") == f"/admin/syncflows/order/{sync.pk}/change/"
    sync.refresh_from_db()
    assert sync.state == "pending"
    assert sync.released is (deed == "import")
    assert deeds() == [("#1", deed, "mended", "olga")]


def test_exclude_needs_a_reason(as_operator: Client, shop: Shop) -> None:
    sync = blocked(shop, 1)
    answer = as_operator.post(page_of(sync, "exclude"), {"_form_submitted": "True", "reason": "  "})
    assert "Say why the order is left out." in unescape(answer.content.decode())
    sync.refresh_from_db()
    assert sync.state == "blocked"
    submit(as_operator, page_of(sync, "exclude"), "Typed by hand")
    sync.refresh_from_db()
    assert (sync.state, sync.reason_code, sync.reason) == ("skipped", "EXCLUDED_BY_PERSON", "Typed by hand")
    assert deeds() == [("#1", "exclude", "Typed by hand", "olga")]


def test_opening_a_dialog_changes_nothing(as_operator: Client, shop: Shop) -> None:
    sync = blocked(shop, 1)
    page = unescape(as_operator.get(page_of(sync, "import")).content.decode())
    assert "69.27\xa0USD" in page
    assert "Item TEE-RED-XL is not in NetSuite." in page
    sync.refresh_from_db()
    assert sync.state == "blocked"


def test_a_deed_without_the_token_of_the_page_is_refused(operator: User, shop: Shop) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(operator)
    sync = blocked(shop, 1)
    answer = client.post(page_of(sync, "retry"), {"_form_submitted": "True", "reason": ""})
    assert answer.status_code == 403
    sync.refresh_from_db()
    assert sync.state == "blocked"


def test_an_order_that_is_gone_is_not_found(as_operator: Client, shop: Shop) -> None:
    answer = as_operator.post("/admin/syncflows/order/999/retry/", {"_form_submitted": "True", "reason": ""})
    assert answer.status_code == 404


def test_selected_orders_are_excluded_after_asking(as_operator: Client, shop: Shop) -> None:
    one, two, three = (
        blocked(shop, 1),
        stage(shop, 2, total="30.73"),
        stage(shop, 3, currency="JPY", total="500"),
    )
    post = {"action": "exclude_selected", "_selected_action": [one.pk, two.pk, three.pk]}
    page = unescape(as_operator.post(TO_IMPORT, post).content.decode())
    assert "3 orders, 500\xa0JPY, 100.00\xa0USD" in page
    assert Action.objects.count() == 0
    refused = as_operator.post(TO_IMPORT, {**post, "confirmed": "1", "reason": ""})
    assert "Say why the order is left out." in unescape(refused.content.decode())
    assert Action.objects.count() == 0
    done = as_operator.post(TO_IMPORT, {**post, "confirmed": "1", "reason": "Old shop"}, follow=True)
    assert [str(message) for message in done.context["messages"]] == ["3 orders excluded."]
    assert set(Sync.objects.values_list("state", flat=True)) == {"skipped"}
    assert deeds() == [(name, "exclude", "Old shop", "olga") for name in ("#1", "#2", "#3")]


def test_all_of_a_filter_not_only_the_page(as_operator: Client, shop: Shop) -> None:
    for number in range(1, 61):
        blocked(shop, number)
    first = Sync.objects.get(name="#1")
    other = blocked(shop, 99, value="MUG")
    post = {"action": "retry_selected", "_selected_action": [first.pk], "select_across": "1"}
    url = f"{TO_IMPORT}?value=TEE-RED-XL"
    assert "60 orders, 4,156.20\xa0USD" in unescape(as_operator.post(url, post).content.decode())
    as_operator.post(url, {**post, "confirmed": "1", "reason": ""})
    assert Sync.objects.filter(state="pending").count() == 60
    other.refresh_from_db()
    assert other.state == "blocked"


def test_what_is_in_the_erp_is_not_excluded_and_the_person_is_told(as_operator: Client, shop: Shop) -> None:
    inside, open_order = written(shop, 1), blocked(shop, 2)
    post = {
        "action": "exclude_selected",
        "_selected_action": [inside.pk, open_order.pk],
        "confirmed": "1",
        "reason": "x",
    }
    done = as_operator.post("/admin/syncflows/order/", post, follow=True)
    assert [str(message) for message in done.context["messages"]] == [
        "1 order excluded.",
        "Not touched: 1 order (in the ERP, being worked on, or excluded already).",
    ]
    inside.refresh_from_db()
    assert inside.state == "done"


def test_a_group_is_retried_whole(as_operator: Client, shop: Shop) -> None:
    for number in range(1, 4):
        blocked(shop, number)
    other = blocked(shop, 4, value="MUG")
    url = "/admin/syncflows/order/causes/retry/?state=blocked&cause=UNKNOWN_SKU&value=TEE-RED-XL"
    assert "3 orders, 207.81\xa0USD" in unescape(as_operator.get(url).content.decode())
    assert submit(as_operator, url, "created the item") == "/admin/syncflows/order/causes/"
    assert deeds() == [(name, "retry", "created the item", "olga") for name in ("#1", "#2", "#3")]
    other.refresh_from_db()
    assert other.state == "blocked"


@pytest.mark.parametrize("state", ["done", "running", "", "skipped"])
def test_an_address_made_by_hand_retries_nothing_else(as_operator: Client, shop: Shop, state: str) -> None:
    written(shop, 1)
    submit(as_operator, f"/admin/syncflows/order/causes/retry/?state={state}&cause=&value=")
    assert Action.objects.count() == 0

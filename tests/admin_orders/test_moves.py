"""Hold, release, restore, note, handled elsewhere, unlink, re-import, change location: what moves rows only."""

from __future__ import annotations

from html import unescape
from typing import cast

import pytest
from django.test import Client

from common.narrow import known
from erps.models import ReferenceRecord
from mappings.models import RecordLink
from shops.models import Shop
from shops.shopify.discovery import OrderHeader
from syncflows.actions.registry import registered
from syncflows.models import Action, OrderOverrides, Sync
from syncflows.models.overrides import choosers
from syncflows.pipeline.staging import _take_up
from syncflows.states import Hold
from tests.factories import NOON, blocked, make_person, stage, written


def page_of(sync: Sync, kind: str) -> str:
    return f"/admin/syncflows/order/{sync.pk}/{kind}/"


def submit(client: Client, sync: Sync, kind: str, **values: str) -> str:
    """Send a dialog; returns what the person is shown afterwards, or the dialog that came back."""
    answer = client.post(page_of(sync, kind), {"_form_submitted": "True", "reason": "", **values})
    assert answer.status_code == 200
    if "HX-Redirect" not in answer.headers:
        return unescape(answer.content.decode())
    page = client.get(answer.headers["HX-Redirect"])
    sync.refresh_from_db()
    return " ".join(str(message) for message in page.context["messages"])


def buttons(client: Client, sync: Sync) -> set[str]:
    page = client.get(f"/admin/syncflows/order/{sync.pk}/change/")
    return {button["deed"].kind for button in page.context["buttons"]}


def last_action() -> tuple[str, str, str, str]:
    action = Action.objects.select_related("user").latest("at")
    return action.kind, action.reason, action.result, action.user.get_username() if action.user else ""


def test_an_order_is_held_and_released(as_operator: Client, shop: Shop) -> None:
    sync = blocked(shop, 1)
    assert "Say what the order waits for." in submit(as_operator, sync, "hold")
    assert submit(as_operator, sync, "hold", reason="Call Ada first") == "1 order held."
    assert (sync.state, sync.hold, sync.reason_code, sync.reason) == (
        "pending", Hold.MANUAL, "HELD_BY_PERSON", "Call Ada first",
    )  # fmt: skip
    assert not Sync.objects.due().exists()
    assert {"release", "import"} <= buttons(as_operator, sync)
    assert "hold" not in buttons(as_operator, sync)
    assert submit(as_operator, sync, "release") == "1 order released."
    assert (sync.state, sync.hold, sync.reason, sync.released) == ("pending", Hold.NONE, "", False)
    assert Sync.objects.due().count() == 1
    assert last_action() == ("release", "", "", "olga")


@pytest.mark.parametrize("state", ["running", "done", "skipped"])
def test_what_is_not_open_is_not_held(as_operator: Client, shop: Shop, state: str) -> None:
    sync = stage(shop, 1, state=state)
    assert submit(as_operator, sync, "hold", reason="Wait").startswith("Not touched: 1 order")
    assert (sync.state, sync.hold) == (state, Hold.NONE)
    assert Action.objects.count() == 0


def test_an_excluded_order_is_restored(as_operator: Client, shop: Shop) -> None:
    sync = stage(shop, 1, state="skipped", reason_code="TEST_ORDER", reason="Order #1 is a test order.")
    assert submit(as_operator, sync, "restore") == "1 order restored."
    assert (sync.state, sync.released) == ("pending", False)
    assert submit(as_operator, sync, "restore").startswith("Not touched")


def test_a_note_stays_on_the_timeline_and_does_nothing_else(as_operator: Client, shop: Shop) -> None:
    sync = written(shop, 1)
    assert "Write the note." in submit(as_operator, sync, "note")
    submit(as_operator, sync, "note", reason="Ada called: deliver after <b>Monday</b>")
    assert sync.state == "done"
    page = as_operator.get(f"/admin/syncflows/order/{sync.pk}/change/").content.decode()
    assert "Ada called: deliver after &lt;b&gt;Monday&lt;/b&gt;" in page


def test_handled_elsewhere_needs_the_place(as_operator: Client, shop: Shop) -> None:
    sync = blocked(shop, 1)
    assert "Say where the order is booked." in submit(as_operator, sync, "elsewhere", reason="By hand")
    told = submit(as_operator, sync, "elsewhere", reference="JE-2041", reason="By hand")
    assert told == "Handled elsewhere: JE-2041. By hand"
    assert (sync.state, sync.reason_code, sync.reason_value) == ("skipped", "HANDLED_ELSEWHERE", "JE-2041")
    assert last_action() == ("elsewhere", "By hand", "Handled elsewhere: JE-2041. By hand", "olga")


def test_an_excluded_order_can_be_handled_elsewhere(as_operator: Client, shop: Shop) -> None:
    sync = stage(shop, 1, state="skipped", reason_code="CANCELLED")
    submit(as_operator, sync, "elsewhere", reference="JE-7")
    assert (sync.state, sync.reason_code) == ("skipped", "HANDLED_ELSEWHERE")


def test_unlinking_leaves_the_order_out_for_good(as_operator: Client, shop: Shop) -> None:
    sync = written(shop, 1)
    assert "Say why" in submit(as_operator, sync, "unlink")
    told = submit(as_operator, sync, "unlink", reason="Belongs to #2")
    assert told == "Order #1 was unlinked from SO-1."
    assert (sync.state, sync.reason_code, sync.reason) == (
        "skipped", "UNLINKED_BY_PERSON", "Unlinked from SO-1: Belongs to #2",
    )  # fmt: skip
    assert RecordLink.objects.get().unlinked_at is not None
    assert (sync.order.document_number, sync.order.document_total, sync.order.fingerprint) == ("", None, {})
    assert "unlink" not in buttons(as_operator, sync)
    assert submit(as_operator, sync, "unlink", reason="again") == "Order #1 is not linked to a document."


@pytest.mark.parametrize("code", ["EXCLUDED_BY_PERSON", "UNLINKED_BY_PERSON", "HANDLED_ELSEWHERE"])
def test_news_from_shopify_do_not_bring_back_what_a_person_left_out(shop: Shop, code: str) -> None:
    sync = stage(shop, 1, state="skipped", reason_code=code)
    by_rule = stage(shop, 2, state="skipped", reason_code="TEST_ORDER")
    _take_up([(row, cast("OrderHeader", _Header())) for row in (sync, by_rule)])
    sync.refresh_from_db()
    by_rule.refresh_from_db()
    assert (sync.state, by_rule.state) == ("skipped", "pending")


class _Header:
    """What staging reads of a header."""

    updated_at = NOON


def test_re_import_reads_the_document_again(as_operator: Client, shop: Shop) -> None:
    sync = written(shop, 1)
    assert submit(as_operator, sync, "reimport") == "1 order will be fetched and compared again."
    assert sync.state == "pending"
    assert RecordLink.objects.get().verified_at is None
    fresh = blocked(shop, 2)
    assert "reimport" not in buttons(as_operator, fresh)
    assert submit(as_operator, fresh, "reimport").startswith("Not touched")


@pytest.mark.parametrize(
    ("kind", "what", "words"),
    [("location", "Location", "Change location"), ("ship_method", "Ship method", "Change ship method")],
)
def test_location_and_ship_method_of_one_order(
    as_operator: Client, shop: Shop, kind: str, what: str, words: str
) -> None:
    for number, name, inactive in (("4", "East DC", False), ("5", "Old DC", True)):
        ReferenceRecord.objects.create(
            connection=known(shop.erp_connection), kind=kind, erp_id=number, name=name,
            is_inactive=inactive, fetched_at=NOON,
        )  # fmt: skip
    sync = blocked(shop, 1)
    dialog = unescape(as_operator.get(page_of(sync, kind)).content.decode())
    assert "East DC" in dialog
    assert "Old DC" not in dialog
    assert "Choose a" in submit(as_operator, sync, kind)
    assert "Select a valid choice" in submit(as_operator, sync, kind, record="5")
    assert submit(as_operator, sync, kind, record="4", reason="Nearer") == f"{what} of order #1: East DC."
    assert sync.state == "pending"
    row = OrderOverrides.objects.get()
    chosen = row.chosen(choosers([sync.pk]))
    assert getattr(chosen, kind) is not None
    assert (getattr(chosen, kind).id, getattr(chosen, f"{kind}_by"), row.reason) == ("4", "olga", "Nearer")
    page = unescape(as_operator.get(f"/admin/syncflows/order/{sync.pk}/change/").content.decode())
    assert "Chosen for this order" in page
    assert words in page
    assert submit(as_operator, sync, "clear_overrides") == f"Cleared: {what} East DC."
    assert not OrderOverrides.objects.exists()


def test_a_written_order_keeps_its_location(as_operator: Client, shop: Shop) -> None:
    ReferenceRecord.objects.create(
        connection=known(shop.erp_connection), kind="location", erp_id="4", name="East DC", fetched_at=NOON
    )
    sync = written(shop, 1)
    assert "location" not in buttons(as_operator, sync)
    assert "is not changed any more" in submit(as_operator, sync, "location", record="4")
    assert not OrderOverrides.objects.exists()


@pytest.mark.parametrize("kind", list(registered()))
def test_each_action_is_refused_without_its_permission(client: Client, shop: Shop, kind: str) -> None:
    action = registered()[kind]
    sync = written(shop, 1)
    others = [
        a.permission.partition(".")[2] for a in registered().values() if a.permission != action.permission
    ]
    client.force_login(make_person("nearly", "view_order", *others))
    answer = client.post(page_of(sync, kind), {"_form_submitted": "True", "reason": "because"})
    assert answer.status_code == 403
    assert Action.objects.count() == 0
    assert kind not in buttons(client, sync)

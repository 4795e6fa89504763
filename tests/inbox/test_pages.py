"""The inbox, privacy requests and the webhooks on the shop's page: seen, replayed, answered by those who may."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from auditlog.models import LogEntry
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from common.clock import now
from shops.models import Shop
from syncflows import jobs
from syncflows.inbox.erasing import blank
from syncflows.models import InboxEvent, PrivacyRequest, WebhookEndpoint
from tests.factories import stage
from tests.inbox.knocking import Door
from tests.shops.sandboxed import Store

LIST = reverse("admin:syncflows_inboxevent_changelist")


@pytest.fixture
def client_of(db: None) -> Callable[[str], Client]:
    """Sign in as somebody with one role."""

    def sign_in(role: str) -> Client:
        user = User.objects.create_user(f"{role}-person", is_staff=True)
        user.groups.add(Group.objects.get(name=role))
        client = Client()
        client.force_login(user)
        return client

    return sign_in


def page_of(event: InboxEvent) -> str:
    return reverse("admin:syncflows_inboxevent_change", args=[event.pk])


def test_the_page_shows_what_came_and_what_became_of_it_and_trusts_nothing(
    door: Door, client_of: Callable[[str], Client]
) -> None:
    sync = stage(door.shop, 1001)
    body = {"id": int(sync.source_id), "note": "<script>alert(1)</script>", "access_token": "shpat_secret"}
    door.knock("customers/update", body, X_Shopify_Name="<b>hub</b>")
    jobs.route_inbox()
    InboxEvent.objects.update(sync=sync)
    page = client_of("support").get(page_of(InboxEvent.objects.get())).content.decode()
    assert "Kept for the customer sync" in page
    assert reverse("admin:syncflows_order_change", args=[sync.pk]) in page
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert(1)" not in page
    assert "<b>hub" not in page
    assert "shpat_secret" not in page
    blank(InboxEvent.objects.all(), "retention")
    assert "(retention)." in client_of("finance").get(page_of(InboxEvent.objects.get())).content.decode()


def test_a_list_of_thirty_costs_what_a_list_of_two_costs(
    door: Door, client_of: Callable[[str], Client]
) -> None:
    client, sync = client_of("auditor"), stage(door.shop, 1001)

    def fill(numbers: range) -> int:
        for number in numbers:
            door.knock("products/update", webhook_id=f"w-{number}", event_id=f"e-{number}")
        InboxEvent.objects.update(sync=sync)
        with CaptureQueriesContext(connection) as seen:
            assert client.get(LIST).status_code == 200
        return len(seen)

    fill(range(2))
    few = fill(range(2))
    assert fill(range(2, 30)) == few
    assert few <= 14


def test_what_is_searched_is_found(door: Door, client_of: Callable[[str], Client]) -> None:
    client = client_of("support")
    door.knock("products/update", {"id": 4711}, webhook_id="w-1", event_id="e-1")
    door.knock("disputes/create", {"id": 4712}, webhook_id="w-2", event_id="e-2")
    jobs.route_inbox()
    for query, topics in (
        ({"q": "4711"}, ["products/update"]),
        ({"topic": "disputes/create"}, ["disputes/create"]),
    ):
        found = client.get(LIST, query).context["cl"].queryset
        assert [event.topic for event in found] == topics


def test_one_is_replayed_by_those_who_may(door: Door, client_of: Callable[[str], Client]) -> None:
    door.knock("products/update")
    jobs.route_inbox()
    event = InboxEvent.objects.get()
    address = reverse("admin:syncflows_inboxevent_replay_one", args=[event.pk])
    assert client_of("support").post(address).status_code == 403
    operations = client_of("operations")
    assert operations.get(address).status_code == 200  # asks first
    assert InboxEvent.objects.get().state == "kept"
    assert operations.post(address, {"_form_submitted": "1"}).headers["HX-Redirect"] == page_of(event)
    event = InboxEvent.objects.get()
    assert (event.state, event.replays, str(event.replayed_by)) == ("received", 1, "operations-person")
    jobs.route_inbox()
    assert InboxEvent.objects.get().state == "kept"


def test_all_of_a_filter_are_replayed_after_a_question(
    door: Door, client_of: Callable[[str], Client]
) -> None:
    for number in range(60):  # more than a page of the list
        topic = "products/update" if number else "disputes/create"
        door.knock(topic, webhook_id=f"w-{number}", event_id=f"e-{number}")
    jobs.route_inbox()
    blank(InboxEvent.objects.filter(webhook_id="w-59"), "retention")
    client, first = (
        client_of("operations"),
        InboxEvent.objects.filter(topic="products/update").latest("pk").pk,
    )
    given = {"action": "replay_selected", "select_across": "1", "_selected_action": str(first), "index": "0"}
    asked = client.post(f"{LIST}?topic=products/update", given)
    assert "Replay 58 webhooks" in asked.content.decode()
    assert not InboxEvent.objects.filter(state="received").exists()
    assert client.post(f"{LIST}?topic=products/update", {**given, "confirmed": "1"}).status_code == 302
    assert InboxEvent.objects.filter(state="received").count() == 58
    client_of("support").post(LIST, {**given, "confirmed": "1"})
    assert InboxEvent.objects.filter(replays__gt=1).count() == 0


def test_collected_data_is_downloaded_and_answered_by_an_administrator_only(
    door: Door, client_of: Callable[[str], Client]
) -> None:
    body = {"shop_id": 1, "shop_domain": door.shop.domain, "customer": {"id": 9, "email": "a@example.com"},
            "orders_requested": [], "data_request": {"id": 77}}  # fmt: skip
    door.knock("customers/data_request", body)
    jobs.route_inbox()
    jobs.answer_privacy(PrivacyRequest.objects.get().pk)
    request = PrivacyRequest.objects.get()
    page = reverse("admin:syncflows_privacyrequest_change", args=[request.pk])
    report = reverse("admin:syncflows_privacyrequest_report", args=[request.pk])
    answer = reverse("admin:syncflows_privacyrequest_mark_answered", args=[request.pk])
    for role in ("support", "finance", "operations"):
        client = client_of(role)
        assert [client.get(page).status_code, client.get(report).status_code] == [403, 403]
    auditor = client_of("auditor")
    assert [auditor.get(page).status_code, auditor.get(report).status_code] == [200, 403]
    boss = client_of("administrator")
    assert "Download the data" in boss.get(page).content.decode()
    file = boss.get(report)
    assert file.headers["Content-Disposition"] == f'attachment; filename="privacy-request-{request.pk}.json"'
    assert json.loads(file.content)["request_id"] == "77"
    boss.post(answer, {"_form_submitted": "1"})
    assert PrivacyRequest.objects.get().state == "done"
    assert boss.get(report).status_code == 404
    entries = LogEntry.objects.get_for_model(PrivacyRequest).order_by("timestamp")
    assert [entry.get_action_display() for entry in entries] == ["create", "update", "update"]
    assert entries.latest("timestamp").actor == User.objects.get(username="administrator-person")
    assert "a@example.com" not in json.dumps([entry.changes for entry in entries])


def test_webhooks_are_registered_and_removed_on_the_shops_page(
    shop_door: Door, store: Store, client_of: Callable[[str], Client]
) -> None:
    shop = shop_door.shop
    Shop.objects.update(scopes="write_orders read_returns write_fulfillments read_locations")
    register, remove = (
        reverse(f"admin:shops_shop_{name}_webhooks", args=[shop.pk]) for name in ("register", "remove")
    )
    assert client_of("finance").post(register).status_code == 403
    boss = client_of("administrator")
    boss.post(register, {"_form_submitted": "1"})
    page = boss.get(reverse("admin:shops_shop_change", args=[shop.pk])).content.decode()
    assert "24 of 24 topics are registered. None has come yet." in page
    assert f"/webhooks/shopify/{WebhookEndpoint.objects.get().token}/" in page
    assert "order_transactions/create" in page
    boss.post(reverse("admin:shops_shop_test_connection", args=[shop.pk]), {"_form_submitted": "1"})
    lines = boss.get(reverse("admin:shops_shop_checks", args=[shop.pk])).content.decode()
    assert "24 of 24 topics are registered" in lines
    boss.post(remove, {"_form_submitted": "1"})
    assert store.sandbox.documents.all(store.name, "WebhookSubscription") == []


def test_a_disconnected_shop_says_so_until_it_is_connected_again(
    shop_door: Door, store: Store, client_of: Callable[[str], Client]
) -> None:
    Shop.objects.update(disconnected_at=now())
    boss, address = client_of("administrator"), reverse("admin:shops_shop_change", args=[shop_door.shop.pk])
    assert "DISCONNECTED since" in boss.get(address).content.decode()
    boss.post(reverse("admin:shops_shop_test_connection", args=[shop_door.shop.pk]), {"_form_submitted": "1"})
    assert "DISCONNECTED since" not in boss.get(address).content.decode()


def test_a_changed_client_secret_keeps_the_old_one_for_a_week(
    door: Door, client_of: Callable[[str], Client]
) -> None:
    from tests.admin_setup.test_secrets import shop_form

    boss, old = client_of("administrator"), door.shop.client_secret
    address = reverse("admin:shops_shop_change", args=[door.shop.pk])
    form: dict[str, Any] = shop_form(door.shop, client_secret="THE-NEXT-ONE")
    assert boss.post(address, form).status_code == 302
    shop = Shop.objects.get()
    assert (shop.webhook_secrets(), shop.previous_client_secret) == (["THE-NEXT-ONE", old], old)
    page = boss.get(address).content.decode()
    assert old not in page
    assert "THE-NEXT-ONE" not in page

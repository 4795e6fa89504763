"""What becomes of what came in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from common.clock import now
from shops.models import Location, Shop
from syncflows import jobs, schedules
from syncflows.models import Cursor, EventState, InboxEvent, OrderRules, Sync
from syncflows.models.inbox import LEASE
from tests.inbox.knocking import Door, make_door
from tests.shops.sandboxed import Store, source_id

PLACED = "2026-11-01T10:00:00Z"


def settled(number: int = -1) -> tuple[str, str, str]:
    """State, code and first words of the reason of an event, the last one by default."""
    event = InboxEvent.objects.order_by("pk")[number] if number >= 0 else InboxEvent.objects.latest("pk")
    return event.state, event.code, event.reason


def test_an_order_the_hub_never_saw_is_staged(shop_door: Door, store: Store) -> None:
    order = store.add(name="#1001", lines=[{"sku": "TEE"}])
    shop_door.knock("orders/create", {"id": int(source_id(order)), "name": "forged name"})
    assert jobs.route_inbox() == 1
    sync = Sync.objects.get()
    assert (sync.source_id, sync.name, sync.state, sync.order.currency) == (
        source_id(order),
        "#1001",
        "pending",
        "USD",
    )
    event = InboxEvent.objects.get()
    assert (event.state, event.source_id, event.sync) == ("routed", sync.source_id, sync)
    assert event.routed_at is not None
    assert store.operations == {"OrderHeadersById": 1}
    assert not Cursor.objects.filter(position__isnull=False).exists()


def test_a_known_order_is_taken_up_when_it_changed_and_left_alone_when_not(
    shop_door: Door, store: Store
) -> None:
    order = store.add(name="#1001", lines=[{"sku": "TEE"}])
    gid = int(source_id(order))
    shop_door.knock("orders/create", {"id": gid}, webhook_id="w-1", event_id="e-1")
    jobs.route_inbox()
    Sync.objects.update(state="done", done_at=now(), due_at=now() - timedelta(days=1))
    shop_door.knock("orders/updated", {"id": gid}, webhook_id="w-2", event_id="e-1")
    jobs.route_inbox()
    assert settled() == ("unchanged", "", "The hub has seen this change already.")
    assert Sync.objects.get().state == "done"
    store.put({**order, "updatedAt": "2026-11-02T10:00:00Z"})
    shop_door.knock("orders/updated", {"id": gid}, webhook_id="w-3", event_id="e-2")
    jobs.route_inbox()
    assert settled() == ("routed", "", "The order is looked at again.")
    assert Sync.objects.get().state == "pending"


@pytest.mark.parametrize(
    ("topic", "body"),
    [
        ("refunds/create", {"id": 1, "order_id": 0}),
        ("fulfillments/update", {"id": 1, "order_id": 0}),
        ("order_transactions/create", {"id": 1, "order_id": 0}),
        ("returns/close", {"id": 1, "order_id": 0}),
        ("returns/request", {"id": 1, "order": {"id": 0}}),
        ("orders/edited", {"order_edit": {"id": 1, "order_id": 0}}),
    ],
)
def test_what_hangs_on_an_order_has_it_looked_at_whatever_its_stamp_says(
    shop_door: Door, store: Store, topic: str, body: dict[str, Any]
) -> None:
    number = int(source_id(store.add(name="#1001", lines=[{"sku": "TEE"}])))
    shop_door.knock("orders/create", {"id": number}, webhook_id="w-1")
    jobs.route_inbox()
    Sync.objects.update(state="done")
    for part in (body, body.get("order"), body.get("order_edit")):
        if part:
            part.update({key: number for key, value in part.items() if value == 0})
    shop_door.knock(topic, body, webhook_id="w-2", event_id="e-2")
    jobs.route_inbox()
    assert (settled()[0], Sync.objects.get().state) == ("routed", "pending")


def test_a_running_order_is_marked_stale_and_one_a_person_left_out_stays_out(
    shop_door: Door, store: Store
) -> None:
    numbers = [int(source_id(store.add(name=name, lines=[{"sku": "TEE"}]))) for name in ("#1", "#2")]
    for number in numbers:
        shop_door.knock("orders/create", {"id": number}, webhook_id=f"a{number}", event_id=f"a{number}")
    jobs.route_inbox()
    Sync.objects.filter(name="#1").update(state="running")
    Sync.objects.filter(name="#2").update(state="skipped", reason_code="EXCLUDED_BY_PERSON")
    for number in numbers:
        shop_door.knock(
            "refunds/create", {"order_id": number}, webhook_id=f"b{number}", event_id=f"b{number}"
        )
    jobs.route_inbox()
    assert list(Sync.objects.order_by("name").values_list("state", "stale")) == [
        ("running", True),
        ("skipped", False),
    ]


def test_many_events_of_many_orders_cost_one_question(shop_door: Door, store: Store) -> None:
    numbers = [int(source_id(store.add(name=f"#{n}", lines=[{"sku": "TEE"}]))) for n in range(12)]
    for number in numbers:
        for topic in ("orders/create", "orders/updated", "orders/paid"):
            shop_door.knock(topic, {"id": number}, webhook_id=f"{topic}{number}", event_id=str(number))
    assert jobs.route_inbox() == 36
    assert store.operations == {"OrderHeadersById": 1}
    assert Sync.objects.count() == 12
    assert not InboxEvent.objects.exclude(state="routed").exists()


def test_a_second_delivery_of_one_event_is_a_repeat_of_the_first(shop_door: Door, store: Store) -> None:
    number = int(source_id(store.add(name="#1001", lines=[{"sku": "TEE"}])))
    shop_door.knock("orders/create", {"id": number}, webhook_id="w-1", event_id="e-1")
    shop_door.knock("orders/create", {"id": number}, webhook_id="w-2", event_id="e-1")
    shop_door.knock("orders/paid", {"id": number}, webhook_id="w-3", event_id="e-1")
    jobs.route_inbox()
    first, repeat, other = InboxEvent.objects.order_by("pk")
    assert (repeat.state, repeat.duplicate_of, repeat.source_id) == ("duplicate", first, str(number))
    assert (first.state, other.state) == ("routed", "routed")


def test_orders_that_are_gone_or_too_old_say_so(shop_door: Door, store: Store) -> None:
    shop_door.knock("orders/delete", {"id": 123456789012}, webhook_id="w-1", event_id="e-1")
    old = int(source_id(store.add(name="#1001", lines=[{"sku": "TEE"}])))
    OrderRules.objects.create(shop=shop_door.shop, import_since=datetime(2026, 11, 2, tzinfo=UTC))
    shop_door.knock("orders/updated", {"id": old}, webhook_id="w-2", event_id="e-2")
    jobs.route_inbox()
    assert settled(0) == ("unchanged", "", "The order is not in Shopify any more, and the hub never had it.")
    assert settled(1) == ("unchanged", "", "The order was placed before the day the shop's import begins.")
    assert not Sync.objects.exists()


@pytest.mark.parametrize(
    ("topic", "state", "words"),
    [
        ("customers/update", "kept", "customer sync"),
        ("companies/create", "kept", "company sync"),
        ("products/update", "kept", "product sync"),
        ("inventory_levels/update", "kept", "stock sync"),
        ("disputes/create", "kept", "payouts and disputes"),
        ("payouts/create", "kept", "payouts and disputes"),
        ("bulk_operations/finish", "kept", "waits for a bulk operation"),
        ("checkouts/create", "no_rule", "no use for this topic"),
        ("", "no_rule", "no use for this topic"),
    ],
)
def test_what_nothing_reads_yet_says_so(door: Door, topic: str, state: str, words: str) -> None:
    door.knock(topic, {"id": 7, "inventory_item_id": 8})
    jobs.route_inbox()
    assert settled()[0] == state
    assert words in settled()[2]


def test_locations_are_read_again_once_for_many_events(shop_door: Door, store: Store) -> None:
    for number in range(3):
        shop_door.knock("locations/update", {"id": 71001}, webhook_id=f"w-{number}", event_id=f"e-{number}")
    jobs.route_inbox()
    assert [settled(number) for number in range(3)] == [
        ("done", "", "The store's locations were read again: 2.")
    ] * 3  # fmt: skip
    assert store.operations == {"Locations": 1}
    assert Location.objects.filter(shop=shop_door.shop).count() == 2


def test_scopes_are_read_again(shop_door: Door, store: Store) -> None:
    shop_door.knock("app/scopes_update", {"current": ["everything"]})
    jobs.route_inbox()
    assert settled()[0] == "done"
    scopes = Shop.objects.get().scopes.split()
    assert "write_orders" in scopes
    assert "everything" not in scopes


def test_uninstalling_is_believed_only_when_shopify_says_so_too(shop_door: Door, store: Store) -> None:
    shop_door.knock("app/uninstalled", {"id": 1}, webhook_id="w-1", event_id="e-1")
    jobs.route_inbox()
    assert settled()[0] == "unchanged"
    assert Shop.objects.get().disconnected_at is None
    store.sandbox.tokens.install(store.name, False)
    shop_door.knock("app/uninstalled", {"id": 1}, webhook_id="w-2", event_id="e-2")
    jobs.route_inbox()
    assert settled()[0] == "done"
    shop = Shop.objects.get()
    assert shop.disconnected_at is not None
    OrderRules.objects.create(shop=shop, enabled=True)
    assert schedules.tick() == 0
    assert jobs.discover_shop(shop.pk) == 0


@pytest.mark.parametrize("raw", [b"", b"[1]", b"{", b"\xff\xfe", b"[" * 100_000])
def test_a_body_that_is_no_order_needs_a_person_and_costs_nobody_else(door: Door, raw: bytes) -> None:
    door.knock(raw=raw, webhook_id="w-1")
    door.knock("products/update", webhook_id="w-2", event_id="e-2")
    jobs.route_inbox()
    assert settled(0)[:2] == ("failed", "WEBHOOK_UNREADABLE")
    assert settled(1)[0] == "kept"


def test_shopify_out_of_reach_means_later(shop_door: Door, store: Store) -> None:
    number = int(source_id(store.add(name="#1001", lines=[{"sku": "TEE"}])))
    store.sandbox.faults.serve("POST", {"action": "status_500", "match": {"operation": "OrderHeadersById"}})
    shop_door.knock("orders/create", {"id": number})
    jobs.route_inbox()
    event = InboxEvent.objects.get()
    assert (event.state, event.code, event.retries) == ("received", "SHOPIFY_DOWN", 1)
    assert now() + timedelta(seconds=25) < event.due_at < now() + timedelta(seconds=45)
    store.sandbox.faults.clear()
    InboxEvent.objects.update(due_at=now())
    jobs.route_inbox()
    assert Sync.objects.count() == 1
    assert settled()[:2] == ("routed", "")


def test_a_shop_that_is_switched_off_routes_nothing(shop_door: Door) -> None:
    Shop.objects.update(is_active=False)
    assert shop_door.knock().status_code == 200
    jobs.route_inbox()
    assert settled()[0] == "unchanged"


def test_a_lost_wake_up_costs_nothing(door: Door) -> None:
    """No task is left, the worker that took the event died: the tick asks again once its lease is over."""
    from django.apps import apps

    tasks = apps.get_model("django_q", "OrmQ")
    door.knock("products/update")
    tasks.objects.all().delete()
    schedules.tick()
    assert tasks.objects.count() == 1
    tasks.objects.all().delete()
    assert len(InboxEvent.objects.take(10)) == 1
    schedules.tick()
    assert tasks.objects.count() == 0
    InboxEvent.objects.update(due_at=now() - LEASE)
    schedules.tick()
    assert tasks.objects.count() == 1


def test_an_event_that_kills_its_worker_is_taken_alone_and_then_needs_a_person(door: Door) -> None:
    door.knock("products/update", webhook_id="w-1", event_id="e-1")
    for _ in range(3):
        assert [event.webhook_id for event in InboxEvent.objects.take(10)] == ["w-1"]
        InboxEvent.objects.update(due_at=now())
    door.knock("products/update", webhook_id="w-2", event_id="e-2")
    assert [event.webhook_id for event in InboxEvent.objects.take(10)] == ["w-2"]
    assert settled(0)[:2] == (EventState.FAILED, "WEBHOOK_LOST")


def test_a_shop_out_of_reach_holds_up_no_other(shop_door: Door, store: Store) -> None:
    """Events are taken shop by shop, so that one whose Shopify does not answer costs its own batch only."""
    other = make_door("other")
    shop_door.knock("products/update")
    other.knock("products/update")
    assert [event.shop.key for event in InboxEvent.objects.take(10)] == ["demo"]
    assert [event.shop.key for event in InboxEvent.objects.take(10)] == ["other"]

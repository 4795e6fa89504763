"""The hub's own subscriptions: made, found wrong, mended, and the gap behind them searched."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import LazySettings

from common.clock import now
from common.errors import NeedsPerson
from shops.models import Shop
from shops.shopify.connection import check_shop
from syncflows import jobs, schedules
from syncflows.inbox.standing import standing
from syncflows.inbox.subscriptions import address_of, check_reachable, endpoint_for, remove_all, watch
from syncflows.inbox.topics import NEEDS
from syncflows.models import FLOW_ORDERS, Cursor, SubscriptionState, WebhookEndpoint, WebhookSubscription
from syncflows.pipeline.staging import discover, replay_from
from tests.inbox.knocking import Door, make_door
from tests.shops.sandboxed import Store

SEEN = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.fixture
def shop(shop_door: Door) -> Shop:
    """The sandbox's shop, its scopes read."""
    check_shop(shop_door.shop)
    return Shop.objects.get()


def at_shopify(store: Store) -> dict[str, tuple[str, str]]:
    """Address and API version of every subscription, by topic."""
    rows = store.sandbox.documents.all(store.name, "WebhookSubscription")
    return {row["topic"]: (row["uri"], row["apiVersion"]["handle"]) for row in rows}


def change(store: Store, topic: str, **fields: Any) -> None:
    """Change a subscription behind the hub's back; without fields it is removed, as Shopify does after failures."""
    documents = store.sandbox.documents
    (row,) = [row for row in documents.all(store.name, "WebhookSubscription") if row["topic"] == topic]
    if fields:
        documents.put(store.name, "WebhookSubscription", {**row, **fields})
    else:
        documents.delete(store.name, "WebhookSubscription", row["id"])


def test_every_topic_is_registered_once_in_the_hubs_version(shop: Shop, store: Store) -> None:
    watched = watch(shop, replay_from)
    address = f"http://localhost:8000/webhooks/shopify/{WebhookEndpoint.objects.get().token}/"
    assert len(address.split("/")[-2]) == 43  # 256 bits
    assert at_shopify(store) == {topic.replace("/", "_").upper(): (address, "2026-10") for topic in NEEDS}
    assert (len(watched.mended), watched.good, watched.gap) == (24, [], None)
    again = watch(shop, replay_from)
    assert (again.mended, len(again.good), again.gap) == ([], 24, None)
    assert store.operations["WebhookSubscriptionCreate"] == 24
    assert set(WebhookSubscription.objects.values_list("state", flat=True)) == {"registered"}


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"uri": "https://an-old-address.example.com/webhooks/"},
        {"apiVersion": {"handle": "2026-01", "displayName": "2026-01", "supported": True}},
        {"includeFields": ["id"]},
        {"filter": "total_price:>=10.00"},
    ],
)
def test_what_was_removed_or_changed_is_mended_and_the_gap_is_searched(
    shop: Shop, store: Store, fields: dict[str, Any]
) -> None:
    watch(shop, replay_from)
    WebhookSubscription.objects.update(seen_at=SEEN)
    Cursor.objects.create(shop=shop, flow=FLOW_ORDERS, position=now())
    change(store, "ORDERS_UPDATED", **fields)
    assert jobs.watch_shop(shop.pk) == 1
    assert at_shopify(store)["ORDERS_UPDATED"] == (address_of(endpoint_for(shop)), "2026-10")
    assert len(at_shopify(store)) == 24
    row = WebhookSubscription.objects.get(topic="orders/updated")
    assert row.mended == 1
    assert row.seen_at is not None
    assert row.seen_at > SEEN
    assert Cursor.objects.get().replay_from == SEEN


def test_the_search_after_a_gap_begins_before_it_once(shop: Shop, store: Store) -> None:
    """The order of the gap was changed before the cursor: an ordinary search would not bring it again."""
    store.add(name="#1001", lines=[{"sku": "TEE"}])  # changed 1 Nov
    Cursor.objects.create(shop=shop, flow=FLOW_ORDERS, position=datetime(2026, 11, 19, tzinfo=UTC))
    assert discover(shop).seen == 0
    replay_from(shop, datetime(2026, 11, 1, 9, tzinfo=UTC))
    replay_from(shop, datetime(2026, 11, 5, tzinfo=UTC))  # a later wish does not shorten it
    assert discover(shop).new == 1
    assert Cursor.objects.get().replay_from is None
    assert discover(shop).seen == 0


def test_without_a_scope_its_topics_are_left_out_and_come_with_it(shop: Shop, store: Store) -> None:
    Shop.objects.update(scopes="read_orders read_locations")
    watch(Shop.objects.get(), replay_from)
    missing = WebhookSubscription.objects.filter(state=SubscriptionState.NO_SCOPE)
    assert set(missing.values_list("note", flat=True)) == {
        "The app lacks read_returns.", "The app lacks read_fulfillments."
    }  # fmt: skip
    assert missing.count() == 10
    assert standing(shop).ok
    assert (
        "14 of 24 topics are registered. None has come yet. Not: fulfillments/create" in standing(shop).detail
    )
    watch(shop, replay_from)
    assert len(at_shopify(store)) == 24


def test_subscriptions_of_others_are_left_alone(shop: Shop, store: Store) -> None:
    watch(shop, replay_from)
    other = make_door(
        "other", api_base_url=shop.api_base_url, domain=shop.domain, access_token="shpat_demo_static"
    ).shop
    Shop.objects.filter(pk=other.pk).update(scopes=shop.scopes)
    watch(Shop.objects.get(pk=other.pk), replay_from)
    assert len(store.sandbox.documents.all(store.name, "WebhookSubscription")) == 48
    assert remove_all(shop) == 24
    assert set(at_shopify(store).values()) == {(address_of(endpoint_for(other)), "2026-10")}
    assert not WebhookEndpoint.objects.get(shop=shop).wanted


def test_a_topic_shopify_refuses_keeps_no_other_from_being_registered(
    shop: Shop, store: Store, settings: LazySettings
) -> None:
    settings.HUB_PUBLIC_URL = (
        "http://hub.example.com"  # the sandbox takes loopback addresses without https, no others
    )
    watch(shop, replay_from)
    assert at_shopify(store) == {}
    rows = WebhookSubscription.objects.filter(state=SubscriptionState.REFUSED)
    assert rows.count() == 24
    assert "Address protocol http:// is not supported" in rows[0].note
    assert not standing(shop).ok


@pytest.mark.parametrize(
    ("address", "reachable"),
    [
        ("https://hub.example.com", True),
        ("http://hub.example.com", False),
        ("http://localhost:8000", False),
        ("https://localhost", False),
        ("https://127.0.0.1", False),
        ("https://10.1.2.3", False),
        ("https://hub", False),
        ("https://hub.internal", False),
        ("https://203.0.113.5", False),  # an address for documentation
        ("https://8.8.8.8", True),
    ],
)
def test_nothing_is_registered_at_shopify_for_an_address_it_cannot_reach(
    door: Door, settings: LazySettings, address: str, reachable: bool
) -> None:
    settings.HUB_PUBLIC_URL = address
    if reachable:
        check_reachable(door.shop)
        return
    with pytest.raises(NeedsPerson, match="Shopify cannot reach this hub at"):
        watch(door.shop, replay_from)
    assert WebhookEndpoint.objects.get().error_code == "WEBHOOK_ADDRESS"
    line = standing(door.shop)
    assert (line.ok, "HUB_PUBLIC_URL" in line.fix) == (True, True)  # nobody asked for webhooks


def test_without_a_client_secret_nothing_is_registered(door: Door) -> None:
    Shop.objects.update(client_secret="")
    with pytest.raises(NeedsPerson, match="has no client secret"):
        check_reachable(Shop.objects.get())


def test_the_hub_looks_every_hour_and_one_worker_does(shop: Shop) -> None:
    watch(shop, replay_from)
    due = WebhookEndpoint.objects.get().next_watch_at
    assert due is not None
    assert timedelta(minutes=59) < due - now() < timedelta(minutes=61)
    WebhookEndpoint.objects.update(next_watch_at=now() - timedelta(seconds=1))
    from django.apps import apps

    tasks = apps.get_model("django_q", "OrmQ")
    tasks.objects.all().delete()
    schedules.tick()
    schedules.tick()
    assert [each.func() for each in tasks.objects.all()] == ["syncflows.jobs.watch_shop"]


def test_how_they_stand_in_words(shop: Shop, store: Store, shop_door: Door) -> None:
    assert standing(shop).detail == "Not registered: orders are found by the regular search only."
    watch(shop, replay_from)
    assert standing(shop).detail == "24 of 24 topics are registered. None has come yet."
    shop_door.knock()
    assert standing(shop).detail == "24 of 24 topics are registered. The last one came 0 min ago."
    store.sandbox.faults.serve(
        "POST", {"action": "status_500", "match": {"operation": "WebhookSubscriptions"}}
    )
    assert jobs.watch_shop(shop.pk) == 0
    line = standing(shop)
    assert (line.ok, line.detail) == (False, "Shopify answered with an error of its own (500).")

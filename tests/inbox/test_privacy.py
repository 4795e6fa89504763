"""What the law asks: a customer's data in one report, a customer erased, a store erased."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User

from canonical.fingerprint import fingerprint
from common.clock import now
from mappings.models import RecordLink
from shops.models import Shop
from shops.shopify.orders import normalize_order
from syncflows import jobs, schedules
from syncflows.inbox import privacy
from syncflows.models import (
    Action,
    Attempt,
    InboxEvent,
    Order,
    Outcome,
    PrivacyRequest,
    Sync,
    WrittenDocument,
)  # fmt: skip
from tests.factories import attempt, make_connection, written
from tests.inbox.knocking import Door, make_door
from tests.raw_orders import raw_order
from tests.shops.sandboxed import Store

ADA = {"id": 207119551, "email": "ada@example.com", "phone": "+15185550100"}
SECRETS = (
    "ada@example.com",
    "lovelace",
    "12 analytical ave",
    "+15185550100",
    "for charles, with love",
    "engraved",
)


def order_of(door: Door, number: int = 1001) -> Sync:
    """A written order of Ada Lovelace, with her data in every place the hub keeps any."""
    if door.shop.erp_connection is None:
        door.shop.erp_connection = make_connection(f"ns{door.shop.pk}")
        door.shop.save()
    sync = written(door.shop, number)
    customer = {
        "id": "gid://shopify/Customer/207119551", "firstName": "Ada", "lastName": "Lovelace",
        "displayName": "Ada Lovelace", "taxExempt": False, "tags": ["vip lovelace"],
        "defaultEmailAddress": {"emailAddress": "ada@example.com"},
        "defaultPhoneNumber": {"phoneNumber": "+15185550100"},
    }  # fmt: skip
    place = {
        "firstName": "Ada", "lastName": "Lovelace", "company": None, "address1": "12 Analytical Ave", "address2": None,
        "city": "Albany", "provinceCode": "NY", "province": "New York", "zip": "12207", "countryCodeV2": "US",
        "phone": "+15185550100",
    }  # fmt: skip
    raw = raw_order(
        name=sync.name, source_id=sync.source_id, customer=customer, email="ada@example.com", phone="+15185550100",
        billingAddress=place, shippingAddress=place, note="For Charles, with love",
        customAttributes=[{"key": "gift", "value": "engraved: AL"}],
    )  # fmt: skip
    payload = sync.order.payload
    payload.body = payload.pack(raw)
    payload.save()
    link = RecordLink.objects.get(source_id=sync.source_id)
    place_there = {"addressee": "Ada Lovelace", "addr1": "12 Analytical Ave", "country": {"id": "US"}}
    body = {
        "entity": {"id": "77"}, "email": "ada@example.com", "memo": "For Charles, with love", "total": "69.27",
        "shippingAddress": place_there,
    }  # fmt: skip
    WrittenDocument.objects.create(
        link=link, order=WrittenDocument.pack(raw), content_hash="x",
        sent=WrittenDocument.pack({"body": body, "lines": [{"item": "5", "amount": "65.00"}]}),
    )  # fmt: skip
    order = sync.order
    order.fingerprint = fingerprint(normalize_order(raw))
    order.save()
    calls = [
        {
            "system": "NetSuite", "method": "POST", "url": "https://x/salesOrder?q=ada%40example.com", "status": 204,
            "milliseconds": 9, "request": json.dumps(body), "response": "", "error": "Ada Lovelace is inactive",
        }
    ]  # fmt: skip
    attempt(sync, Outcome.BLOCKED, number=2, calls=calls, message="Customer ADA LOVELACE is inactive.",
            detail="ada@example.com", notes=["phone +15185550100 was cut"])  # fmt: skip
    Action.objects.create(
        sync=sync, kind="note", reason="Called Ada Lovelace back", details={"to": "ada@example.com"}
    )
    Sync.objects.filter(pk=sync.pk).update(
        reason="Ada Lovelace fits twice.",
        reason_value="ada@example.com",
        candidates=[{"name": "Ada Lovelace"}],
    )
    RecordLink.objects.get_or_create(
        shop=door.shop, connection=door.shop.erp_connection, kind="customer", source_id="207119551",
        external_id=f"shp-{door.shop.key}-cu-207119551", erp_id="77", erp_number="C-77 Ada Lovelace",
    )  # fmt: skip
    return sync


def everything(sync: Sync) -> str:
    """Every text the hub has about an order, in lower case."""
    order = Order.objects.get(pk=sync.pk)
    sync = Sync.objects.get(pk=sync.pk)
    document = WrittenDocument.objects.get(link__source_id=sync.source_id, link__shop=sync.shop)
    parts: list[Any] = [
        [str(getattr(row, field.attname)) for field in row._meta.concrete_fields]
        for row in (
            order,
            sync,
            *RecordLink.objects.filter(shop=sync.shop),
            *Action.objects.filter(sync=sync),
        )
    ]
    parts += [order.payload.document(), document.raw_order(), document.body(), document.changes]
    parts += [[a.calls(), a.message, a.detail, a.notes] for a in Attempt.objects.filter(sync=sync)]
    parts += [event.body.text().decode() for event in InboxEvent.objects.filter(shop=sync.shop)]
    return json.dumps(parts, default=str, ensure_ascii=False).lower()


def ask(door: Door, topic: str, **body: Any) -> PrivacyRequest:
    """Deliver a request and have it worked on."""
    given = {"shop_id": 954889, "shop_domain": door.shop.domain, **body}
    assert door.knock(topic, given, webhook_id=f"{topic}-1", event_id=f"{topic}-e").status_code == 200
    jobs.route_inbox()
    request = PrivacyRequest.objects.latest("pk")
    jobs.answer_privacy(request.pk)
    return PrivacyRequest.objects.get(pk=request.pk)


def test_a_data_request_collects_all_of_one_customer_and_nothing_of_another(door: Door) -> None:
    mine, other = order_of(door), written(door.shop, 1002, email="bob@example.com", customer_name="Bob")
    door.knock(
        "orders/updated",
        {"id": int(mine.source_id), "email": "ada@example.com"},
        webhook_id="w-9",
        event_id="e",
    )
    InboxEvent.objects.update(source_id=mine.source_id, state="routed")
    request = ask(door, "customers/data_request", customer=ADA, orders_requested=[int(mine.source_id)],
                  data_request={"id": 9999})  # fmt: skip
    assert (request.state, request.request_id, request.customer_id) == ("open", "9999", "207119551")
    assert timedelta(days=29, hours=23) < request.due_at - now() < timedelta(days=30)
    report = request.unpacked()
    assert request.counts == {"orders": 1, "erp_customers": 1, "webhooks": 2}
    (order,) = report["orders"]
    assert order["columns"]["source_id"] == mine.source_id
    assert order["as_fetched_from_shopify"]["email"] == "ada@example.com"
    assert order["documents_written"][0]["sent"]["memo"] == "For Charles, with love"
    assert [each["outcome"] for each in order["attempts"]] == ["written", "blocked"]
    assert order["what_people_did"][0]["reason"] == "Called Ada Lovelace back"
    assert report["erp_customers"][0]["erp_id"] == "77"
    assert report["webhooks"][0]["body"]["email"] == "ada@example.com"
    assert other.source_id not in json.dumps(report, default=str)
    boss = User.objects.create_user("boss")
    assert privacy.answered(request, boss)
    done = PrivacyRequest.objects.get()
    assert (done.state, done.unpacked(), done.done_by) == ("done", {}, boss)
    assert not privacy.answered(done, boss)


def test_orders_shopify_did_not_name_are_found_by_the_e_mail(door: Door) -> None:
    order_of(door)
    request = ask(door, "customers/data_request", customer={**ADA, "email": "ADA@example.com"}, orders_requested=[],
                  data_request={"id": 1})  # fmt: skip
    assert request.counts["orders"] == 1


def test_erasing_a_customer_leaves_figures_and_links_and_no_name_anywhere(door: Door) -> None:
    mine, other = order_of(door), written(door.shop, 1002)
    door.knock(
        "orders/updated",
        {"id": int(mine.source_id), "email": "ada@example.com"},
        webhook_id="w-9",
        event_id="e",
    )
    door.knock(
        "customers/update", {"id": 207119551, "email": "ada@example.com"}, webhook_id="w-8", event_id="e8"
    )
    InboxEvent.objects.filter(topic="orders/updated").update(source_id=mine.source_id, state="routed")
    jobs.route_inbox()
    before = Order.objects.get(pk=mine.pk)
    assert [secret for secret in SECRETS if secret not in everything(mine)] == []
    request = ask(door, "customers/redact", customer=ADA, orders_to_redact=[int(mine.source_id)])
    left = everything(mine)
    assert [secret for secret in SECRETS if secret in left] == []
    after = Order.objects.get(pk=mine.pk)
    assert (after.total, after.document_number, after.components) == (
        before.total, before.document_number, before.components
    )  # fmt: skip
    raw = after.payload.document()
    assert raw["totalPriceSet"]["shopMoney"]["amount"] == "69.27"
    assert raw["customer"]["id"] == "gid://shopify/Customer/207119551"
    assert (raw["shippingAddress"]["countryCodeV2"], raw["shippingAddress"]["provinceCode"]) == ("US", "NY")
    assert RecordLink.objects.get(kind="customer").erp_number == "C-77 [erased]"
    assert WrittenDocument.objects.get().body()["total"] == "69.27"
    calls = Attempt.objects.get(number=2).calls()
    assert (calls[0]["url"], calls[0]["status"], calls[0]["request"]) == (
        "https://x/salesOrder?q=[erased]",
        204,
        "[erased]",
    )
    assert after.fingerprint == fingerprint(normalize_order(raw))
    assert after.fingerprint["totals"] == before.fingerprint["totals"]
    assert Order.objects.get(pk=other.pk).email == "ada@example.com"  # another order, not named by Shopify
    assert (request.state, request.done_at is not None) == ("done", True)
    assert request.result.startswith("Erased: 1 orders,")
    assert InboxEvent.objects.get(topic="customers/redact").body.text() == b""
    assert len(InboxEvent.objects.get(topic="customers/redact").sha256) == 64


def test_an_order_in_a_workers_hands_is_erased_when_it_is_free(door: Door) -> None:
    mine = order_of(door)
    Sync.objects.filter(pk=mine.pk).update(state="running")
    request = ask(door, "customers/redact", customer=ADA, orders_to_redact=[int(mine.source_id)])
    assert (request.state, "lovelace" in everything(mine)) == ("open", True)
    Sync.objects.filter(pk=mine.pk).update(state="done")
    PrivacyRequest.objects.update(next_try_at=now())
    schedules.tick()
    jobs.answer_privacy(request.pk)
    assert (PrivacyRequest.objects.get().state, "lovelace" in everything(mine)) == ("done", False)


def test_every_record_of_the_store_is_erased(door: Door) -> None:
    twin = make_door("twin", domain=door.shop.domain)
    theirs = order_of(twin)
    ask(door, "customers/redact", customer=ADA, orders_to_redact=[int(theirs.source_id)])
    assert "lovelace" not in everything(theirs)


@pytest.mark.parametrize(
    ("topic", "body"),
    [
        ("customers/redact", {"customer": ADA, "orders_requested": [1], "data_request": {"id": 1}}),
        ("customers/data_request", {"customer": ADA, "orders_to_redact": [1]}),
        ("shop/redact", {"customer": ADA, "orders_to_redact": [1]}),
        ("shop/redact", {"shop_domain": "another.myshopify.com"}),
        ("customers/redact", {"shop_domain": "another.myshopify.com", "orders_to_redact": [1]}),
    ],
)
def test_a_genuine_body_under_another_topic_erases_nothing(
    door: Door, topic: str, body: dict[str, Any]
) -> None:
    """Headers are not signed: whoever overheard one webhook could send it again as another."""
    door.knock(topic, {"shop_id": 1, "shop_domain": door.shop.domain, **body})
    jobs.route_inbox()
    event = InboxEvent.objects.get()
    assert (event.state, event.code) == ("failed", "WEBHOOK_UNREADABLE")
    assert not PrivacyRequest.objects.exists()


def test_a_store_is_erased_once_shopify_lets_the_app_in_no_more(shop_door: Door, store: Store) -> None:
    mine = order_of(shop_door)
    request = ask(shop_door, "shop/redact")
    assert (request.state, "lovelace" in everything(mine)) == ("check", True)
    assert "for a person to say" in request.result
    store.sandbox.tokens.install(store.name, False)
    PrivacyRequest.objects.all().delete()
    InboxEvent.objects.all().delete()
    request = ask(shop_door, "shop/redact")
    assert (request.state, "lovelace" in everything(mine)) == ("done", False)
    assert Shop.objects.get().access_token == ""


def test_a_person_may_have_a_connected_store_erased(shop_door: Door, store: Store) -> None:
    mine, boss = order_of(shop_door), User.objects.create_user("boss")
    privacy.erase_store(ask(shop_door, "shop/redact"), boss)
    done = PrivacyRequest.objects.get()
    assert (done.state, done.done_by, "lovelace" in everything(mine)) == ("done", boss, False)

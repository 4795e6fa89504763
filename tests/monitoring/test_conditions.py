"""What each condition finds, in literal words."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine

from erps.models import ErpConnection
from monitoring.conditions import (
    age,
    blocked,
    certificates,
    leases,
    queue,
    searches,
    sign_in,
    unexplained,
    versions,
    worker,
)
from monitoring.models import AlertLimits, ShopifyCount
from monitoring.registry import Condition, Finding, Severity, conditions, register
from shops.models import Shop
from syncflows.models import Beat, Cursor, OrderRules, Outcome
from tests.factories import attempt, make_connection, make_shop, stage
from tests.factories import blocked as stage_blocked

AT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def ago(**length: int) -> datetime:
    return AT - timedelta(**length)


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def shop() -> Shop:
    shop = make_shop("demo", name="Main Store", iana_timezone="UTC")
    OrderRules.objects.create(shop=shop)
    return shop


def sentences(found: Iterator[Finding]) -> list[str]:
    return [one.sentence for one in found]


def test_there_is_one_condition_for_each_code_and_each_says_all() -> None:
    for rule in conditions():
        assert all((rule.title, rule.means.endswith("."), rule.fix.endswith("."))), rule.code
        assert len(rule.code) <= 30
    with pytest.raises(ValueError, match="There are two conditions queue"):
        register(Condition("queue", "", "", "", Severity.NOTICE, queue.find))


def test_age_by_state_and_limit(shop: Shop) -> None:
    stage(shop, 1, due_at=ago(minutes=31))
    stage(shop, 2, due_at=ago(minutes=29))
    stage(shop, 3, due_at=ago(days=3), hold="review")
    waiting = stage(shop, 4, state="waiting", changed_at=ago(minutes=1))
    attempt(waiting, Outcome.WAITING, number=1, started_at=ago(hours=3))
    attempt(waiting, Outcome.WAITING, number=2, started_at=ago(minutes=1))
    stage_blocked(shop, 5, changed_at=ago(hours=9))
    stage_blocked(shop, 6, changed_at=ago(hours=10))
    assert sentences(age.find(AT)) == [
        (
            "1 order of Main Store has been pending for longer than 30 min. The oldest is #1, since 20 Nov 2026 11:29 "
            "(UTC)."
        ),
        (
            "1 order of Main Store has been tried again and again for longer than 2 h. The oldest is #4, since 20 Nov "
            "2026 09:00 (UTC)."
        ),
        (
            "2 orders of Main Store have been blocked for longer than 8 h. The oldest is #6, since 20 Nov 2026 02:00 "
            "(UTC)."
        ),
    ]
    AlertLimits.objects.create(shop=shop, pending_minutes=60, waiting_minutes=200, blocked_minutes=570)
    assert [(one.subject, one.count) for one in age.find(AT)] == [("blocked", 1)]


def test_leases_that_ran_out(shop: Shop) -> None:
    stage(shop, 1, state="running", lease_until=ago(minutes=4))
    assert sentences(leases.find(AT)) == []
    stage(shop, 2, state="running", lease_until=ago(minutes=6))
    assert sentences(leases.find(AT)) == [
        (
            "1 order is still marked as running 5 min after the lease ran out, the oldest since 20 Nov 2026 11:54 "
            "(UTC)."
        )
    ]


def test_the_worker_that_is_silent() -> None:
    assert sentences(worker.find(AT)) == ["The worker has never run. Orders wait until it is started."]
    beat = Beat.objects.create(name="worker", at=ago(seconds=179))
    assert sentences(worker.find(AT)) == []
    beat.at = ago(minutes=64)
    beat.save()
    assert sentences(worker.find(AT)) == [
        (
            "The worker has shown no sign of life for 1 h 4 min, the last one at 20 Nov 2026 10:56 (UTC). Orders wait "
            "until it runs."
        )
    ]


def test_a_queue_that_does_not_move(shop: Shop) -> None:
    stage(shop, 1, due_at=ago(minutes=11))
    stage(shop, 2, due_at=ago(minutes=12), hold="review")
    last = stage(shop, 3, state="done", changed_at=ago(minutes=9))
    assert sentences(queue.find(AT)) == []
    last.changed_at = ago(minutes=10)
    last.save()
    assert sentences(queue.find(AT)) == [
        (
            "1 order is due, and none was finished in the last 10 min. The oldest is due since 20 Nov 2026 11:49 (UTC)."
        )
    ]


def test_blocked_orders_of_two_causes_and_currencies(shop: Shop) -> None:
    stage_blocked(shop, 1, total="10.00", changed_at=ago(hours=2))
    stage_blocked(shop, 2, total="1200", currency="JPY", value="OTHER", changed_at=ago(hours=1))
    stage_blocked(shop, 3, code="HIGH_RISK", total="5.00", changed_at=ago(minutes=5))
    found = {one.subject: one for one in blocked.find(AT)}
    assert found["UNKNOWN_SKU"].sentence == (
        "2 orders of Main Store are blocked: Item not in the ERP. 1,200 JPY, 10.00 USD, the oldest since 20 Nov 2026 "
        "10:00 (UTC)."
    )
    assert found["HIGH_RISK"].fix == (
        "Look at the risk analysis in Shopify. Import the order if it is good, exclude it with a reason if it is not. "
        "Who can: support."
    )
    shop.is_active = False
    shop.save()
    assert list(blocked.find(AT)) == []


def test_unexplained_orders(shop: Shop) -> None:
    stage(shop, 1)
    ShopifyCount.objects.create(shop=shop, orders=1001, until=AT, counted_at=AT)
    (one,) = unexplained.find(AT)
    assert (one.sentence, one.count) == (
        "1,000 orders are in Shopify but not in the hub, of Main Store.",
        1000,
    )


@pytest.mark.parametrize(
    ("interval", "cron", "due"),
    [
        (5, "", ago(minutes=15)),
        (10, "", ago(minutes=30)),
        (10, "0 7 * * *", datetime(2026, 11, 18, 7, 0, tzinfo=UTC)),
        (10, "*/5 * * * *", ago(minutes=15)),
    ],
)
def test_by_when_a_search_must_have_finished(shop: Shop, interval: int, cron: str, due: datetime) -> None:
    rules = OrderRules(shop=shop, interval_minutes=interval, cron=cron)
    assert searches.deadline(rules, AT, 3) == due


def test_a_shop_that_is_not_searched(shop: Shop) -> None:
    Shop.objects.update(created_at=ago(hours=5))
    assert sentences(searches.find(AT)) == []
    Shop.objects.update(created_at=ago(hours=7))
    assert sentences(searches.find(AT)) == ["No search of Main Store has finished yet."]
    cursor = Cursor.objects.create(shop=shop, flow="orders", finished_at=ago(minutes=14))
    assert sentences(searches.find(AT)) == []
    cursor.finished_at, cursor.error = ago(minutes=16), "Shopify refuses\r\nthe token."
    cursor.save()
    assert sentences(searches.find(AT)) == [
        (
            "No search of Main Store has finished since 20 Nov 2026 11:44 (UTC). The last one failed: Shopify refuses "
            "the token."
        )
    ]
    AlertLimits.objects.create(shop=shop, search_intervals=4)
    assert sentences(searches.find(AT)) == []


def test_a_shop_whose_orders_cannot_be_counted(shop: Shop) -> None:
    Cursor.objects.create(shop=shop, flow="orders", finished_at=ago(minutes=1))
    ShopifyCount.objects.create(shop=shop, counted_at=ago(minutes=20), error="Shopify said no.")
    (one,) = searches.find(AT)
    assert one.sentence == (
        "Shopify's number of orders of Main Store has not been read since 20 Nov 2026 11:40 (UTC), so nobody knows "
        "whether all are here. Shopify said no."
    )
    assert (one.subject, one.severity) == ("count", Severity.WARNING)


def test_sign_ins_that_fail_or_end(shop: Shop) -> None:
    shop.erp_connection = make_connection("books")
    shop.auth_kind, shop.refresh_token_expires_at = "authorization_code", AT + timedelta(days=13, hours=2)
    shop.save()
    Cursor.objects.create(shop=shop, flow="orders", error_code="SHOPIFY_LOGIN", error="Refused.")
    stage(shop, 1, state="waiting", reason_code="ERP_LOGIN", changed_at=ago(hours=1))
    assert [(one.sentence, one.severity) for one in sign_in.find(AT)] == [
        ("The hub cannot sign in to Main Store. Refused.", Severity.CRITICAL),
        (
            "The access of Main Store to Shopify ends in 13 d 2 h, at 03 Dec 2026 14:00 (UTC).",
            Severity.WARNING,
        ),
        ("The hub cannot sign in to NetSuite books; 1 order waits for it.", Severity.CRITICAL),
    ]
    Shop.objects.update(refresh_token_expires_at=ago(days=1))
    assert [one.sentence for one in sign_in.find(AT)][1] == (
        "The access of Main Store to Shopify ended at 19 Nov 2026 12:00 (UTC)."
    )
    Shop.objects.update(auth_kind="client_credentials", access_token_expires_at=ago(days=1))
    assert len(list(sign_in.find(AT))) == 2  # the hub renews these tokens itself


@pytest.mark.parametrize(
    ("end", "said", "severity"),
    [
        (date(2026, 12, 21), None, None),
        (
            date(2026, 12, 20),
            "The certificate of NetSuite ns ends in 30 days, on 20 Dec 2026.",
            Severity.WARNING,
        ),
        (
            date(2026, 11, 27),
            "The certificate of NetSuite ns ends in 7 days, on 27 Nov 2026.",
            Severity.CRITICAL,
        ),
        (date(2026, 11, 20), "The certificate of NetSuite ns ends today, on 20 Nov 2026.", Severity.CRITICAL),
        (date(2026, 11, 19), "The certificate of NetSuite ns ended on 19 Nov 2026.", Severity.CRITICAL),
    ],
)
def test_a_certificate_about_to_end(end: date, said: str | None, severity: Any) -> None:
    make_connection()
    ErpConnection.objects.update(certificate_valid_until=end)
    found = [(one.sentence, one.severity) for one in certificates.find(AT)]
    assert found == ([(said, severity)] if said else [])


def test_the_end_of_the_api_version() -> None:
    assert versions.end_of("2026-10") == datetime(2027, 10, 1, 17, tzinfo=UTC)
    assert list(versions.ending("2026-10", datetime(2027, 8, 2, 16, 59, tzinfo=UTC))) == []
    (soon,) = versions.ending("2026-10", datetime(2027, 8, 2, 17, 0, tzinfo=UTC))
    assert (
        soon.sentence
        == "Version 2026-10 of Shopify's API, which the hub uses, ends in 60 days, on 01 Oct 2027."
    )
    (over,) = versions.ending("2026-10", datetime(2027, 10, 1, 17, 0, tzinfo=UTC))
    assert over.sentence == "Version 2026-10 of Shopify's API, which the hub uses, ended on 01 Oct 2027."
    assert (soon.severity, over.severity) == (Severity.WARNING, Severity.CRITICAL)


def test_another_version_than_asked_for(shop: Shop) -> None:
    assert sentences(versions.find(AT)) == []
    Shop.objects.update(api_version_drift="2027-01")
    assert sentences(versions.find(AT)) == [
        "Shopify answers Main Store with version 2027-01 of its API; the hub asks for 2026-10."
    ]

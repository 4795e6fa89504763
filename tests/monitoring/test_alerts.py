"""Alerts from opening to recovery: one message for each transition, whatever is repeated or flaps."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.db import connection

from monitoring.alerts import acknowledge, check, every_minute, snooze
from monitoring.alerts.delivering import deliver, pause
from monitoring.models import Alert, Delivery
from monitoring.registry import Condition, Finding, Severity
from shops.models import Shop
from syncflows.models import Beat, Order, Sync
from tests.factories import make_person, make_shop
from tests.monitoring.alerting import mail_channel, minutes, subjects

AT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
Clock = time_machine.Traveller


@pytest.fixture(autouse=True)
def _mail(settings: Any) -> None:
    settings.EMAIL_HOST = "mail.example.com"
    settings.HUB_PUBLIC_URL = "https://hub.example.com"


@pytest.fixture
def clock() -> Iterator[Clock]:
    with time_machine.travel(AT, tick=False) as clock:
        yield clock


@pytest.fixture
def worker(clock: Clock, db: None) -> Beat:
    """The worker's sign of life, far in the future: it is alive in every test."""
    return Beat.objects.create(name="worker", at=AT + timedelta(days=400))


@pytest.fixture
def shop(worker: Beat) -> Shop:
    return make_shop("demo", name="Main Store")


def block(shop: Shop, count: int) -> None:
    """So many blocked orders of one cause, 69.27 USD each; the first an hour old."""
    syncs = Sync.objects.bulk_create(
        Sync(
            shop=shop, source_id=str(n), name=f"#{n}", state="blocked", reason_code="UNKNOWN_SKU",
            reason_value=f"SKU-{n}", changed_at=AT - timedelta(hours=1) + timedelta(milliseconds=n),
        )
        for n in range(count)
    )  # fmt: skip
    Order.objects.bulk_create(
        Order(
            sync=sync, shop=shop, source_id=sync.source_id, name=sync.name, created_at=AT, updated_at=AT,
            total="69.27", currency="USD",
        )
        for sync in syncs
    )  # fmt: skip


def test_5000_blocked_orders_of_one_cause_are_one_message(shop: Shop, clock: Clock) -> None:
    mail_channel()
    block(shop, 5000)
    every_minute()
    minutes(clock, 3)
    assert Alert.objects.count() == 1
    assert [message.to for message in mail.outbox] == [["oncall@example.com"]]
    alert = Alert.objects.get()
    sentence = (
        "5,000 orders of Main Store are blocked: Item not in the ERP. 346,350.00 USD, the oldest since "
        "20 Nov 2026 06:00 (America/New_York)."
    )
    assert (alert.count, alert.sentence, alert.since) == (5000, sentence, AT - timedelta(hours=1))
    assert mail.outbox[0].subject == (
        "[Integration Hub] Opened (warning): Orders are blocked. 5,000 orders of Main Store are blocked: Item not in "
        "the ERP. 346,350.00 USD, the oldest since 20 Nov 2026 06:00 (America/Ne…"
    )
    assert str(mail.outbox[0].body).splitlines() == [
        "Opened (warning): Orders are blocked",
        sentence,
        f"What to do: {alert.fix}",
        f"Where: https://hub.example.com/admin/syncflows/sync/?state=blocked&cause=UNKNOWN_SKU&shop={shop.pk}",
        f"Alert: https://hub.example.com/admin/monitoring/alert/{alert.pk}/change/",
        "20 Nov 2026 12:00 (UTC)",
    ]


def test_the_count_follows_without_a_message_and_the_end_is_told_once(shop: Shop, clock: Clock) -> None:
    mail_channel()
    block(shop, 3)
    every_minute()
    Sync.objects.exclude(source_id="0").update(state="done")
    minutes(clock, 1)
    assert Alert.objects.get().count == 1
    Sync.objects.update(state="done")
    minutes(clock, 5)
    assert len(mail.outbox) == 1
    assert Alert.objects.get().closed_at is None
    minutes(clock, 1)
    assert Alert.objects.get().closed_at == AT + timedelta(minutes=7)
    minutes(clock, 30)
    assert subjects() == [
        subjects()[0],
        (
            "[Integration Hub] Over (warning): Orders are blocked. 1 order of Main Store is blocked: Item not in the "
            "ERP. 69.27 USD, the oldest since 20 Nov 2026 06:00 (America/New_York)."
        ),
    ]


class Switch:
    """A condition for tests: found while it is on."""

    def __init__(self, severity: Severity = Severity.WARNING, lasting: int = 0, **finding: Any) -> None:
        self.on, self.finding = True, finding
        self.rule = Condition(
            "queue", "The queue does not move", "", "Look at the log.", severity, self.find,
            lasting=timedelta(minutes=lasting),
        )  # fmt: skip

    def find(self, _at: datetime) -> list[Finding]:
        return [Finding("It is so.", **self.finding)] if self.on else []

    def minutes(self, clock: Clock, count: int) -> None:
        for _ in range(count):
            clock.shift(timedelta(minutes=1))
            check([self.rule])
            deliver()


def told() -> list[str]:
    """The first word of each message."""
    return [subject.removeprefix("[Integration Hub] ").split(" (")[0] for subject in subjects()]


def test_a_gap_shorter_than_five_minutes_is_no_recovery(worker: Beat, clock: Clock) -> None:
    mail_channel()
    switch = Switch()
    for n in range(40):  # on for two minutes, off for four
        switch.on = n % 6 < 2
        switch.minutes(clock, 1)
    assert told() == ["Opened"]
    assert Alert.objects.count() == 1


def test_what_comes_back_is_told_ten_minutes_after_the_recovery(worker: Beat, clock: Clock) -> None:
    mail_channel()
    switch = Switch()
    switch.minutes(clock, 1)  # opened at 12:01
    switch.on = False
    switch.minutes(clock, 6)  # missed at 12:02, over at 12:07
    assert told() == ["Opened", "Over"]
    switch.on = True
    switch.minutes(clock, 9)  # 12:16
    assert told() == ["Opened", "Over"]
    switch.minutes(clock, 1)  # 12:17
    assert told() == ["Opened", "Over", "Opened"]
    assert Alert.objects.count() == 2


def test_what_does_not_last_long_enough_is_not_told(worker: Beat, clock: Clock) -> None:
    mail_channel()
    switch = Switch(lasting=3)
    switch.minutes(clock, 3)
    switch.on = False
    switch.minutes(clock, 1)
    assert Alert.objects.count() == 0
    switch.on = True
    switch.minutes(clock, 3)
    assert told() == []
    switch.minutes(clock, 1)
    assert told() == ["Opened"]


def test_what_becomes_graver_is_told_once_more(worker: Beat, clock: Clock) -> None:
    mail_channel()
    switch = Switch(severity=Severity.WARNING)
    switch.minutes(clock, 1)
    acknowledge(Alert.objects.get(), None, "On it.")
    switch.finding["severity"] = Severity.CRITICAL
    switch.minutes(clock, 3)
    assert told() == ["Opened", "Worse"]
    alert = Alert.objects.get()
    assert (alert.severity, alert.acknowledged_at) == (Severity.CRITICAL, None)


def test_the_second_recipient_hears_of_it_after_fifteen_minutes_unless_acknowledged(
    worker: Beat, clock: Clock
) -> None:
    mail_channel("first")
    mail_channel("boss", after_minutes=15)
    switch = Switch()
    switch.minutes(clock, 15)
    assert [message.to[0] for message in mail.outbox] == ["first@example.com"]
    switch.minutes(clock, 20)
    assert [(m.to[0], t) for m, t in zip(mail.outbox, told(), strict=True)] == [
        ("first@example.com", "Opened"), ("boss@example.com", "Not acknowledged"),
    ]  # fmt: skip
    switch.on = False
    switch.minutes(clock, 6)
    assert sorted(m.to[0] for m in mail.outbox[2:]) == ["boss@example.com", "first@example.com"]
    assert told()[2:] == ["Over", "Over"]


def test_what_is_acknowledged_in_time_goes_no_further(worker: Beat, clock: Clock) -> None:
    mail_channel("boss", after_minutes=15)
    switch = Switch()
    switch.minutes(clock, 10)
    assert acknowledge(Alert.objects.get(), make_person("vera"), "I am looking at the log.")
    switch.minutes(clock, 60)
    switch.on = False
    switch.minutes(clock, 6)
    assert told() == []
    deed = Alert.objects.get().deeds.get()
    assert (deed.kind, deed.user.username if deed.user else "", deed.reason) == (
        "acknowledged", "vera", "I am looking at the log.",
    )  # fmt: skip
    assert acknowledge(Alert.objects.get(), None, "Too late.") is False


def test_what_is_put_off_comes_back_with_one_reminder(worker: Beat, clock: Clock) -> None:
    mail_channel()
    switch = Switch()
    switch.minutes(clock, 1)
    snooze(Alert.objects.get(), None, "The supplier is on it.", AT + timedelta(minutes=31))
    switch.minutes(clock, 29)
    assert told() == ["Opened"]
    switch.minutes(clock, 10)
    assert told() == ["Opened", "Still open"]
    assert Alert.objects.get().acknowledged_at is None


def test_a_check_that_fails_is_an_alert_and_keeps_the_others(worker: Beat, clock: Clock) -> None:
    mail_channel()
    switch = Switch()

    def broken(_at: datetime) -> list[Finding]:
        raise ZeroDivisionError("division by zero")

    check([switch.rule])
    failing = Condition("queue", "", "", "", Severity.WARNING, broken)
    for _ in range(10):
        clock.shift(timedelta(minutes=1))
        check([failing])
    assert list(Alert.objects.order_by("pk").values_list("sentence", "closed_at", "missed_since")) == [
        ("It is so.", None, None),
        ("The check 'queue' could not be made: ZeroDivisionError: division by zero", None, None),
    ]


def test_nothing_is_lost_while_the_mail_server_is_away(worker: Beat, clock: Clock, settings: Any) -> None:
    mail_channel()
    other = mail_channel("other", conditions=["channel"])
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    switch = Switch()
    switch.minutes(clock, 1)
    row = Delivery.objects.get()
    assert (row.standing, row.attempts, row.due_at) == ("undelivered", 1, AT + timedelta(minutes=2))
    assert row.error == "The mail server 127.0.0.1 did not take the message (ConnectionRefusedError)."
    switch.minutes(clock, 14)  # tries at 12:02, 12:04, 12:08; the next at 12:16
    row.refresh_from_db()
    assert (row.attempts, row.due_at) == (4, AT + timedelta(minutes=16))
    every_minute()
    about = Alert.objects.get(condition="channel")
    assert about.sentence == (
        "1 message to Oncall could not be delivered, the oldest of 20 Nov 2026 12:01 (UTC). The mail server 127.0.0.1 "
        "did not take the message (ConnectionRefusedError)."
    )
    switch.on = False
    switch.minutes(clock, 7)
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    clock.shift(timedelta(hours=1))
    deliver()
    mine = [message for message in mail.outbox if message.to == ["oncall@example.com"]]
    assert len(mine) == 1
    lines = str(mine[0].body).splitlines()
    assert "Opened (warning): The queue does not move" in lines
    assert "Over (warning): The queue does not move" in lines
    assert not Delivery.objects.filter(sent_at=None).exclude(channel=other).exists()


def test_the_pauses_between_tries() -> None:
    assert [int(pause(n).total_seconds() // 60) for n in range(1, 9)] == [1, 2, 4, 8, 16, 32, 60, 60]


def test_what_a_dead_worker_had_in_hand_is_sent_by_another(worker: Beat, clock: Clock) -> None:
    mail_channel()
    check([Switch().rule])
    Delivery.objects.update(lease_token="dead", lease_until=AT + timedelta(minutes=5))
    assert deliver() == 0
    clock.shift(timedelta(minutes=5, seconds=1))
    assert deliver() == 1


def test_filters_of_a_channel(worker: Beat, clock: Clock) -> None:
    shop, _ = make_shop("demo"), make_shop("other")
    mail_channel("critical", minimum_severity=3)
    mail_channel("others", shops=["other"])
    mail_channel("demos", shops=["demo"], conditions=["queue"])
    mail_channel("ages", conditions=["age"])
    mail_channel("off", is_active=False)
    check([Switch(shop=shop).rule])
    assert list(Delivery.objects.values_list("channel__key", flat=True)) == ["demos"]


@pytest.mark.pg
@pytest.mark.django_db(transaction=True)
def test_many_workers_tell_each_transition_once(settings: Any) -> None:
    Beat.objects.create(name="worker", at=AT + timedelta(days=400))
    mail_channel("first")
    mail_channel("boss", after_minutes=1)
    switch = Switch()

    def look(at: datetime) -> None:
        def work() -> None:
            try:
                barrier.wait()
                for _ in range(3):
                    check([switch.rule])
                    deliver()
            finally:
                connection.close()

        barrier = threading.Barrier(8)
        with time_machine.travel(at, tick=False):
            threads = [threading.Thread(target=work) for _ in range(8)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()

    for at in (AT, AT + timedelta(minutes=1), AT + timedelta(minutes=2)):
        look(at)
    switch.on = False
    for at in (AT + timedelta(minutes=3), AT + timedelta(minutes=8), AT + timedelta(minutes=9)):
        look(at)
    assert Alert.objects.count() == 1
    assert sorted((m.to[0], t) for m, t in zip(mail.outbox, told(), strict=True)) == [
        ("boss@example.com", "Not acknowledged"),
        ("boss@example.com", "Over"),
        ("first@example.com", "Opened"),
        ("first@example.com", "Over"),
    ]

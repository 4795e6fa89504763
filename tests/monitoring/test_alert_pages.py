"""The pages of alerts, for those who may look and those who may act."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from common.clock import now
from monitoring.models import Alert, AlertLimits, Channel, Delivery, ShopifyCount
from tests.factories import make_shop
from tests.monitoring.alerting import mail_channel

AT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
DIALOG = {"_form_submitted": "True"}
EVIL = "<script>alert(1)</script>"
pytestmark = pytest.mark.django_db


def person(role: str) -> Client:
    user = User.objects.create_user(role, password="only-for-tests", is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    client = Client()
    client.force_login(user)
    return client


def make_alert(number: int = 1, **values: Any) -> Alert:
    given = {
        "condition": "queue",
        "sentence": f"It is so {EVIL}.",
        "fix": "Look at the log.",
        "opened_at": AT,
        **values,
    }
    return Alert.objects.create(key=f"queue||{number}", **given)


def page(alert: Alert) -> str:
    return reverse("admin:monitoring_alert_change", args=[alert.pk])


def test_the_page_says_what_since_when_what_to_do_and_what_was_sent() -> None:
    alert = make_alert(url="/admin/syncflows/sync/", count=37, since=AT)
    channel = mail_channel()
    common = {"alert": alert, "channel": channel, "severity": 2}
    Delivery.objects.create(**common, event="opened", sentence="Sent words.", sent_at=AT, attempts=1)
    Delivery.objects.create(
        **common, event="recovered", sentence="Kept words.", attempts=3, error="No answer."
    )
    text = unescape(person("auditor").get(page(alert)).content.decode())
    raw = person("support").get(page(alert)).content.decode()
    for words in ("The queue does not move", "Look at the log.", 'href="/admin/syncflows/sync/"', "Sent words.",
                  "undelivered", "No answer.", "Nobody acknowledged it.", ">37<"):  # fmt: skip
        assert words in text, words
    assert EVIL not in raw
    assert "&lt;script&gt;" in raw


@pytest.mark.parametrize(("role", "may"), [("support", True), ("finance", True), ("auditor", False)])
def test_who_acknowledges(role: str, may: bool) -> None:
    alert, client = make_alert(), person(role)
    address = reverse("admin:monitoring_alert_acknowledge", args=[alert.pk])
    assert (address in client.get(page(alert)).content.decode()) is may
    answer = client.post(address, {**DIALOG, "reason": "I am on it."}, headers={"HX-Request": "true"})
    alert.refresh_from_db()
    assert (alert.acknowledged_at is not None) is may
    if may:
        assert answer["HX-Redirect"] == page(alert)
        assert (
            "Acknowledged</strong> by support" in client.get(page(alert)).content.decode()
            or role != "support"
        )
        assert alert.reason == "I am on it."


def test_a_reason_is_needed_and_snoozing_says_until_when() -> None:
    alert, client = make_alert(), person("operations")
    address = reverse("admin:monitoring_alert_snooze", args=[alert.pk])
    client.post(address, {**DIALOG, "reason": "", "length": "60"})
    assert Alert.objects.get().snoozed_until is None
    client.post(address, {**DIALOG, "reason": EVIL, "length": "60"})
    until = Alert.objects.get().snoozed_until
    assert until is not None
    assert timedelta(minutes=59) < until - now() <= timedelta(minutes=60)
    raw = client.get(page(alert)).content.decode()
    assert "Snoozed until" in raw
    assert EVIL not in raw


def test_the_list_shows_what_was_told_and_costs_the_same_for_many() -> None:
    client = person("support")
    shop = make_shop("demo")
    make_alert(0, opened_at=None, sentence="Only noticed.")
    make_alert(1, shop=shop)
    address = reverse("admin:monitoring_alert_changelist")
    client.get(address)
    with CaptureQueriesContext(connection) as one:
        text = client.get(address).content.decode()
    assert "Only noticed." not in text
    assert EVIL not in text
    for number in range(2, 20):
        make_alert(number, shop=shop)
    with CaptureQueriesContext(connection) as many:
        client.get(address)
    assert len(many) == len(one) <= 14
    Alert.objects.filter(key="queue||1").update(closed_at=AT)
    assert client.get(f"{address}?state=over").context["cl"].result_count == 1
    assert client.get(f"{address}?condition=queue&state=open").context["cl"].result_count == 18


def test_the_overview_begins_with_open_alerts_and_says_each_once() -> None:
    shop = make_shop("demo", name="Main Store")
    ShopifyCount.objects.create(shop=shop, orders=2, until=AT, counted_at=AT)
    client = person("support")
    assert "2 orders are in Shopify but not in the hub." in unescape(client.get("/admin/").content.decode())
    make_alert(1, severity=2)
    Alert.objects.create(
        key="unexplained",
        condition="unexplained",
        shop=shop,
        severity=3,
        opened_at=AT,
        sentence="2 are missing.",
    )
    answer = client.get("/admin/")
    text = unescape(answer.content.decode())
    assert [row.sentence for row in answer.context["overview"]["open_alerts"]] == [
        "2 are missing.", f"It is so {EVIL}.",
    ]  # fmt: skip
    assert text.index("Open alerts") < text.index("In Shopify")
    assert "orders are in Shopify but not in the hub." not in text
    assert EVIL not in answer.content.decode()
    titles = [item["title"] for group in answer.context["sidebar_navigation"] for item in group["items"]]
    assert "Alerts" in titles


def channel_form(**values: Any) -> dict[str, Any]:
    return {
        "name": "On call", "key": "oncall", "kind": "email", "is_active": "on", "recipients": "a@example.com",
        "address": "", "body": "hub", "secret": "", "minimum_severity": "2", "after_minutes": "0", "quiet_from": "",
        "quiet_until": "", "time_zone": "UTC", **values,
    }  # fmt: skip


def test_a_channel_is_made_tested_and_its_address_never_shown(settings: Any) -> None:
    settings.EMAIL_HOST = "mail.example.com"
    make_shop("demo")
    client = person("administrator")
    address = reverse("admin:monitoring_channel_add")
    form = channel_form(kind="webhook", address="https://10.0.0.1/", secret="S3CRET", conditions=["queue"])
    assert "inside a private network" in client.post(address, form).content.decode()
    form |= {"address": "https://hooks.example.com/T0PSECRET", "shops": ["demo"]}
    assert client.post(address, form).status_code == 302
    channel = Channel.objects.get()
    assert (channel.conditions, channel.shops, channel.secret) == (["queue"], ["demo"], "S3CRET")
    change = reverse("admin:monitoring_channel_change", args=[channel.pk])
    for who in (client, person("auditor")):
        for place in (change, reverse("admin:monitoring_channel_changelist")):
            shown = who.get(place).content.decode()
            assert "T0PSECRET" not in shown
            assert "S3CRET" not in shown
    assert client.post(change, channel_form(kind="webhook")).status_code == 302
    channel.refresh_from_db()
    assert (channel.address, channel.secret) == ("https://hooks.example.com/T0PSECRET", "S3CRET")


def test_the_test_button(settings: Any) -> None:
    settings.EMAIL_HOST = "mail.example.com"
    channel = mail_channel()
    address = reverse("admin:monitoring_channel_send_test", args=[channel.pk])
    assert person("operations").post(address, DIALOG).status_code == 403
    boss = person("administrator")
    answer = boss.post(address, DIALOG, headers={"HX-Request": "true"})
    assert [message.subject for message in mail.outbox] == ["[Integration Hub] Test message"]
    settings.EMAIL_HOST = ""
    boss.post(address, DIALOG, headers={"HX-Request": "true"})
    assert "No mail can be sent: EMAIL_HOST is not set." in boss.get(answer["HX-Redirect"]).content.decode()


def test_limits_of_a_shop() -> None:
    shop = make_shop("demo")
    form = {
        "shop": str(shop.pk), "pending_minutes": "10", "waiting_minutes": "20", "blocked_minutes": "30",
        "search_intervals": "1",
    }  # fmt: skip
    client, address = person("administrator"), reverse("admin:monitoring_alertlimits_add")
    assert "greater than or equal to 2" in client.post(address, form).content.decode()
    client.post(address, form | {"search_intervals": "5"})
    limits = AlertLimits.objects.get()
    assert (limits.pending_minutes, limits.search_intervals, limits.silence) == (10, 5, False)

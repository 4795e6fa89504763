"""How messages leave: quiet hours, bodies nobody can inject into, signatures, and addresses that are refused."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
import responses
import time_machine
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import connection

from common.errors import NeedsPerson, Retryable
from common.http import PublicClient
from monitoring.alerts import check, every_minute
from monitoring.alerts.delivering import deliver
from monitoring.alerts.sending import send_test
from monitoring.models import Alert, Channel, Delivery
from monitoring.registry import Condition, Finding, Severity
from syncflows.models import Beat
from tests.factories import make_shop, stage
from tests.monitoring.alerting import mail_channel

AT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
HOOK = "https://hooks.example.com/T0/B0"


@pytest.fixture(autouse=True)
def _mail(settings: Any) -> None:
    settings.EMAIL_HOST = "mail.example.com"
    settings.HUB_PUBLIC_URL = "https://hub.example.com"


def hook(**values: Any) -> Channel:
    given = {
        "key": "hook",
        "name": "Hook",
        "kind": "webhook",
        "address": HOOK,
        "minimum_severity": 1,
        **values,
    }
    channel = Channel(**given)
    channel.full_clean()
    channel.save()
    return channel


def rule(sentence: str, severity: Severity = Severity.WARNING, subject: str = "") -> Condition:
    found = [Finding(sentence, subject=subject)]
    return Condition("queue", "The queue does not move", "", "Look at the log.", severity, lambda _at: found)


def utc(year: int, month: int, day: int, hour: int, minute: int) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=UTC)


def body_of(call: responses.Call) -> bytes:
    body = call.request.body
    assert isinstance(body, bytes)
    return body


QUIET = {"quiet_from": "22:00", "quiet_until": "07:00", "time_zone": "Europe/Berlin"}


@pytest.mark.parametrize(
    ("at", "free"),
    [
        (utc(2026, 11, 20, 20, 59), utc(2026, 11, 20, 20, 59)),  # 21:59 in winter
        (utc(2026, 11, 20, 21, 0), utc(2026, 11, 21, 6, 0)),
        (utc(2026, 11, 21, 5, 59), utc(2026, 11, 21, 6, 0)),
        (utc(2026, 11, 21, 6, 0), utc(2026, 11, 21, 6, 0)),
        (utc(2026, 10, 24, 20, 0), utc(2026, 10, 25, 6, 0)),  # the night the clock goes back: 10 hours
        (utc(2026, 10, 25, 1, 30), utc(2026, 10, 25, 6, 0)),
        (utc(2027, 3, 27, 21, 0), utc(2027, 3, 28, 5, 0)),  # the night it goes forward: 8 hours
    ],
)
def test_the_end_of_quiet_hours_also_where_the_clock_is_changed(at: datetime, free: datetime) -> None:
    channel = Channel(**QUIET)
    assert channel.free_at(at, Severity.WARNING) == free
    assert channel.free_at(at, Severity.CRITICAL) == at


def test_quiet_hours_by_day_and_an_end_the_clock_jumps_over() -> None:
    noon = Channel(quiet_from="12:00", quiet_until="13:30", time_zone="UTC")
    assert noon.free_at(AT, Severity.NOTICE) == utc(2026, 11, 20, 13, 30)
    assert noon.free_at(utc(2026, 11, 20, 13, 30), Severity.NOTICE) == utc(2026, 11, 20, 13, 30)
    jumped = Channel(quiet_from="22:00", quiet_until="02:30", time_zone="Europe/Berlin")
    assert jumped.free_at(utc(2027, 3, 28, 0, 0), Severity.NOTICE) == utc(2027, 3, 28, 1, 30)  # 3:30 there


@pytest.mark.django_db
def test_what_waits_through_the_night_comes_as_one_message_and_the_gravest_at_once() -> None:
    mail_channel(**QUIET)
    with time_machine.travel(utc(2026, 10, 24, 21, 0), tick=False) as clock:
        rules = [rule(f"Queue {n}.", subject=str(n)) for n in range(3)]
        check(rules)
        assert deliver() == 0
        check([*rules, rule("Grave.", Severity.CRITICAL, "grave")])
        assert deliver() == 1
        clock.move_to(utc(2026, 10, 25, 5, 59))
        assert deliver() == 0
        clock.move_to(utc(2026, 10, 25, 6, 0))
        assert deliver() == 1
    assert [message.subject for message in mail.outbox] == [
        "[Integration Hub] Opened (critical): The queue does not move. Grave.",
        "[Integration Hub] 3 messages of alerts, 0 of them over; the gravest is warning",
    ]
    assert [line for line in str(mail.outbox[1].body).splitlines() if line.startswith("Queue")] == [
        "Queue 0.", "Queue 1.", "Queue 2.",
    ]  # fmt: skip


@pytest.mark.django_db
def test_a_message_holds_20_alerts_and_says_how_many_more() -> None:
    mail_channel()
    check([rule(f"Queue {n}.", subject=str(n)) for n in range(25)])
    assert deliver() == 1
    body = str(mail.outbox[0].body)
    assert body.count("The queue does not move") == 20
    assert body.endswith("And 5 more: https://hub.example.com/admin/monitoring/alert/")
    assert Delivery.objects.filter(sent_at=None).count() == 0


EVIL = "#1\r\nBcc: all@example.com\r\n\r\n<script>alert(1)</script>\u202e*@here*<!channel>"


@pytest.mark.django_db
def test_the_name_of_an_order_injects_nothing_into_mail_slack_teams_or_json() -> None:
    shop = make_shop("demo", name="Main\nStore <img src=x>", iana_timezone="UTC")
    Beat.objects.create(name="worker", at=AT + timedelta(days=1))
    stage(shop, 1, due_at=AT - timedelta(hours=1), state="waiting", changed_at=AT - timedelta(hours=3))
    shop.syncs.update(name=EVIL[:60])
    mail_channel(conditions=["age"])
    for body in ("hub", "slack", "teams"):
        hook(key=body, body=body, address=f"{HOOK}/{body}", conditions=["age"])
    with responses.RequestsMock() as server, time_machine.travel(AT, tick=False):
        for body in ("hub", "slack", "teams"):
            server.post(f"{HOOK}/{body}", status=200)
        every_minute()
        sent = {str(call.request.url).rpartition("/")[2]: json.loads(body_of(call)) for call in server.calls}
    sentence = (
        "1 order of Main Store <img src=x> has been tried again and again for longer than 2 h. The oldest is "
        "#1 Bcc: all@example.com <script>alert(1)</script> *@here, since 20 Nov 2026 09:00 (UTC)."
    )
    (message,) = mail.outbox
    assert message.message()["Bcc"] is None
    assert message.recipients() == ["oncall@example.com"]
    assert "\n" not in message.subject
    assert str(message.body).splitlines()[1] == sentence
    assert message.message().get_content_type() == "text/plain"
    (alert,) = sent["hub"]["alerts"]
    assert alert["sentence"] == sentence
    (block,) = sent["slack"]["blocks"]
    assert block["text"]["type"] == "plain_text"
    assert sentence in block["text"]["text"].splitlines()
    assert "<" not in sent["slack"]["text"]
    card = sent["teams"]["attachments"][0]["content"]
    assert {run["type"] for part in card["body"] for run in part["inlines"]} == {"TextRun"}
    assert {part["type"] for part in card["body"]} == {"RichTextBlock"}


@pytest.mark.django_db
@responses.activate
def test_the_body_of_a_webhook_and_its_signature() -> None:
    channel = hook(secret="s3cret-of-the-channel")
    responses.post(HOOK, status=204)
    with time_machine.travel(AT, tick=False):
        check([rule("It is so.", Severity.CRITICAL)])
        assert deliver() == 1
    request, body = responses.calls[0].request, body_of(responses.calls[0])
    expected = hmac.new(b"s3cret-of-the-channel", body, hashlib.sha256).hexdigest()
    assert request.headers["Hub-Signature"] == f"sha256={expected}"
    assert request.headers["Hub-Timestamp"] == "1795176000"
    alert = Alert.objects.get()
    assert json.loads(body) == {
        "id": request.headers["Hub-Message"],
        "sent_at": "2026-11-20T12:00:00+00:00",
        "subject": "[Integration Hub] Opened (critical): The queue does not move. It is so.",
        "more": 0,
        "alerts": [
            {
                "alert": alert.pk, "event": "opened", "condition": "queue", "severity": "critical", "shop": None,
                "title": "The queue does not move", "sentence": "It is so.", "fix": "Look at the log.", "count": 1,
                "since": None, "link": "",
                "page": f"https://hub.example.com/admin/monitoring/alert/{alert.pk}/change/",
            }
        ],
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("SELECT address, secret FROM monitoring_channel WHERE id = %s", [channel.pk])
        assert all(str(stored).startswith("hub1:") for stored in cursor.fetchone())


@pytest.mark.django_db
@responses.activate
def test_a_repeated_message_has_the_same_id_and_a_redirect_is_not_followed() -> None:
    hook()
    responses.post(HOOK, status=302, headers={"Location": "https://elsewhere.example.com/"})
    with time_machine.travel(AT, tick=False) as clock:
        check([rule("It is so.")])
        assert deliver() == 0
        row = Delivery.objects.get()
        assert (row.error, row.due_at) == ("The receiver answered 302.", AT + timedelta(minutes=1))
        clock.shift(timedelta(minutes=1))
        responses.replace("POST", HOOK, status=200)
        assert deliver() == 1
    first, second = (call.request.headers["Hub-Message"] for call in responses.calls)
    assert first == second


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("http://hooks.example.com/", "The address must begin with https://."),
        ("ftp://hooks.example.com/", "Write the whole address, e.g. https://hooks.example.com/alerts."),
        ("", "Write the whole address, e.g. https://hooks.example.com/alerts."),
        ("https://u:p@hooks.example.com/", "The address holds no user name, password or '#'."),
        ("https://hooks.example.com:99999/", "The address has no usable port number."),
        *(
            (f"https://{host}/x", "inside a private network")
            for host in (
                "127.0.0.1", "localhost", "LOCALHOST.", "10.1.2.3", "192.168.1.1", "172.16.0.1", "169.254.169.254",
                "100.64.0.1", "0.0.0.0", "[::1]", "[fe80::1]", "[fd00::1]", "[::ffff:10.0.0.1]", "chat",
                "chat.internal", "224.0.0.1",
            )
        ),
    ],
)  # fmt: skip
def test_addresses_that_are_refused(settings: Any, address: str, why: str) -> None:
    settings.DEBUG = False
    channel = Channel(key="hook", name="Hook", kind="webhook", address=address)
    with pytest.raises(ValidationError) as caught:
        channel.clean()
    assert why in caught.value.message_dict["address"][0]


def test_a_private_host_the_setting_names_is_taken(settings: Any) -> None:
    settings.HUB_ALERT_HOSTS = ["chat.internal", "10.1.2.3:8443"]
    for address in ("https://chat.internal/x", "https://10.1.2.3:8443/x"):
        Channel(key="hook", name="Hook", kind="webhook", address=address).clean()
    with pytest.raises(ValidationError):
        Channel(key="hook", name="Hook", kind="webhook", address="https://10.1.2.3/x").clean()


class _Receiver(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.server.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))  # type: ignore[attr-defined]
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def receiver() -> Iterator[HTTPServer]:
    server = HTTPServer(("127.0.0.1", 0), _Receiver)
    server.bodies = []  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_name_that_leads_inside_is_refused_before_anything_is_sent(
    receiver: HTTPServer, settings: Any
) -> None:
    """`localhost` stands for a public name whose address was changed after it was checked."""
    client = PublicClient("The receiver")
    url = f"http://localhost:{receiver.server_port}/"
    with pytest.raises(NeedsPerson) as caught:
        client.send("POST", url, body=b"secret")
    assert caught.value.code == "PRIVATE_ADDRESS"
    assert receiver.bodies == []  # type: ignore[attr-defined]
    settings.HUB_ALERT_HOSTS = [f"localhost:{receiver.server_port}"]
    assert client.send("POST", url, body=b"secret").status == 200
    assert receiver.bodies == [b"secret"]  # type: ignore[attr-defined]
    client.close()


@pytest.mark.django_db
@responses.activate
def test_a_test_message(settings: Any) -> None:
    responses.post(HOOK, status=500, body="out of order")
    with pytest.raises(Retryable) as refused:
        send_test(hook(body="slack"), "id", AT)
    assert (refused.value.code, refused.value.detail) == ("CHANNEL_REFUSED", "out of order")
    assert json.loads(body_of(responses.calls[0]))["text"] == (
        "[Integration Hub] Test message. This is a test of the alert channel hook. Nothing is wrong."
    )
    channel = mail_channel()
    send_test(channel, "id", AT)
    assert [(m.subject, m.to) for m in mail.outbox] == [
        ("[Integration Hub] Test message", ["oncall@example.com"])
    ]
    settings.EMAIL_HOST = ""
    with pytest.raises(NeedsPerson) as missing:
        send_test(channel, "id", AT)
    assert missing.value.code == "MAIL_NOT_SET_UP"


@pytest.mark.django_db
def test_a_channel_whose_secret_does_not_open_keeps_its_messages_and_no_other(settings: Any) -> None:
    hook(secret="s")
    settings.HUB_SECRET_KEYS = ["another key of more than 32 letters"]
    mail_channel()
    with time_machine.travel(AT, tick=False):
        check([rule("It is so.")])
        assert deliver() == 1
    assert [row.standing for row in Delivery.objects.order_by("channel__key")] == ["undelivered", "sent"]
    assert "which is not in HUB_SECRET_KEYS" in Delivery.objects.get(channel__key="hook").error


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"recipients": ""}, "recipients"),
        ({"recipients": "a@example.com, nobody"}, "recipients"),
        ({"quiet_from": "22:00"}, "quiet_until"),
        ({"quiet_from": "22:00", "quiet_until": "22:00"}, "quiet_until"),
        ({"quiet_from": "25:00", "quiet_until": "07:00"}, "quiet_from"),
        ({"time_zone": "Berlin"}, "time_zone"),
        ({"shops": ["nowhere"]}, "shops"),
        ({"conditions": ["nothing"]}, "conditions"),
        ({"conditions": "queue"}, "conditions"),
    ],
)
def test_channels_that_could_not_work_are_refused(values: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationError) as caught:
        mail_channel(**values)
    assert list(caught.value.message_dict) == [field]

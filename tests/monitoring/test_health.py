"""The health pages: no log-in, the truth, and what to do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client

from common.clock import now
from monitoring.models import Alert
from syncflows.models import Beat
from tests.monitoring.alerting import mail_channel, subjects


def test_the_process_answers_without_a_database(client: Client) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok\n")
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.django_db
def test_ready_when_database_migrations_and_worker_are(client: Client) -> None:
    Beat.objects.create(name="worker", at=now())
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json()["ready"] is True
    assert {name: line["ok"] for name, line in answer.json()["checks"].items()} == {
        "database": True, "migrations": True, "worker": True,
    }  # fmt: skip


@pytest.mark.django_db
def test_who_asks_where_no_worker_runs_has_it_told_once_a_minute(client: Client, settings: Any) -> None:
    settings.EMAIL_HOST = "mail.example.com"
    mail_channel()
    with time_machine.travel(datetime(2026, 11, 20, 12, 0, tzinfo=UTC), tick=False) as clock:
        for _ in range(5):
            client.get("/readyz")
        first = Alert.objects.get()
        clock.shift(timedelta(minutes=2))
        client.get("/readyz")
        assert Alert.objects.get().seen_at == first.seen_at + timedelta(minutes=2)
    assert subjects() == [
        (
            "[Integration Hub] Opened (critical): No worker is running. The worker has never run. Orders wait until it "
            "is started."
        )
    ]


@pytest.mark.django_db
def test_not_ready_without_a_worker(client: Client) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"]["worker"] == {
        "ok": False, "detail": "never", "fix": "Start manage.py worker, or look at its log.",
    }  # fmt: skip
    Beat.objects.create(name="worker", at=now() - timedelta(minutes=4))
    assert client.get("/readyz").status_code == 503


@pytest.mark.django_db
def test_not_ready_with_a_migration_to_apply(client: Client) -> None:
    Beat.objects.create(name="worker", at=now())
    MigrationRecorder(connection).record_unapplied("monitoring", "0002_alerts")
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"]["migrations"] == {
        "ok": False, "detail": "1 not applied", "fix": "Run manage.py migrate.",
    }  # fmt: skip


@pytest.mark.django_db
def test_only_reading(client: Client) -> None:
    assert client.post("/healthz").status_code == 405
    assert client.post("/readyz").status_code == 405

"""A bad setting stops the start, and the message says what to write."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.checks import run_checks

from integration_hub.environment import NO_DATABASE, Environment

ROOT = Path(__file__).resolve().parents[2]
GOOD = {
    "PATH": os.environ["PATH"], "HUB_ENV_FILE": os.devnull, "DATABASE_URL": "sqlite://:memory:",
    "SECRET_KEY": "s" * 50, "HUB_SECRET_KEYS": "k" * 40, "HUB_PUBLIC_URL": "https://hub.example.com",
}  # fmt: skip


def manage(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT, env={**GOOD, **environment}, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "value", "check", "hint"),
    [
        ("SECRET_KEY_MISSING", True, "hub.E001", "Write SECRET_KEY=<50 random characters> in .env."),
        ("HUB_SECRET_KEYS", [], "hub.E002", "Write HUB_SECRET_KEYS=<32 or more random characters> in .env"),
        ("HUB_SECRET_KEYS", ["good" * 10, ""], "hub.E002", "Write HUB_SECRET_KEYS="),
        ("HUB_SECRET_KEYS", ["short"], "hub.E005", "Put a longer random key first"),
        (
            "HUB_EXTRA_API_HOSTS",
            ["https://x.example"],
            "hub.E003",
            "Write host or host:port without https://",
        ),
        ("HUB_EXTRA_API_HOSTS", ["x.example:port"], "hub.E003", "Write host or host:port"),
        ("HUB_ALERT_HOSTS", ["https://x.example"], "hub.E003", "Write host or host:port"),
        ("DEFAULT_FROM_EMAIL", "the hub", "hub.E010", "EMAIL_FROM=hub@example.com"),
        ("EMAIL_PORT", 0, "hub.E006.EMAIL_PORT", "Write a number from 1 to 65535."),
        ("EMAIL_USE_SSL", True, "hub.E008", "EMAIL_USE_TLS=0"),
        ("EMAIL_HOST_USER", "hub", "hub.E009", "EMAIL_HOST_PASSWORD_FILE"),
        ("HUB_PUBLIC_URL", "hub.example.com", "hub.E004", "HUB_PUBLIC_URL=https://hub.example.com"),
        ("HUB_BROKER_URL", "amqp://user:secret@queue", "hub.E008", "HUB_BROKER_URL=redis://host:6379/0"),
        ("HUB_METRICS_TOKEN", "short", "hub.E009", "HUB_METRICS_TOKEN=<32 random characters>"),
        ("WORKERS", 0, "hub.E006.HUB_WORKERS", "Write a number from 1 to 64."),
        ("WORKERS", 65, "hub.E006.HUB_WORKERS", "Write a number from 1 to 64."),
        ("HUB_BATCH_SIZE", 101, "hub.E006.HUB_BATCH_SIZE", "Write a number from 1 to 100."),
        ("HUB_LEASE_SECONDS", 1, "hub.E006.HUB_LEASE_SECONDS", "Write a number from 2 to 600."),
        ("HUB_SETTING_PROBLEMS", [("DEBUG", "DEBUG is 'so'.", "Write 1.")], "hub.E007.DEBUG", "Write 1."),
    ],
)
def test_each_check_speaks_up_and_says_what_to_write(
    settings: LazySettings, name: str, value: Any, check: str, hint: str
) -> None:
    settings.DEBUG = False
    settings.HUB_SECRET_KEYS = ["k" * 40]
    settings.EMAIL_HOST = "mail.example.com"
    assert [found.id for found in run_checks() if str(found.id).startswith("hub.E")] == []
    setattr(settings, name, value)
    (found,) = [found for found in run_checks() if str(found.id).startswith("hub.E")]
    assert found.id == check
    assert found.is_serious()
    assert hint in str(found.hint)


@pytest.mark.parametrize(
    ("name", "value", "remedy"),
    [
        ("DEBUG", "maybe", "Write DEBUG=1 for yes or DEBUG=0 for no."),
        ("HTTPS_ONLY", "perhaps", "Write HTTPS_ONLY=1 for yes or HTTPS_ONLY=0 for no."),
        ("BEHIND_PROXY", "2", "Write BEHIND_PROXY=1 for yes or BEHIND_PROXY=0 for no."),
        ("HUB_WORKERS", "abc", "Write a whole number, e.g. HUB_WORKERS=2."),
        ("HUB_BATCH_SIZE", "1.5", "Write a whole number, e.g. HUB_BATCH_SIZE=50."),
        ("HUB_LEASE_SECONDS", "", "Write a whole number, e.g. HUB_LEASE_SECONDS=30."),
        ("LOG_LEVEL", "LOUD", "Write one of DEBUG, INFO, WARNING, ERROR."),
        ("DATABASE_URL", "nonsense", "Write DATABASE_URL=postgresql://user:password@host:5432/database"),
        ("DATABASE_URL", "mysql://user@host/base", "Write DATABASE_URL=postgresql://"),
        ("DATABASE_URL", "postgresql://user@host:many/base", "Write DATABASE_URL=postgresql://"),
        ("SECRET_KEY_FILE", "/nowhere/secret", "Correct the path in SECRET_KEY_FILE"),
        ("HUB_SECRET_KEYS_FILE", "/nowhere/keys", "Correct the path in HUB_SECRET_KEYS_FILE"),
    ],
)
def test_a_value_that_cannot_be_read_stops_the_start(name: str, value: str, remedy: str) -> None:
    environment = {name: value}
    if name.endswith("_FILE"):
        environment[name.removesuffix("_FILE")] = ""
    done = manage("check", **environment)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert f"(hub.E007.{name.removesuffix('_FILE')})" in done.stderr
    assert remedy in done.stderr


def test_good_settings_start() -> None:
    done = manage("check")
    assert (done.returncode, done.stderr) == (0, "")


def test_neither_worker_nor_migration_starts_with_a_bad_setting() -> None:
    for command in ("worker", "migrate"):
        done = manage(command, HUB_WORKERS="many")
        assert done.returncode == 1, command
        assert "Write a whole number" in done.stderr


def test_until_it_is_mended_the_safer_value_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DEBUG", "HTTPS_ONLY"):
        monkeypatch.setenv(name, "who knows")
    monkeypatch.setenv("DATABASE_URL", "oracle://here")
    env = Environment()
    assert env.flag("DEBUG", default=False) is False
    assert env.flag("HTTPS_ONLY", default=True) is True
    assert env.database("DATABASE_URL", "sqlite://:memory:") == NO_DATABASE
    assert [name for name, _, _ in env.problems] == ["DEBUG", "HTTPS_ONLY", "DATABASE_URL"]


def test_a_password_in_a_bad_address_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "mysql://user:hunter2@host/base")
    env = Environment()
    env.database("DATABASE_URL", "")
    assert "hunter2" not in str(env.problems)


def test_secrets_and_lists_may_come_from_files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "keys").write_text("new-key, old-key\n", encoding="utf-8")
    monkeypatch.setenv("HUB_SECRET_KEYS_FILE", str(tmp_path / "keys"))
    monkeypatch.delenv("HUB_SECRET_KEYS", raising=False)
    env = Environment()
    assert env.words("HUB_SECRET_KEYS", []) == ["new-key", "old-key"]
    assert env.problems == []

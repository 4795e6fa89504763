"""System checks: an unsafe or impossible setting stops the start and says what to write instead."""

from __future__ import annotations

import re
from email.utils import parseaddr
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

_HOST = re.compile(r"^[a-z0-9.-]+(:\d{1,5})?$", re.IGNORECASE)


@register()
def check_settings(**_: object) -> list[CheckMessage]:
    """Every setting of the hub that can be wrong, each with its remedy."""
    found: list[CheckMessage] = [
        Error(what, hint=remedy, id=f"hub.E007.{name}")
        for name, what, remedy in settings.HUB_SETTING_PROBLEMS
    ]
    if settings.SECRET_KEY_MISSING:
        found.append(
            Error(
                "SECRET_KEY is not set.",
                hint="Write SECRET_KEY=<50 random characters> in .env.",
                id="hub.E001",
            )
        )
    found += _check_secret_keys()
    found += [
        Error(
            f"{name} has '{host}', which is not a host.",
            hint="Write host or host:port without https://, separated by commas, e.g. shopify.test.example:8443.",
            id="hub.E003",
        )
        for name in ("HUB_EXTRA_API_HOSTS", "HUB_ALERT_HOSTS")
        for host in getattr(settings, name)
        if not _HOST.match(host)
    ]
    found += _check_mail()
    if urlsplit(settings.HUB_PUBLIC_URL).scheme not in {"http", "https"}:
        found.append(
            Error(
                f"HUB_PUBLIC_URL is '{settings.HUB_PUBLIC_URL}'.",
                hint="Write the address people open the hub at, e.g. HUB_PUBLIC_URL=https://hub.example.com.",
                id="hub.E004",
            )
        )
    found += _check_broker()
    if settings.HUB_METRICS_TOKEN and len(settings.HUB_METRICS_TOKEN) < 24:
        found.append(
            Error(
                "HUB_METRICS_TOKEN is shorter than 24 characters.",
                hint="Write HUB_METRICS_TOKEN=<32 random characters>, or leave it out: then there is no /metrics.",
                id="hub.E009",
            )
        )
    found += _check_number("HUB_WORKERS", settings.WORKERS, 1, 64)
    found += _check_number("HUB_BATCH_SIZE", settings.HUB_BATCH_SIZE, 1, 100)
    found += _check_number("HUB_LEASE_SECONDS", settings.HUB_LEASE_SECONDS, 2, 600)
    found += _check_number("HUB_WEBHOOK_MAX_BYTES", settings.HUB_WEBHOOK_MAX_BYTES, 100_000, 100_000_000)
    for name in ("HUB_WEBHOOK_BODY_DAYS", "HUB_WEBHOOK_FAILED_DAYS", "HUB_WEBHOOK_ROW_DAYS"):
        found += _check_number(name, getattr(settings, name), 1, 3650)
    return found


def _check_broker() -> list[CheckMessage]:
    """The address may hold a password, so it is not repeated."""
    if not settings.HUB_BROKER_URL or urlsplit(settings.HUB_BROKER_URL).scheme in {"redis", "rediss", "unix"}:
        return []
    return [
        Error(
            "HUB_BROKER_URL is not the address of a Redis.",
            hint="Write HUB_BROKER_URL=redis://host:6379/0 (rediss:// for TLS, unix:///path for a socket), or leave "
            "it out: then the database is the broker.",
            id="hub.E008",
        )
    ]


def _check_secret_keys() -> list[CheckMessage]:
    keys = settings.HUB_SECRET_KEYS
    if not keys or not all(keys):
        return [
            Error(
                "HUB_SECRET_KEYS is not set, so no credential can be stored.",
                hint="Write HUB_SECRET_KEYS=<32 or more random characters> in .env and keep a copy: without it stored "
                "credentials cannot be opened.",
                id="hub.E002",
            )
        ]
    if not settings.DEBUG and any(len(key) < 32 for key in keys):
        return [
            Error(
                "A key in HUB_SECRET_KEYS is shorter than 32 characters.",
                hint="Put a longer random key first and keep the old one after it until secrets were saved again.",
                id="hub.E005",
            )
        ]
    return []


def _check_mail() -> list[CheckMessage]:
    """Mail settings that contradict each other, or that no mail server would take."""
    if not settings.EMAIL_HOST:
        return []
    found = _check_number("EMAIL_PORT", settings.EMAIL_PORT, 1, 65_535)
    if settings.EMAIL_USE_TLS and settings.EMAIL_USE_SSL:
        found.append(
            Error(
                "EMAIL_USE_TLS and EMAIL_USE_SSL are both on.",
                hint="Write EMAIL_USE_TLS=0 for a server with TLS from the start (port 465), else EMAIL_USE_SSL=0.",
                id="hub.E008",
            )
        )
    if settings.EMAIL_HOST_USER and not settings.EMAIL_HOST_PASSWORD:
        found.append(
            Error(
                "EMAIL_HOST_USER is set and EMAIL_HOST_PASSWORD is not.",
                hint="Write EMAIL_HOST_PASSWORD, or EMAIL_HOST_PASSWORD_FILE with the file that holds it.",
                id="hub.E009",
            )
        )
    try:
        validate_email(parseaddr(settings.DEFAULT_FROM_EMAIL)[1])
    except ValidationError:
        found.append(
            Error(
                f"EMAIL_FROM is '{settings.DEFAULT_FROM_EMAIL}'.",
                hint="Write the address alerts come from, e.g. EMAIL_FROM=hub@example.com.",
                id="hub.E010",
            )
        )
    return found


def _check_number(name: str, value: int, low: int, high: int) -> list[CheckMessage]:
    if low <= value <= high:
        return []
    return [Error(f"{name} is {value}.", hint=f"Write a number from {low} to {high}.", id=f"hub.E006.{name}")]

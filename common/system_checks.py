"""System checks: an unsafe or impossible setting stops the start and says what to write instead."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

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
            f"HUB_EXTRA_API_HOSTS has '{host}', which is not a host.",
            hint="Write host or host:port without https://, separated by commas, e.g. shopify.test.example:8443.",
            id="hub.E003",
        )
        for host in settings.HUB_EXTRA_API_HOSTS
        if not _HOST.match(host)
    ]
    if urlsplit(settings.HUB_PUBLIC_URL).scheme not in {"http", "https"}:
        found.append(
            Error(
                f"HUB_PUBLIC_URL is '{settings.HUB_PUBLIC_URL}'.",
                hint="Write the address people open the hub at, e.g. HUB_PUBLIC_URL=https://hub.example.com.",
                id="hub.E004",
            )
        )
    found += _check_number("HUB_WORKERS", settings.WORKERS, 1, 64)
    found += _check_number("HUB_BATCH_SIZE", settings.HUB_BATCH_SIZE, 1, 100)
    found += _check_number("HUB_LEASE_SECONDS", settings.HUB_LEASE_SECONDS, 2, 600)
    found += _check_number("HUB_WEBHOOK_MAX_BYTES", settings.HUB_WEBHOOK_MAX_BYTES, 100_000, 100_000_000)
    for name in ("HUB_WEBHOOK_BODY_DAYS", "HUB_WEBHOOK_FAILED_DAYS", "HUB_WEBHOOK_ROW_DAYS"):
        found += _check_number(name, getattr(settings, name), 1, 3650)
    return found


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


def _check_number(name: str, value: int, low: int, high: int) -> list[CheckMessage]:
    if low <= value <= high:
        return []
    return [Error(f"{name} is {value}.", hint=f"Write a number from {low} to {high}.", id=f"hub.E006.{name}")]

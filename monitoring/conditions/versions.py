"""The version of Shopify's API the hub is written for: about to end, or not the one Shopify answers with."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from django.urls import reverse

from monitoring.registry import Condition, Finding, Severity, register
from monitoring.words import of, one_line
from shops.models import Shop
from shops.shopify.version import API_VERSION

BEFORE = timedelta(days=60)


def end_of(version: str) -> datetime:
    """When Shopify may stop serving a version: 12 months after its quarter, at 17:00 UTC."""
    year, month = (int(part) for part in version.split("-"))
    return datetime(year + 1, month, 1, 17, tzinfo=UTC)


def find(at: datetime) -> Iterator[Finding]:
    """The pinned version when it ends within 60 days, and every shop that is served another one; one query."""
    if Shop.objects.filter(is_active=True).exists():
        yield from ending(API_VERSION, at)
    for shop in (
        Shop.objects.filter(is_active=True)
        .exclude(api_version_drift="")
        .only("key", "name", "api_version_drift")
    ):
        yield Finding(
            f"Shopify answers {of(shop)} with version {one_line(shop.api_version_drift, 20)} of its API; the hub asks "
            f"for {API_VERSION}.",
            subject="drift",
            shop=shop,
            url=reverse("admin:shops_shop_change", args=[shop.pk]),
        )


def ending(version: str, at: datetime) -> Iterator[Finding]:
    """A finding when this version ends soon or has ended."""
    end = end_of(version)
    if at < end - BEFORE:
        return
    days = (end - at).days
    yield Finding(
        f"Version {version} of Shopify's API, which the hub uses, ends in {days} days, on {end:%d %b %Y}."
        if at < end
        else f"Version {version} of Shopify's API, which the hub uses, ended on {end:%d %b %Y}.",
        subject="end",
        severity=Severity.WARNING if at < end else Severity.CRITICAL,
    )


register(
    Condition(
        "api_version",
        "Shopify's API moves on",
        "The version of Shopify's API the hub is written for ends within 60 days (12 months after its quarter), or "
        "Shopify already answers with another one.",
        "Update the hub: each release names the version it is written for. Until then compare the totals of some new "
        "orders; what Shopify changed may not be read correctly.",
        Severity.WARNING,
        find,
    )
)

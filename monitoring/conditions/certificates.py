"""Certificates of ERP connections that are about to end."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.urls import reverse

from erps.models import AuthKind, ErpConnection
from monitoring.registry import Condition, Finding, Severity, register
from monitoring.words import one_line

BEFORE = timedelta(days=30)
GRAVE = timedelta(days=7)


def find(at: datetime) -> Iterator[Finding]:
    """Every active connection whose certificate ends within 30 days; critical within 7. One query."""
    rows = ErpConnection.objects.filter(
        is_active=True, auth_kind=AuthKind.OAUTH2, certificate_valid_until__lte=(at + BEFORE).date()
    )
    for pk, name, end in rows.values_list("pk", "name", "certificate_valid_until"):
        if end is None:
            continue
        days = (end - at.date()).days
        when = f"in {days} day{'' if days == 1 else 's'}" if days > 0 else "today" if days == 0 else "already"
        yield Finding(
            f"The certificate of {one_line(name, 100)} ends {when}, on {end:%d %b %Y}."
            if days >= 0
            else f"The certificate of {one_line(name, 100)} ended on {end:%d %b %Y}.",
            subject=str(pk),
            url=reverse("admin:erps_erpconnection_change", args=[pk]),
            severity=Severity.CRITICAL if days <= GRAVE.days else Severity.WARNING,
        )


register(
    Condition(
        "certificate",
        "The certificate of an ERP connection is about to end",
        "The certificate the hub signs in to the ERP with ends within 30 days (warning), or 7 (critical). The date "
        "stands on the connection, read from the certificate or typed.",
        "Make and upload a new certificate before the old one ends, enter its ID, key and date on the connection, "
        "press Test connection, then revoke the old one (docs/setup-netsuite.md).",
        Severity.WARNING,
        find,
    )
)

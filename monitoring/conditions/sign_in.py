"""Sign-ins that fail or are about to end."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Count, Min, Q
from django.urls import reverse

from monitoring.registry import Condition, Finding, Severity, register
from monitoring.words import moment, of, one_line, orders, span
from shops.models import AuthKind, Shop
from syncflows.models import FLOW_ORDERS, Sync
from syncflows.states import State

SHOP_CODES = ("SHOPIFY_LOGIN", "SHOP_CREDENTIALS")
ERP_CODES = ("ERP_LOGIN",)
BEFORE = timedelta(days=14)
"""How long before its end a token that only a person can replace is told of."""


def find(at: datetime) -> Iterator[Finding]:
    """Shops and ERP connections that cannot sign in, or soon cannot; three queries."""
    yield from _refused_by_shopify()
    yield from _ending(at)
    yield from _refused_by_erp()


def _refused_by_shopify() -> Iterator[Finding]:
    failing = Q(cursors__flow=FLOW_ORDERS, cursors__error_code__in=SHOP_CODES)
    rows = Shop.objects.filter(failing, is_active=True).values_list("pk", "cursors__error")
    errors = dict(rows)
    for shop in Shop.objects.filter(pk__in=errors):
        yield Finding(
            f"The hub cannot sign in to {of(shop)}. {one_line(errors[shop.pk])}",
            subject="shopify",
            shop=shop,
            url=reverse("admin:shops_shop_change", args=[shop.pk]),
            severity=Severity.CRITICAL,
        )


def _ending(at: datetime) -> Iterator[Finding]:
    """Tokens a person has to renew: the refresh token of an installed app, and a pasted token with an end. The hub
    renews all others itself."""
    refresh = Q(auth_kind=AuthKind.AUTHORIZATION_CODE, refresh_token_expires_at__lt=at + BEFORE)
    pasted = Q(auth_kind=AuthKind.STATIC, access_token_expires_at__lt=at + BEFORE)
    for shop in Shop.objects.filter(refresh | pasted, is_active=True).defer(
        "client_secret", "access_token", "refresh_token"
    ):
        installed = shop.auth_kind == AuthKind.AUTHORIZATION_CODE
        end = shop.refresh_token_expires_at if installed else shop.access_token_expires_at
        if end is None:
            continue
        over = end <= at
        when = "ended" if over else f"ends in {span(end - at)},"
        yield Finding(
            f"The access of {of(shop)} to Shopify {when} at {moment(end, shop.iana_timezone)}.",
            subject="token",
            shop=shop,
            since=end if over else None,
            url=reverse("admin:shops_shop_change", args=[shop.pk]),
            severity=Severity.CRITICAL if over else Severity.WARNING,
        )


def _refused_by_erp() -> Iterator[Finding]:
    rows = (
        Sync.objects.filter(
            state__in=(State.WAITING, State.BLOCKED), reason_code__in=ERP_CODES, shop__is_active=True
        )
        .order_by()
        .values_list("shop__erp_connection_id", "shop__erp_connection__name")
        .annotate(count=Count("pk"), oldest=Min("changed_at"))
    )
    for pk, name, count, oldest in rows:
        if pk is None:
            continue
        wait = "waits" if count == 1 else "wait"
        yield Finding(
            f"The hub cannot sign in to {one_line(name, 100)}; {orders(count)} {wait} for it.",
            subject=f"erp {pk}",
            count=count,
            since=oldest,
            url=reverse("admin:erps_erpconnection_change", args=[pk]),
            severity=Severity.CRITICAL,
        )


register(
    Condition(
        "sign_in",
        "A sign-in fails or is about to end",
        "Shopify or the ERP refuses the hub's credentials (critical), or a token only a person can replace ends within "
        "14 days (warning).",
        "Open the shop or the connection, enter what is missing or connect again, and press Test connection. What "
        "waited goes on after a retry under Errors by cause.",
        Severity.CRITICAL,
        find,
    )
)

"""The page *Errors by cause*, its lists of orders, and *Retry these*."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse

from syncflows.admin.access import RETRY as MAY_RETRY
from syncflows.admin.access import VIEW, may
from syncflows.admin.groups import SHOWN_GROUPS, Group, groups, members, totals
from syncflows.admin.labels import age, money
from syncflows.states import State

SHOWN_ORDERS = 50
"""Orders listed under a group; the whole list is one click further."""


def causes_page(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """Everything blocked, grouped by cause and value; below it what waits and tries again by itself."""
    if not may(request, VIEW):
        raise PermissionDenied
    blocked, waiting = groups(State.BLOCKED), groups(State.WAITING)
    count, amount = totals(blocked)
    context = {
        **site.each_context(request),
        "title": "Errors by cause",
        "sections": [_section("Needs a person", blocked), _section("Tries again by itself", waiting)],
        "nothing": not blocked and not waiting,
        "count": count,
        "amount": amount,
        "may_retry": may(request, MAY_RETRY),
    }
    return TemplateResponse(request, "orders/causes.html", context)


def _section(title: str, found: list[Group]) -> dict[str, object]:
    return {
        "title": title,
        "groups": [{"it": group, "query": urlencode(group.query)} for group in found[:SHOWN_GROUPS]],
        "more": max(0, len(found) - SHOWN_GROUPS),
        "orders": sum(group.orders for group in found),
    }


def cause_orders(request: HttpRequest) -> HttpResponse:
    """The orders of one group, newest first: a fragment the page loads when a group is opened."""
    if not may(request, VIEW):
        raise PermissionDenied
    syncs = members(request.GET).select_related("order", "shop").order_by("-order__created_at")
    rows = [
        {
            "pk": sync.pk,
            "name": sync.name,
            "customer": sync.order.customer_name or sync.order.email,
            "total": money(sync.order.total, sync.order.currency),
            "shop": sync.shop.name,
            "age": age(sync.order.created_at),
            "reason": sync.reason,
        }
        for sync in syncs[:SHOWN_ORDERS]
    ]
    query = {name: request.GET.get(name, "") for name in ("state", "cause", "value")}
    every = f"{reverse('admin:syncflows_sync_changelist')}?{urlencode(query)}"
    return TemplateResponse(request, "orders/cause_orders.html", {"rows": rows, "all": every})

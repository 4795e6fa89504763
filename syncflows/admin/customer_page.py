"""The customer of one order: which rule answers and why the others do not, who fits, and a search in the ERP."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib.admin import AdminSite
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse

from common.errors import Candidate, HubError
from syncflows.actions.customers import look, search
from syncflows.actions.deeds.creating_customer import in_words
from syncflows.actions.registry import action_of
from syncflows.admin.access import may
from syncflows.admin.labels import state_words
from syncflows.models import Sync


def customer_page(request: HttpRequest, site: AdminSite, object_id: str) -> HttpResponse:
    """Look everything up anew. Nothing is written, in the hub or elsewhere."""
    rows = Sync.objects.select_related("order", "shop__erp_connection")
    sync = rows.filter(pk=object_id).first() if object_id.isdecimal() else None
    if sync is None:
        raise Http404
    assign, create = action_of("assign_customer"), action_of("create_customer")
    may_assign = may(request, assign.permission) and assign.available(sync)
    seen = look(sync)
    text = request.GET.get("q", "").strip()[:100]
    found, problem = _found(sync, text) if text and may_assign else ([], "")
    context: dict[str, Any] = {
        **site.each_context(request),
        "title": f"Customer of {sync.name}",
        "sync": sync,
        "state": state_words(sync),
        "seen": seen,
        "proposed": in_words(seen.proposed).splitlines() if seen.proposed else [],
        "candidates": [(each, _assign_url(sync, each)) for each in seen.candidates],
        "found": [(each, _assign_url(sync, each)) for each in found],
        "problem": problem,
        "text": text,
        "may_assign": may_assign,
        "create": create,
        "create_url": reverse("admin:syncflows_order_create_customer_order", args=[sync.pk])
        if may(request, create.permission) and create.available(sync)
        else "",
    }
    return TemplateResponse(request, "orders/customer.html", context)


def _found(sync: Sync, text: str) -> tuple[list[Candidate], str]:
    try:
        return search(sync.shop, text), ""
    except HubError as error:
        return [], error.message


def _assign_url(sync: Sync, each: Candidate) -> str:
    """The dialog that assigns one customer; an inactive one is not offered."""
    if each.inactive:
        return ""
    address = reverse("admin:syncflows_order_assign_customer_order", args=[sync.pk])
    return f"{address}?{urlencode({'candidate': each.id, 'customer': each.id})}"

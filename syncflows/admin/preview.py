"""The dry run of one order: the exact body that would be sent, both sides by component, and the warnings."""

from __future__ import annotations

from typing import Any

from django.contrib.admin import AdminSite
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from common.causes import cause
from syncflows import actions
from syncflows.admin.deep_links import fix_url
from syncflows.admin.json_text import json_text
from syncflows.admin.totals import component_rows, difference_rows
from syncflows.models import Sync


def preview_page(request: HttpRequest, site: AdminSite, object_id: str) -> HttpResponse:
    """Show what an import would write now. Nothing is written, in the hub or elsewhere."""
    sync = Sync.objects.select_related("order", "shop__erp_connection").filter(pk=object_id).first()
    if sync is None:
        raise Http404
    answer = actions.preview(sync)
    error = answer.error
    context: dict[str, Any] = {
        **site.each_context(request),
        "title": f"Preview of {sync.name}",
        "sync": sync,
        "answer": answer,
        "error": error,
        "cause": cause(error.code) if error else None,
        "fix_url": fix_url(cause(error.code).where, sync.shop, error.value) if error else "",
        "components": difference_rows(error.differences)
        if error and error.differences
        else component_rows(answer.components, sync.order.books_currency or sync.order.currency),
        "body": json_text(answer.payload) if answer.payload else "",
    }
    return TemplateResponse(request, "orders/preview.html", context)

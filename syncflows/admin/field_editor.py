"""The page on which people edit the draft of a shop's field mappings, with the preview beside it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.formats import date_format

from erps.models import ErpConnection, ReferenceKind
from erps.reference import fetched_at
from mappings.admin.field_forms import BaseRows, Rows, initial_of
from mappings.admin.field_targets import TargetField, target_fields
from mappings.field_sets import FieldMapping, FieldMappingSet
from mappings.field_versions import ChangedMeanwhile, RowChange, compare, current_of, save_draft, start_draft
from syncflows.models import Order

OFFERED = 30
"""Orders offered for the preview; any other can be typed."""


def rows_of(request: HttpRequest, version: FieldMappingSet) -> BaseRows:
    """The forms of a draft: as posted, else as stored."""
    targets = _targets(version.shop.erp_connection)
    kwargs: dict[str, Any] = {"prefix": "rows", "form_kwargs": {"targets": targets}}
    if request.method == "POST":
        return cast("BaseRows", Rows(request.POST, **kwargs))
    return cast("BaseRows", Rows(initial=initial_of(version.rows.all()), **kwargs))


def _targets(connection: ErpConnection | None) -> dict[str, TargetField]:
    return target_fields(connection)


def editor_page(request: HttpRequest, site: AdminSite, version: FieldMappingSet) -> HttpResponse:
    """Show or save the draft. Who saves over somebody else's changes is told first, with what they typed kept."""
    rows = rows_of(request, version)
    revision = _number(request.POST.get("revision"), version.revision)
    clash: dict[str, Any] | None = None
    if request.method == "POST" and rows.is_valid():
        over = request.POST.get("over", "")
        try:
            draft = _save(request, version, revision, over, rows.mappings())
        except ChangedMeanwhile as meanwhile:
            clash = _clash(meanwhile.draft, rows.mappings())
        else:
            messages.success(request, f"{draft} is saved. It counts once it is published.")
            return HttpResponseRedirect(reverse("admin:mappings_fieldmappingset_change", args=[draft.pk]))
    return TemplateResponse(
        request,
        "fieldmaps/editor.html",
        {**_context(request, site, version), "rows": rows, "revision": revision, "clash": clash},
    )


def _save(
    request: HttpRequest, version: FieldMappingSet, revision: int, over: str, rows: Sequence[FieldMapping]
) -> FieldMappingSet:
    """Save at the revision the page was opened with; or over the one a person was shown and ticked."""
    if over == "new":
        draft = start_draft(version.shop, request.user)
        return save_draft(draft, draft.revision, rows, request.user)
    return save_draft(version, _number(over, revision), rows, request.user)


def _clash(now_there: FieldMappingSet | None, mine: Sequence[FieldMapping]) -> dict[str, Any]:
    """What somebody else did, and how their version differs from what was typed."""
    if now_there is None or not now_there.is_draft:
        what = f"published it as {now_there.title.lower()}" if now_there is not None else "threw it away"
        who, at = (now_there.published_by, now_there.published_at) if now_there else (None, None)
        over, offer = "new", "Save mine as a new draft"
    else:
        what, who, at = "saved it", now_there.changed_by, now_there.changed_at
        over, offer = str(now_there.revision), "Replace their changes by mine"
    when = f" on {date_format(at, 'j M Y, H:i')} UTC" if at else ""
    differences: list[RowChange] = compare(now_there.rows.all(), mine) if now_there else []
    return {
        "sentence": f"{who or 'Somebody'} {what}{when}, after you opened this draft. Nothing was saved yet, and "
        "what you typed is below, unchanged.",
        "differences": differences,
        "over": over,
        "offer": offer,
    }


def _context(request: HttpRequest, site: AdminSite, version: FieldMappingSet) -> dict[str, Any]:
    current = current_of(version.shop)
    connection = version.shop.erp_connection
    orders = Order.objects.filter(shop=version.shop).order_by("-created_at")
    return {
        **site.each_context(request),
        "title": f"Field mappings of {version.shop}",
        "version": version,
        "current": current,
        "orders": list(orders.values_list("name", "customer_name")[:OFFERED]),
        "fields_read": fetched_at(connection, ReferenceKind.ORDER_FIELD) if connection else None,
        "connection": connection,
        "may_publish": request.user.has_perm("mappings.publish_fieldmappingset"),
        "may_refresh": request.user.has_perm("erps.test_erpconnection"),
    }


def _number(text: str | None, otherwise: int) -> int:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 10 else otherwise

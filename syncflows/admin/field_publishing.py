"""Publishing a version: first the newest orders are tried with it, then a person says why, and confirms what fails."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldBooleanWidget

from common.causes import cause
from common.errors import HubError
from mappings.admin.waiting import orders_known
from mappings.field_sets import FieldMappingSet
from mappings.field_versions import ChangedMeanwhile, RowChange, compare, current_of, publish, publish_again
from syncflows.trials import Tried, last_orders, try_rules

CODES = ("FIELD_EXPRESSION", "FIELD_VALUE", "FIELD_LOOKUP", "FIELD_GONE", "FIELD_REFUSED")
"""Causes with which an order waits for its field mappings."""


def orders(number: int) -> str:
    """`1 order was`, `37 orders were`."""
    return "1 order was" if number == 1 else f"{number:,} orders were"


class PublishForm(forms.Form):
    """Why, and whether although orders would stop."""

    reason = forms.CharField(
        label="Why", max_length=1000, widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}),
        help_text="Kept with your name in the history.", error_messages={"required": "Say why."},
    )  # fmt: skip
    confirm = forms.BooleanField(
        label="Publish although some of these orders would stop", required=False, widget=UnfoldBooleanWidget()
    )
    revision = forms.IntegerField(widget=forms.HiddenInput())

    def __init__(self, *args: Any, failing: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if failing:
            self.fields["confirm"].required = True
            self.fields["confirm"].error_messages["required"] = (
                "Look at the orders that would stop, then tick this."
            )
        else:
            del self.fields["confirm"]


def publish_page(request: HttpRequest, site: AdminSite, version: FieldMappingSet) -> HttpResponse:
    """Show what the newest orders come to, and publish: a draft, or an older version once more."""
    shop = version.shop
    problem: HubError | None = None
    tried: list[Tried] = []
    try:
        tried = try_rules(shop, last_orders(shop), [row.rule() for row in version.rows.all()])
    except HubError as error:
        problem = error
    failing = [one for one in tried if not one.after.ties]
    needs_confirmation = bool(failing or problem)
    posted = request.POST if request.method == "POST" else None
    form = PublishForm(posted, failing=needs_confirmation, initial={"revision": version.revision})
    if form.is_valid():
        return _publish(request, version, form.cleaned_data)
    context = {
        **site.each_context(request),
        "title": _title(version),
        "version": version,
        "form": form,
        "changes": _changes(version),
        "current": current_of(shop),
        "problem": problem,
        "problem_cause": cause(problem.code) if problem else None,
        "tried": len(tried),
        "ties": len(tried) - len(failing),
        "failing": [(one, cause(one.after.error.code)) for one in failing if one.after.error],
        "newly": sum(one.newly_failing for one in failing),
    }
    return TemplateResponse(request, "fieldmaps/publish.html", context)


def _title(version: FieldMappingSet) -> str:
    if version.is_draft:
        return f"Publish the field mappings of {version.shop}"
    return f"Publish version {version.number} of {version.shop} again"


def _changes(version: FieldMappingSet) -> list[RowChange]:
    current = current_of(version.shop)
    return compare(current.rows.all() if current else [], version.rows.all())


def _publish(request: HttpRequest, version: FieldMappingSet, given: dict[str, Any]) -> HttpResponse:
    try:
        if version.is_draft:
            done = publish(version, given["revision"], request.user, given["reason"])
        else:
            done = publish_again(version, request.user, given["reason"])
    except ChangedMeanwhile:
        messages.error(
            request,
            "Somebody changed the draft after this page was made. Look at the result below, then publish.",
        )
        return HttpResponseRedirect(request.path)
    messages.success(request, f"{done} is in use from the next order on. Orders in the ERP stay as they are.")
    waiting = sum(value.orders for value in orders_known().values(CODES) if value.shop_id == done.shop_id)
    if waiting:
        messages.info(
            request,
            f"{orders(waiting)} stopped at a field mapping. Retry waiting orders, on the list, takes them up.",
        )
    return HttpResponseRedirect(reverse("admin:mappings_fieldmappingset_change", args=[done.pk]))

"""Rows, dialogs and bulk actions shared by the order lists and the order page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.db.models import Count, Min, QuerySet, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from unfold.forms import BaseDialogForm

from syncflows import actions
from syncflows.admin.access import FactsAdmin, deed
from syncflows.admin.dialogs import DEEDS, EXCLUDE, IMPORT, RETRY, Deed, ReasonForm, RemarkForm, dialog
from syncflows.admin.labels import money
from syncflows.admin.preview import preview_page
from syncflows.models import Sync

SHOWN = 20
"""Orders named on the confirmation page; the rest are counted."""


_ACTS: dict[str, Callable[[User, QuerySet[Sync], str], int]] = {
    IMPORT.name: actions.import_now,
    RETRY.name: actions.retry,
    EXCLUDE.name: actions.exclude,
}


def perform(request: HttpRequest, what: Deed, syncs: QuerySet[Sync], reason: str) -> int:
    """Do it, leave the audit entries, tell the person; returns how many orders it reached."""
    wanted = syncs.count()
    reached = _ACTS[what.name](cast("User", request.user), syncs, reason)
    if reached:
        messages.success(request, f"{orders(reached)} {what.done}")
    if reached < wanted:
        left = orders(wanted - reached)
        messages.warning(request, f"Not touched: {left} (in the ERP, being worked on, or excluded already).")
    return reached


def orders(number: int) -> str:
    """`1 order`, `37 orders`."""
    return f"{number:,} order" if number == 1 else f"{number:,} orders"


def after_dialog(url: str) -> HttpResponse:
    """Close the dialog by going to a page (htmx follows this header)."""
    return HttpResponse(headers={"HX-Redirect": url})


def amounts(syncs: QuerySet[Sync]) -> list[str]:
    """Totals of the orders by Shopify currency: `4,812.40 USD`."""
    rows = syncs.order_by().values_list("order__currency").annotate(total=Sum("order__total"))
    return [money(total, currency) for currency, total in sorted(rows)]


class OrderDeeds(FactsAdmin):
    """Import, retry, exclude and preview of one order or of many. The model is Sync, or Order with the same keys."""

    actions = ["import_selected", "retry_selected", "exclude_selected"]
    actions_row = ("preview_order", *DEEDS)  # type: ignore[assignment] # unfold types it as the empty default

    def syncs(self, queryset: QuerySet[Any]) -> QuerySet[Sync]:
        """The Sync rows behind rows of this list."""
        return Sync.objects.filter(pk__in=queryset.order_by().values("pk"))

    def _one(self, request: HttpRequest, what: Deed, form: BaseDialogForm, object_id: str) -> HttpResponse:
        syncs = Sync.objects.filter(pk=object_id)
        if not syncs.exists():
            raise Http404
        perform(request, what, syncs, form.cleaned_data["reason"])
        return after_dialog(reverse("admin:syncflows_order_change", args=[object_id]))

    @deed(
        description="Import",
        icon=IMPORT.icon,
        url_path="import",
        permissions=[IMPORT.name],
        dialog=dialog(IMPORT),
    )
    def import_order(self, request: HttpRequest, form: BaseDialogForm, object_id: str) -> HttpResponse:
        return self._one(request, IMPORT, form, object_id)

    @deed(
        description="Retry", icon=RETRY.icon, url_path="retry", permissions=[RETRY.name], dialog=dialog(RETRY)
    )
    def retry_order(self, request: HttpRequest, form: BaseDialogForm, object_id: str) -> HttpResponse:
        return self._one(request, RETRY, form, object_id)

    @deed(
        description="Exclude",
        icon=EXCLUDE.icon,
        url_path="exclude",
        permissions=[EXCLUDE.name],
        dialog=dialog(EXCLUDE),
    )
    def exclude_order(self, request: HttpRequest, form: BaseDialogForm, object_id: str) -> HttpResponse:
        return self._one(request, EXCLUDE, form, object_id)

    @deed(description="Preview", icon="visibility", url_path="preview", permissions=["view"])
    def preview_order(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return preview_page(request, self.admin_site, object_id)

    @admin.action(description="Import selected orders", permissions=["import_order"])
    def import_selected(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
        return self._many(request, IMPORT, "import_selected", queryset)

    @admin.action(description="Retry selected orders", permissions=["retry_order"])
    def retry_selected(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
        return self._many(request, RETRY, "retry_selected", queryset)

    @admin.action(description="Exclude selected orders", permissions=["exclude_order"])
    def exclude_selected(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
        return self._many(request, EXCLUDE, "exclude_selected", queryset)

    def _many(
        self, request: HttpRequest, what: Deed, name: str, queryset: QuerySet[Any]
    ) -> HttpResponse | None:
        """Ask first, on a page that says what will happen to how many; act when that page comes back."""
        syncs = self.syncs(queryset)
        form_class = ReasonForm if what.needs_reason else RemarkForm
        form = form_class(request.POST if "confirmed" in request.POST else None)
        if form.is_valid():
            perform(request, what, syncs, form.cleaned_data["reason"])
            return None
        picked = syncs.aggregate(count=Count("pk"), oldest=Min("order__created_at"))
        context = {
            **self.admin_site.each_context(request),
            "title": f"{what.label} {orders(picked['count'])}",
            "deed": what,
            "action": name,
            "form": form,
            "count": picked["count"],
            "oldest": picked["oldest"],
            "amounts": amounts(syncs),
            "names": syncs.order_by("-order__created_at").values_list("name", flat=True)[:SHOWN],
            "more": max(0, picked["count"] - SHOWN),
            "selected": request.POST.getlist("_selected_action"),
            "select_across": request.POST.get("select_across", "0"),
        }
        return TemplateResponse(request, "orders/confirm.html", context)

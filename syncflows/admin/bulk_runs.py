"""Bulk runs in the admin: the list, the page with progress, stop, and the report."""

from __future__ import annotations

import csv
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import display
from unfold.forms import BaseDialogForm

from syncflows.actions import bulk
from syncflows.actions.registry import registered
from syncflows.admin.access import FactsAdmin, deed, may
from syncflows.admin.labels import instant, pill
from syncflows.models import BulkRun, BulkState, ItemState

SHOWN_FAILURES = 50
_COLOURS = {BulkState.RUNNING: "info", BulkState.STOPPED: "warning", BulkState.DONE: "success"}
COLUMNS = ["Order", "Shop", "Total", "Currency", "Result", "Message"]
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def plain(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


@admin.register(BulkRun)
class BulkRunAdmin(FactsAdmin):
    """What was done to many orders at once."""

    empty_words = (
        "No bulk run yet. Filter a list of orders, select all of them and choose an action: its progress and report "
        "are kept here."
    )
    list_display = ["what", "status", "orders", "who", "began"]
    list_display_links = None
    list_select_related = ["user"]
    ordering = ["-created_at"]
    actions_detail = ("stop_run",)  # type: ignore[assignment] # unfold types it as the empty default

    class Media:
        css = {"all": ["monitoring/pages.css"]}

    def get_queryset(self, request: HttpRequest) -> QuerySet[BulkRun]:
        rows: QuerySet[BulkRun] = super().get_queryset(request)
        return rows.defer("values")

    def get_urls(self) -> list[URLPattern]:
        guard = self.admin_site.admin_view
        return [
            path("<int:run_id>/progress/", guard(self.progress), name="syncflows_bulkrun_progress"),
            path("<int:run_id>/report.csv", guard(self.report), name="syncflows_bulkrun_report"),
            *super().get_urls(),
        ]

    @display(description="What")
    def what(self, run: BulkRun) -> SafeString:
        url = reverse("admin:syncflows_bulkrun_change", args=[run.pk])
        return format_html('<a class="hub-link" href="{}">{}</a>', url, bulk.label_of(run))

    @display(description="State", ordering="state")
    def status(self, run: BulkRun) -> SafeString:
        return pill(run.get_state_display(), _COLOURS[BulkState(run.state)])

    @display(description="Orders", ordering="count")
    def orders(self, run: BulkRun) -> str:
        return f"{run.count:,} · {', '.join(run.amounts)}" if run.amounts else f"{run.count:,}"

    @display(description="Who")
    def who(self, run: BulkRun) -> str:
        return run.user.get_username() if run.user else "Command line"

    @display(description="Began", ordering="created_at")
    def began(self, run: BulkRun) -> str:
        return instant(run.created_at, "UTC")

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        run = self._run(request, object_id)
        context = {
            **self.admin_site.each_context(request),
            "opts": BulkRun._meta,
            "title": f"{bulk.label_of(run)}: {run.count:,} orders",
            "run": run,
            "may_stop": self._may_stop(request, run),
            **_standing(run),
        }
        return TemplateResponse(request, "orders/bulk_run.html", context)

    def progress(self, request: HttpRequest, run_id: int) -> HttpResponse:
        """How far it is: a fragment the page loads again every two seconds while the run is at work."""
        run = self._run(request, run_id)
        return TemplateResponse(request, "orders/bulk_progress.html", {"run": run, **_standing(run)})

    def report(self, request: HttpRequest, run_id: int) -> HttpResponse:
        """Every order with what came of it, as CSV."""
        run = self._run(request, run_id)
        answer = HttpResponse(content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="bulk-run-{run.pk}.csv"'
        writer = csv.writer(answer)
        writer.writerow(COLUMNS)
        writer.writerows([plain(cell) for cell in row] for row in bulk.report(run))
        return answer

    def has_stop_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Whoever may see orders reaches the dialog; whether this run may be stopped is asked with it."""
        return self.has_view_permission(request)

    @deed(
        description="Stop",
        url_path="stop",
        permissions=["stop"],
        dialog={
            "title": "Stop this run",
            "description": "Orders that were done stay done. The others are left as they are; nothing is taken back.",
            "form_class": BaseDialogForm,
            "form_submit_text": "Stop",
        },
    )
    def stop_run(self, request: HttpRequest, form: BaseDialogForm, object_id: str) -> HttpResponse:
        """Stop after the order or chunk that is being done."""
        run = self._run(request, object_id)
        if not self._may_stop(request, run):
            raise PermissionDenied
        if run.end(BulkState.STOPPED, f"Stopped by {request.user.get_username()}."):
            messages.success(request, "The run was stopped.")
        else:
            messages.warning(request, "The run is finished already.")
        return HttpResponse(headers={"HX-Redirect": reverse("admin:syncflows_bulkrun_change", args=[run.pk])})

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return redirect("admin:syncflows_bulkrun_change", object_id)

    def _may_stop(self, request: HttpRequest, run: BulkRun) -> bool:
        action = registered().get(run.kind)
        return action is None or may(request, action.permission)

    def _run(self, request: HttpRequest, run_id: int | str) -> BulkRun:
        if not self.has_view_permission(request):
            raise PermissionDenied
        run = (
            BulkRun.objects.select_related("user").filter(pk=run_id).first()
            if str(run_id).isdigit()
            else None
        )
        if run is None:
            raise Http404
        return run


def _standing(run: BulkRun) -> dict[str, Any]:
    counts = run.counts()
    over = run.count - counts[ItemState.LEFT]
    failed = run.items.filter(state__in=(ItemState.FAILED, ItemState.UNTOUCHED)).select_related("sync")
    return {
        "counts": [(state.label, counts[state]) for state in ItemState],
        "percent": 100 * over // run.count if run.count else 100,
        "over": over,
        "running": run.state == BulkState.RUNNING,
        "failures": failed.order_by("pk")[:SHOWN_FAILURES],
        "label": bulk.label_of(run),
        "began": instant(run.created_at, "UTC"),
        "ended": instant(run.finished_at, "UTC") if run.finished_at else "",
    }

"""Completeness sweeps in the admin: the list of runs, and a page with the orders of each outcome."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import display

from canonical.documents import DocumentKind, RecordRef
from erps.registry import adapter_for
from syncflows.admin.access import FactsAdmin
from syncflows.admin.labels import instant, pill
from syncflows.models import SweepFinding, SweepKind, SweepOutcome, SweepPhase, SweepRun, SweepState
from syncflows.models.sweeps import REPAIRED, UNEXPLAINED, UNREMARKABLE

COLOURS = {SweepState.RUNNING: "info", SweepState.FAILED: "danger", SweepState.DONE: "success"}
SHOWN = 100


@admin.register(SweepRun)
class SweepRunAdmin(FactsAdmin):
    """What was compared, and what came of it."""

    list_display = [
        "what",
        "status",
        "window",
        "orders",
        "repaired_orders",
        "reported_orders",
        "open_doubts",
        "began",
    ]
    list_display_links = None
    empty_words = (
        "No sweep yet. The first begins a quarter of an hour after a shop was set up, or by Sweep now."
    )
    list_select_related = ["shop"]
    list_filter = ["shop", "kind", "state"]
    ordering = ["-started_at"]

    class Media:
        css = {"all": ["monitoring/pages.css"]}

    @display(description="Shop")
    def what(self, run: SweepRun) -> SafeString:
        url = reverse("admin:syncflows_sweeprun_change", args=[run.pk])
        kind = SweepKind(run.kind).label.lower()
        return format_html('<a class="hub-link" href="{}"><bdi>{}</bdi>, {}</a>', url, run.shop.name, kind)

    @display(description="State", ordering="state")
    def status(self, run: SweepRun) -> SafeString:
        return pill(run.get_state_display(), COLOURS[SweepState(run.state)])

    @display(description="Since")
    def window(self, run: SweepRun) -> str:
        return _since(run)

    @display(description="Orders")
    def orders(self, run: SweepRun) -> str:
        return f"{run.compared:,}"

    @display(description="Put right")
    def repaired_orders(self, run: SweepRun) -> str:
        return f"{run.repaired:,}"

    @display(description="To look at")
    def reported_orders(self, run: SweepRun) -> str:
        return f"{run.reported:,}"

    @display(description="Unexplained", ordering="unexplained")
    def open_doubts(self, run: SweepRun) -> str:
        return f"{run.unexplained:,}"

    @display(description="Began", ordering="started_at")
    def began(self, run: SweepRun) -> str:
        return instant(run.started_at, run.shop.iana_timezone)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        run = self._run(request, object_id)
        wanted = request.GET.get("outcome", "")
        found = run.findings.select_related("sync")
        if wanted in SweepOutcome.values:
            found = found.filter(outcome=wanted)
        page = Paginator(found, SHOWN).get_page(request.GET.get("p"))
        zone = run.shop.iana_timezone
        context = {
            **self.admin_site.each_context(request),
            "opts": SweepRun._meta,
            "title": f"Sweep of {run.shop.name}",
            "run": run,
            "state": (run.get_state_display(), COLOURS[SweepState(run.state)]),
            "phase": SweepPhase(run.phase).label if run.state == SweepState.RUNNING else "",
            "began": instant(run.started_at, zone),
            "ended": instant(run.finished_at, zone) if run.finished_at else "",
            "since": _since(run),
            "outcomes": _outcomes(run),
            "wanted": wanted,
            "page": page,
            "rows": [_row(one, run) for one in page],
        }
        return TemplateResponse(request, "monitoring/sweep.html", context)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return redirect("admin:syncflows_sweeprun_change", object_id)

    def _run(self, request: HttpRequest, run_id: str) -> SweepRun:
        if not self.has_view_permission(request):
            raise PermissionDenied
        rows: QuerySet[SweepRun] = SweepRun.objects.select_related("shop__erp_connection", "asked_by")
        run = rows.filter(pk=run_id).first() if run_id.isdigit() else None
        if run is None:
            raise Http404
        return run


def _since(run: SweepRun) -> str:
    return instant(run.since, run.shop.iana_timezone) if run.since else "the first order"


def _outcomes(run: SweepRun) -> list[dict[str, Any]]:
    """The outcomes with their numbers; those that name their orders can be chosen."""
    return [
        {
            "value": outcome.value,
            "label": outcome.label,
            "number": run.counts[outcome],
            "chosen": outcome not in UNREMARKABLE,
            "colour": _colour(outcome),
        }
        for outcome in SweepOutcome
        if run.counts.get(outcome)
    ]


def _colour(outcome: SweepOutcome) -> str:
    if outcome in UNREMARKABLE or outcome in REPAIRED:
        return "success" if outcome in UNREMARKABLE else "info"
    return "warning" if outcome in UNEXPLAINED else "danger"


def _row(finding: SweepFinding, run: SweepRun) -> dict[str, Any]:
    shop, erp = run.shop, ""
    if finding.erp_id and shop.erp_connection and finding.kind in list(DocumentKind):
        ref = RecordRef(kind=DocumentKind(finding.kind), id=finding.erp_id, external_id="")
        erp = adapter_for(shop.erp_connection).record_url(ref)
    return {
        "name": finding.name or finding.source_id,
        "url": reverse("admin:syncflows_order_change", args=[finding.sync_id]) if finding.sync_id else "",
        "shopify": shop.admin_order_url(finding.source_id),
        "erp": erp,
        "erp_number": finding.erp_number,
        "outcome": finding.get_outcome_display(),
        "colour": _colour(SweepOutcome(finding.outcome)),
        "message": finding.message,
        "state": finding.sync.get_state_display() if finding.sync else "",
    }

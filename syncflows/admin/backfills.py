"""Backfills in the admin: the list, the page with estimate and progress, start, pause, resume and stop."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import display
from unfold.forms import BaseDialogForm

from common.causes import cause
from syncflows.admin.access import FactsAdmin, deed, may
from syncflows.admin.labels import instant, pill
from syncflows.models import Backfill, BackfillState

START = "syncflows.start_backfill"
S = BackfillState
COLOURS = {
    S.ESTIMATED: "default", S.RUNNING: "info", S.PAUSED: "warning", S.DONE: "success", S.STOPPED: "warning",
    S.FAILED: "danger",
}  # fmt: skip
BUTTONS = {
    S.ESTIMATED: ("start_backfill", "stop_backfill"),
    S.RUNNING: ("pause_backfill", "stop_backfill"),
    S.PAUSED: ("start_backfill", "stop_backfill"),
    S.FAILED: ("start_backfill",),
}
LABELS = {
    "start_backfill": ("play_arrow", "Start"), "pause_backfill": ("pause", "Pause"), "stop_backfill": ("stop", "Stop"),
}  # fmt: skip


def _dialog(title: str, description: str, submit: str) -> dict[str, Any]:
    return {
        "title": title, "description": description, "form_class": BaseDialogForm, "form_submit_text": submit,
    }  # fmt: skip


@admin.register(Backfill)
class BackfillAdmin(FactsAdmin):
    """The history of shops: what was estimated, what is done."""

    list_display = [
        "what",
        "status",
        "span",
        "staged_orders",
        "known_orders",
        "excluded_orders",
        "who",
        "began",
    ]
    list_display_links = None
    empty_words = "No history imported yet. Open a shop and press Import history: it estimates first."
    list_select_related = ["shop", "asked_by"]
    ordering = ["-created_at"]
    actions_detail = ("start_backfill", "pause_backfill", "stop_backfill")  # type: ignore[assignment] # unfold types it as the empty default

    class Media:
        css = {"all": ["monitoring/pages.css"]}

    def get_urls(self) -> list[URLPattern]:
        progress = path(
            "<int:backfill_id>/progress/",
            self.admin_site.admin_view(self.progress),
            name="syncflows_backfill_progress",
        )
        return [progress, *super().get_urls()]

    @display(description="Shop")
    def what(self, row: Backfill) -> SafeString:
        url = reverse("admin:syncflows_backfill_change", args=[row.pk])
        return format_html('<a class="hub-link" href="{}"><bdi>{}</bdi></a>', url, row.shop.name)

    @display(description="State", ordering="state")
    def status(self, row: Backfill) -> SafeString:
        return pill(row.get_state_display(), COLOURS[S(row.state)])

    @display(description="Placed")
    def span(self, row: Backfill) -> str:
        return _span(row)

    @display(description="Staged", ordering="staged")
    def staged_orders(self, row: Backfill) -> str:
        return f"{row.staged:,}"

    @display(description="Here already")
    def known_orders(self, row: Backfill) -> str:
        return f"{row.known:,}"

    @display(description="Excluded")
    def excluded_orders(self, row: Backfill) -> str:
        return f"{row.excluded:,}"

    @display(description="Who")
    def who(self, row: Backfill) -> str:
        return row.asked_by.get_username() if row.asked_by else "Command line"

    @display(description="Estimated", ordering="created_at")
    def began(self, row: Backfill) -> str:
        return instant(row.created_at, row.shop.iana_timezone)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        row = self._row(request, object_id)
        context = {
            **self.admin_site.each_context(request),
            "opts": Backfill._meta,
            "title": f"History of {row.shop.name}",
            **_standing(row),
            "buttons": _buttons(row) if may(request, START) else [],
        }
        return TemplateResponse(request, "orders/backfill.html", context)

    def progress(self, request: HttpRequest, backfill_id: int) -> HttpResponse:
        """How far it is: a fragment the page loads again every two seconds while it is at work."""
        return TemplateResponse(
            request, "orders/backfill_progress.html", _standing(self._row(request, backfill_id))
        )

    def has_start_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Whether the user may import history."""
        return may(request, START)

    @deed(
        description="Start",
        url_path="start",
        permissions=["start"],
        dialog=_dialog(
            "Import this history?",
            "Shopify exports the orders, the hub stages them behind fresh ones, and they are imported by the shop's "
            "rules. What is here already is passed over.",
            "Start",
        ),
    )
    def start_backfill(self, request: HttpRequest, form: BaseDialogForm, object_id: str) -> HttpResponse:
        """Start it, or go on with it."""
        from syncflows.backfills.working import start  # noqa: PLC0415 - brings the client, for this button only

        row = self._row(request, object_id)
        return _after(request, row, done=start(row), text="The history is being imported.")

    @deed(
        description="Pause",
        url_path="pause",
        permissions=["start"],
        dialog=_dialog(
            "Pause?", "Nothing more is staged until it is started again. Staged orders are imported.", "Pause"
        ),
    )
    def pause_backfill(self, request: HttpRequest, form: BaseDialogForm, object_id: str) -> HttpResponse:
        """Pause it."""
        from syncflows.backfills.working import pause  # noqa: PLC0415 - as above

        row = self._row(request, object_id)
        return _after(
            request, row, done=pause(row, f"Paused by {request.user.get_username()}."), text="Paused."
        )

    @deed(
        description="Stop",
        url_path="stop",
        permissions=["start"],
        dialog=_dialog(
            "Stop?", "It ends here. Orders that were staged stay staged and are imported.", "Stop"
        ),
    )
    def stop_backfill(self, request: HttpRequest, form: BaseDialogForm, object_id: str) -> HttpResponse:
        """End it, and Shopify's export."""
        from syncflows.backfills.working import stop  # noqa: PLC0415 - as above

        row = self._row(request, object_id)
        return _after(
            request, row, done=stop(row, f"Stopped by {request.user.get_username()}."), text="Stopped."
        )

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return redirect("admin:syncflows_backfill_change", object_id)

    def _row(self, request: HttpRequest, backfill_id: int | str) -> Backfill:
        if not self.has_view_permission(request):
            raise PermissionDenied
        rows = Backfill.objects.select_related("shop", "asked_by")
        row = rows.filter(pk=backfill_id).first() if str(backfill_id).isdigit() else None
        if row is None:
            raise Http404
        return row


def _after(request: HttpRequest, row: Backfill, *, done: bool, text: str) -> HttpResponse:
    if done:
        messages.success(request, text)
    else:
        messages.warning(request, "It is in another state by now.")
    return HttpResponse(headers={"HX-Redirect": reverse("admin:syncflows_backfill_change", args=[row.pk])})


def _buttons(row: Backfill) -> list[dict[str, str]]:
    return [
        {
            "url": reverse(f"admin:syncflows_backfill_{name}", args=[row.pk]),
            "icon": LABELS[name][0],
            "label": "Resume" if name == "start_backfill" and row.state != S.ESTIMATED else LABELS[name][1],
        }
        for name in BUTTONS.get(S(row.state), ())
    ]


def _span(row: Backfill) -> SafeString:
    zone = row.shop.iana_timezone
    return format_html("{} to {}", instant(row.since, zone), instant(row.until, zone) if row.until else "now")


def _standing(row: Backfill) -> dict[str, Any]:
    percent = 100 if row.state == S.DONE else min(100, 100 * row.offset // row.size) if row.size else 0
    return {
        "row": row,
        "state": (row.get_state_display(), COLOURS[S(row.state)]),
        "span": _span(row),
        "percent": percent,
        "figures": [
            ("Exported by Shopify", f"{row.exported:,}"),
            ("Staged", f"{row.staged:,}"),
            ("Here already", f"{row.known:,}"),
            ("Excluded", f"{row.excluded:,}"),
        ],
        "estimate": {name: f"{value:,}" for name, value in row.estimate.items()},
        "running": row.state == S.RUNNING,
        "fix": cause(row.error_code).fix if row.error_code else "",
        "ended": instant(row.finished_at, row.shop.iana_timezone) if row.finished_at else "",
    }

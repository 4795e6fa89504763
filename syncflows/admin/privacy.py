"""Privacy requests: what was asked, until when, the report to download, and the store to erase on a person's word."""

from __future__ import annotations

import json
from typing import Any, cast

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from unfold.forms import BaseDialogForm

from common.admin import ReadOnlyAdmin, action, display, go_to
from common.clock import now
from syncflows.admin.labels import instant, pill
from syncflows.inbox import privacy
from syncflows.models import PrivacyKind, PrivacyRequest, PrivacyState

COLOURS = {PrivacyState.OPEN: "info", PrivacyState.CHECK: "warning", PrivacyState.DONE: "success"}


@admin.register(PrivacyRequest)
class PrivacyRequestAdmin(ReadOnlyAdmin):
    """Requests about personal data, the most urgent open one first."""

    list_display = ("what", "shop", "status", "received", "deadline", "result")
    list_display_links = ("what",)
    list_filter = ("state", "kind", "shop")
    list_select_related = ("shop",)
    search_fields = ("request_id", "customer_id")
    search_help_text = "Shopify's number of the request, or the customer's id"
    ordering = ("-received_at",)
    actions_detail = ("download", "mark_answered", "confirm_erasure")
    fields = readonly_fields = (
        "what", "shop", "status", "result", "received", "deadline", "customer_id", "request_id", "orders", "found",
        "done", "done_by",
    )  # fmt: skip
    empty_words = (
        "No request yet. They come by webhook when a customer asks a store for data, or to be erased."
    )

    class Media:
        css = {"all": ["monitoring/pages.css"]}

    def get_queryset(self, request: HttpRequest) -> QuerySet[PrivacyRequest]:
        """Without the collected data, which is for the download only."""
        rows: QuerySet[PrivacyRequest] = super().get_queryset(request)
        return rows.defer("report")

    def get_urls(self) -> list[URLPattern]:
        """The address of the report."""
        page = path(
            "<int:pk>/report.json",
            self.admin_site.admin_view(self.report),
            name="syncflows_privacyrequest_report",
        )
        return [page, *super().get_urls()]

    @display(description="What", ordering="kind")
    def what(self, request: PrivacyRequest) -> str:
        """What is asked for."""
        return str(request.get_kind_display())

    @display(description="State", ordering="state")
    def status(self, request: PrivacyRequest) -> SafeString:
        """How it stands, as a coloured label."""
        late = request.state != PrivacyState.DONE and request.due_at < now()
        return pill("Late", "danger") if late else pill(
            request.get_state_display(), COLOURS[PrivacyState(request.state)]
        )  # fmt: skip

    @display(description="Received", ordering="received_at")
    def received(self, request: PrivacyRequest) -> SafeString | str:
        """When it came."""
        return instant(request.received_at, request.shop.iana_timezone)

    @display(description="Answer by", ordering="due_at")
    def deadline(self, request: PrivacyRequest) -> SafeString | str:
        """30 days after it came."""
        return instant(request.due_at, request.shop.iana_timezone)

    @display(description="Orders in Shopify")
    def orders(self, request: PrivacyRequest) -> str:
        """The orders Shopify named."""
        return ", ".join(request.order_ids) or "none named"

    @display(description="Found or erased")
    def found(self, request: PrivacyRequest) -> SafeString | str:
        """How many of what."""
        rows = ((count, what) for what, count in request.counts.items())
        return format_html_join(", ", "{} {}", rows) or "-"

    @display(description="Done")
    def done(self, request: PrivacyRequest) -> SafeString | str:
        """When it was done."""
        return instant(request.done_at, request.shop.iana_timezone)

    def has_answer_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Whether the user may see collected data and answer."""
        return self.has_custom_permission(request, "answer")

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """Only what fits how the request stands."""
        row = PrivacyRequest.objects.defer("report").filter(pk=object_id).first()
        fitting: set[str] = set()
        if (
            row is not None
            and row.state == PrivacyState.OPEN
            and row.kind == PrivacyKind.DATA_REQUEST
            and row.counts
        ):
            fitting = {"download", "mark_answered"}
        elif row is not None and row.state == PrivacyState.CHECK:
            fitting = {"confirm_erasure"}
        actions: list[Any] = super().get_actions_detail(request, object_id)
        return [each for each in actions if any(each.action_name.endswith(name) for name in fitting)]

    @action(description="Download the data", icon="download", permissions=["answer"])
    def download(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Go to the file."""
        return self.report(request, int(object_id))

    def report(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The collected data as JSON."""
        if not self.has_answer_permission(request):
            raise PermissionDenied
        row = PrivacyRequest.objects.filter(pk=pk).first()
        if row is None or not row.report:
            raise Http404
        text = json.dumps(row.unpacked(), ensure_ascii=False, indent=2)
        answer = HttpResponse(text, content_type="application/json; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="privacy-request-{row.pk}.json"'
        return answer

    @action(
        description="Mark as answered",
        icon="task_alt",
        permissions=["answer"],
        dialog={
            "title": "Was the data given to the store?",
            "description": "The request is closed, and the collected data and the webhook that asked for it are "
            "removed from the hub. The orders themselves stay.",
            "form_class": BaseDialogForm,
            "form_submit_text": "It was answered",
        },
    )
    def mark_answered(self, request: HttpRequest, form: BaseDialogForm, object_id: str) -> HttpResponse:
        """Close a data request."""
        row = self._row(request, object_id)
        if privacy.answered(row, cast("User", request.user)):
            messages.success(request, "The request is answered; the collected data was removed.")
        else:
            messages.warning(request, "It is answered already, or the data is still being collected.")
        return self._back(object_id)

    @action(
        description="Erase the store",
        icon="delete_forever",
        permissions=["answer"],
        dialog={
            "title": "Erase every customer of this store?",
            "description": "Names, addresses, e-mails, phones and notes are taken out of all stored orders, attempts "
            "and webhooks of all records of the store, and its tokens are removed. Figures and links to the ERP stay. "
            "This cannot be undone, and Shopify still lets the app in: make sure that the request is genuine.",
            "form_class": BaseDialogForm,
            "form_submit_text": "Erase",
        },
    )
    def confirm_erasure(self, request: HttpRequest, form: BaseDialogForm, object_id: str) -> HttpResponse:
        """Erase a store that is still connected, on a person's word."""
        row = self._row(request, object_id)
        if row.state == PrivacyState.CHECK:
            privacy.erase_store(row, cast("User", request.user))
            messages.success(
                request, row.result or "Some orders are being worked on. Press it again in a minute."
            )
        else:
            messages.warning(request, "There is nothing to confirm.")
        return self._back(object_id)

    def _row(self, request: HttpRequest, object_id: str) -> PrivacyRequest:
        row = PrivacyRequest.objects.select_related("shop", "event__body").filter(pk=object_id).first()
        if row is None:
            raise Http404
        return row

    @staticmethod
    def _back(object_id: str) -> HttpResponse:
        return go_to(reverse("admin:syncflows_privacyrequest_change", args=[object_id]))

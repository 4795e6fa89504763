"""The inbox: what Shopify sent, what became of it, and routing it once more."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.forms import BaseDialogForm

from common.admin import ReadOnlyAdmin, action, display, go_to
from common.causes import cause
from syncflows.admin.json_text import json_text, spread
from syncflows.admin.labels import age, instant, pill
from syncflows.inbox.replaying import replay, replayable
from syncflows.jobs import request_routing
from syncflows.models import EventState, InboxEvent

COLOURS = {
    EventState.RECEIVED: "info",
    EventState.ROUTED: "success",
    EventState.UNCHANGED: "default",
    EventState.DONE: "success",
    EventState.DUPLICATE: "default",
    EventState.KEPT: "warning",
    EventState.NO_RULE: "default",
    EventState.FAILED: "danger",
}
CONSEQUENCE = (
    "Each is routed as if it had come just now: its order is fetched again and, where it is to be written or changed, "
    "written or changed by the same rules as ever. Nothing is written twice."
)


@admin.register(InboxEvent)
class InboxEventAdmin(ReadOnlyAdmin):
    """Webhooks that came, newest first."""

    list_display = ("received", "topic", "shop", "status", "what_became", "order", "happened")
    list_display_links = ("received",)
    list_filter = ("state", "topic", "shop", "received_at")
    list_select_related = ("shop", "sync")
    search_fields = ("topic", "webhook_id", "event_id", "source_id", "sync__name")
    search_help_text = "Topic, order, Shopify id, webhook id or event id"
    show_full_result_count = False
    ordering = ("-pk",)
    actions = ("replay_selected",)
    actions_detail = ("replay_one",)
    fields = readonly_fields = (
        "status", "what_became", "what_to_do", "order", "topic", "shop", "received", "happened", "routed", "replayed",
        "original", "webhook_id", "event_id", "api_version", "size", "sha256", "header_text", "body_text",
    )  # fmt: skip
    empty_words = (
        "No webhook yet. Register webhooks on the page of a shop, and Shopify tells the hub of every change."
    )

    class Media:
        css = {"all": ["monitoring/pages.css"]}

    def get_queryset(self, request: HttpRequest) -> QuerySet[InboxEvent]:
        """Without headers in lists; the page reads them by themselves."""
        rows: QuerySet[InboxEvent] = super().get_queryset(request)
        return rows.defer("headers")

    @display(description="Received", ordering="received_at")
    def received(self, event: InboxEvent) -> SafeString | str:
        """When it came, in the shop's zone."""
        return instant(event.received_at, event.shop.iana_timezone)

    @display(description="State", ordering="state")
    def status(self, event: InboxEvent) -> SafeString:
        """What became of it, as a coloured label."""
        return pill(event.get_state_display(), COLOURS[EventState(event.state)])

    @display(description="What became of it")
    def what_became(self, event: InboxEvent) -> SafeString | str:
        """The sentence."""
        waits = (
            f" Tried again {instant_words(event)}."
            if event.state == EventState.RECEIVED and event.retries
            else ""
        )
        text = f"{event.reason}{waits}" or "Waits to be routed."
        return format_html('<span class="hub-sentence" dir="auto">{}</span>', text)

    @display(description="What to do")
    def what_to_do(self, event: InboxEvent) -> str:
        """The remedy of its cause."""
        return cause(event.code).fix if event.code else "-"

    @display(description="Order", ordering="sync__name")
    def order(self, event: InboxEvent) -> SafeString | str:
        """A link to the order, where there is one."""
        if event.sync is None:
            return event.source_id or "-"
        url = reverse("admin:syncflows_order_change", args=[event.sync.pk])
        return format_html(
            '<a class="hub-link" dir="auto" href="{}">{}</a>', url, event.sync.name or event.source_id
        )

    @display(description="Happened", ordering="triggered_at")
    def happened(self, event: InboxEvent) -> str:
        """How long before it came it happened at Shopify."""
        if event.triggered_at is None:
            return "-"
        return f"{max(0.0, (event.received_at - event.triggered_at).total_seconds()):,.1f} s before"

    @display(description="Routed")
    def routed(self, event: InboxEvent) -> SafeString | str:
        """When it was settled."""
        return instant(event.routed_at, event.shop.iana_timezone)

    @display(description="Replayed")
    def replayed(self, event: InboxEvent) -> str:
        """How often, and who did it last."""
        return f"{event.replays} times, last by {event.replayed_by}" if event.replays else "never"

    @display(description="Repeat of")
    def original(self, event: InboxEvent) -> SafeString | str:
        """The first delivery of the same event."""
        if event.duplicate_of is None:
            return "-"
        url = reverse("admin:syncflows_inboxevent_change", args=[event.duplicate_of.pk])
        return format_html('<a class="hub-link" href="{}">{}</a>', url, event.duplicate_of)

    @display(description="Headers")
    def header_text(self, event: InboxEvent) -> SafeString:
        """Headers that are kept; the signature is not among them."""
        return format_html('<pre class="hub-pre">{}</pre>', json_text(event.headers))

    @display(description="Body (secrets masked)")
    def body_text(self, event: InboxEvent) -> SafeString:
        """The body spread over lines; why there is none when it was blanked."""
        body = event.body
        if body.blanked_at is not None:
            return format_html("Removed on {} ({}).", f"{body.blanked_at:%d %b %Y}", body.blanked_because)
        return format_html('<pre class="hub-pre">{}</pre>', spread(body.text().decode(errors="replace")))

    def has_replay_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Whether the user may have webhooks routed again."""
        return self.has_custom_permission(request, "replay")

    @action(
        description="Replay",
        icon="replay",
        permissions=["replay"],
        dialog={
            "title": "Route this webhook again?",
            "description": CONSEQUENCE,
            "form_class": BaseDialogForm,
            "form_submit_text": "Replay",
        },
    )
    def replay_one(self, request: HttpRequest, form: BaseDialogForm, object_id: str) -> HttpResponse:
        """Route one event again."""
        rows = self.get_queryset(request).filter(pk=object_id)
        if replay(rows, cast("User", request.user)):
            request_routing()
            messages.success(request, "The webhook is routed again now.")
        else:
            messages.warning(request, "It has no body any more, or is still to be routed.")
        return go_to(reverse("admin:syncflows_inboxevent_change", args=[object_id]))

    @admin.action(description="Replay selected webhooks", permissions=["replay"])
    def replay_selected(self, request: HttpRequest, queryset: QuerySet[InboxEvent]) -> HttpResponse | None:
        """Ask first, on a page of its own; act when that page comes back. Everything of a filter, when all of it was
        chosen."""
        if request.POST.get("confirmed"):
            count = replay(queryset, cast("User", request.user))
            request_routing()
            messages.success(
                request, f"{count:,} webhook{'' if count == 1 else 's'} will be routed again now."
            )
            return None
        count = replayable(queryset).count()
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": f"Replay {count:,} webhook{'' if count == 1 else 's'}",
            "consequence": CONSEQUENCE,
            "blanked": queryset.count() - count,
            "selected": request.POST.getlist(ACTION_CHECKBOX_NAME),
            "select_across": request.POST.get("select_across", "0"),
        }
        return TemplateResponse(request, "inbox/replay.html", context)


def instant_words(event: InboxEvent) -> str:
    """When an event that waits is tried again."""
    return f"at {event.due_at:%H:%M:%S} UTC ({event.retries} tries, received {age(event.received_at)} ago)"

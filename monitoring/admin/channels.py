"""Whom alerts are told to: e-mail and webhooks, with a test."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from unfold.enums import ActionVariant
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminSelect2MultipleWidget

from common.admin import HubModelAdmin, SecretModelForm, action, display, go_to, shown_if
from common.causes import cause
from common.clock import now
from common.errors import HubError
from monitoring.models import Channel, ChannelKind
from monitoring.registry import conditions
from shops.models import Shop


class ChannelForm(SecretModelForm):
    """A channel; shops and alerts are chosen from lists."""

    class Meta:
        model = Channel
        fields = "__all__"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        shops = [(shop.key, shop.name) for shop in Shop.objects.only("key", "name")]
        for name, choices in (("shops", shops), ("conditions", [(c.code, c.title) for c in conditions()])):
            if name in self.fields:
                told = self.fields[name]
                self.fields[name] = forms.MultipleChoiceField(
                    choices=choices,
                    required=False,
                    label=told.label,
                    help_text=told.help_text,
                    widget=UnfoldAdminSelect2MultipleWidget(choices=choices),
                )


@admin.register(Channel)
class ChannelAdmin(HubModelAdmin):
    """Channels: one recipient each."""

    form = ChannelForm
    list_display = ("name", "kind", "where", "minimum_severity", "quiet", "undelivered", "active")
    list_filter = ("kind", "is_active")
    search_fields = ("name", "key", "recipients")
    empty_words = (
        "Nobody is told of alerts yet. Add a channel: e-mail, or a webhook to Slack, Teams or another system."
    )
    fieldsets = (
        ("Channel", {"fields": ("name", "key", "kind", "is_active")}),
        ("Where to", {"fields": ("recipients", "address", "body", "secret")}),
        ("What", {"fields": ("minimum_severity", "conditions", "shops")}),
        ("When", {"fields": ("after_minutes", ("quiet_from", "quiet_until"), "time_zone")}),
    )
    conditional_fields = {
        "recipients": shown_if("kind == 'email'"),
        "address": shown_if("kind == 'webhook'"),
        "body": shown_if("kind == 'webhook'"),
        "secret": shown_if("kind == 'webhook'"),
    }
    actions_detail = ["send_test"]

    def get_readonly_fields(self, request: HttpRequest, obj: Channel | None = None) -> list[str]:
        """The key stands in the configuration and cannot change after the first save."""
        return [*super().get_readonly_fields(request, obj), *(["key"] if obj else [])]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Channel]:
        """Channels with the number of messages that could not be delivered."""
        failed = Count("deliveries", filter=Q(deliveries__sent_at=None, deliveries__attempts__gt=0))
        channels: QuerySet[Channel] = super().get_queryset(request)
        return channels.annotate(failed=failed)

    @display(description="Where to")
    def where(self, channel: Channel) -> str:
        """The people, or what kind of webhook: its address is kept like a password."""
        return (
            ", ".join(channel.people()) if channel.kind == ChannelKind.EMAIL else channel.get_body_display()
        )

    @display(description="Quiet hours")
    def quiet(self, channel: Channel) -> str:
        """From, until and zone."""
        if not channel.quiet_from:
            return "-"
        return f"{channel.quiet_from} to {channel.quiet_until} ({channel.time_zone})"

    @display(description="Undelivered", ordering="failed")
    def undelivered(self, channel: Channel) -> int:
        """Messages that were tried and are tried again."""
        return int(getattr(channel, "failed", 0))

    @display(description="Active", boolean=True, ordering="is_active")
    def active(self, channel: Channel) -> bool:
        """Whether anything is sent."""
        return channel.is_active

    def has_test_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Whether the user may send a test."""
        return self.has_custom_permission(request, "test")

    @action(
        description="Send a test",
        icon="send",
        variant=ActionVariant.PRIMARY,
        permissions=["test"],
        dialog={
            "title": "Send a test message?",
            "description": "One message that says it is a test goes to this channel now, also in quiet hours.",
            "form_class": BaseDialogForm,
            "form_submit_text": "Send",
        },
    )
    def send_test(self, request: HttpRequest, form: BaseDialogForm, object_id: str) -> HttpResponse:
        """Send it and show what the receiver said."""
        from monitoring.alerts.sending import send_test  # noqa: PLC0415 - speaks HTTP, for this button only

        channel: Channel | None = self.get_object(request, object_id)
        if channel is None or not self.has_view_permission(request, channel):
            raise Http404
        try:
            send_test(channel, uuid.uuid4().hex, now())
        except HubError as error:
            detail = f" ({error.detail})" if error.detail else ""
            messages.error(request, f"{error.message}{detail} {cause(error.code).fix}")
        else:
            messages.success(request, f"A test message was sent to {channel}.")
        return go_to(reverse("admin:monitoring_channel_change", args=[channel.pk]))

"""The list of alerts and the page of one: what is wrong, since when, what to do, what was sent, what people said."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.db.models import F, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.enums import ActionVariant
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget

from common.admin import ReadOnlyAdmin, action, display, go_to
from common.clock import now
from monitoring.admin.filters import AlertState, ConditionFilter
from monitoring.models import Alert
from monitoring.registry import Severity
from syncflows.admin.labels import age, instant, pill

COLOURS = {Severity.NOTICE: "info", Severity.WARNING: "warning", Severity.CRITICAL: "danger"}
LENGTHS = ((60, "1 hour"), (240, "4 hours"), (1440, "1 day"), (4320, "3 days"), (10_080, "1 week"))


class ReasonForm(BaseDialogForm):
    """Why."""

    reason = forms.CharField(max_length=500, widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}))


class SnoozeForm(ReasonForm):
    """Why, and for how long."""

    length = forms.TypedChoiceField(
        label="For", coerce=int, choices=LENGTHS, initial=240, widget=UnfoldAdminSelectWidget()
    )


def severity_pill(alert: Alert) -> SafeString:
    """The severity as a coloured label."""
    severity = Severity(alert.severity)
    return pill(severity.label, COLOURS[severity])


def state_of(alert: Alert) -> tuple[str, str]:
    """What an alert is in now, and its colour: over, put off, acknowledged, open."""
    if alert.closed_at is not None:
        return "Over", "success"
    if alert.is_snoozed(now()):
        return "Snoozed", "default"
    return ("Acknowledged", "info") if alert.acknowledged_at is not None else ("Open", "danger")


@admin.register(Alert)
class AlertAdmin(ReadOnlyAdmin):
    """Alerts, open ones first."""

    list_display = ("what", "severity_label", "state_label", "shop", "count", "opened", "ended")
    list_display_links = None
    list_select_related = ("shop",)
    list_filter = (AlertState, "severity", ConditionFilter, "shop")
    search_fields = ("sentence",)
    ordering = (F("closed_at").desc(nulls_first=True), "-severity", "-opened_at")
    empty_words = "No alert yet. What is wrong appears here within a minute, and goes to the alert channels."
    actions_detail = ["acknowledge", "snooze"]

    class Media:
        css = {"all": ["monitoring/pages.css"]}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Alert]:
        """What was told; what has not lasted long enough is not an alert yet."""
        rows: QuerySet[Alert] = super().get_queryset(request)
        return rows.exclude(opened_at=None)

    @display(description="Alert")
    def what(self, alert: Alert) -> SafeString:
        """Title and sentence."""
        return format_html(
            '<span class="hub-why"><a class="hub-link" href="{}">{}</a>'
            '<span class="hub-sentence" dir="auto">{}</span></span>',
            reverse("admin:monitoring_alert_change", args=[alert.pk]), alert.title, alert.sentence,
        )  # fmt: skip

    @display(description="Severity", ordering="severity")
    def severity_label(self, alert: Alert) -> SafeString:
        """The severity as a coloured label."""
        return severity_pill(alert)

    @display(description="State")
    def state_label(self, alert: Alert) -> SafeString:
        """The state as a coloured label."""
        return pill(*state_of(alert))

    @display(description="Since", ordering="opened_at")
    def opened(self, alert: Alert) -> SafeString:
        """When it was told, and how long ago."""
        return format_html(
            '<span class="hub-when">{}<small>{}</small></span>',
            instant(alert.opened_at, "UTC"),
            age(alert.opened_at),
        )

    @display(description="Over", ordering="closed_at")
    def ended(self, alert: Alert) -> SafeString | str:
        """When it was over."""
        return instant(alert.closed_at, "UTC")

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The page of one alert."""
        alert = self._alert(request, object_id)
        state, colour = state_of(alert)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": alert.title,
            "alert": alert,
            "severity": severity_pill(alert),
            "state": pill(state, colour),
            "opened": instant(alert.opened_at, "UTC"),
            "open_age": age(alert.opened_at),
            "since": instant(alert.since, "UTC"),
            "closed": instant(alert.closed_at, "UTC"),
            "snoozed": instant(alert.snoozed_until, "UTC") if alert.is_snoozed(now()) else "",
            "deeds": alert.deeds.select_related("user"),
            "deliveries": alert.deliveries.select_related("channel"),
            "may_act": alert.closed_at is None and self.has_acknowledge_permission(request),
        }
        return TemplateResponse(request, "monitoring/alert.html", context)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The page itself is the history."""
        return redirect("admin:monitoring_alert_change", object_id)

    def has_acknowledge_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Whether the user may acknowledge and snooze."""
        return self.has_custom_permission(request, "acknowledge")

    def _alert(self, request: HttpRequest, object_id: str) -> Alert:
        alert: Alert | None = self.get_object(request, object_id)
        if alert is None or not self.has_view_permission(request, alert):
            raise Http404
        return alert

    @action(
        description="Acknowledge",
        icon="check",
        variant=ActionVariant.PRIMARY,
        permissions=["acknowledge"],
        dialog={
            "title": "Acknowledge this alert?",
            "description": "It says that you are on it: no second recipient is told. Its end is still told.",
            "form_class": ReasonForm,
            "form_submit_text": "Acknowledge",
        },
    )
    def acknowledge(self, request: HttpRequest, form: ReasonForm, object_id: str) -> HttpResponse:
        """Note who is on it."""
        from monitoring.alerts import acknowledge  # noqa: PLC0415 - speaks HTTP, for this button only

        alert = self._alert(request, object_id)
        done = acknowledge(alert, _person(request), form.cleaned_data["reason"])
        return self._back(request, alert, "The alert is acknowledged." if done else "")

    @action(
        description="Snooze",
        icon="snooze",
        permissions=["acknowledge"],
        dialog={
            "title": "Snooze this alert?",
            "description": "It is acknowledged, and comes back with a reminder if it is still there after that time.",
            "form_class": SnoozeForm,
            "form_submit_text": "Snooze",
        },
    )
    def snooze(self, request: HttpRequest, form: SnoozeForm, object_id: str) -> HttpResponse:
        """Put it off."""
        from monitoring.alerts import snooze  # noqa: PLC0415 - speaks HTTP, for this button only

        alert = self._alert(request, object_id)
        until = now() + timedelta(minutes=form.cleaned_data["length"])
        done = snooze(alert, _person(request), form.cleaned_data["reason"], until)
        return self._back(request, alert, f"It comes back on {until:%d %b %Y, %H:%M} UTC." if done else "")

    def _back(self, request: HttpRequest, alert: Alert, done: str) -> HttpResponse:
        if done:
            messages.success(request, done)
        else:
            messages.warning(request, "The alert is over already.")
        return go_to(reverse("admin:monitoring_alert_change", args=[alert.pk]))


def _person(request: HttpRequest) -> User | None:
    return request.user if isinstance(request.user, User) else None

"""The change log: who changed which setting, from what to what. Secrets and tokens are never in it."""

from __future__ import annotations

from typing import Any

from auditlog import get_logentry_model
from auditlog.registry import auditlog
from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from common.admin import ReadOnlyAdmin, display, secret_names
from erps.models import ErpConnection
from mappings.field_sets import FieldMappingSet
from mappings.models import CustomerRules, CustomerTemplate, ValueMapping
from monitoring.models import AlertLimits, Channel
from shops.models import Shop
from syncflows.models import HoldRules, OrderFilter, OrderRules, PrivacyRequest

LogEntry = get_logentry_model()

MACHINE_WRITTEN = {
    "access_token_expires_at",
    "refresh_token_expires_at",
    "token_issued_to",
    "api_version_drift",
    "token_lease",
    "token_lease_until",
    "next_run_at",
    "search_asked_at",
    "next_try_at",
    "disconnected_at",
    "report",
    "capabilities",
    "created_at",
    "updated_at",
}
"""Columns the hub writes by itself, many times a day: no person's change."""


def watched_models() -> list[type[models.Model]]:
    """Settings a person can change; each kind of mapping counts, because it is saved under its own name."""
    return [
        Shop,
        ErpConnection,
        OrderRules,
        OrderFilter,
        HoldRules,
        Channel,
        AlertLimits,
        CustomerTemplate,
        CustomerRules,
        FieldMappingSet,
        PrivacyRequest,
        ValueMapping,
        *ValueMapping.__subclasses__(),
    ]


def watch_settings() -> None:
    """Register the settings with the change log, once."""
    for model in watched_models():
        if not auditlog.contains(model):
            auditlog.register(model, include_fields=watched_fields(model))


def watched_fields(model: type[models.Model]) -> list[str]:
    """The columns a person sets: neither secrets nor what the hub writes by itself, nor the row's number."""
    left_out = {*secret_names(model), *MACHINE_WRITTEN}
    return [
        field.name
        for field in model._meta.concrete_fields
        if field.name not in left_out and not (field.primary_key and field.remote_field is None)
    ]


watch_settings()
if admin.site.is_registered(LogEntry):
    admin.site.unregister(LogEntry)


@admin.register(LogEntry)
class LogEntryAdmin(ReadOnlyAdmin):
    """Entries of the change log, newest first; written by the machine, read by people."""

    list_display = ("when", "who", "action_word", "what", "fields_changed")
    list_filter = ("action", "content_type", "actor")
    list_select_related = ("content_type", "actor")
    list_display_links = ("when",)
    search_fields = ("object_repr", "actor__username", "changes_text")
    ordering = ("-timestamp", "-pk")
    fields = readonly_fields = ("when", "who", "remote_addr", "action_word", "what", "change_table")
    empty_words = "No change yet. Every change of a shop, connection, rule or mapping is listed here."

    @display(description="When (UTC)", ordering="timestamp")
    def when(self, entry: Any) -> str:
        """The instant, to the second."""
        return f"{entry.timestamp:%d %b %Y, %H:%M:%S}"

    @display(description="Who", ordering="actor__username")
    def who(self, entry: Any) -> str:
        """The person, or the hub itself (a command, the worker)."""
        return str(entry.actor) if entry.actor else "the hub"

    @display(
        description="Change",
        ordering="action",
        label={"create": "success", "update": "info", "delete": "danger", "access": "default"},
    )
    def action_word(self, entry: Any) -> str:
        """Created, changed or deleted."""
        return str(entry.get_action_display())

    @display(description="Record", ordering="content_type")
    def what(self, entry: Any) -> str:
        """Kind and name of the record."""
        kind = entry.content_type.model_class()
        return f"{kind._meta.verbose_name if kind else entry.content_type.model}: {entry.object_repr}"

    @display(description="Fields")
    def fields_changed(self, entry: Any) -> str:
        """Names of the changed fields."""
        return ", ".join(sorted(entry.changes_dict))[:120] or "-"

    @display(description="From and to")
    def change_table(self, entry: Any) -> SafeString | str:
        """Each field with its old and its new value."""
        rows = [(name, *pair) for name, pair in sorted(entry.changes_dict.items()) if len(pair) == 2]
        if not rows:
            return "-"
        return format_html(
            '<table class="hub-table"><thead><tr><th>Field</th><th>From</th><th>To</th></tr></thead>'
            "<tbody>{}</tbody></table>",
            format_html_join("", "<tr><td>{}</td><td>{}</td><td>{}</td></tr>", rows),
        )

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """By the log's own permission only."""
        return bool(request.user.has_perm("auditlog.view_logentry"))

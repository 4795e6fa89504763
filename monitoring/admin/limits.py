"""From when on a shop's orders are late."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from common.admin import HubModelAdmin
from monitoring.models import AlertLimits


@admin.register(AlertLimits)
class AlertLimitsAdmin(HubModelAdmin):
    """Limits of one shop each; a shop without a row has the defaults."""

    list_display = (
        "shop", "pending_minutes", "waiting_minutes", "blocked_minutes", "search_intervals", "silence",
    )  # fmt: skip
    list_select_related = ("shop",)
    search_fields = ("shop__name",)
    empty_words = (
        "Every shop has the defaults: pending 30 minutes, waiting 2 hours, blocked 8 hours, 3 searches."
    )
    fieldsets = (
        (None, {"fields": ("shop",)}),
        ("Orders are late when", {"fields": ("pending_minutes", "waiting_minutes", "blocked_minutes")}),
        ("Orders stop coming", {"fields": ("search_intervals", "silence")}),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """A row stays with its shop."""
        return [*super().get_readonly_fields(request, obj), *(["shop"] if obj else [])]

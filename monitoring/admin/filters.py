"""Filters of the list of alerts."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from monitoring.models import Alert
from monitoring.registry import conditions


class AlertState(admin.SimpleListFilter):
    """Open or over."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The two."""
        return [("open", "Open"), ("over", "Over")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Alert]) -> QuerySet[Alert]:
        """Those of the state chosen."""
        if self.value() == "open":
            return queryset.filter(closed_at=None)
        return queryset.exclude(closed_at=None) if self.value() == "over" else queryset


class ConditionFilter(admin.SimpleListFilter):
    """By kind of alert."""

    title = "alert"
    parameter_name = "condition"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Every condition."""
        return [(rule.code, rule.title) for rule in conditions()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Alert]) -> QuerySet[Alert]:
        """Those of the kind chosen."""
        return queryset.filter(condition=self.value()) if self.value() else queryset

"""Filters of the order lists."""

from __future__ import annotations

from typing import Any

from django.contrib.admin import ModelAdmin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from unfold.contrib.filters.admin import DropdownFilter

from common.causes import cause
from shops.models import Shop
from syncflows.models import FLOW_ORDERS, Sync
from syncflows.states import Hold, State

_OPEN = (State.PENDING, State.RUNNING, State.WAITING, State.BLOCKED)


class _SyncFilter(DropdownFilter):
    """A filter on a field of the Sync row, from a list of Syncs or of Orders."""

    field = ""

    def lookup(self, model_admin: ModelAdmin[Any]) -> str:
        """The field's path from the model of the list."""
        return self.field if model_admin.model is Sync else f"sync__{self.field}"

    def __init__(
        self, request: HttpRequest, params: dict[str, Any], model: type[Model], model_admin: ModelAdmin[Any]
    ) -> None:
        self.path = self.lookup(model_admin)
        super().__init__(request, params, model, model_admin)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Rows with the chosen value."""
        value = self.value()
        return queryset.filter(**{self.path: value}) if value else queryset


class ToImportFilter(_SyncFilter):
    """What of the list is shown: at first all that still has to be imported."""

    title = "state"
    parameter_name = "state"
    field = "state"
    all_option = ["", "To import"]

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Any]) -> list[tuple[str, str]]:
        """Each open state, and the excluded ones."""
        return [(s.value, s.label) for s in (*_OPEN, State.SKIPPED)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Without a choice neither excluded orders nor those in the ERP."""
        return queryset.filter(state=self.value()) if self.value() else queryset.filter(state__in=_OPEN)


class StateFilter(_SyncFilter):
    """Any state."""

    title = "state"
    parameter_name = "state"
    field = "state"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Any]) -> list[tuple[str, str]]:
        """Every state there is."""
        return [(s.value, "In the ERP" if s == State.DONE else s.label) for s in State]


class HoldFilter(_SyncFilter):
    """Held or not."""

    title = "hold"
    parameter_name = "hold"
    field = "hold"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Any]) -> list[tuple[str, str]]:
        """Each kind of hold."""
        return [("any", "Held for any reason"), *((h.value, h.label) for h in Hold if h.value)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Held rows, by reason or all of them."""
        if self.value() == "any":
            return queryset.exclude(**{self.path: Hold.NONE})
        return super().queryset(request, queryset)


class CauseFilter(_SyncFilter):
    """The cause of an error, a wait or an exclusion, by its title; only causes that occur are offered."""

    title = "cause"
    parameter_name = "cause"
    field = "reason_code"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Any]) -> list[tuple[str, str]]:
        """Codes found on orders, with their titles."""
        rows = Sync.objects.filter(flow=FLOW_ORDERS).exclude(reason_code="")
        codes = rows.order_by().values_list("reason_code", flat=True).distinct()
        return sorted(((code, cause(code).title) for code in codes), key=lambda pair: pair[1])


class ValueFilter(_SyncFilter):
    """The value a cause is about (a SKU, a shipping method): shown only when a link brought it along."""

    title = "value"
    parameter_name = "value"
    field = "reason_value"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Any]) -> list[tuple[str, str]]:
        """The value in the address."""
        value = request.GET.get("value", "")
        return [(value, value)] if value else []


class ShopFilter(DropdownFilter):
    """One shop."""

    title = "shop"
    parameter_name = "shop"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Any]) -> list[tuple[str, str]]:
        """Every shop by name."""
        return [(str(pk), name) for pk, name in Shop.objects.values_list("pk", "name")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Rows of the chosen shop; what is not a shop's number shows nothing."""
        value = self.value()
        if not value:
            return queryset
        return queryset.filter(shop_id=value) if value.isdigit() else queryset.none()

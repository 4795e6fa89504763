"""One admin page per kind of value map: values orders wait for on top, then the rows, defaults first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import path, reverse
from import_export.admin import ImportExportMixin
from import_export.formats.base_formats import CSV, XLSX
from unfold.contrib.import_export.forms import ExportForm, ImportForm
from unfold.forms import BaseDialogForm

from common.admin import HubModelAdmin, action, display, go_to
from erps.models import ErpConnection, ReferenceKind, ReferenceRecord
from mappings import proxies
from mappings.admin import targets
from mappings.admin.dialogs import TargetDialog
from mappings.admin.forms import DEFAULT, ChargeMappingForm, DiscountMappingForm, MappingForm, TaxMappingForm
from mappings.admin.resources import resource_for
from mappings.admin.waiting import CODES, WaitingValue, orders_known, waiting_values, with_suggestions
from mappings.models import Behaviour, Charge, MapKind, ValueMapping

SHOWN = 20
"""Waiting values listed above a map; the rest are counted."""
RETRY = "syncflows.retry_order"


class MappingAdmin(ImportExportMixin, HubModelAdmin):  # type: ignore[misc] # import-export declares no types
    """What all kinds have in common."""

    form = MappingForm
    warn_unsaved_form = False  # choosing another shop loads the form again
    import_form_class = ImportForm
    export_form_class = ExportForm
    list_display = ("source_shown", "shop", "behaviour_shown", "target_shown", "updated_at")
    list_display_links = ("source_shown",)
    list_filter = ("shop", "behaviour")
    list_select_related = ("shop",)
    search_fields = ("source", "source_label", "target_label", "target_id")
    ordering = ("shop__name", "source", "pk")
    list_before_template = "mappings/waiting.html"
    actions_list = ["retry_waiting"]
    actions_row = ["change_target"]
    empty_words = "No row yet. Values orders wait for are listed above, each with a button that adds its row."
    source_fields: Sequence[str] = ("shop", "source")
    extra_fields: Sequence[str] = ()
    purpose = ""

    class Media:
        js = ["hub/mapping.js"]

    @property
    def kind(self) -> MapKind:
        """The kind of this page."""
        kind: MapKind = self.model.map_kind
        return kind

    def get_fieldsets(self, request: HttpRequest, obj: ValueMapping | None = None) -> Any:
        """What is mapped, and to what; for those who may only look, the stored words."""
        may_write = self.has_change_permission(request, obj) if obj else self.has_add_permission(request)
        if not may_write:
            return [(None, {"fields": ["shop", "source", "behaviour", "target_label", "target_id"]})]
        parts = [
            ("In Shopify", {"fields": [*self.source_fields], "description": self.purpose}),
            ("In the ERP", {"fields": ["behaviour", "target", "typed_id", *self.extra_fields]}),
        ]
        if self.has_retry_permission(request):
            parts.append(("Afterwards", {"fields": ["retry_orders"]}))
        return parts

    def save_model(self, request: HttpRequest, obj: ValueMapping, form: Any, change: bool) -> None:
        """Store the row, then do as the form says about the orders that wait for it."""
        super().save_model(request, obj, form, change)
        if form.cleaned_data.get("retry_orders") and self.has_retry_permission(request):
            self._retry(request, obj)
        else:
            self._offer(request, obj)

    def _freed(self, row: ValueMapping) -> list[WaitingValue]:
        """What a row lets go: orders of its shop that wait for its value, or for any value it is the default of."""
        if row.behaviour == Behaviour.STOP:
            return []
        key = row.source.strip().casefold()
        return [
            value
            for value in waiting_values(self.kind)
            if value.mapped and value.shop_id == row.shop_id and key in ("", value.value.strip().casefold())
        ]

    def _retry(self, request: HttpRequest, row: ValueMapping) -> None:
        freed = [(value.shop_id, value.value) for value in self._freed(row)]
        retried = orders_known().retry(request.user, CODES[self.kind], freed) if freed else 0
        if retried:
            messages.success(
                request, f"{_orders(retried)} that waited for it {_are(retried)} taken up again."
            )

    def _offer(self, request: HttpRequest, row: ValueMapping) -> None:
        waiting = sum(value.orders for value in self._freed(row))
        if waiting:
            wait = "waits" if waiting == 1 else "wait"
            messages.info(
                request, f"{_orders(waiting)} {wait} for it still: press Retry waiting orders above the list."
            )

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> type[MappingForm]:
        """`target` and the like are fields of the form, not of the model."""
        kwargs["fields"] = [
            name
            for name in ("shop", "source", "behaviour", *self.extra_fields)
            if name not in {"tax_type", "promotion"}
        ]
        if not (self.has_change_permission(request, obj) if obj else self.has_add_permission(request)):
            kwargs["fields"] = []
        form: type[MappingForm] = super().get_form(request, obj, change, **kwargs)
        return form

    def get_queryset(self, request: HttpRequest) -> QuerySet[ValueMapping]:
        """Rows with a mark for targets the ERP has switched off since."""
        gone = ReferenceRecord.objects.filter(
            connection=OuterRef("shop__erp_connection"),
            kind__in=targets.reference_kinds(self.kind, None),
            erp_id=OuterRef("target_id"),
            is_inactive=True,
        )
        rows: QuerySet[ValueMapping] = super().get_queryset(request)
        return rows.annotate(gone=Exists(gone))

    def get_urls(self) -> list[Any]:
        """The search behind the choice of a target."""
        name = f"mappings_{self.opts.model_name}_targets"
        return [path("targets/", self.admin_site.admin_view(self.targets), name=name), *super().get_urls()]

    def targets(self, request: HttpRequest) -> JsonResponse:
        """Reference records that match what is being typed (the shape select2 asks for)."""
        if not (self.has_add_permission(request) or self.has_change_permission(request)):
            raise PermissionDenied
        connection = ErpConnection.objects.filter(pk=_number(request.GET.get("connection"), 0)).first()
        if connection is None:
            return JsonResponse({"results": [], "pagination": {"more": False}})
        found, more = targets.search(
            connection,
            (ReferenceKind.PROMOTION,)
            if self.kind == MapKind.DISCOUNT and request.GET.get("kind") == ReferenceKind.PROMOTION
            else targets.reference_kinds(self.kind, connection),
            request.GET.get("term", "").strip(),
            max(1, _number(request.GET.get("page"), 1)),
        )
        results = [{"id": value, "text": text} for value, text in found]
        return JsonResponse({"results": results, "pagination": {"more": more}})

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The list, with the values orders wait for on top."""
        values = waiting_values(self.kind)
        context = {
            "waiting": with_suggestions(self.kind, values[:SHOWN]),
            "waiting_more": max(0, len(values) - SHOWN),
            "waiting_add": reverse(f"admin:mappings_{self.opts.model_name}_add")
            if self.has_add_permission(request)
            else "",
            "purpose": self.purpose,
        }
        response: HttpResponse = super().changelist_view(request, {**context, **(extra_context or {})})
        return response

    def has_import_permission(self, request: HttpRequest) -> bool:
        """A file adds rows and changes rows."""
        return bool(self.has_add_permission(request) and self.has_change_permission(request))

    def has_export_permission(self, request: HttpRequest) -> bool:
        """Whoever may look may take the list home: it holds no secret."""
        return bool(self.has_view_permission(request))

    def get_import_formats(self) -> list[Any]:
        """CSV, and XLSX where its reader is installed."""
        return [form for form in (CSV, XLSX) if form.is_available()]

    get_export_formats = get_import_formats

    def get_import_resource_classes(self, request: HttpRequest) -> list[Any]:
        """The columns of this kind."""
        return [resource_for(self.model, self.kind)]

    get_export_resource_classes = get_import_resource_classes

    @display(description="Shopify value", ordering="source")
    def source_shown(self, row: ValueMapping) -> str:
        """The value in words; the default row says so."""
        if not row.source:
            return DEFAULT
        return row.source_label or str(self._source_words().get(row.source, row.source))

    def _source_words(self) -> dict[str, Any]:
        return {}

    @display(
        description="Behaviour",
        ordering="behaviour",
        label={"use": "success", "empty": "default", "stop": "danger"},
    )
    def behaviour_shown(self, row: ValueMapping) -> tuple[str, str]:
        """What the row does."""
        words = {Behaviour.USE: "uses", Behaviour.EMPTY: "leaves empty", Behaviour.STOP: "stops"}
        return row.behaviour, words[Behaviour(row.behaviour)]

    @display(description="ERP record", ordering="target_label")
    def target_shown(self, row: ValueMapping) -> str:
        """The target by name and id, and whether the ERP has switched it off since."""
        return "-" if row.behaviour != Behaviour.USE else self.target_words(row)

    def target_words(self, row: ValueMapping) -> str:
        """What a row does with its value, in words."""
        if row.behaviour != Behaviour.USE:
            return "left empty" if row.behaviour == Behaviour.EMPTY else "stops the order"
        words = f"{row.target_label} ({row.target_id})" if row.target_label else f"id {row.target_id}"
        return f"{words}: inactive in the ERP" if getattr(row, "gone", False) else words

    @action(
        description="Change here",
        icon="edit",
        permissions=["change"],
        dialog={
            "title": "What becomes of this value?",
            "description": "Counts from the next order on. What is in the ERP already is not changed.",
            "form_class": TargetDialog,
            "form_submit_text": "Save",
        },
    )
    def change_target(self, request: HttpRequest, form: TargetDialog, object_id: str) -> HttpResponse:
        """Store the target chosen in the dialog."""
        row: ValueMapping | None = self.get_object(request, object_id)
        if row is None:
            raise Http404
        form.apply(row)
        self.log_change(request, row, [{"changed": {"fields": ["ERP record"]}}])
        messages.success(request, f"{self.source_shown(row)}: {self.target_words(row)} now.")
        if form.cleaned_data.get("retry_orders") and self.has_retry_permission(request):
            self._retry(request, row)
        else:
            self._offer(request, row)
        return go_to(reverse(f"admin:mappings_{self.opts.model_name}_changelist"))

    def has_retry_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Whether the user may take orders up again."""
        return bool(request.user.has_perm(RETRY))

    @action(
        description="Retry waiting orders",
        icon="replay",
        permissions=["retry"],
        dialog={
            "title": "Retry the orders whose values are mapped by now?",
            "description": "Orders that were stopped for a missing row of this list are taken up again, if a row for "
            "their value (or a default row) is there. They go through all rules and checks as before.",
            "form_class": BaseDialogForm,
            "form_submit_text": "Retry them",
        },
    )
    def retry_waiting(self, request: HttpRequest, form: BaseDialogForm) -> HttpResponse:
        """Retry, and say how many."""
        ready = [(v.shop_id, v.value) for v in waiting_values(self.kind) if v.mapped]
        retried = orders_known().retry(request.user, CODES[self.kind], ready) if ready else 0
        if retried:
            messages.success(request, f"{_orders(retried)} {_are(retried)} taken up again.")
        else:
            messages.info(request, "No order waits for a value that is mapped by now.")
        return go_to(reverse(f"admin:mappings_{self.opts.model_name}_changelist"))


def _orders(number: int) -> str:
    return f"{number:,} order" if number == 1 else f"{number:,} orders"


def _are(number: int) -> str:
    return "is" if number == 1 else "are"


def _number(text: str | None, otherwise: int) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 10 else otherwise


@admin.register(proxies.LocationMapping)
class LocationMappingAdmin(MappingAdmin):
    """Locations."""

    purpose = "Decides the location on a document, and so from which stock it is shipped."


@admin.register(proxies.ShipmentMethodMapping)
class ShipmentMethodMappingAdmin(MappingAdmin):
    """Shipment methods."""

    purpose = "Decides the ship method on a document. The amount of shipping always comes from Shopify."


@admin.register(proxies.PaymentMethodMapping)
class PaymentMethodMappingAdmin(MappingAdmin):
    """Payment methods."""

    purpose = "Decides the payment method on a document."


@admin.register(proxies.PaymentTermsMapping)
class PaymentTermsMappingAdmin(MappingAdmin):
    """Payment terms."""

    purpose = "Decides the terms of orders that are paid later (B2B)."


@admin.register(proxies.TaxMapping)
class TaxMappingAdmin(MappingAdmin):
    """Taxes."""

    form = TaxMappingForm
    extra_fields = ("tax_type", "tax_rate")
    purpose = "Decides the tax code or tax item. The amount of tax always comes from Shopify."


@admin.register(proxies.DiscountMapping)
class DiscountMappingAdmin(MappingAdmin):
    """Discounts."""

    form = DiscountMappingForm
    extra_fields = ("promotion",)
    purpose = "Decides the item a discount is booked on, and the promotion it is named after."


@admin.register(proxies.ItemMapping)
class ItemMappingAdmin(MappingAdmin):
    """Items."""

    purpose = "Only for SKUs whose item has another name in the ERP: all others are found by their SKU."


@admin.register(proxies.AccountMapping)
class AccountMappingAdmin(MappingAdmin):
    """Charges: parts of an order that are not products."""

    form = ChargeMappingForm
    source_fields = ("shop", "source", "fee_name")
    extra_fields = ("target_kind",)
    purpose = "Decides the item or account of shipping, tips, gift cards, duties, fees and rounding."

    def _source_words(self) -> dict[str, Any]:
        return dict(Charge.choices)


@admin.register(proxies.SubsidiaryMapping)
class SubsidiaryMappingAdmin(MappingAdmin):
    """Subsidiaries."""

    purpose = "Decides the subsidiary of a document by sales channel, country and market."


@admin.register(proxies.DepartmentMapping)
class DepartmentMappingAdmin(MappingAdmin):
    """Departments."""

    purpose = "Decides the department of a document by sales channel, country and market."


@admin.register(proxies.ClassMapping)
class ClassMappingAdmin(MappingAdmin):
    """Classes."""

    purpose = "Decides the class of a document by sales channel, country and market."


@admin.register(proxies.SalesRepMapping)
class SalesRepMappingAdmin(MappingAdmin):
    """Sales representatives."""

    purpose = (
        "Decides the sales representative of a document by the staff member who took the order in Shopify."
    )

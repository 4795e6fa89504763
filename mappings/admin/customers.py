"""Customer templates by country, and the links between orders and ERP documents."""

from __future__ import annotations

from typing import Any, cast

import pycountry
from django import forms
from django.contrib import admin
from django.http import HttpRequest, JsonResponse
from django.urls import path, reverse
from unfold.widgets import UnfoldAdminSelect2Widget, UnfoldAdminTextInputWidget

from common.admin import HubModelAdmin, ReadOnlyAdmin, display
from erps.models import ErpConnection, ReferenceKind
from mappings.admin import targets
from mappings.models import CustomerMatch, CustomerTemplate, RecordLink
from shops.models import Shop

ELSEWHERE = "All other countries"

CHOSEN: dict[str, tuple[str, ReferenceKind, str]] = {
    "subsidiary": ("subsidiary_id", ReferenceKind.SUBSIDIARY, "Subsidiary"),
    "terms": ("terms_id", ReferenceKind.TERM, "Payment terms"),
    "price_level": ("price_level_id", ReferenceKind.PRICE_LEVEL, "Price level"),
    "category": ("category_id", ReferenceKind.CUSTOMER_CATEGORY, "Category"),
    "default_customer": ("default_customer_id", ReferenceKind.CUSTOMER, "Default customer"),
}
"""Form field: the column it fills, the reference data it offers, its label."""
SOURCES = ["name_source", "name2_source", "contact_source", "county_source", "phone_source"]
WRITTEN = ["shop", "country", "match", "create_missing", *SOURCES]
"""Columns the form fills by themselves."""


def country_choices() -> list[tuple[str, str]]:
    """All countries by name, the default row first."""
    countries = sorted((c.name, c.alpha_2) for c in pycountry.countries)
    return [("", ELSEWHERE), *((code, f"{name} ({code})") for name, code in countries)]


class CustomerTemplateForm(forms.ModelForm):  # type: ignore[type-arg] # not generic at run time
    """A template: ERP records are chosen by name, or typed as ids while nothing was read yet."""

    subsidiary = targets.ReferenceChoice(label="Subsidiary")
    terms = targets.ReferenceChoice(label="Payment terms")
    price_level = targets.ReferenceChoice(label="Price level")
    category = targets.ReferenceChoice(label="Category")
    default_customer = targets.ReferenceChoice(label="Default customer")

    class Meta:
        model = CustomerTemplate
        fields = WRITTEN

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "shop" not in self.fields:
            return
        self.fields["country"].help_text = "The country of the customer's address."
        self.fields["country"].widget = UnfoldAdminSelect2Widget(choices=country_choices())
        self.connection = self._connection()
        for name, (column, kind, _label) in CHOSEN.items():
            self._offer(name, str(getattr(self.instance, column) or ""), kind)

    def _connection(self) -> ErpConnection | None:
        chosen = self.data.get("shop") if self.is_bound else self.initial.get("shop")
        shops = Shop.objects.select_related("erp_connection")
        if chosen and str(chosen).isdigit():
            shop = shops.filter(pk=chosen).first()
        else:
            few = list(shops[:2])
            shop = few[0] if len(few) == 1 else None
            if shop is not None:
                self.initial.setdefault("shop", shop.pk)
        return shop.erp_connection if shop else None

    def _offer(self, name: str, stored: str, kind: ReferenceKind) -> None:
        field = self.fields[name]
        current = ("", "")
        if stored:
            value = f"{kind}:{stored}"
            record = targets.find(self.connection, (kind,), value)
            current = (value, f"{record.name} ({stored})" if record else f"id {stored}")
            self.initial.setdefault(name, value)
        address = reverse("admin:mappings_customertemplate_targets")
        query = f"?connection={self.connection.pk}&kind={kind}" if self.connection else ""
        size = cast("targets.ReferenceChoice", field).offer(
            self.connection, (kind,), current=current, search_address=f"{address}{query}", empty_text="None"
        )
        if not size:
            # Nothing cached: the id can still be typed.
            field.widget = UnfoldAdminTextInputWidget()
            self.initial[name] = stored
            where = f" from {self.connection}" if self.connection else ""
            field.help_text = (
                f"Nothing read yet{where}: type the internal id, or refresh the reference data first."
            )

    def clean(self) -> dict[str, Any]:
        """Fill the columns from what was chosen or typed, and ask for what the rule needs."""
        cleaned = super().clean() or self.cleaned_data
        shop, country = cleaned.get("shop"), cleaned.get("country", "")
        if shop is not None:
            twin = CustomerTemplate.objects.filter(shop=shop, country=country).exclude(pk=self.instance.pk)
            if twin.exists():
                self.add_error(
                    "country", f"{shop} has a template for {country or 'all other countries'} already."
                )
        for name, (column, kind, label) in CHOSEN.items():
            self._take(name, column, kind, label, str(cleaned.get(name) or "").strip())
        if cleaned.get("match") == CustomerMatch.DEFAULT_CUSTOMER and not self.instance.default_customer_id:
            self.add_error("default_customer", "Choose the customer all orders go to, or another rule above.")
        return cleaned

    def _take(self, name: str, column: str, kind: ReferenceKind, label: str, value: str) -> None:
        before = str(getattr(self.instance, column) or "")
        erp_id = value.partition(":")[2] if ":" in value else value
        record = targets.find(self.connection, (kind,), f"{kind}:{erp_id}") if erp_id else None
        if erp_id and ":" in value and record is None and erp_id != before:
            self.add_error(
                name, f"This {label.lower()} is not in the ERP's list. Refresh it or choose another."
            )
            return
        setattr(self.instance, column, erp_id)
        if name == "default_customer":
            kept = self.instance.default_customer_name if erp_id == before else ""
            self.instance.default_customer_name = record.name if record else kept


@admin.register(CustomerTemplate)
class CustomerTemplateAdmin(HubModelAdmin):
    """Rules for customers, one row per country and one for all others."""

    form = CustomerTemplateForm
    warn_unsaved_form = False  # choosing another shop loads the form again
    list_display = ("country_shown", "shop", "match", "creates", "default_customer_name", "updated_at")
    list_display_links = ("country_shown",)
    list_filter = ("shop", "match", "create_missing")
    list_select_related = ("shop",)
    search_fields = ("country", "shop__name", "default_customer_name")
    empty_words = (
        "No template yet. Add one for all other countries first: orders need it to find their customer."
    )

    class Media:
        js = ["hub/mapping.js"]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """What a person may write, or the stored words."""
        if not (self.has_change_permission(request, obj) if obj else self.has_add_permission(request)):
            names = [*WRITTEN, "default_customer_name"]
            return [(None, {"fields": [*names, *(column for column, _, _ in CHOSEN.values())]})]
        return [
            ("For whom", {"fields": ["shop", "country"]}),
            ("Finding", {"fields": ["match", "create_missing", "default_customer"]}),
            ("New customers get", {"fields": ["subsidiary", "terms", "price_level", "category"]}),
            ("Names, states and phones", {"fields": SOURCES}),
        ]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """The choices are fields of the form, not of the model."""
        may_write = self.has_change_permission(request, obj) if obj else self.has_add_permission(request)
        kwargs["fields"] = WRITTEN if may_write else []
        return super().get_form(request, obj, change, **kwargs)

    def get_urls(self) -> list[Any]:
        """The search behind long lists of choices."""
        view = self.admin_site.admin_view(self.targets)
        return [path("targets/", view, name="mappings_customertemplate_targets"), *super().get_urls()]

    def targets(self, request: HttpRequest) -> JsonResponse:
        """Reference records of one kind that match what is being typed."""
        nothing = JsonResponse({"results": [], "pagination": {"more": False}})
        if not (self.has_add_permission(request) or self.has_change_permission(request)):
            return nothing
        number, kind, page = (request.GET.get(name, "") for name in ("connection", "kind", "page"))
        connection = ErpConnection.objects.filter(pk=number).first() if number.isdecimal() else None
        if connection is None or kind not in {k for _, k, _ in CHOSEN.values()}:
            return nothing
        found, more = targets.search(
            connection,
            (ReferenceKind(kind),),
            request.GET.get("term", "").strip(),
            int(page) if page.isdecimal() and 0 < len(page) < 6 else 1,
        )
        results = [{"id": value, "text": text} for value, text in found]
        return JsonResponse({"results": results, "pagination": {"more": more}})

    @display(description="Country", ordering="country")
    def country_shown(self, template: CustomerTemplate) -> str:
        """The country's name; the default row says so."""
        if not template.country:
            return ELSEWHERE
        country = pycountry.countries.get(alpha_2=template.country)
        return f"{country.name} ({template.country})" if country else template.country

    @display(description="Creates", boolean=True, ordering="create_missing")
    def creates(self, template: CustomerTemplate) -> bool:
        """Whether missing customers are created."""
        return template.create_missing


@admin.register(RecordLink)
class RecordLinkAdmin(ReadOnlyAdmin):
    """Which Shopify record became which ERP document."""

    list_display = ("external_id", "shop", "kind", "document", "amount", "state", "created_at")
    list_filter = ("shop", "kind", "recovered", ("unlinked_at", admin.EmptyFieldListFilter))
    list_select_related = ("shop", "connection")
    search_fields = ("external_id", "erp_number", "erp_id", "source_id")
    ordering = ("-created_at", "-pk")
    empty_words = "Nothing written yet. Each document in the ERP appears here with the order it came from."

    @display(description="ERP document", ordering="erp_number")
    def document(self, link: RecordLink) -> str:
        """Number and id."""
        return f"{link.erp_number} (id {link.erp_id})" if link.erp_number else f"id {link.erp_id}"

    @display(description="Total", ordering="total")
    def amount(self, link: RecordLink) -> str:
        """The document's total with its currency."""
        return f"{link.total.normalize():,f} {link.currency}" if link.total is not None else "-"

    @display(description="State", label={"linked": "success", "found": "info", "unlinked": "warning"})
    def state(self, link: RecordLink) -> str:
        """Written, found in the ERP, or unlinked by a person."""
        if link.unlinked_at:
            return "unlinked"
        return "found" if link.recovered else "linked"

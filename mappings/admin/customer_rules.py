"""Customer rules: what holds for all customers and companies of a shop, whatever their country."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from unfold.widgets import UnfoldAdminTextInputWidget

from common.admin import HubModelAdmin, display
from erps.models import ErpConnection, ReferenceKind
from mappings.admin import targets
from mappings.customer_rules import CompanyMatch
from mappings.models import CustomerRules
from shops.models import Shop

KIND = ReferenceKind.CUSTOMER
WRITTEN = [
    "shop", "import_customers", "add_currencies", "import_companies", "company_match", "companies_as",
    "create_companies", "tax_id_field",
]  # fmt: skip


class CustomerRulesForm(forms.ModelForm):  # type: ignore[type-arg] # not generic at run time
    """The rules of one shop; the default company is chosen by name, or typed as id while nothing was read yet."""

    default_company = targets.ReferenceChoice(label="Default company")

    class Meta:
        model = CustomerRules
        fields = WRITTEN

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "default_company" not in self.fields:
            return
        self.connection = self._connection()
        stored = self.instance.default_company_id
        record = targets.find(self.connection, (KIND,), f"{KIND}:{stored}") if stored else None
        name = record.name if record else self.instance.default_company_name or f"id {stored}"
        current = (f"{KIND}:{stored}", f"{name} ({stored})") if stored else ("", "")
        address = reverse("admin:mappings_customertemplate_targets")
        query = f"?connection={self.connection.pk}&kind={KIND}" if self.connection else ""
        field = self.fields["default_company"]
        size = cast("targets.ReferenceChoice", field).offer(
            self.connection, (KIND,), current=current, search_address=f"{address}{query}", empty_text="None"
        )
        self.initial["default_company"] = current[0] if size else stored
        if not size:
            field.widget = UnfoldAdminTextInputWidget()
            field.help_text = "Nothing read yet: type the internal id, or refresh the reference data first."

    def _connection(self) -> ErpConnection | None:
        chosen = self.data.get("shop") if self.is_bound else self.instance.shop_id
        shop = Shop.objects.select_related("erp_connection").filter(pk=chosen or 0).first()
        return shop.erp_connection if shop else None

    def clean(self) -> dict[str, Any]:
        """Take over the default company, and ask for what the rules need."""
        cleaned = super().clean() or self.cleaned_data
        value = str(cleaned.get("default_company") or "").strip()
        erp_id = value.partition(":")[2] if ":" in value else value
        before = self.instance.default_company_id
        record = targets.find(self.connection, (KIND,), f"{KIND}:{erp_id}") if erp_id else None
        if erp_id and ":" in value and record is None and erp_id != before:
            self.add_error(
                "default_company", "This customer is not in the ERP's list. Refresh it or choose another."
            )
            return cleaned
        kept = self.instance.default_company_name if erp_id == before else ""
        self.instance.default_company_id = erp_id
        self.instance.default_company_name = record.name if record else kept
        always = cleaned.get("company_match") == CompanyMatch.DEFAULT_COMPANY
        if (always or not cleaned.get("import_companies", True)) and not erp_id:
            self.add_error("default_company", "Choose the customer all orders of companies go to.")
        if cleaned.get("company_match") == CompanyMatch.TAX_ID and not cleaned.get("tax_id_field"):
            self.add_error("tax_id_field", "Name the ERP field that holds tax registration ids.")
        return cleaned


@admin.register(CustomerRules)
class CustomerRulesAdmin(HubModelAdmin):
    """One row per shop."""

    form = CustomerRulesForm
    list_display = (
        "shop",
        "import_customers",
        "company_match",
        "companies_as",
        "default_shown",
        "updated_at",
    )
    list_select_related = ("shop",)
    search_fields = ("shop__name", "default_company_name")
    empty_words = (
        "No rules yet: customers and companies come in with their orders, one customer per company location."
    )

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """What a person may write, or the stored words."""
        if not (self.has_change_permission(request, obj) if obj else self.has_add_permission(request)):
            return [(None, {"fields": [*WRITTEN, "default_company_name"]})]
        return [
            ("Shop", {"fields": ["shop"]}),
            ("Customers", {"fields": ["import_customers", "add_currencies"]}),
            (
                "Companies (B2B)",
                {
                    "fields": [
                        "import_companies", "company_match", "tax_id_field", "companies_as", "create_companies",
                        "default_company",
                    ]
                },
            ),
        ]  # fmt: skip

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """The default company is a field of the form, not of the model."""
        may_write = self.has_change_permission(request, obj) if obj else self.has_add_permission(request)
        kwargs["fields"] = WRITTEN if may_write else []
        return super().get_form(request, obj, change, **kwargs)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """The shop of stored rules stays."""
        return ["shop"] if obj is not None else []

    @display(description="Default company")
    def default_shown(self, rules: CustomerRules) -> str:
        """Name, else id."""
        return rules.default_company_name or rules.default_company_id or "-"

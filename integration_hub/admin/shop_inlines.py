"""What a shop takes and what it holds, as parts of the shop's page."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db import models
from django.http import HttpRequest
from unfold.widgets import UnfoldAdminSelect2MultipleWidget, UnfoldAdminTextareaWidget

from common.admin import StackedInline
from syncflows.models import HoldRules, OrderFilter
from syncflows.models.filters import FILTER_FIELDS, FINANCIAL, FULFILLMENT, RISKS

CHOICES = {"financial_statuses": FINANCIAL, "fulfillment_statuses": FULFILLMENT, "risks": RISKS}
FILTER_FIELDSETS: tuple[tuple[str | None, dict[str, Any]], ...] = (
    (
        None,
        {
            "fields": (
                ("channels_include", "channels_exclude"),
                ("tags_include", "tags_exclude"),
                ("countries_include", "countries_exclude"),
                ("attributes_include", "attributes_exclude"),
                ("buyer", "test"),
                ("amount_from", "amount_to"),
                ("placed_from", "placed_to"),
                ("paid", "risks"),
                ("financial_statuses", "fulfillment_statuses"),
            ),
            "description": "Which of the store's orders are this record's own: those for which every line that is "
            "filled in holds. Lists hold with any of their entries, whatever the case; * stands for any text. Two "
            "records of one store must not take the same order. Preview filter, above, shows what a filter would do.",
        },
    ),
)


def _words(value: str) -> str:
    return value.replace("_", " ").capitalize()


class OrderFilterForm(forms.ModelForm):  # type: ignore[type-arg] # not generic at run time
    """The filter with its lists of statuses as choices."""

    class Meta:
        model = OrderFilter
        fields = FILTER_FIELDS

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, words in CHOICES.items():
            if name in self.fields:
                told = self.fields[name]
                self.fields[name] = forms.MultipleChoiceField(
                    choices=[(word, _words(word)) for word in words],
                    required=False,
                    label=told.label,
                    help_text=told.help_text,
                    widget=UnfoldAdminSelect2MultipleWidget(),
                )
                self.fields[name].widget.choices = self.fields[name].choices  # type: ignore[attr-defined]


class _Short(StackedInline):  # type: ignore[misc] # see common.admin
    """One row for the shop, with lists in boxes of two lines."""

    can_delete = False
    min_num = 1
    max_num = 1

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if isinstance(db_field, models.TextField):
            kwargs["widget"] = UnfoldAdminTextareaWidget(attrs={"rows": 2})
        return super().formfield_for_dbfield(db_field, request, **kwargs)


class OrderFilterInline(_Short):
    """Which orders of the store are this record's own."""

    model = OrderFilter
    form = OrderFilterForm
    verbose_name_plural = "Order filter"
    fieldsets = FILTER_FIELDSETS


class HoldRulesInline(_Short):
    """What waits, and for how long."""

    model = HoldRules
    verbose_name_plural = "Holds"
    fieldsets = (
        (
            None,
            {
                "fields": ("tags", ("unpaid_days", "unpaid_then")),
                "description": "What is held waits in Orders to import with its reason, and goes on by itself when "
                "the reason ends. Whether unpaid orders are held is one of the order rules above.",
            },
        ),
    )

"""The page *Import by number*: paste numbers or ids, choose shops, see what was found."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib.admin import AdminSite
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminTextareaWidget

from shops.models import Shop
from syncflows.actions.action import Ask
from syncflows.actions.by_number import import_by_number, read
from syncflows.admin.access import may

IMPORT = "syncflows.import_order"


class NumbersForm(forms.Form):
    """What was pasted, and which shops are asked."""

    numbers = forms.CharField(
        label="Order numbers or Shopify ids",
        max_length=1_000_000,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 6}),
        help_text="Any count, with or without #, separated by space, comma, semicolon or line.",
        error_messages={"required": "Paste at least one number."},
    )
    shops = forms.ModelMultipleChoiceField(
        queryset=Shop.objects.none(),
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        error_messages={"required": "Choose at least one shop."},
    )
    reason = forms.CharField(
        label="Reason (optional)",
        required=False,
        max_length=1000,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}),
        help_text="Kept with your name on the timeline of each order.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        shops = Shop.objects.filter(is_active=True).select_related("erp_connection")
        cast("forms.ModelMultipleChoiceField[Shop]", self.fields["shops"]).queryset = shops
        self.fields["shops"].initial = shops


def by_number_page(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """Ask, then import, then say what was found and what was not. What is left over stands in the form again."""
    if not may(request, IMPORT):
        raise PermissionDenied
    form = NumbersForm(request.POST or None)
    context: dict[str, Any] = {**site.each_context(request), "title": "Import by number", "form": form}
    if form.is_valid():
        values = form.cleaned_data
        ask = Ask(cast("User", request.user), values["reason"])
        found = import_by_number(list(values["shops"]), read(values["numbers"]), ask)
        context["found"] = found
        if found.rest:
            again = {"numbers": "\n".join(found.rest), "shops": values["shops"], "reason": values["reason"]}
            context["form"] = NumbersForm(initial=again)
    return TemplateResponse(request, "orders/by_number.html", context)

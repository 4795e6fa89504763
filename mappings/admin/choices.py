"""Pages of the maps whose targets are a few choices: currency of the books and exchange rate."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from mappings import proxies
from mappings.admin.forms import ChoiceMappingForm
from mappings.admin.maps import MappingAdmin
from mappings.models import ValueMapping


class ChoiceMappingAdmin(MappingAdmin):
    """Maps that point at one of a few choices."""

    form = ChoiceMappingForm
    actions_row: list[str] = []

    def get_fieldsets(self, request: HttpRequest, obj: ValueMapping | None = None) -> Any:
        """As the other maps, without a record to type."""
        parts = super().get_fieldsets(request, obj)
        for _, options in parts:
            options["fields"] = [name for name in options["fields"] if name != "typed_id"]
        return parts


@admin.register(proxies.CurrencyMapping)
class CurrencyMappingAdmin(ChoiceMappingAdmin):
    """Currency of the books."""

    purpose = (
        "Decides by sales channel, country and market whether the shop's currency or the one the customer paid in goes "
        "into the books. Without a row the shop's own choice counts. A document keeps the currency it was written in."
    )


@admin.register(proxies.ExchangeRateMapping)
class ExchangeRateMappingAdmin(ChoiceMappingAdmin):
    """Exchange rates."""

    purpose = (
        "Decides by sales channel, country and market whose exchange rate stands on a document in the currency the "
        "customer paid in. Without a row the order rules of the shop count."
    )

"""Filters of the order lists by what the order is: channel, country, tag, amount, day. None costs a query."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta
from typing import Any

from django.contrib.admin import ModelAdmin
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from unfold.contrib.filters.admin import RangeDateFilter, RangeNumericFilter, TextFilter
from unfold.utils import parse_date_str

from syncflows.models import Sync
from syncflows.patterns import entries


class _OrderText(TextFilter):
    """A box to type into, about a column of the order, on a list of Orders or of Syncs."""

    def __init__(
        self, request: HttpRequest, params: dict[str, Any], model: type[Model], model_admin: ModelAdmin[Any]
    ) -> None:
        self.path = "order__" if model_admin.model is Sync else ""
        super().__init__(request, params, model, model_admin)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Rows that fit what was typed; nothing typed: all."""
        text = (self.value() or "").strip()
        return queryset.filter(self.condition(text)) if text else queryset

    def condition(self, text: str) -> Q:
        """What the order must be."""
        raise NotImplementedError


class ChannelFilter(_OrderText):
    """A part of the sales channel's name."""

    title = "channel"
    parameter_name = "channel"

    def condition(self, text: str) -> Q:
        """The name holds the text."""
        return Q(**{f"{self.path}channel__icontains": text})


class CountryFilter(_OrderText):
    """Country codes, one or several with commas."""

    title = "country (US, DE)"
    parameter_name = "country"

    def condition(self, text: str) -> Q:
        """Any of the codes."""
        return Q(**{f"{self.path}country__in": [code.upper() for code in entries(text)]})


class TagFilter(_OrderText):
    """Tags, one or several with commas; `*` stands for any text, as in the filters of shops."""

    title = "tag (wholesale-*)"
    parameter_name = "tag"

    def condition(self, text: str) -> Q:
        """Any tag of the order is what one of the entries describes."""
        wanted = Q(pk__in=[])
        for entry in entries(text):
            pattern = "[^,]*".join(re.escape(part) for part in entry.split("*"))
            wanted |= Q(**{f"{self.path}tags__iregex": f"(^|, ){pattern}(, |$)"})
        return wanted


class AmountFilter(RangeNumericFilter):
    """Shopify's total from and to, both in."""


class PlacedFilter(RangeDateFilter):
    """The day an order was placed, from and to, both in. Days in UTC: a list shows orders of several zones."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Orders of these days; what is no day is left out of account."""
        first = parse_date_str(str(self.used_parameters.get(f"{self.parameter_name}_from", "")))
        last = parse_date_str(str(self.used_parameters.get(f"{self.parameter_name}_to", "")))
        if first:
            start = datetime.combine(first, time.min, UTC)
            queryset = queryset.filter(**{f"{self.parameter_name}__gte": start})
        if last:
            end = datetime.combine(last, time.min, UTC) + timedelta(days=1)
            queryset = queryset.filter(**{f"{self.parameter_name}__lt": end})
        return queryset

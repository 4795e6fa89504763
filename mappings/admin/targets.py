"""What a mapping can point at: the cached reference data of the shop's ERP connection, offered by name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from unfold.widgets import UnfoldAdminAutocompleteWidget, UnfoldAdminSelect2Widget

from erps.models import ErpConnection, ReferenceKind, ReferenceRecord, TaxChoice
from mappings.models import MapKind

FEW = 300
"""Up to so many records are put into the page; more are searched for while typing."""

KINDS: dict[MapKind, tuple[ReferenceKind, ...]] = {
    MapKind.LOCATION: (ReferenceKind.LOCATION,),
    MapKind.SHIPMENT_METHOD: (ReferenceKind.SHIP_METHOD,),
    MapKind.PAYMENT_METHOD: (ReferenceKind.PAYMENT_METHOD,),
    MapKind.PAYMENT_TERMS: (ReferenceKind.TERM,),
    MapKind.DISCOUNT: (ReferenceKind.ITEM,),
    MapKind.ITEM: (ReferenceKind.ITEM,),
    MapKind.ACCOUNT: (ReferenceKind.ITEM, ReferenceKind.ACCOUNT),
    MapKind.SUBSIDIARY: (ReferenceKind.SUBSIDIARY,),
    MapKind.DEPARTMENT: (ReferenceKind.DEPARTMENT,),
    MapKind.CLASS: (ReferenceKind.CLASS,),
    MapKind.SALES_REP: (ReferenceKind.EMPLOYEE,),
    MapKind.CURRENCY: (),
    MapKind.EXCHANGE_RATE: (),
}


def reference_kinds(kind: MapKind, connection: ErpConnection | None) -> tuple[ReferenceKind, ...]:
    """Which reference data a map points at. Taxes depend on how the connection puts tax on documents."""
    if kind != MapKind.TAX:
        return KINDS[kind]
    if connection is None:
        return (ReferenceKind.TAX_CODE, ReferenceKind.ITEM)
    if connection.tax_strategy == TaxChoice.TAX_LINE:
        return (ReferenceKind.ITEM,)
    if connection.tax_strategy == TaxChoice.TAX_CODES:
        # The tax a channel owes stands on a line of its own, on an item; every other row names a code.
        return (ReferenceKind.TAX_CODE, ReferenceKind.ITEM)
    return (ReferenceKind.TAX_CODE,)


def records(connection: ErpConnection, kinds: Sequence[ReferenceKind]) -> QuerySet[ReferenceRecord]:
    """Active reference records of some kinds, by name."""
    active = ReferenceRecord.objects.filter(connection=connection, kind__in=kinds, is_inactive=False)
    return active.order_by("kind", "name", "pk")


def option(record: ReferenceRecord, *, with_kind: bool) -> tuple[str, str]:
    """Value and text of one choice: `location:7`, `Berlin (7)`."""
    code = f" · {record.code}" if record.code and record.code != record.name else ""
    kind = f"{record.get_kind_display()}: " if with_kind else ""
    return f"{record.kind}:{record.erp_id}", f"{kind}{record.name}{code} ({record.erp_id})"


def find(
    connection: ErpConnection | None, kinds: Sequence[ReferenceKind], value: str
) -> ReferenceRecord | None:
    """The record of a choice's value, inactive ones included; None when it is not cached."""
    kind, _, erp_id = value.partition(":")
    if connection is None or kind not in kinds:
        return None
    return ReferenceRecord.objects.filter(connection=connection, kind=kind, erp_id=erp_id).first()


def search(
    connection: ErpConnection, kinds: Sequence[ReferenceKind], term: str, page: int, size: int = 25
) -> tuple[list[tuple[str, str]], bool]:
    """Choices whose name, code or id holds the term, one page of them, and whether there are more."""
    found = records(connection, kinds)
    if term:
        found = found.filter(Q(name__icontains=term) | Q(code__icontains=term) | Q(erp_id=term))
    start = (page - 1) * size
    rows = list(found[start : start + size + 1])
    return [option(row, with_kind=len(kinds) > 1) for row in rows[:size]], len(rows) > size


class ReferenceChoice(forms.CharField):
    """A choice among cached reference records. Its value is `kind:id`; `offer` fills it for one connection."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("required", False)
        kwargs["widget"] = UnfoldAdminSelect2Widget()
        super().__init__(**kwargs)

    def offer(
        self,
        connection: ErpConnection | None,
        kinds: Sequence[ReferenceKind],
        *,
        current: tuple[str, str] = ("", ""),
        search_address: str = "",
        empty_text: str = "Choose …",
    ) -> int:
        """Fill the list. `current` (value, text) stays offered whatever the cache says; returns the cache's size."""
        size = records(connection, kinds).count() if connection else 0
        choices: list[tuple[str, str]] = []
        if connection is not None and size <= FEW:
            choices = [option(row, with_kind=len(kinds) > 1) for row in records(connection, kinds)]
            widget: forms.Select = UnfoldAdminSelect2Widget()
        else:
            widget = UnfoldAdminAutocompleteWidget(attrs={"data-ajax--url": search_address})
        if current[0] and current[0] not in dict(choices):
            choices.insert(0, current)
        widget.choices = [("", empty_text), *choices]
        widget.is_required = False
        self.widget = widget
        return size

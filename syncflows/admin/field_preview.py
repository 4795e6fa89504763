"""What an order comes to with other field mappings, field by field beside the published ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from canonical.extra import Choice, Extra
from common.causes import cause
from common.errors import HubError
from mappings.admin.field_forms import BaseRows
from shops.models import Shop
from syncflows.admin.totals import component_rows, difference_rows
from syncflows.models import Sync
from syncflows.trials import Result, Tried, try_rules


@dataclass(frozen=True, slots=True)
class FieldRow:
    """One field of the document: with the published mappings and with those that are tried."""

    name: str
    before: str
    after: str

    @property
    def changed(self) -> bool:
        """Whether the mappings make a difference here."""
        return self.before != self.after


@dataclass(frozen=True, slots=True)
class Part:
    """The header, one line, or the new customer, with its fields."""

    title: str
    rows: tuple[FieldRow, ...]


def preview_pane(request: HttpRequest, shop: Shop, rows: BaseRows) -> HttpResponse:
    """A fragment for the pane beside the form: the chosen order with the mappings as they stand in the form."""
    context: dict[str, Any] = {"mistakes": [], "tried": None}
    sync = _order(shop, request.POST.get("order", ""))
    if not rows.is_valid():
        context["mistakes"] = list(_mistakes(rows))
    elif sync is None:
        context["mistakes"] = ["Choose one of the shop's orders, by its name (#1001)."]
    else:
        try:
            (tried,) = try_rules(shop, [sync], [row.rule() for row in rows.mappings()])
        except HubError as error:
            context["mistakes"] = [f"{error.message} {cause(error.code).fix}"]
        else:
            context |= shown(tried)
    return TemplateResponse(request, "fieldmaps/preview.html", context)


def _order(shop: Shop, name: str) -> Sync | None:
    name = name.strip()
    rows = Sync.objects.filter(shop=shop, order__isnull=False).select_related("order", "shop__erp_connection")
    return rows.filter(name__in=[name, f"#{name}"]).order_by("-order__created_at").first() if name else None


def _mistakes(rows: BaseRows) -> Iterator[str]:
    """What keeps the form from being tried, in words."""
    yield from (str(error) for error in rows.non_form_errors())
    for number, form in enumerate(rows.forms, start=1):
        title = form["name"].value() or f"Mapping {number}"
        for field, errors in form.errors.items():
            label = f"{form[field].label}: " if field in form.fields else ""
            yield from (f"{title}: {label}{error}" for error in errors)


def shown(tried: Tried) -> dict[str, Any]:
    """What the pane shows of a tried order."""
    error = tried.after.error
    return {
        "tried": tried,
        "cause": cause(error.code) if error else None,
        "parts": list(parts(tried.before, tried.after)) if tried.after.ties else [],
        "components": difference_rows(error.differences)
        if error and error.differences
        else component_rows(tried.after.components, tried.after.currency),
        "changes": sum(row.changed for part in parts(tried.before, tried.after) for row in part.rows)
        if tried.after.ties
        else 0,
    }


def parts(before: Result, after: Result) -> Iterator[Part]:
    """All fields of the document, part by part."""
    old, new = dict(before.payload), dict(after.payload)
    old_lines, new_lines = _lines(old), _lines(new)
    yield Part("Order", _rows(_flat(old), _flat(new)))
    for index, line in enumerate(new_lines):
        name = after.line_names[index] if index < len(after.line_names) else ""
        was = old_lines[index] if index < len(old_lines) else {}
        yield Part(f"Line {index + 1}: {name}", _rows(_flat(was), _flat(line)))
    if before.new_customer or after.new_customer:
        yield Part("New customer", _rows(_extras(before.new_customer), _extras(after.new_customer)))


def _lines(payload: dict[str, Any]) -> list[dict[str, Any]]:
    rows = (payload.pop("item", None) or {}).get("items", [])
    return [dict(row) for row in rows]


def _rows(old: Mapping[str, str], new: Mapping[str, str]) -> tuple[FieldRow, ...]:
    names = [*new, *(name for name in old if name not in new)]
    return tuple(FieldRow(name, old.get(name, ""), new.get(name, "")) for name in names)


def _extras(values: Mapping[str, Extra]) -> dict[str, str]:
    return {
        name: f"id {extra.value.id}" if isinstance(extra.value, Choice) else _text(extra.value)
        for name, extra in values.items()
    }


def _flat(body: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    """A body as one text for each field; records by their id, lists row by row."""
    found: dict[str, str] = {}
    for name, value in body.items():
        path = f"{prefix}{name}"
        if isinstance(value, Mapping) and set(value) == {"id"}:
            found[path] = f"id {value['id']}"
        elif isinstance(value, Mapping):
            found |= _flat(value, f"{path}.")
        elif isinstance(value, list):
            for number, row in enumerate(value, start=1):
                found |= _flat(row if isinstance(row, Mapping) else {"value": row}, f"{path}[{number}].")
        else:
            found[path] = _text(value)
    return found


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return format(value, "f") if isinstance(value, Decimal) else str(value)

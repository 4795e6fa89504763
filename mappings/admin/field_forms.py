"""The form of a draft of field mappings: one form a mapping, all of them saved together."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from mappings.admin.field_targets import TargetField, choices
from mappings.field_sets import (
    BusinessChoice,
    FieldMapping,
    LookupChoice,
    MissingChoice,
    SourceChoice,
    new_key,
)
from mappings.fields.catalogue import BY_PATH, FACTS, Level
from mappings.fields.engine import compile_rule
from mappings.fields.expressions import LONGEST
from mappings.fields.transforms import STEPS
from mappings.models import MapKind

MOST = 100
"""Mappings of one shop."""
MOST_ROWS = 500
"""Rows of a table of its own."""


def _text(**attributes: Any) -> UnfoldAdminTextInputWidget:
    return UnfoldAdminTextInputWidget(attrs=attributes)


def _area(rows: int, **attributes: Any) -> UnfoldAdminTextareaWidget:
    return UnfoldAdminTextareaWidget(attrs={"rows": rows, "spellcheck": "false", **attributes})


def _facts() -> list[tuple[str, Any]]:
    groups: dict[str, list[tuple[str, str]]] = {}
    for fact in FACTS:
        groups.setdefault(fact.group, []).append((fact.path, f"{fact.words} ({fact.kind})"))
    return [("", "Choose a field …"), *groups.items()]


class ListField(forms.CharField):
    """Values with commas between them, as a list."""

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        return [part.strip() for part in text.replace("\n", ",").split(",") if part.strip()]


class RowForm(forms.Form):
    """One mapping. `mapping` is the row it stands for, once the form is valid."""

    key = forms.CharField(required=False, max_length=12, widget=forms.HiddenInput())
    name = forms.CharField(max_length=80, widget=_text(), help_text="What errors and the history call it.")
    target = forms.ChoiceField(label="Writes to", widget=UnfoldAdminSelectWidget())
    source_kind = forms.ChoiceField(
        label="Value from", choices=SourceChoice.choices, widget=UnfoldAdminSelectWidget()
    )
    fact = forms.ChoiceField(
        label="Field of the order", choices=_facts, required=False, widget=UnfoldAdminSelectWidget()
    )
    source_name = forms.CharField(
        label="Name of the attribute", required=False, max_length=100, widget=_text()
    )
    expression = forms.CharField(
        required=False, max_length=LONGEST, widget=_area(3, dir="ltr"), strip=True,
        help_text="JMESPath over the view of the order, e.g. order.lines[0].sku",
    )  # fmt: skip
    fixed = forms.CharField(label="Fixed value", required=False, max_length=1000, widget=_text())
    transforms = forms.CharField(label="Steps, one a line", required=False, max_length=4000, widget=_area(3))
    add_step = forms.ChoiceField(
        label="Add a step", required=False, widget=UnfoldAdminSelectWidget(),
        choices=[("", "Add a step …"), *((step.example, f"{step.label}: {step.example}") for step in STEPS.values())],
    )  # fmt: skip
    lookup_kind = forms.ChoiceField(
        label="Table", required=False, choices=LookupChoice.choices, widget=UnfoldAdminSelectWidget()
    )
    lookup_map = forms.ChoiceField(
        label="Map of the shop", required=False, widget=UnfoldAdminSelectWidget(),
        choices=[("", "Choose a map …"), *MapKind.choices],
    )  # fmt: skip
    table = forms.CharField(
        label="Rows, one a line", required=False, max_length=50_000, widget=_area(4),
        help_text="value = result. For a list or record the result is its internal id.",
    )  # fmt: skip
    lookup_missing = forms.ChoiceField(
        label="A value that is not in it", choices=MissingChoice.choices, widget=UnfoldAdminSelectWidget()
    )
    lookup_unique = forms.BooleanField(
        label="Stop the order if it gives several results",
        initial=True,
        required=False,
        widget=UnfoldBooleanWidget(),
    )
    required = forms.BooleanField(
        label="Stop the order if there is no value", required=False, widget=UnfoldBooleanWidget()
    )
    channels = ListField(label="Only sales channels", required=False, max_length=1000, widget=_text())
    countries = ListField(label="Only countries (US, CA)", required=False, max_length=1000, widget=_text())
    tags = ListField(label="Only tags (* for any part)", required=False, max_length=1000, widget=_text())
    b2b = forms.ChoiceField(
        label="B2B", required=False, choices=BusinessChoice.choices, widget=UnfoldAdminSelectWidget()
    )

    def __init__(self, *args: Any, targets: dict[str, TargetField], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.targets = targets
        self.mapping: FieldMapping | None = None
        offered = choices(targets)
        stored = str(self.data.get(self.add_prefix("target")) or self.initial.get("target") or "")
        if stored and stored not in targets:
            offered.append((stored, f"{stored.partition(':')[2]}: no longer in the ERP"))
        self.fields["target"].choices = offered  # type: ignore[attr-defined]

    def clean_target(self) -> str:
        """A field the ERP has, by the last look at its fields."""
        value: str = self.cleaned_data["target"]
        if value not in self.targets:
            raise forms.ValidationError(
                f"The ERP has no field {value.partition(':')[2]} any more (by the last refresh of its fields)."
            )
        return value

    def clean_table(self) -> list[list[str]]:
        """Pairs of value and result."""
        rows = []
        for line in self.cleaned_data["table"].splitlines():
            value, sign, result = (part.strip() for part in line.rpartition("="))
            if not line.strip():
                continue
            if not sign or not value:
                raise forms.ValidationError(f"'{line.strip()[:80]}': write value = result.")
            rows.append([value, result])
        if len(rows) > MOST_ROWS:
            raise forms.ValidationError(f"{len(rows):,} rows; {MOST_ROWS} are allowed.")
        return rows

    def clean_countries(self) -> list[str]:
        """Two letters each."""
        codes = [code.upper() for code in self.cleaned_data["countries"]]
        odd = [code for code in codes if len(code) != 2 or not code.isalpha()]
        if odd:
            raise forms.ValidationError(f"'{odd[0][:40]}' is no country code: write two letters, e.g. US.")
        return codes

    def clean(self) -> dict[str, Any]:
        """Build the row and see whether the engine takes it."""
        cleaned = super().clean() or self.cleaned_data
        if self.errors or cleaned.get("DELETE"):
            return cleaned
        source_field = {"field": "fact", "expression": "expression", "fixed": "fixed"}[cleaned["source_kind"]]
        if not cleaned[source_field]:
            self.add_error(source_field, "Say where the value comes from.")
            return cleaned
        fact = BY_PATH.get(cleaned["fact"]) if source_field == "fact" else None
        target = self.targets[cleaned["target"]]
        if fact is not None and fact.by_name and not cleaned["source_name"]:
            self.add_error("source_name", "Say which attribute.")
        if fact is not None and fact.group == "Line" and target.level is not Level.LINE:
            self.add_error("fact", "Facts of a line go into fields of order lines only.")
        if cleaned["lookup_kind"] == LookupChoice.MAP and not cleaned["lookup_map"]:
            self.add_error("lookup_map", "Choose a map.")
        if cleaned["lookup_kind"] == LookupChoice.TABLE and not cleaned["table"]:
            self.add_error("table", "The table has no row.")
        if not self.errors:
            self._build(cleaned, source_field, target, by_name=fact is not None and fact.by_name)
        return cleaned

    def _build(
        self, cleaned: dict[str, Any], source_field: str, target: TargetField, *, by_name: bool
    ) -> None:
        same = (
            "name",
            "source_kind",
            "transforms",
            "lookup_kind",
            "lookup_missing",
            "lookup_unique",
            "required",
        )
        mapping = FieldMapping(
            **{name: cleaned[name] for name in (*same, "channels", "countries", "tags", "b2b")},
            key=cleaned["key"] or new_key(),
            level=target.level.value,
            target=target.name,
            target_label=target.title[:255],
            target_type=target.type,
            source=cleaned[source_field],
            source_name=cleaned["source_name"] if by_name else "",
            lookup_map=cleaned["lookup_map"] if cleaned["lookup_kind"] == LookupChoice.MAP else "",
            lookup_rows=cleaned["table"] if cleaned["lookup_kind"] == LookupChoice.TABLE else [],
        )
        mapping.transforms = "\n".join(
            line.strip() for line in mapping.transforms.splitlines() if line.strip()
        )
        broken = compile_rule(mapping.rule()).broken
        if broken:
            self.add_error("expression" if broken.startswith("The expression") else "transforms", broken)
        else:
            self.mapping = mapping


class BaseRows(forms.BaseFormSet):  # type: ignore[type-arg] # not generic at run time
    """All mappings of a draft."""

    def clean(self) -> None:
        """Names tell mappings apart, in errors and in the history."""
        seen: set[str] = set()
        for form in self.forms:
            if form.cleaned_data.get("DELETE"):
                continue
            name = form.cleaned_data.get("name", "").casefold()
            if name and name in seen:
                form.add_error("name", "Another mapping has this name.")
            seen.add(name)

    def mappings(self) -> list[FieldMapping]:
        """The rows, in their order, without the removed ones; the formset must be valid."""
        kept = [f for f in self.forms if f.mapping is not None and not f.cleaned_data.get("DELETE")]
        last = len(kept)
        places = {f: f.cleaned_data.get("ORDER") for f in kept}
        return [f.mapping for f in sorted(kept, key=lambda f: last if places[f] is None else places[f])]


Rows = forms.formset_factory(
    RowForm,
    formset=BaseRows,
    extra=0,
    can_delete=True,
    can_order=True,
    max_num=MOST,
    absolute_max=MOST,
    validate_max=True,
)


def initial_of(rows: Iterable[FieldMapping]) -> list[dict[str, Any]]:
    """What the forms show of stored rows."""
    return [
        {
            "key": row.key, "name": row.name, "target": f"{row.level}:{row.target}", "source_kind": row.source_kind,
            "fact": row.source if row.source_kind == SourceChoice.FIELD else "",
            "expression": row.source if row.source_kind == SourceChoice.EXPRESSION else "",
            "fixed": row.source if row.source_kind == SourceChoice.FIXED else "",
            "source_name": row.source_name, "transforms": row.transforms, "lookup_kind": row.lookup_kind,
            "lookup_map": row.lookup_map,
            "table": "\n".join(f"{value} = {result}" for value, result in row.lookup_rows),
            "lookup_missing": row.lookup_missing, "lookup_unique": row.lookup_unique, "required": row.required,
            "channels": row.channels, "countries": row.countries, "tags": row.tags, "b2b": row.b2b,
        }
        for row in rows
    ]  # fmt: skip

"""The ERP's fields a mapping may fill, for the choice in its form."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from erps.models import ErpConnection, ReferenceKind, ReferenceRecord
from mappings.field_sets import LevelChoice, TypeChoice
from mappings.field_versions import KIND_OF_LEVEL, LEVEL_OF_KIND
from mappings.fields.catalogue import Level

Choices = list[tuple[str, str | list[tuple[str, str]]]]


@dataclass(frozen=True, slots=True)
class TargetField:
    """A field of the ERP: where it is, its name and title, what it takes."""

    level: Level
    name: str
    title: str
    type: str
    custom: bool

    @property
    def value(self) -> str:
        """How a form names it: `header:custbody_x`."""
        return f"{self.level}:{self.name}"

    @property
    def words(self) -> str:
        """Title, name and type."""
        title = "" if self.title.lower() == self.name.lower() else f"{self.title} · "
        return f"{title}{self.name} ({TypeChoice(self.type).label.split(' (')[0].lower()})"


def target_fields(connection: ErpConnection | None) -> dict[str, TargetField]:
    """Fields by the value a form names them with, custom ones first; without those the hub fills with Shopify's ids.
    One query."""
    if connection is None:
        return {}
    own = {
        name.lower()
        for name in (connection.order_id_field, connection.order_url_field, connection.line_id_field)
        if name
    }
    rows = ReferenceRecord.objects.filter(
        connection=connection, kind__in=list(KIND_OF_LEVEL.values()), is_inactive=False
    )
    found = sorted(
        (each for row in rows if row.erp_id.lower() not in own and (each := _target(row)) is not None),
        key=lambda each: (list(Level).index(each.level), not each.custom, each.title.lower()),
    )
    return {each.value: each for each in found}


def _target(row: ReferenceRecord) -> TargetField | None:
    kind = row.extra.get("type", "")
    if kind not in TypeChoice.values:
        return None
    level = LEVEL_OF_KIND[ReferenceKind(row.kind)]
    return TargetField(level, row.erp_id, row.name, kind, row.extra.get("custom") == "T")


def choices(targets: dict[str, TargetField]) -> Choices:
    """Choices grouped by where the field is."""
    return [("", "Choose a field …"), *_groups(targets)]


def _groups(targets: dict[str, TargetField]) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    for level in LevelChoice:
        rows = [(each.value, each.words) for each in targets.values() if each.level == level.value]
        if rows:
            yield str(level.label), rows

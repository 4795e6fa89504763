"""A field mapping as a plain rule: source, steps, look-up, condition, target. Rows of the database become these."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Any

from mappings.fields.catalogue import Level


class Source(StrEnum):
    """Where the value comes from."""

    FIELD = "field"
    EXPRESSION = "expression"
    FIXED = "fixed"


class TargetType(StrEnum):
    """What the target takes."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    DATETIME = "datetime"
    SELECT = "select"
    CHECKBOX = "checkbox"


class LookupKind(StrEnum):
    """Whether a table stands between source and target."""

    NONE = ""
    TABLE = "table"
    MAP = "map"


class Missing(StrEnum):
    """What happens to a value the table does not have."""

    STOP = "stop"
    EMPTY = "empty"
    KEEP = "keep"


class BusinessOnly(StrEnum):
    """Whether a mapping is for B2B orders."""

    ANY = ""
    YES = "yes"
    NO = "no"


@dataclass(frozen=True, slots=True)
class Condition:
    """For which orders a mapping counts: every list that is not empty must hold the order's value. Channels and tags
    are compared without case and may hold `*`; `countries` are two letters (shipping address, else billing)."""

    channels: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    b2b: BusinessOnly = BusinessOnly.ANY

    def met(self, view: Mapping[str, Any]) -> bool:
        """Whether an order (its view) is one of these."""
        order = view["order"]
        place = view["shipping"] or view["billing"] or {"country": ""}
        return (
            (not self.channels or _any(self.channels, (order["channel"], order["source_name"])))
            and (not self.countries or _any(self.countries, (place["country"],)))
            and (not self.tags or _any(self.tags, order["tags"]))
            and (not self.b2b or order["b2b"] is (self.b2b is BusinessOnly.YES))
        )


def _any(patterns: tuple[str, ...], values: Any) -> bool:
    found = [str(value).strip().casefold() for value in values if value]
    return any(fnmatchcase(value, pattern.strip().casefold()) for pattern in patterns for value in found)


@dataclass(frozen=True, slots=True)
class Lookup:
    """A table between source and target. `rows` are pairs (value, result) of an own table, `map_kind` names one of the
    shop's value maps. `unique`: several different results for one order stop it, else the first counts."""

    kind: LookupKind = LookupKind.NONE
    rows: tuple[tuple[str, str], ...] = ()
    map_kind: str = ""
    missing: Missing = Missing.STOP
    unique: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldRule:
    """One field mapping. `source` is a path of the catalogue, an expression, or the fixed value itself; `source_name`
    the name of an attribute. `transforms` are lines of `transforms.parse`. `required`: without a value the order
    stops."""

    name: str
    level: Level
    target: str
    target_type: TargetType
    target_label: str = ""
    source_kind: Source = Source.FIELD
    source: str = ""
    source_name: str = ""
    transforms: str = ""
    lookup: Lookup = Lookup()
    required: bool = False
    condition: Condition = Condition()

"""Rules and mappers of field mappings without a database."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mappings.context import Row
from mappings.fields.catalogue import Level
from mappings.fields.engine import FieldMapper
from mappings.fields.rules import FieldRule, Source, TargetType
from mappings.fields.view import ViewSettings

SETTINGS = ViewSettings(zone="America/New_York", order_url="https://admin.example/orders/{id}")


def rule(source: str = "order.note", target: str = "custbody_note", **values: Any) -> FieldRule:
    """A mapping of the header, into a text field, unless said otherwise."""
    given: dict[str, Any] = {"name": "Note", "level": Level.HEADER, "target_type": TargetType.TEXT}
    return FieldRule(**{**given, "source": source, "target": target, **values})


def expression(text: str, **values: Any) -> FieldRule:
    """A mapping from an expression."""
    return rule(text, source_kind=Source.EXPRESSION, **values)


def fixed(text: str, **values: Any) -> FieldRule:
    """A mapping from a fixed value."""
    return rule(text, source_kind=Source.FIXED, **values)


def mapper(*rules: FieldRule, gone: Sequence[tuple[str, str]] = (), **maps: dict[str, Row]) -> FieldMapper:
    """A mapper over the rules; `maps` are the shop's value maps by kind, rows by value in lower case."""

    def find(kind: str, values: Sequence[str]) -> Row | None:
        rows = maps.get(kind, {})
        return next((rows[value.casefold()] for value in values if value.casefold() in rows), rows.get(""))

    return FieldMapper(rules, SETTINGS, find, frozenset(gone))

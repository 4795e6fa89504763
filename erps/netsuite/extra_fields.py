"""Values of field mappings in a body, and refusals of such a field in the words of its mapping."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from canonical.documents import CustomerDocument, SalesDocument
from canonical.extra import Choice, Extra, Extras, ExtraValue
from common.errors import NeedsPerson
from erps.netsuite.texts import clean

_LINE = re.compile(r"items\[(\d+)\]")


def put_extras(body: dict[str, Any], extras: Extras) -> None:
    """Add the values to a record or line. What the hub itself has set stays as it is."""
    taken = {name.lower() for name in body}
    for name, extra in extras.items():
        if name.lower() not in taken:
            body[name] = _wire(extra.value)


def _wire(value: ExtraValue) -> Any:
    if isinstance(value, Choice):
        return {"id": value.id}
    if isinstance(value, bool | Decimal):
        return value
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, date):
        return value.isoformat()
    return clean(value) if "\n" not in value else "\n".join(clean(line) for line in value.splitlines())


def in_words_of_its_mapping(error: NeedsPerson, document: SalesDocument | CustomerDocument) -> NeedsPerson:
    """The refusal as one of a field mapping, when it names a field that a mapping filled; else as it is."""
    field = _field(error).lower()
    found = next((pair for pair in _extras(document, error) if pair[0].lower() == field), None)
    if not field or found is None:
        return error
    name, extra = found
    whose = (
        f"Order {document.order_name}" if isinstance(document, SalesDocument) else f"Customer {document.name}"
    )
    code, why, value = (
        "FIELD_REFUSED",
        f"NetSuite does not take '{_shown(extra.value)}' for {name}. {error.message}",
        _shown(extra.value),
    )
    if error.code == "ERP_UNKNOWN_FIELD":
        code, why, value = (
            "FIELD_GONE",
            f"NetSuite has no field {name} any more, or the role may not see it.",
            name,
        )
    message = f"{whose}: field mapping '{extra.mapping}' ({name}). {why}"
    return NeedsPerson(code, message, field=name, value=value, detail=error.detail)


def _field(error: NeedsPerson) -> str:
    """The field an error is about: the last part of its path, else the name in its sentence."""
    path = error.field.rsplit(".", 1)[-1]
    return path or error.value


def _extras(document: SalesDocument | CustomerDocument, error: NeedsPerson) -> Iterable[tuple[str, Extra]]:
    """The values of the line an error points to first, then all others."""
    if isinstance(document, SalesDocument):
        match = _LINE.search(error.field)
        index = int(match.group(1)) if match else -1
        if 0 <= index < len(document.lines):
            yield from document.lines[index].extra.items()
        for line in document.lines:
            yield from line.extra.items()
    yield from document.extra.items()


def _shown(value: ExtraValue) -> str:
    text = value.id if isinstance(value, Choice) else str(value)
    return text if len(text) <= 100 else f"{text[:100]}…"

"""What a browser posts from the editor of field mappings."""

from __future__ import annotations

from typing import Any

DEFAULTS = {"source_kind": "field", "lookup_missing": "stop", "lookup_unique": "on"}


def posted(*rows: dict[str, Any], revision: int = 1, **more: Any) -> dict[str, Any]:
    """The form with these rows."""
    body: dict[str, Any] = {
        "revision": revision, "rows-TOTAL_FORMS": len(rows), "rows-INITIAL_FORMS": 0,
        "rows-MIN_NUM_FORMS": 0, "rows-MAX_NUM_FORMS": 100, **more,
    }  # fmt: skip
    for number, row in enumerate(rows):
        body |= {f"rows-{number}-{name}": value for name, value in {**DEFAULTS, **row}.items()}
    return body


NOTE = {"name": "Note", "target": "header:custbody_gift_message", "fact": "order.note"}
"""The order's note into a text field."""

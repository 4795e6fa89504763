"""JSON as text for people: spread over lines, amounts exactly as they are, secrets masked."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any

from common.http import mask_text

_MARK = "\ue000"
_MARKED = re.compile(f'"{_MARK}([^"{_MARK}]*){_MARK}"')


def _exact(value: object) -> str:
    return f"{_MARK}{value}{_MARK}" if isinstance(value, Decimal) else str(value)


def json_text(value: Any) -> str:
    """A value as indented JSON. Decimals are written as numbers with the digits they have (`50.00`), unquoted."""
    text = json.dumps(value, indent=2, ensure_ascii=False, default=_exact)
    return mask_text(_MARKED.sub(r"\1", text))


def spread(text: str) -> str:
    """A body as indented JSON, or as it is when it is not JSON (a form, a page, a text that was cut)."""
    try:
        return json_text(json.loads(text, parse_float=Decimal))
    except ValueError:
        return mask_text(text)

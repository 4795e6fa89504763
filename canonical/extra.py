"""Values of further fields on a document, set by a field mapping of the shop."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Choice:
    """A record or list value of the ERP, by internal id."""

    id: str


ExtraValue = str | bool | Decimal | date | datetime | Choice


@dataclass(frozen=True, slots=True)
class Extra:
    """A value for one field of the ERP (times in UTC), and the name of the mapping that set it."""

    value: ExtraValue
    mapping: str


Extras = Mapping[str, Extra]
"""Values by the ERP's name of the field."""

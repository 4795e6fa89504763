"""Field validators used by several apps."""

from __future__ import annotations

from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator

key_validator = RegexValidator(
    r"^[a-z0-9][a-z0-9-]{0,29}$", "Use lower case letters, digits and hyphens, at most 30, e.g. main-store."
)


def validate_zone(value: str) -> None:
    """Refuse what is not an IANA time zone."""
    if value not in available_timezones():
        raise ValidationError(f"'{value}' is not a time zone; write one like America/New_York.")

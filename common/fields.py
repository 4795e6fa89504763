"""Model fields of our own."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db import models


def choice_field(
    words: str,
    default: models.TextChoices,
    *others: models.TextChoices,
    length: int = 20,
    help_text: str = "",
) -> models.CharField[str, str]:
    """A field for one of the choices of `default`'s class, or of `default` and `others` alone, in that order. Without
    `words` it is called by its name; `length` is what the column takes."""
    known: Any = [(each.value, each.label) for each in (default, *others)] if others else type(default)
    return models.CharField(
        words or None, max_length=length, choices=known, default=default, help_text=help_text
    )


class AddressField(models.URLField):  # type: ignore[type-arg]
    """A web address; typed without a scheme it is read as https."""

    def formfield(self, **kwargs: Any) -> forms.Field | None:
        """The form field, which takes https for granted."""
        return super().formfield(**{"assume_scheme": "https", **kwargs})

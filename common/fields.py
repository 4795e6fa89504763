"""Model fields of our own."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db import models


class AddressField(models.URLField):  # type: ignore[type-arg]
    """A web address; typed without a scheme it is read as https."""

    def formfield(self, **kwargs: Any) -> forms.Field | None:
        """The form field, which takes https for granted."""
        return super().formfield(**{"assume_scheme": "https", **kwargs})

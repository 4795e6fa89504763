"""Values of model fields as they stand in a configuration file, and back."""

from __future__ import annotations

from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import models
from django.utils.dateparse import parse_date, parse_datetime


class ValueProblem(ValueError):
    """A value the field cannot take; the text is for people."""


def plain(value: Any) -> Any:
    """A field's value as the file shows it: numbers with decimals and moments are text."""
    if isinstance(value, Decimal):
        return format(value.normalize() + 0, "f")
    if isinstance(value, date):  # a moment is one, too
        return value.isoformat()
    return value


def typed(field: models.Field[Any, Any], value: Any) -> Any:
    """The value a field takes from the file. Raises ValueProblem with what to write instead."""
    if value is None:
        if field.null:
            return None
        if isinstance(field, models.CharField | models.TextField):
            return ""
        raise ValueProblem("a value is needed.")
    if isinstance(field, models.JSONField):
        return value
    if isinstance(value, dict | list):
        raise ValueProblem("a single value is needed, not a list or a group.")
    if isinstance(field, models.BooleanField):
        if not isinstance(value, bool):
            raise ValueProblem(f"write true or false, not '{value}'.")
        return value
    if isinstance(value, bool):
        raise ValueProblem(f'write "{str(value).lower()}" in quotation marks if that text is meant.')
    return _scalar(field, str(value))


def _scalar(field: models.Field[Any, Any], text: str) -> Any:
    if isinstance(field, models.IntegerField):
        try:
            return int(text)
        except ValueError:
            raise ValueProblem(f"write a whole number, not '{text}'.") from None
    if isinstance(field, models.DecimalField):
        try:
            number = Decimal(text)
        except InvalidOperation:
            raise ValueProblem(f"write a number such as 7.25, not '{text}'.") from None
        if not number.is_finite():
            raise ValueProblem(f"write a number such as 7.25, not '{text}'.")
        return number
    if isinstance(field, models.DateTimeField):
        try:
            moment = parse_datetime(text)
        except ValueError:
            moment = None
        if moment is None or moment.tzinfo is None:
            raise ValueProblem(f"write a moment with its zone, e.g. 2026-11-01T00:00:00+00:00, not '{text}'.")
        return moment
    return _day(text) if isinstance(field, models.DateField) else text


def _day(text: str) -> date:
    try:
        day = parse_date(text)
    except ValueError:
        day = None
    if day is None:
        raise ValueProblem(f"write a day, e.g. 2026-11-01, not '{text}'.")
    return day

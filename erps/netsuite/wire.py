"""JSON with exact numbers: a Decimal is written digit for digit, never by way of a float."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from json.encoder import encode_basestring_ascii
from typing import Any


def encode(value: Any) -> bytes:
    """The JSON text of a body made of dicts, lists, strings, booleans, integers, Decimals and None.

    Raises TypeError for anything else, floats included, and ValueError for a Decimal that is not finite.
    """
    parts: list[str] = []
    _write(value, parts)
    return "".join(parts).encode("ascii")


_CONSTANTS = {True: "true", False: "false", None: "null"}


def _write(value: Any, parts: list[str]) -> None:
    kind = type(value)
    if kind is str:
        parts.append(encode_basestring_ascii(value))
    elif kind is dict:
        _write_object(value, parts)
    elif kind is Decimal:
        parts.append(_number(value))
    elif kind is bool or value is None:
        parts.append(_CONSTANTS[value])
    elif kind is int:
        parts.append(str(value))
    elif kind is list:
        mark = "["
        for item in value:
            parts.append(mark)
            _write(item, parts)
            mark = ","
        parts.append("[]" if mark == "[" else "]")
    else:
        raise TypeError(f"A {kind.__name__} cannot be sent: amounts are Decimal, references are text.")


def _write_object(value: Mapping[str, Any], parts: list[str]) -> None:
    mark = "{"
    for key, item in value.items():
        parts.append(mark)
        parts.append(encode_basestring_ascii(key))
        parts.append(":")
        _write(item, parts)
        mark = ","
    parts.append("{}" if mark == "{" else "}")


def _number(value: Decimal) -> str:
    if not value.is_finite():
        raise ValueError(f"{value} cannot be sent as a number.")
    return format(value, "f")

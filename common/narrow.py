"""Saying that a value is there, where an earlier stage has put it."""

from __future__ import annotations

from typing import TypeVar

T = TypeVar("T")


def known(value: T | None) -> T:
    """The value itself; raises LookupError when it is missing, which is a bug of the caller."""
    if value is None:
        raise LookupError("A value that an earlier stage sets is missing.")
    return value

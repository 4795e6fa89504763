"""The catalogue of causes: for each code a title, what to do about it, who can, and where.

One entry per code that any part of the hub raises; a test proves that none is missing and none is unused.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cause:
    """`title` heads the group; `fix` says what to do, in one or two sentences; `who` is the role that can do it;
    `where` is the admin URL name of the place ("" when the place is the record itself)."""

    title: str
    fix: str
    who: str
    where: str = ""


CAUSES: dict[str, Cause] = {}


def register(causes: dict[str, Cause]) -> None:
    """Add the causes of one part of the hub; a code may be registered once."""
    twice = CAUSES.keys() & causes.keys()
    if twice:
        raise ValueError(f"Causes registered twice: {', '.join(sorted(twice))}")
    CAUSES.update(causes)


UNKNOWN = Cause(
    "Unexpected error",
    "This is a fault in the hub. Nothing was written. Send the technical detail below to the maintainers, "
    "then retry when it is mended.",
    "administrator",
)


def cause(code: str) -> Cause:
    """The catalogue entry of a code, or the entry for a bug."""
    return CAUSES.get(code, UNKNOWN)

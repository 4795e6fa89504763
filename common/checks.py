"""Lines of a *Test connection* report."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One line: what was tried, whether it works, what was seen, and what to do when it does not work."""

    name: str
    ok: bool
    detail: str = ""
    fix: str = ""

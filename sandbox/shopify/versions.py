"""API versions: which are served, and falling forward from one that is not (shopify.dev, API versioning)."""

from __future__ import annotations

from typing import Any

CURRENT = "2026-10"
_STABLE = ("2026-01", "2026-04", "2026-07", CURRENT)
_CANDIDATE = "2027-01"


def served_version(wanted: str) -> str:
    """The version that answers a request for `wanted`: itself, or the oldest accessible stable one."""
    if wanted in _STABLE or wanted in (_CANDIDATE, "unstable"):
        return wanted
    return _STABLE[0]


def supported_versions() -> list[dict[str, Any]]:
    """`publicApiVersions`, newest last."""
    rows: list[dict[str, Any]] = []
    for handle in _STABLE:
        suffix = " (Latest)" if handle == CURRENT else ""
        rows.append({"handle": handle, "displayName": handle + suffix, "supported": True})
    rows.append(
        {"handle": _CANDIDATE, "displayName": f"{_CANDIDATE} (Release candidate)", "supported": False}
    )
    rows.append({"handle": "unstable", "displayName": "unstable", "supported": False})
    return rows

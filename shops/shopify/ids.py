"""Shopify's global ids (`gid://shopify/Order/1001`) and the numbers in them, which the hub keeps as text.

Some numbers exceed 2^53, so they are never turned into floats (shopify.md, section 4).
"""

from __future__ import annotations


def gid(kind: str, source_id: str) -> str:
    """The global id of a number; a global id is returned as it is."""
    return source_id if source_id.startswith("gid://") else f"gid://shopify/{kind}/{source_id}"


def number(global_id: str) -> str:
    """The number at the end of a global id, without parameters; ValueError when it is not a global id."""
    if not global_id.startswith("gid://"):
        raise ValueError(f"'{global_id}' is not a global id.")
    return global_id.rsplit("/", 1)[-1].partition("?")[0]

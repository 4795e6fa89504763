"""Orders by number or id, wherever they lie: also far outside of what a search would bring."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from shops.shopify.client import ShopifyClient
from shops.shopify.discovery import PAGE, OrderHeader, read_page

PER_SEARCH = 40
"""Numbers in one search text; Shopify's limit on its length is not documented, 40 numbers stay below 1 kB."""


def find_named(client: ShopifyClient, names: Sequence[str], ids: Sequence[str]) -> list[OrderHeader]:
    """Headers of the orders that carry one of the names exactly (with or without #) or have one of the numeric ids.
    Raises the client's errors."""
    bare = [name.removeprefix("#") for name in names]
    terms = [f"name:{_quoted(name)}" for name in bare] + [f"id:{each}" for each in ids if each.isdigit()]
    wanted, numbers = {name.casefold() for name in bare}, set(ids)
    found: dict[str, OrderHeader] = {}
    for start in range(0, len(terms), PER_SEARCH):
        text = " OR ".join(terms[start : start + PER_SEARCH])
        for header in _all(client, text):
            named = header.name.removeprefix("#").casefold() in wanted
            if named or header.source_id in numbers:
                found[header.source_id] = header
    return list(found.values())


def _quoted(name: str) -> str:
    """A search value; quotes and backslashes cannot be part of an order's name in a search."""
    clean = "".join(sign for sign in name if sign not in "'\"\\")
    return f"'{clean}'"


def _all(client: ShopifyClient, text: str) -> Iterable[OrderHeader]:
    after: str | None = None
    while True:
        page, after = read_page(client, {"first": PAGE, "after": after, "query": text})
        yield from page
        if after is None:
            return

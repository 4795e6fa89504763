"""A list of the store (locations, markets), read page by page to its end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from common.errors import Retryable
from shops.shopify.answers import Json
from shops.shopify.client import ShopifyClient


def all_nodes(
    client: ShopifyClient,
    operation: str,
    variables: Mapping[str, Any],
    pick: Callable[[Json], Json],
    after: str | None = None,
) -> list[Json]:
    """Every row of a connection; `pick` finds it in the data of an answer, `after` is where to begin.

    Raises the client's errors, and Retryable SHOPIFY_ANSWER when the connection is not there.
    """
    found: list[Json] = []
    while True:
        answer = client.execute(operation, {**variables, "after": after})
        try:
            page = pick(answer)
            found.extend(page["nodes"])
            more, after = page["pageInfo"]["hasNextPage"], page["pageInfo"]["endCursor"]
        except (KeyError, TypeError) as error:
            raise unreadable(operation, error) from error
        if not more:
            return found


def unreadable(operation: str, error: Exception) -> Retryable:
    """What is said when a list lacks a part the hub needs."""
    words = operation.replace("_", " ")
    return Retryable("SHOPIFY_ANSWER", f"Shopify's list of {words} cannot be read.", detail=repr(error))

"""Relay paging: `first`/`after`, `last`/`before`, opaque cursors and pageInfo (shopify.dev, pagination)."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from typing import Any

from graphql import GraphQLError

MAX_PAGE = 250
WHOLE: ContextVar[bool] = ContextVar("whole", default=False)
"""Set while a bulk query runs: connections then come whole, and paging arguments are ignored."""


def encode_cursor(value: Any) -> str:
    """An opaque cursor for a JSON value."""
    return base64.b64encode(json.dumps(value, separators=(",", ":")).encode()).decode()


def decode_cursor(cursor: str) -> Any:
    """The value of a cursor; GraphQLError when it is not one of ours."""
    try:
        return json.loads(base64.b64decode(cursor, validate=True))
    except ValueError as error:
        raise GraphQLError("Invalid cursor for current pagination sort.") from error


def page_size(args: dict[str, Any], field: str) -> tuple[int, bool]:
    """How many rows are wanted and whether they are the first ones (else the last).

    Raises GraphQLError with BAD_REQUEST when neither or both are given, or a size is not 0..250.
    """
    first, last = args.get("first"), args.get("last")
    if (first is None) == (last is None):
        text = (
            "you must provide one of first or last"
            if first is None
            else "providing both first and last is not supported"
        )
        raise GraphQLError(f"{field}: {text}", extensions={"code": "BAD_REQUEST"})
    size = int(first if first is not None else last or 0)
    if size < 0 or size > MAX_PAGE:
        name = "first" if first is not None else "last"
        if size < 0:
            raise GraphQLError(f"{name} cannot be less than 0", extensions={"code": "BAD_REQUEST"})
        message = f"{name} cannot exceed {MAX_PAGE}"
        raise GraphQLError(message, extensions={"code": "BAD_REQUEST"})
    return size, first is not None


def window(
    keys: Sequence[Any], args: dict[str, Any], field: str, wrap: Callable[[Any], Any] = lambda key: key
) -> tuple[int, int]:
    """Start and end of the wanted page in a sequence of ascending, distinct cursor keys.

    `wrap` turns a decoded cursor into the type of the keys, when they compare in their own way.
    """
    start, end = 0, len(keys)
    if WHOLE.get():
        return start, end
    size, forward = page_size(args, field)
    if args.get("after"):
        start = _after(keys, wrap(decode_cursor(args["after"])))
    if args.get("before"):
        end = _before(keys, wrap(decode_cursor(args["before"])))
    if forward:
        return start, max(start, min(end, start + size))
    return max(start, end - size), max(start, end)


def _after(keys: Sequence[Any], key: Any) -> int:
    low, high = 0, len(keys)
    while low < high:
        middle = (low + high) // 2
        if _not_after(keys[middle], key):
            low = middle + 1
        else:
            high = middle
    return low


def _before(keys: Sequence[Any], key: Any) -> int:
    low, high = 0, len(keys)
    while low < high:
        middle = (low + high) // 2
        if not _not_after(key, keys[middle]):
            low = middle + 1
        else:
            high = middle
    return low


def _not_after(left: Any, right: Any) -> bool:
    try:
        return bool(left <= right)
    except TypeError as error:
        raise GraphQLError("Invalid cursor for current pagination sort.") from error


def connection(
    keys: Sequence[Any],
    args: dict[str, Any],
    field: str,
    read: Callable[[int], Any],
    wrap: Callable[[Any], Any] = lambda key: key,
) -> dict[str, Any]:
    """A connection object: `nodes`, `edges` and `pageInfo` of the wanted page; `read(i)` loads row i."""
    start, end = window(keys, args, field, wrap)
    nodes = [read(index) for index in range(start, end)]
    cursors = [encode_cursor(keys[index]) for index in range(start, end)]
    return {
        "nodes": nodes,
        "edges": [{"cursor": cursor, "node": node} for cursor, node in zip(cursors, nodes, strict=True)],
        "pageInfo": {
            "hasNextPage": end < len(keys),
            "hasPreviousPage": start > 0,
            "startCursor": cursors[0] if cursors else None,
            "endCursor": cursors[-1] if cursors else None,
        },
    }


def list_connection(rows: Sequence[Any], args: dict[str, Any], field: str) -> dict[str, Any]:
    """A connection over a list kept inside a document; `reverse` turns the order round."""
    if args.get("reverse"):
        rows = list(reversed(rows))
    return connection(range(1, len(rows) + 1), args, field, rows.__getitem__)

"""Orders in full, many in one call.

What it costs. `nodes(ids:)` is charged once however many ids it has (shopify.md, section 2.1), so points per order
fall with the number of orders in a call, and the length of the inner pages is chosen for another reason: an order
that does not fit them costs calls of its own. With 50 lines, 50 sales in each of 4 agreements, 4 shipping lines, 4
discounts and 50 lines in each of 4 fulfillment orders a call is asked as 212 points: far below the 1,000 a single call
may ask, and a bucket of 2,000 carries nine such calls at once. What is charged afterwards is the average order of the
call: 51 points for three-line orders, so 0.51 points an order in a batch of 100 (asked: 2.12). Forty of the 212 (5 of
the 51) are the fulfillment orders with their locations, which an app without that scope does without. Longer pages
lower the charge hardly (a page of n rows is charged 2 ln n by the share of rows that came back: 49 with 100 lines and
100 sales) and raise what has to be free in the bucket before the call (244); shorter ones do the opposite (10 of each:
164 asked, 59 charged, and every eleventh line costs a call). tests/shops/test_points.py holds the figures.

What is whole. Every connection is paged to its end, and then counted against what Shopify says elsewhere
(`shops.shopify.counting`). An order whose `updatedAt` moved between its first and last page is read again.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from common.errors import HubError, NeedsPerson, NotExecuted, Retryable
from shops.shopify import answers, assigned
from shops.shopify.answers import Json, TooExpensive
from shops.shopify.client import ShopifyClient
from shops.shopify.counting import check_counts
from shops.shopify.ids import gid
from shops.shopify.paging import OrderMoved, complete

BATCH = 100
PAGES = {
    "lines": 50, "shipping": 4, "discounts": 4, "agreements": 4, "sales": 50, "places": 4, "placed": 50,
}  # fmt: skip
FAILURES = 5
"""Failed calls for one batch, without any that worked, after which Shopify counts as down."""
READS = 4
"""How often an order that keeps changing while it is read is begun again."""


def fetch_orders(client: ShopifyClient, ids: Sequence[str]) -> dict[str, dict[str, Any] | HubError]:
    """The orders as they are now, in the Admin GraphQL shape with each connection flattened to {"nodes": [all]}.

    `ids` are numeric ids as text (or global ids); they are the keys of the result. An order that cannot be had is
    there as its error: NeedsPerson ORDER_GONE, Retryable ORDER_CHANGING, or what Shopify said about it. Raises the
    client's errors when nothing could be read at all.
    """
    found: dict[str, dict[str, Any] | HubError] = {}
    for batch in _batches(list(dict.fromkeys(ids))):
        found |= _read(client, batch)
    return found


def _read(client: ShopifyClient, batch: list[str]) -> dict[str, dict[str, Any] | HubError]:
    """One batch. When Shopify fails on it, the batch is halved, so that an order Shopify itself cannot give (or a batch
    too large for it) does not hold up the others; after FAILURES failed calls without a good one it is an outage."""
    found: dict[str, dict[str, Any] | HubError] = {}
    waiting, failures = deque([batch]), 0
    while waiting:
        part = waiting.popleft()
        try:
            data, errors = _nodes(client, part)
        except NotExecuted:
            raise
        except Retryable as error:
            failures += 1
            if failures >= FAILURES and not found:
                raise
            if len(part) == 1:
                found[part[0]] = error
            else:
                waiting += [part[: len(part) // 2], part[len(part) // 2 :]]
            continue
        by_position = _by_position(errors)
        for position, (source_id, node) in enumerate(zip(part, data["nodes"], strict=True)):
            failed = by_position.get(position)
            if failed:
                found[source_id] = answers.error_for("orders_full", failed, changes=False)
            else:
                found[source_id] = _whole(client, source_id, node)
    if all(isinstance(answer, Retryable) for answer in found.values()) and failures:
        raise next(answer for answer in found.values() if isinstance(answer, Retryable))
    return {source_id: found[source_id] for source_id in batch}


def _batches(ids: list[str]) -> Iterator[list[str]]:
    """At most BATCH ids each, of about the same size."""
    count = -(-len(ids) // BATCH)
    for index in range(count):
        yield ids[index * len(ids) // count : (index + 1) * len(ids) // count]


def _nodes(client: ShopifyClient, ids: Sequence[str]) -> tuple[Json, tuple[Json, ...]]:
    """One `nodes` query. Where Shopify counts its cost higher than we do, the pages are halved until it fits. Where
    the app may not read fulfillment orders, the orders are read without their location."""
    pages, locations = dict(PAGES), assigned.may_ask(client)
    staff = assigned.may_ask_staff(client)
    while True:
        try:
            data, errors = client.execute_partly(
                "orders_full",
                {"ids": [gid("Order", i) for i in ids], "locations": locations, "staff": staff, **pages},
            )
        except TooExpensive:
            if max(pages.values()) == 1:
                raise
            pages = {name: max(1, size // 2) for name, size in pages.items()}
            continue
        if locations and assigned.refused(client, errors):
            locations = False
            continue
        errors = assigned.without_staff(client, errors)
        whole = [error for error in errors if _position(error) is None]
        if whole:
            raise answers.error_for("orders_full", whole, changes=False)
        if not isinstance(data.get("nodes"), list) or len(data["nodes"]) != len(ids):
            raise Retryable(
                "SHOPIFY_ANSWER", "Shopify's answer does not hold the orders that were asked for."
            )
        return data, errors


def _position(error: Mapping[str, Any]) -> int | None:
    """Which order an error is about: the index behind `nodes` in its path; None when it is about all of them."""
    path: Sequence[Any] = error.get("path") or ()
    return path[1] if len(path) > 1 and path[0] == "nodes" and isinstance(path[1], int) else None


def _by_position(errors: Sequence[Json]) -> dict[int, list[Json]]:
    found: dict[int, list[Json]] = {}
    for error in errors:
        position = _position(error)
        if position is not None:
            found.setdefault(position, []).append(error)
    return found


def _whole(client: ShopifyClient, source_id: str, node: object) -> Json | HubError:
    """One order with all its pages, or the error that keeps it from being whole."""
    for _ in range(READS):
        if not isinstance(node, dict) or node.get("__typename") != "Order":
            return NeedsPerson(
                "ORDER_GONE",
                f"Order {source_id} is not in Shopify any more, or this app may not see it.",
                value=source_id,
            )
        try:
            order = complete(client, node)
            check_counts(order)
        except OrderMoved:
            data, errors = _nodes(client, [source_id])
            if errors:
                return answers.error_for("orders_full", errors, changes=False)
            node = data["nodes"][0]
        except HubError as error:
            return error
        except (KeyError, TypeError) as error:
            return Retryable(
                "SHOPIFY_ANSWER", f"Shopify's answer for order {source_id} lacks a part.", detail=repr(error)
            )
        else:
            return order
    return Retryable(
        "ORDER_CHANGING",
        f"Order {source_id} keeps changing while it is read.",
        retry_after=60,
        value=source_id,
    )

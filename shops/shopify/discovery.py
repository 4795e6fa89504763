"""Finding orders: headers of everything that changed since an instant, oldest change first.

A page of 250 headers costs 13 points. Shopify lets a search be paged to 25,000 objects only, so before that depth a
new search starts at the last change seen. An order that changes while the pages are read moves to the end and comes
again; nothing is passed over, because pages are read in ascending order of the change.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from canonical.money import MoneyError, parse_amount
from common.clock import parse_instant
from common.errors import NeedsPerson, Retryable
from shops.shopify.client import ShopifyClient
from shops.shopify.ids import gid, number
from shops.shopify.reading import storable

PAGE = 250
DEPTH = 24_000
"""Objects read with one search; Shopify's limit is 25,000."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderHeader:
    """What is known of an order before it is fetched. `source_id` is the numeric id as text, times are UTC, `total` is
    the current total in the shop's currency; statuses are Shopify's words."""

    source_id: str
    name: str
    created_at: datetime
    updated_at: datetime
    test: bool
    cancelled_at: datetime | None
    closed_at: datetime | None
    currency: str
    total: Decimal
    financial_status: str
    fulfillment_status: str
    source_name: str


class Instant(StrEnum):
    """What a search goes by: an order's last change, or when it was placed. The value is the search's field."""

    UPDATED = "updated_at"
    CREATED = "created_at"

    def of(self, header: OrderHeader) -> datetime:
        """The instant of an order."""
        return header.updated_at if self is Instant.UPDATED else header.created_at


def discover_orders(
    client: ShopifyClient,
    since: datetime | None,
    *,
    created_since: datetime | None = None,
    created_before: datetime | None = None,
    by: Instant = Instant.UPDATED,
) -> Iterator[list[OrderHeader]]:
    """Pages of order headers changed (or placed, as `by` says) at or after `since`, in ascending order of that instant,
    each order once per run.

    Orders created before `created_since`, or at `created_before` and later, are left out. The next page is asked for
    only when the caller comes back for it, so the caller may commit each page before it moves its cursor. Raises the
    client's errors.
    """
    span = (created_since, created_before)
    edge: set[str] = (
        set()
    )  # ids at the instant where the search started: the search before has brought them already
    while True:
        last, read = None, 0
        at_last: set[str] = set()
        for page, more in _search(client, by, since, span):
            read += len(page)
            for header in page:
                if by.of(header) != last:
                    last, at_last = by.of(header), set()
                at_last.add(header.source_id)
            fresh = [header for header in page if not (by.of(header) == since and header.source_id in edge)]
            if fresh:
                yield fresh
            if more and read >= DEPTH:
                break
        else:
            return
        if last is None or last == since:
            raise NeedsPerson(
                "TOO_MANY_CHANGES",
                f"More than {DEPTH:,} orders were changed in the same second ({last}): Shopify does not let the hub "
                "read past them.",
                value=str(last),
            )
        since, edge = last, at_last


def search_terms(
    created_since: datetime | None,
    created_before: datetime | None = None,
    *,
    changed_since: datetime | None = None,
) -> str:
    """Shopify's search text for orders of a span; "" for all."""
    terms = []
    if changed_since is not None:
        terms.append(f"updated_at:>='{_iso(changed_since)}'")
    if created_since is not None:
        terms.append(f"created_at:>='{_iso(created_since)}'")
    if created_before is not None:
        terms.append(f"created_at:<'{_iso(created_before)}'")
    return " AND ".join(terms)


def _search(
    client: ShopifyClient, by: Instant, since: datetime | None, span: tuple[datetime | None, datetime | None]
) -> Iterator[tuple[list[OrderHeader], bool]]:
    """One search, page by page, with whether there are more."""
    created_since, created_before = span
    if by is Instant.CREATED:
        created_since = max(filter(None, (since, created_since)), default=None)
        query = search_terms(created_since, created_before)
    else:
        query = search_terms(created_since, created_before, changed_since=since)
    after: str | None = None
    while True:
        page, after = read_page(
            client, {"first": PAGE, "after": after, "query": query, "sort": by.name + "_AT"}
        )
        yield page, after is not None
        if after is None:
            return


def read_page(client: ShopifyClient, variables: Mapping[str, Any]) -> tuple[list[OrderHeader], str | None]:
    """One page of order headers and where the next one begins, None behind the last. Raises the client's errors."""
    data = client.execute("order_headers", variables)
    try:
        connection = data["orders"]
        page = [header_of(node) for node in connection["nodes"]]
        more, after = bool(connection["pageInfo"]["hasNextPage"]), connection["pageInfo"]["endCursor"]
    except (KeyError, TypeError, ValueError, ArithmeticError) as error:
        raise Retryable(
            "SHOPIFY_ANSWER", "Shopify's list of orders cannot be read.", detail=repr(error)
        ) from error
    return page, str(after) if more else None


def headers_by_id(client: ShopifyClient, ids: Sequence[str]) -> dict[str, OrderHeader]:
    """Headers of orders by numeric id; an order that is not there is left out. Raises the client's errors."""
    found: dict[str, OrderHeader] = {}
    for start in range(0, len(ids), PAGE):
        wanted = [gid("Order", each) for each in ids[start : start + PAGE]]
        nodes = client.execute("order_headers_by_id", {"ids": wanted}).get("nodes")
        try:
            headers = [header_of(node) for node in nodes or () if node]
        except (KeyError, TypeError, ValueError, ArithmeticError) as error:
            raise Retryable(
                "SHOPIFY_ANSWER", "Shopify's answer about orders cannot be read.", detail=repr(error)
            ) from error
        found |= {header.source_id: header for header in headers}
    return found


def _iso(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def header_of(node: Mapping[str, Any]) -> OrderHeader:
    """A header as Shopify answers it. Raises KeyError, TypeError or ValueError for what is none."""
    return OrderHeader(
        source_id=number(node["id"]),
        name=storable(node["name"]),
        created_at=parse_instant(node["createdAt"]),
        updated_at=parse_instant(node["updatedAt"]),
        test=node["test"],
        cancelled_at=_maybe(node["cancelledAt"]),
        closed_at=_maybe(node["closedAt"]),
        currency=node["currencyCode"],
        total=_total(node["currentTotalPriceSet"]["shopMoney"]["amount"], node["currencyCode"]),
        financial_status=node["displayFinancialStatus"] or "",
        fulfillment_status=node["displayFulfillmentStatus"] or "",
        source_name=storable(node["sourceName"] or ""),
    )


def _total(amount: str, currency: str) -> Decimal:
    """The total, or 0 where it is none that can be believed: such an order is found all the same, and blocks with its
    cause when it is read."""
    try:
        return parse_amount(amount, currency)
    except MoneyError:
        return Decimal(0)


def _maybe(text: str | None) -> datetime | None:
    return parse_instant(text) if text else None

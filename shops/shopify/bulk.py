"""Bulk operations: Shopify runs a query over a whole history and leaves its rows in a file, a line of JSON for each.

A run costs 10 points and a look 1, however many orders there are (shopify.md, section 5). The file's address is signed
and ends after a week; a new look gives a new one. The file may be read from any byte on.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from common.errors import NeedsPerson, NotExecuted, Retryable
from shops.addresses import usable_api_root
from shops.shopify.answers import Json, Refused
from shops.shopify.client import ShopifyClient
from shops.shopify.discovery import OrderHeader, header_of
from shops.shopify.queries import query_text

GOING = frozenset({"CREATED", "RUNNING", "CANCELING"})
_DECLARED = "query BulkOrders($search: String!) "


@dataclass(frozen=True, slots=True)
class BulkOperation:
    """An operation as Shopify shows it. `rows` are the lines written so far, `size` is the file's length in bytes;
    `url` is where all rows are, or those it had when it failed (`whole` tells)."""

    id: str
    status: str
    error: str
    rows: int
    size: int
    url: str
    whole: bool

    @property
    def going(self) -> bool:
        """Whether Shopify is still at it."""
        return self.status in GOING


class AddressRefused(Retryable):
    """The file's address is no good any more: look again for a new one."""


def orders_query(search: str, marker: str) -> str:
    """The query for the headers of all orders of a search; the marker, a comment, tells whose it is."""
    text = query_text("bulk_orders").replace(_DECLARED, "").replace("$search", json.dumps(search))
    return f"# {marker}\n{text}"


def run(client: ShopifyClient, query: str) -> BulkOperation:
    """Have Shopify begin. Raises NotExecuted BULK_BUSY when the app has as many under way as it may, and the client's
    errors; after UnknownOutcome look for it by its marker."""
    try:
        payload = client.mutate("bulk_run", {"query": query}, "bulkOperationRunQuery")
    except Refused as error:
        if "OPERATION_IN_PROGRESS" in error.detail or "already in progress" in error.message:
            raise NotExecuted(
                "BULK_BUSY", "Shopify is at work with as many bulk operations of this app as it runs at once.",
                detail=error.detail, retry_after=60,
            ) from error  # fmt: skip
        raise
    return _state(payload["bulkOperation"])


def look(client: ShopifyClient, operation_id: str) -> BulkOperation | None:
    """The operation as it is now; None when Shopify does not know it any more."""
    found = client.execute("bulk_look", {"id": operation_id})["bulkOperation"]
    return _state(found) if found else None


def find(client: ShopifyClient, marker: str) -> BulkOperation | None:
    """The latest operation that carries a marker: one that was begun by a worker that did not live to say so."""
    nodes = client.execute("bulk_list")["bulkOperations"]["nodes"]
    mine = [node for node in nodes if str(node["query"]).startswith(f"# {marker}\n")]
    return _state(mine[0]) if mine else None


def cancel(client: ShopifyClient, operation_id: str) -> None:
    """Have Shopify stop. One that is over is left as it is."""
    try:
        client.mutate("bulk_cancel", {"id": operation_id}, "bulkOperationCancel")
    except Refused:
        return


def _state(node: Json) -> BulkOperation:
    try:
        whole = node["status"] == "COMPLETED"
        return BulkOperation(
            id=node["id"],
            status=node["status"],
            error=node["errorCode"] or "",
            rows=int(node["objectCount"]),
            size=int(node["fileSize"] or 0),
            url=(node["url"] if whole else node["partialDataUrl"]) or "",
            whole=whole,
        )
    except (KeyError, TypeError, ValueError) as error:
        raise Retryable(
            "SHOPIFY_ANSWER", "Shopify's answer about a bulk operation cannot be read.", detail=repr(error)
        ) from error


def read_orders(
    client: ShopifyClient, operation: BulkOperation, offset: int
) -> Iterator[tuple[OrderHeader, int]]:
    """The orders of a file from a byte on, one line at a time, each with the byte behind it.

    Nothing is kept but the line. Raises AddressRefused when the address ended, Retryable when the file breaks off
    before its end, NeedsPerson for an address nothing may be read from.
    """
    _check_address(client, operation.url)
    at = offset
    with client.http.stream(operation.url, headers={"Range": f"bytes={offset}-"} if offset else {}) as answer:
        if answer.status == 416:  # nothing is left behind this byte
            return
        if answer.status in (401, 403, 404, 410):
            raise AddressRefused(
                "BULK_FILE", "The address of the exported orders is no longer valid; Shopify is asked for a new one.",
                retry_after=1,
            )  # fmt: skip
        if answer.status not in (200, 206):
            raise Retryable("BULK_FILE", f"The exported orders could not be read ({answer.status}).")
        skip = offset if answer.status == 200 else 0
        for line in answer.lines(skip):
            at += len(line)
            if not line.endswith(b"\n"):
                break
            header = _order(line)
            if header is not None:
                yield header, at
    if at < operation.size:
        raise Retryable(
            "BULK_FILE", f"The file of exported orders broke off after {at:,} of {operation.size:,} bytes.",
            retry_after=5,
        )  # fmt: skip


def _order(line: bytes) -> OrderHeader | None:
    """The order of a line; None for a line of something inside an order."""
    try:
        row = json.loads(line)
        return None if "__parentId" in row else header_of(row)
    except (KeyError, TypeError, ValueError, ArithmeticError) as error:
        raise NeedsPerson(
            "BULK_ROW", "A row of the exported orders cannot be read.", detail=f"{error!r}: {line[:500]!r}"
        ) from error


def _check_address(client: ShopifyClient, url: str) -> None:
    """Nothing secret goes to the file's address; still it must be a safe one, or the store's own server's."""
    parts, own = urlsplit(url), urlsplit(usable_api_root(client.shop))
    if parts.scheme == "https" or (parts.scheme, parts.netloc) == (own.scheme, own.netloc):
        return
    raise NeedsPerson(
        "BULK_ADDRESS", f"Shopify keeps the exported orders at an unsafe address ({parts.netloc})."
    )

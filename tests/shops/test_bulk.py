"""Reading the file of a bulk operation: line by line, from any byte, and what is wrong with it."""

from __future__ import annotations

import json
import threading
import tracemalloc
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import islice
from typing import Any

import pytest
from graphql import parse

from common.errors import NeedsPerson, NotExecuted, Retryable
from shops.models import AuthKind, Shop
from shops.shopify import bulk
from shops.shopify.bulk import AddressRefused, BulkOperation
from shops.shopify.client import ShopifyClient
from tests.shops.sandboxed import Store

COUNT = 50_000


def line(number: int) -> bytes:
    row = {
        "id": f"gid://shopify/Order/{number}", "name": f"#{number}", "createdAt": "2026-01-01T00:00:00Z",
        "updatedAt": "2026-01-01T00:00:00Z", "cancelledAt": None, "closedAt": None, "test": False,
        "currencyCode": "USD", "currentTotalPriceSet": {"shopMoney": {"amount": "1.00"}},
        "displayFinancialStatus": "PAID", "displayFulfillmentStatus": None, "sourceName": "web",
    }  # fmt: skip
    return json.dumps(row).encode() + b"\n"


THOUSAND = b"".join(line(number) for number in range(1000))


class _Files(BaseHTTPRequestHandler):
    """/many: 50,000 orders; /odd: a child row, an order, one cut off; /broken: no JSON; /403: refused."""

    def do_GET(self) -> None:
        with suppress(ConnectionError):  # a reader that has seen enough
            self._answer()

    def _answer(self) -> None:
        if self.path == "/403":
            self.send_error(403)
            return
        self.send_response(200)  # this one knows no ranges
        self.end_headers()
        if self.path == "/many":
            for _ in range(COUNT // 1000):
                self.wfile.write(THOUSAND)
        elif self.path == "/odd":
            self.wfile.write(b'{"id":"gid://shopify/LineItem/1","__parentId":"gid://shopify/Order/1"}\n')
            self.wfile.write(line(2) + line(3)[:20])
        else:
            self.wfile.write(b"<html>\n")

    def log_message(self, *_: Any) -> None:
        return


@pytest.fixture
def client(db: None, settings: Any) -> Iterator[ShopifyClient]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Files)
    server.daemon_threads, server.block_on_close = True, False
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"127.0.0.1:{server.server_port}"
    settings.HUB_EXTRA_API_HOSTS = [address]
    shop = Shop.objects.create(
        key="demo", name="Demo", domain="demo.myshopify.com", api_base_url=f"http://{address}",
        auth_kind=AuthKind.STATIC, access_token="shpat_for_tests",
    )  # fmt: skip
    one = ShopifyClient(shop)
    yield one
    one.close()
    server.shutdown()
    server.server_close()


def at(client: ShopifyClient, path: str, size: int = 0) -> BulkOperation:
    url = f"{client.shop.api_base_url}{path}"
    return BulkOperation("gid://shopify/BulkOperation/1", "COMPLETED", "", 0, size, url, whole=True)


def test_fifty_thousand_orders_are_read_without_being_loaded(client: ShopifyClient) -> None:
    """The file has some 17 MB; what is held after 1,500 rows stays below 4, and none is missing at the end."""
    rows = bulk.read_orders(client, at(client, "/many"), 0)
    tracemalloc.start()
    seen = sum(1 for _ in islice(rows, 1500))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4_000_000
    end = 0
    for _, end in rows:  # noqa: B007 - the last one is looked at
        seen += 1
    assert seen == COUNT
    assert end == len(THOUSAND) * 50 > 15_000_000


def test_a_server_without_ranges_is_read_past_what_is_done(client: ShopifyClient) -> None:
    behind = sum(len(line(number)) for number in range(3))
    header, end = next(bulk.read_orders(client, at(client, "/many"), behind))
    assert (header.source_id, end) == ("3", behind + len(line(3)))


def test_rows_inside_orders_are_passed_over_and_half_a_row_is_no_row(client: ShopifyClient) -> None:
    rows = bulk.read_orders(client, at(client, "/odd", size=10_000), 0)
    assert next(rows)[0].name == "#2"
    with pytest.raises(Retryable, match="broke off") as broken:
        next(rows)
    assert broken.value.code == "BULK_FILE"


def test_what_is_wrong_with_a_file_has_its_cause(client: ShopifyClient) -> None:
    with pytest.raises(AddressRefused):
        next(bulk.read_orders(client, at(client, "/403"), 0))
    with pytest.raises(NeedsPerson) as unreadable:
        next(bulk.read_orders(client, at(client, "/broken"), 0))
    assert unreadable.value.code == "BULK_ROW"
    elsewhere = BulkOperation("1", "COMPLETED", "", 0, 0, "http://192.0.2.1/rows.jsonl", whole=True)
    with pytest.raises(NeedsPerson) as unsafe:
        next(bulk.read_orders(client, elsewhere, 0))
    assert unsafe.value.code == "BULK_ADDRESS"


def test_the_query_handed_over_is_one_without_variables() -> None:
    text = bulk.orders_query("created_at:>='2026-01-01T00:00:00Z'", "hub backfill 7.1")
    assert text.startswith("# hub backfill 7.1\n{")
    assert "$" not in text
    assert len(parse(text).definitions) == 2  # the query and its fragment


def test_more_than_shopify_runs_at_once_is_waited_for(store: Store, db: None) -> None:
    one = ShopifyClient(store.shop(scopes="read_orders"))
    store.sandbox.documents.put(store.name, "BulkSettings", {"id": "bulk-settings", "seconds": 1000})
    for number in range(5):
        bulk.run(one, bulk.orders_query("", f"test {number}"))
    with pytest.raises(NotExecuted) as busy:
        bulk.run(one, bulk.orders_query("", "test 6"))
    assert (busy.value.code, busy.value.retry_after) == ("BULK_BUSY", 60)
    found = bulk.find(one, "test 3")
    assert found is not None
    assert found.going
    assert bulk.find(one, "test 6") is None
    bulk.cancel(one, found.id)
    stopped = bulk.look(one, found.id)
    assert stopped is not None
    assert stopped.status == "CANCELED"
    bulk.cancel(one, found.id)  # over already
    assert bulk.look(one, "gid://shopify/BulkOperation/1") is None

"""The phases of the benchmark, run inside the hub's process."""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import structlog
from django.core.management import call_command
from django.db import connection as database

from canonical.documents import CustomerDocument
from common.http import Client
from erps.models import ErpConnection
from erps.registry import adapter_for
from integration_hub.demo.sandbox_link import SandboxLink
from integration_hub.demo.seed import seed_connection, seed_shops
from mappings.batch import Batch
from mappings.models import RecordLink
from shops.models import Shop
from shops.shopify.client import ShopifyClient
from shops.shopify.fetching import fetch_orders
from shops.shopify.orders import normalize_order
from shops.shopify.throttle import Budget, Cost
from syncflows.models import OrderRules, Sync
from syncflows.pipeline.run import drain
from syncflows.pipeline.staging import discover

Json = dict[str, Any]
BATCH = 50
STORE = "demo-store"


class Sandbox:
    """The sandbox's control addresses."""

    def __init__(self, shopify: str, netsuite: str) -> None:
        self.shopify, self.netsuite = shopify, netsuite
        self.http = Client("sandbox", read_timeout=600)

    def post(self, url: str, body: Json) -> Any:
        answer = self.http.send(
            "POST", url, headers={"Content-Type": "application/json"}, body=json.dumps(body)
        )
        if answer.status >= 300:
            raise SystemExit(f"{url} answered {answer.status}: {answer.text[:300]}")
        return answer.json()

    def stats(self, base: str) -> Json:
        found: Json = self.http.send("GET", f"{base}/_sandbox/stats").json()
        return found


class Metered(Budget):
    """The store's budget, adding up what was asked for; a call asks for more than it is charged in the end."""

    requested = 0.0

    def settle(self, reserved: float, cost: Cost) -> None:
        """Count, then settle as always."""
        self.requested += cost.requested
        super().settle(reserved, cost)


@contextmanager
def measured(into: Json) -> Iterator[None]:
    """Adds wall and CPU seconds of the block."""
    wall, cpu = time.perf_counter(), time.process_time()
    yield
    into["wall_s"] = time.perf_counter() - wall
    into["cpu_s"] = time.process_time() - cpu


def set_up(link: SandboxLink, sandbox: Sandbox, given: Json) -> Shop:
    """Database, connection, shop and mappings as the demo has them, and a store of generated orders."""
    call_command("migrate", verbosity=0)
    sandbox.post(f"{sandbox.shopify}/_sandbox/settings", {"bucket": [2_000_000, 100_000]})
    connection = seed_connection(link)
    seed_shops(link, connection, lambda _: None)
    shop = Shop.objects.select_related("erp_connection").get(key=STORE)
    OrderRules.objects.filter(shop=shop).update(write_back=False)
    sandbox.post(
        f"{sandbox.shopify}/{STORE}/_sandbox/generate", {"count": given["orders"], "seed": 7, "lines": 3}
    )
    ErpConnection.objects.update(concurrency_limit=given["slots"])
    sandbox.post(f"{sandbox.netsuite}/_sandbox/settings", {"concurrency_limit": given["slots"]})
    return shop


def fetch_and_normalize(shop: Shop, ids: list[str], sandbox: Sandbox) -> tuple[Json, list[Any]]:
    """Orders read in full and made canonical, in batches."""
    budget = Metered(shop.budget_key)
    client = ShopifyClient(shop, budget=budget)
    kept: list[Any] = []
    figures: Json = {"orders": len(ids)}
    before = sandbox.stats(sandbox.shopify)
    with measured(figures):
        for start in range(0, len(ids), BATCH):
            answers = fetch_orders(client, ids[start : start + BATCH])
            for raw in answers.values():
                facts = normalize_order(raw)  # type: ignore[arg-type]
                if len(kept) < 1000:
                    kept.append(facts)
    after = sandbox.stats(sandbox.shopify)
    figures["points"] = after["points_used"] - before["points_used"]
    figures["points_requested"] = budget.requested
    client.close()
    return figures, kept


def map_and_check(shop: Shop, orders: list[Any]) -> Json:
    """Documents mapped and tied out, customers and items known."""
    adapter = adapter_for(shop.erp_connection)  # type: ignore[arg-type]
    warm = Batch(shop, adapter)
    warm.prepare(orders)
    customers = {}
    for order in orders:
        found = warm.customer_for(order)
        if isinstance(found, CustomerDocument) and found.external_id not in customers:
            customers[found.external_id] = adapter.create_customer(found)
    figures: Json = {"orders": len(orders)}
    with measured(figures):
        for start in range(0, len(orders), BATCH):
            chunk = orders[start : start + BATCH]
            batch = Batch(shop, adapter)
            batch.prepare(chunk)
            for order in chunk:
                adapter.document_payload(batch.document_for(order, batch.customer_for(order)).document)  # type: ignore[arg-type]
    return figures


def whole_way(shop: Shop, sandbox: Sandbox, latency: Any) -> Json:
    """Every staged order written, read back and recorded."""
    sandbox.post(f"{sandbox.netsuite}/_sandbox/settings", {"latency_write": latency})
    queries = 0

    def count(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal queries
        queries += 1
        return execute(sql, params, many, context)

    before = sandbox.stats(sandbox.netsuite)["requests"]
    figures: Json = {}
    with database.execute_wrapper(count), measured(figures):
        drain(seconds=3600)
    after = sandbox.stats(sandbox.netsuite)
    links = list(
        RecordLink.objects.filter(shop=shop, kind="sales_order")
        .order_by("created_at")
        .values_list("created_at")
    )
    figures["orders"] = len(links)
    figures["unfinished"] = Sync.objects.exclude(state__in=("done", "skipped", "blocked")).count()
    figures["blocked"] = Sync.objects.filter(state="blocked").count()
    figures["queries"] = queries
    figures["erp_requests"] = after["requests"] - before
    figures["peak_concurrency"] = after["peak_concurrency"]
    edge = min(len(links) // 4, 30)
    steady = (links[-edge - 1][0] - links[edge][0]).total_seconds() if len(links) > 4 else 0
    figures["steady_per_s"] = (len(links) - 2 * edge - 1) / steady if steady else 0.0
    return figures


def main() -> None:
    given: Json = json.load(sys.stdin)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    link = SandboxLink(given["shopify"], given["netsuite"])
    sandbox = Sandbox(given["shopify"], given["netsuite"])
    shop = set_up(link, sandbox, given)
    result: Json = {"vendor": database.vendor}
    result["discover"] = {}
    with measured(result["discover"]):
        result["discover"]["orders"] = discover(shop).seen
    ids = list(Sync.objects.filter(shop=shop).order_by("pk").values_list("source_id", flat=True))
    if not given.get("only_whole"):
        result["fetch"], kept = fetch_and_normalize(shop, ids[: given["sample"]], sandbox)
        result["map"] = map_and_check(shop, kept)
        del kept
    result["whole"] = whole_way(shop, sandbox, given["latency"])
    result["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    json.dump(result, sys.stdout)

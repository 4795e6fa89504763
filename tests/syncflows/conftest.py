"""One store and one NetSuite account, both sandboxes over HTTP, set up as the demo is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings

from common.http import Client
from erps.models import ErpConnection
from erps.registry import forget
from integration_hub.demo.sandbox_link import LedgerRow, SandboxLink
from integration_hub.demo.seed import seed_connection, seed_shops
from sandbox.netsuite.app import create_app as create_netsuite
from sandbox.serving import serve
from sandbox.shopify.app import create_app as create_shopify
from sandbox.shopify.seeding import demo_orders, seed_stores
from shops.models import Shop
from shops.shopify.client import forget_clients
from syncflows.models import Sync
from syncflows.pipeline.run import drain
from syncflows.pipeline.staging import Found, discover

STORE = "demo-store"


class OneStore(SandboxLink):
    """The sandbox, of which only one store is set up."""

    def stores(self) -> dict[str, str]:
        return {name: domain for name, domain in super().stores().items() if name == STORE}


@dataclass(slots=True)
class World:
    """Both systems, and the hub's shop between them."""

    link: OneStore
    shop: Shop
    http: Client

    def place(self, *names: str) -> None:
        """Put demo orders into the store."""
        wanted = [order for order in demo_orders(STORE) if order["name"] in names]
        assert len(wanted) == len(names)
        self.post(f"{self.link.shopify}/{STORE}/_sandbox/orders", wanted)

    def post(self, url: str, body: Any) -> Any:
        answer = self.http.send(
            "POST", url, headers={"Content-Type": "application/json"}, body=json.dumps(body)
        )
        assert answer.status < 300, answer.text
        return answer.json()

    def fault(self, system: str, **rule: Any) -> None:
        """Have the sandbox fail: `system` is shopify or netsuite."""
        self.post(f"{getattr(self.link, system)}/_sandbox/faults", rule)

    def clear_faults(self) -> None:
        for base in (self.link.shopify, self.link.netsuite):
            self.http.send("DELETE", f"{base}/_sandbox/faults")

    def run(self) -> Found:
        """One search and one drain."""
        found = discover(self.shop)
        drain(seconds=30)
        return found

    def sync(self, name: str) -> Sync:
        return Sync.objects.select_related("order", "shop").get(shop=self.shop, name=name)

    def written(self) -> list[LedgerRow]:
        """The sales orders NetSuite has, asked with the hub's own token."""
        return self.link.sales_documents(ErpConnection.objects.get().access_token)


@pytest.fixture(scope="module")
def systems(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    folder: Path = tmp_path_factory.mktemp("sandboxes")
    shopify = create_shopify(folder, bucket=(1_000_000, 100_000))
    seed_stores(shopify)
    with serve(shopify) as first, serve(create_netsuite(folder)) as second:
        yield first, second
    shopify.close()


@pytest.fixture
def world(systems: tuple[str, str], transactional_db: None, settings: LazySettings) -> Iterator[World]:
    settings.HUB_EXTRA_API_HOSTS = [address.partition("//")[2] for address in systems]
    link = OneStore(*systems)
    http = Client("tests")
    forget_clients()
    for base in systems:
        answer = http.send("POST", f"{base}/_sandbox/reset", body='{"orders": "none"}')
        assert answer.status == 200, answer.text
    connection = seed_connection(link)
    (shop,) = seed_shops(link, connection, lambda _: None)
    yield World(link, Shop.objects.select_related("erp_connection").get(pk=shop.pk), http)
    forget(connection.pk)
    forget_clients()
    http.close()
    link.close()

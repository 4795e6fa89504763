"""Both systems over HTTP with the hub between them, set up as the demo is: every store, one NetSuite account."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from common.clock import now
from common.http import Client
from erps.models import ErpConnection
from erps.registry import forget
from integration_hub.demo.sandbox_link import SandboxLink
from integration_hub.demo.seed import seed_connection, seed_shops
from sandbox.netsuite.app import create_app as create_netsuite
from sandbox.netsuite.settings import DEFAULTS
from sandbox.serving import serve
from sandbox.shopify.app import create_app as create_shopify
from sandbox.shopify.seeding import demo_orders, seed_stores
from shops.models import Shop
from shops.shopify.client import client_for, forget_clients
from shops.shopify.version import API_VERSION
from syncflows.models import Sync
from syncflows.pipeline.run import drain
from syncflows.pipeline.staging import Found, discover
from tests.journeys.netsuite import Books, Document

STORE = "demo-store"
NUMBERS = '{orders(first: 250) {nodes {name metafield(namespace: "$app:erp", key: "document_no") {value}}}}'
DEFAULT_ACCOUNT = {
    "tax_mode": "suitetax", "closed_through": "2025-12-31", "closed_period_blocks_all": False,
    "denied_records": [], "hidden_tables": [], "custom_fields": DEFAULTS["custom_fields"],
    "invoice_approval": False, "allow_tran_id": False,
}  # fmt: skip


class SomeStores(SandboxLink):
    """The sandbox, of which only some stores are set up (all when none is named)."""

    def __init__(self, addresses: tuple[str, str], names: tuple[str, ...]) -> None:
        super().__init__(*addresses)
        self._names = names

    def stores(self) -> dict[str, str]:
        found = super().stores()
        return {name: found[name] for name in self._names or found}


@dataclass(slots=True)
class World:
    """Both systems and the hub between them."""

    link: SomeStores
    http: Client
    books: Books
    shops: dict[str, Shop]

    # ------------------------------------------------------------------------------- what happens in Shopify

    def place(self, *names: str, store: str = STORE) -> None:
        """Put demo orders into a store."""
        wanted = [order for order in demo_orders(store) if order["name"] in names]
        assert len(wanted) == len(names)
        self.pour(wanted, store)

    def pour(self, orders: list[dict[str, Any]], store: str = STORE) -> None:
        """Put orders in the Admin GraphQL shape into a store."""
        self.post(f"{self.link.shopify}/{store}/_sandbox/orders", orders)

    def buy(
        self, quantities: dict[str, int], *, code: str = "", shipping: str = "standard", pay: str = "paid"
    ) -> tuple[str, str]:
        """Place an order on the sandbox's page; returns its id and name."""
        form = {"code": code, "shipping": shipping, "pay": pay}
        form |= {f"qty_{sku}": str(quantity) for sku, quantity in quantities.items()}
        order_id = self._page(f"/{STORE}/orders/new", form).rsplit("/", 1)[-1]
        return order_id, next(name for name, number in self.names().items() if number == order_id)

    def do(self, order_id: str, action: str, **fields: str) -> None:
        """Press a button on the page of an order."""
        self._page(f"/{STORE}/orders/{order_id}", {"action": action, **fields})

    def _page(self, path: str, form: dict[str, str]) -> str:
        answer = self.http.send("POST", f"{self.link.shopify}{path}", form=form)
        assert answer.status == 303, answer.text
        return str(answer.headers["Location"])

    def names(self, store: str = STORE) -> dict[str, str]:
        """Ids of a store's orders by name."""
        found = self.http.send("GET", f"{self.link.shopify}/{store}/_sandbox/orders").json()["orders"]
        return {row["name"]: str(row["id"]) for row in found}

    def numbers_in_shopify(self, store: str = STORE) -> dict[str, str]:
        """The document number on each order of a store, asked as the hub's app; "" where there is none."""
        url = f"{self.link.shopify}/{store}/admin/api/{API_VERSION}/graphql.json"
        token = client_for(self.shops[store]).tokens.token()
        headers = {"Content-Type": "application/json", "X-Shopify-Access-Token": token}
        answer = self.http.send("POST", url, headers=headers, body=json.dumps({"query": NUMBERS})).json()
        return {
            row["name"]: (row["metafield"] or {}).get("value", "")
            for row in answer["data"]["orders"]["nodes"]
        }

    # ------------------------------------------------------------------------------- what the sandboxes are told

    def post(self, url: str, body: Any) -> Any:
        """POST JSON to an address of the sandboxes that needs no sign-in."""
        answer = self.http.send(
            "POST", url, headers={"Content-Type": "application/json"}, body=json.dumps(body)
        )
        assert answer.status < 300, answer.text
        return answer.json()

    def account(self, **settings: Any) -> None:
        """Change settings of the NetSuite account."""
        self.post(f"{self.link.netsuite}/_sandbox/settings", settings)

    def clear_faults(self) -> None:
        """Have both sandboxes work again."""
        for base in (self.link.shopify, self.link.netsuite):
            self.http.send("DELETE", f"{base}/_sandbox/faults")

    def fault(self, system: str, **rule: Any) -> None:
        """Have a sandbox fail: `system` is shopify or netsuite."""
        self.post(f"{getattr(self.link, system)}/_sandbox/faults", rule)

    # ------------------------------------------------------------------------------- what the hub does

    def run(self) -> Found:
        """One search of every shop and one drain."""
        found = Found()
        for shop in self.shops.values():
            one = discover(shop)
            found = Found(found.seen + one.seen, found.new + one.new, found.changed + one.changed)
        drain(seconds=60)
        return found

    def again(self) -> None:
        """Everything once more: every order found anew, everything that waits due at once."""
        for shop in self.shops.values():
            discover(shop, everything=True)
        Sync.objects.filter(state="waiting").update(due_at=now())
        drain(seconds=60)

    def sync(self, name: str, store: str = STORE) -> Sync:
        """The row of an order."""
        return Sync.objects.select_related("order", "shop").get(shop__key=store, name=name)

    def outcome(self, name: str, store: str = STORE) -> tuple[str, str]:
        """State and cause of an order."""
        sync = self.sync(name, store)
        return sync.state, sync.reason_code

    def document(self, name: str, store: str = STORE) -> Document:
        """The sales order NetSuite has of an order."""
        return self.books.document(f"shp-{store}-so-{self.names(store)[name]}")


@contextmanager
def running(folder: Path) -> Iterator[tuple[str, str]]:
    """Both sandboxes for the length of a block: the addresses of Shopify and NetSuite."""
    shopify = create_shopify(folder, bucket=(1_000_000, 100_000))
    seed_stores(shopify)
    netsuite = create_netsuite(folder)
    try:
        with serve(shopify) as first, serve(netsuite) as second:
            yield first, second
    finally:
        shopify.close()
        netsuite.store.close()


@contextmanager
def set_up(addresses: tuple[str, str], *stores: str) -> Iterator[World]:
    """Empty sandboxes, connection, shops and mappings as the demo has them. The database must be writable, and
    HUB_EXTRA_API_HOSTS must name the sandboxes."""
    link, http = SomeStores(addresses, stores), Client("tests")
    forget_clients()
    for base in addresses:
        answer = http.send("POST", f"{base}/_sandbox/reset", body='{"orders": "none"}')
        assert answer.status == 200, answer.text
    # Before anything reads what the account can do: an adapter remembers it.
    answer = http.send(
        "POST", f"{addresses[1]}/_sandbox/settings",
        headers={"Content-Type": "application/json"}, body=json.dumps(DEFAULT_ACCOUNT),
    )  # fmt: skip
    assert answer.status == 200, answer.text
    connection = seed_connection(link)
    shops = seed_shops(link, connection, lambda _: None)
    known = {shop.key: Shop.objects.select_related("erp_connection").get(pk=shop.pk) for shop in shops}
    world = World(link, http, Books(addresses[1], http), known)
    try:
        yield world
    finally:
        for found in ErpConnection.objects.all():
            forget(found.pk)
        forget_clients()
        http.close()
        link.close()

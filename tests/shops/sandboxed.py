"""A sandbox Shopify for the tests of this package, and orders to pour into it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sandbox.serving import serve
from sandbox.shopify.app import ShopifySandbox
from sandbox.shopify.seeding import builder_for, seed_stores
from shops.models import AuthKind, Shop

Json = dict[str, Any]


class Store:
    """One demo store of a running sandbox: its address, and a hand on its orders."""

    def __init__(self, sandbox: ShopifySandbox, base_url: str, name: str = "demo-store") -> None:
        self.sandbox = sandbox
        self.name = name
        self.url = f"{base_url}/{name}"
        self.builder = builder_for(name)

    def add(self, **spec: Any) -> Json:
        """Build an order from a specification, keep it, and return it."""
        order = self.builder.build({"created": "2026-11-01T10:00:00Z", **spec})
        self.put(order)
        return order

    def put(self, order: Json) -> None:
        """Keep an order as it is."""
        self.sandbox.shop(self.name).put("Order", order)

    def shop(self, **fields: Any) -> Shop:
        """A shop record that signs in with the sandbox's demo app."""
        values: Json = {
            "key": "demo", "name": "Demo", "domain": f"{self.name}.myshopify.com", "api_base_url": self.url,
            "auth_kind": AuthKind.CLIENT_CREDENTIALS, "client_id": "demo-client",
            "client_secret": "demo-secret-do-not-use",
        }  # fmt: skip
        return Shop.objects.create(**(values | fields))

    @property
    def operations(self) -> dict[str, int]:
        """How often each operation was called since the last reset of the figures."""
        found: dict[str, int] = self.sandbox.stats.as_json()["operations"]
        return found


@contextmanager
def running(folder: Path, **options: Any) -> Iterator[Store]:
    """A sandbox with its demo stores and no orders."""
    sandbox = ShopifySandbox(folder, **options)
    seed_stores(sandbox)
    try:
        with serve(sandbox) as base_url:
            yield Store(sandbox, base_url)
    finally:
        sandbox.close()


def source_id(order: Json) -> str:
    """The numeric id of an order of the sandbox."""
    return str(order["legacyResourceId"])

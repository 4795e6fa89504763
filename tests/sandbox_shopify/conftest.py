"""A running sandbox with the demo orders, and the published schema to hold it against."""

from __future__ import annotations

import gzip
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
from graphql import GraphQLSchema, build_ast_schema, parse

from sandbox.serving import serve
from sandbox.shopify.app import ShopifySandbox, create_app
from sandbox.shopify.execution import load_schema
from sandbox.shopify.seeding import order_files, read_demo, seed_demo, seed_stores

DATA = Path(__file__).parent.parent / "data"
TOKEN = "shpat_demo_static"
SPECIFIED = [
    (content["store"], spec["name"])
    for content in map(read_demo, order_files())
    for spec in content["orders"]
]
"""Store and name of every demo order, as specified."""
IN_DEMO_STORE = [name for store, name in SPECIFIED if store == "demo-store"]


@dataclass
class Client:
    """Talks to one store of a running sandbox."""

    sandbox: ShopifySandbox
    base_url: str
    store: str = "demo-store"
    token: str = TOKEN
    version: str = "2026-10"

    @property
    def url(self) -> str:
        return f"{self.base_url}/{self.store}"

    def post(self, query: str, variables: Any = None, **headers: str) -> requests.Response:
        return requests.post(
            f"{self.url}/admin/api/{self.version}/graphql.json",
            json={"query": query, "variables": variables or {}},
            headers={"X-Shopify-Access-Token": self.token, **headers},
            timeout=30,
        )

    def run(self, query: str, /, **variables: Any) -> Any:
        answer = self.post(query, variables).json()
        assert "errors" not in answer, answer
        return answer["data"]

    def order_id(self, name: str) -> str:
        found = self.run(
            "query($q: String!) { orders(first: 2, query: $q) { nodes { id } } }", q=f"name:{name}"
        )
        [row] = found["orders"]["nodes"]
        return str(row["id"])


@pytest.fixture(scope="session")
def published() -> GraphQLSchema:
    text = gzip.decompress((DATA / "admin_2026-10.sdl.gz").read_bytes()).decode()
    return build_ast_schema(parse(text, no_location=True), assume_valid=True)


@pytest.fixture(scope="session")
def served() -> GraphQLSchema:
    return load_schema()


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state folder with the demo orders; each test works on a copy."""
    folder = tmp_path_factory.mktemp("seeded")
    sandbox = create_app(folder)
    seed_stores(sandbox)
    seed_demo(sandbox)
    sandbox.close()
    return folder


@pytest.fixture
def demo(seeded: Path, tmp_path: Path) -> Iterator[Client]:
    shutil.copytree(seeded, tmp_path, dirs_exist_ok=True)
    sandbox = create_app(tmp_path, webhook_delays=(0.05, 0.05), bucket=(1_000_000, 1000))
    with serve(sandbox) as base_url:
        yield Client(sandbox, base_url)
    sandbox.close()


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Client]:
    sandbox = create_app(tmp_path, bucket=(2000, 100))
    seed_stores(sandbox)
    with serve(sandbox) as base_url:
        yield Client(sandbox, base_url)
    sandbox.close()

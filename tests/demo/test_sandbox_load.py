"""Recorded orders get into the sandbox by one command, and what cannot be loaded is said plainly."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from integration_hub.demo.place import free_port
from sandbox.serving import Server
from sandbox.shopify.app import create_app
from sandbox.shopify.seeding import demo_orders, seed_stores


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[str]:
    app = create_app(tmp_path / "state")
    seed_stores(app)
    server = Server(app, 0)
    server.start()
    yield server.base_url
    server.stop()
    app.close()


def recorded(name: str = "#1001") -> dict[str, Any]:
    return next(order for order in demo_orders("demo-store") if order["name"] == name)


def load(path: Path, **options: Any) -> str:
    output = StringIO()
    call_command("sandbox_load", str(path), stdout=output, **options)
    return output.getvalue()


def written(tmp_path: Path, value: object) -> Path:
    path = tmp_path / "orders.json"
    path.write_text(value if isinstance(value, str) else json.dumps(value), encoding="utf-8")
    return path


def test_one_order_a_list_and_a_whole_answer(sandbox: str, tmp_path: Path) -> None:
    assert "1 in demo-store: #1001" in load(written(tmp_path, recorded()), url=sandbox)
    both = [recorded("#1002"), recorded("#1003")]
    assert "2 in demo-store: #1002, #1003" in load(written(tmp_path, both), url=sandbox)
    answer = {"data": {"orders": {"nodes": [recorded("#1004")]}}}
    assert "1 in demo-uk: #1004" in load(written(tmp_path, answer), url=sandbox, store="demo-uk")


def test_what_the_file_does_not_have_is_named(sandbox: str, tmp_path: Path) -> None:
    order = recorded()
    del order["agreements"]
    assert "#1001: not in the file and completed: agreements\n" in load(written(tmp_path, order), url=sandbox)
    least = {"name": "#9001", "lineItems": recorded()["lineItems"]}
    completed = load(written(tmp_path, least), url=sandbox).splitlines()[1]
    assert re.fullmatch(
        r"  #9001: not in the file and completed: agreements(, \w+){5} and \d+ more", completed
    )


def test_it_finds_the_running_sandbox_by_itself(sandbox: str, tmp_path: Path, settings: Any) -> None:
    settings.ENV_FILE = tmp_path / "demo.env"
    (tmp_path / "sandbox.json").write_text(json.dumps({"shopify": sandbox, "netsuite": "http://127.0.0.1:1"}))
    assert "#1001" in load(written(tmp_path, recorded()))


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("{", "is not JSON"),
        ({"line_items": []}, "REST or webhook shape"),
        ({"name": "#9"}, "Order #9 has no lineItems"),
        ([], "There is no order in it"),
    ],
)
def test_a_file_that_holds_no_order(sandbox: str, tmp_path: Path, content: object, sentence: str) -> None:
    with pytest.raises(CommandError, match=sentence):
        load(written(tmp_path, content), url=sandbox)


def test_other_mistakes_name_the_remedy(sandbox: str, tmp_path: Path, settings: Any) -> None:
    file = written(tmp_path, recorded())
    with pytest.raises(CommandError, match=r"nowhere\.json cannot be read: No such file"):
        load(tmp_path / "nowhere.json", url=sandbox)
    with pytest.raises(CommandError, match="has no store 'demo-mars'"):
        load(file, url=sandbox, store="demo-mars")
    with pytest.raises(CommandError, match="Start the sandbox with: make demo"):
        load(file, url=f"http://127.0.0.1:{free_port()}")
    with pytest.raises(CommandError, match="write one like http"):
        load(file, url="localhost")

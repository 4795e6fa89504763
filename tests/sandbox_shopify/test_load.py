"""Pouring in recorded orders, generating many, and the page."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import requests

from sandbox.shopify import load
from sandbox.shopify.generate import orders
from sandbox.shopify.load import LoadError, load_file, orders_in
from sandbox.shopify.placing import spread

from .conftest import IN_DEMO_STORE, Client

RECORDED: dict[str, Any] = {
    "id": "gid://shopify/Order/8734179787058",
    "name": "#1335",
    "currencyCode": "CAD",
    "lineItems": {
        "edges": [
            {
                "node": {
                    "title": "Paid taxable line",
                    "quantity": 2,
                    "sku": "MATH",
                    "originalUnitPriceSet": {"shopMoney": {"amount": "12.0", "currencyCode": "CAD"}},
                    "taxLines": [
                        {
                            "title": "Tax",
                            "rate": 0.1,
                            "priceSet": {"shopMoney": {"amount": "2.4", "currencyCode": "CAD"}},
                        }
                    ],
                }
            }
        ]
    },
    "transactions": [
        {"gateway": "manual", "amountSet": {"shopMoney": {"amount": "26.4", "currencyCode": "CAD"}}}
    ],
}


def test_files_may_hold_one_order_a_list_or_an_answer(tmp_path: Path) -> None:
    shapes: list[Any] = [
        RECORDED,
        [RECORDED],
        {"order": RECORDED},
        {"data": {"order": RECORDED}},
        {"data": {"orders": {"nodes": [RECORDED]}}},
        {"data": {"orders": {"edges": [{"node": RECORDED}]}}},
    ]
    for shape in shapes:
        path = tmp_path / "orders.json"
        path.write_text(json.dumps(shape))
        [order] = load_file(path)
        assert order["lineItems"]["nodes"][0]["sku"] == "MATH"


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"id": 1, "line_items": []}, "REST or webhook shape"),
        ({"name": "#7"}, "Order #7 has no lineItems"),
        (
            {"name": "#7", "lineItems": {"nodes": [{"title": "x"}]}},
            "Order #7, line 1: originalUnitPriceSet is missing",
        ),
        ([1], "Order 1 is int"),
        ([], "no order"),
    ],
)
def test_what_is_no_order_is_refused_with_a_sentence(value: Any, message: str) -> None:
    with pytest.raises(LoadError, match=message):
        orders_in(value)


def test_a_recording_is_completed_and_served(
    empty: Client, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "orders.json"
    path.write_text(json.dumps(RECORDED))
    assert load.main([str(path), "--url", empty.url]) == 0
    assert "#1335: completed agreements" in capsys.readouterr().out
    full = (Path(__file__).parent / "queries" / "order_full.graphql").read_text()
    order = empty.run(full, id=RECORDED["id"])["order"]
    assert order["totalPriceSet"]["shopMoney"] == {"amount": "26.4", "currencyCode": "CAD"}
    assert order["displayFinancialStatus"] == "PAID"
    agreements = (Path(__file__).parent / "queries" / "order_agreements.graphql").read_text()
    [agreement] = empty.run(agreements, id=RECORDED["id"])["order"]["agreements"]["nodes"]
    assert agreement["sales"]["nodes"][0]["totalAmount"]["shopMoney"]["amount"] == "26.4"
    assert load.main([str(tmp_path / "none.json"), "--url", empty.url]) == 1
    assert "Cannot read" in capsys.readouterr().err


def test_generated_orders_are_repeatable_and_tie(empty: Client) -> None:
    first, again = list(orders(20, seed=3)), list(orders(20, seed=3))
    assert first == again
    assert first != list(orders(20, seed=4))
    for order in first:
        assert order["totalOutstandingSet"]["shopMoney"]["amount"] == "0.0"
        assert len(order["lineItems"]["nodes"]) == 3
        assert len(json.dumps(order)) > 11_000
    made = requests.post(f"{empty.url}/_sandbox/generate", json={"count": 30, "lines": 2}, timeout=30)
    assert made.json() == {"generated": 30}
    assert empty.run("{ ordersCount { count precision } }") == {
        "ordersCount": {"count": 30, "precision": "EXACT"}
    }


def test_leftover_cents_go_from_the_first_line() -> None:
    from decimal import Decimal

    parts = spread(Decimal("10.00"), [Decimal(1), Decimal(1), Decimal(1)])
    assert [str(part) for part in parts] == ["3.34", "3.33", "3.33"]


def test_placing_and_changing_an_order_on_the_page(empty: Client) -> None:
    form = {"qty_TEE": "2", "qty_MUG": "1", "code": "SAVE10", "shipping": "standard", "pay": "authorized"}
    placed = requests.post(f"{empty.url}/orders/new", data=form, timeout=10)
    assert "69.27 USD" in placed.text
    gid = "gid://shopify/Order/" + placed.url.rsplit("/", 1)[1]
    state = """query($id: ID!) { order(id: $id) { displayFinancialStatus closed note edited
      currentTotalPriceSet { shopMoney { amount } } lineItems(first: 5) { nodes { id currentQuantity } } } }"""

    def act(**given: str) -> Any:
        answer = requests.post(placed.url, data=given, timeout=10)
        assert answer.status_code == 200, answer.text
        return empty.run(state, id=gid)["order"]

    before = empty.run(state, id=gid)["order"]
    assert before["displayFinancialStatus"] == "AUTHORIZED"
    assert act(action="pay")["displayFinancialStatus"] == "PAID"
    assert act(action="note", note="<b>hi</b>")["note"] == "<b>hi</b>"
    assert "&lt;b&gt;hi" in requests.get(placed.url, timeout=10).text
    mug = before["lineItems"]["nodes"][1]["id"]
    raised = act(action="quantity", line=mug, quantity="2")
    assert raised["currentTotalPriceSet"]["shopMoney"]["amount"] == "85.51"  # + 15.00 + 1.24
    assert raised["edited"] is True
    assert act(action="archive")["closed"] is True
    assert act(action="ship")["displayFinancialStatus"] == "PARTIALLY_PAID"
    refused = requests.post(placed.url, data={"action": "ship"}, timeout=10)
    assert (refused.status_code, "nothing is left to ship" in refused.text) == (400, True)
    assert "Pick at least one article" in requests.post(f"{empty.url}/orders/new", data={}, timeout=10).text
    assert "#1001" in requests.get(empty.url + "/", timeout=10).text
    assert "demo-uk.myshopify.com" in requests.get(empty.base_url + "/", timeout=10).text


@pytest.mark.slow
def test_the_command_announces_serves_and_leaves_nothing(tmp_path: Path) -> None:
    announced = tmp_path / "where.json"
    command = [sys.executable, "-m", "sandbox", "--state", str(tmp_path / "state"), "--no-netsuite"]
    process = subprocess.Popen(
        [*command, "--seed-demo", "--announce", str(announced)],
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
        env={**os.environ},
    )
    try:
        deadline = time.monotonic() + 60
        while not announced.exists() and time.monotonic() < deadline:
            time.sleep(0.1)
        url = json.loads(announced.read_text())["shopify"]
        found = requests.get(f"{url}/demo-store/_sandbox/orders", timeout=10).json()["orders"]
        assert len(found) == len(IN_DEMO_STORE)
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
        assert process.stdout is not None
        process.stdout.close()
    assert not announced.exists()
    assert re.match(r"http://127\.0\.0\.1:\d+$", url)
    with pytest.raises(requests.ConnectionError):
        requests.get(url, timeout=5)

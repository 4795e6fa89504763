"""Orders nobody thought of, over HTTP from end to end: fetched, mapped, written and read back, all four stores."""

from __future__ import annotations

import json
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from sandbox.shopify.building import OrderBuilder
from sandbox.shopify.seeding import builder_for, read_demo
from tests.generated.specs import market, order_spec
from tests.journeys.world import World

EACH = 8
BUYERS = {"demo-store": "ada", "demo-uk": "olivia", "demo-jp": "yuki", "demo-kw": "noor"}


def generated(store: str, first: int) -> list[dict[str, Any]]:
    """Orders of a store; the same ones every time."""
    facts = read_demo("stores")[store]
    builder: OrderBuilder = builder_for(store)
    orders = []
    for number in range(first, first + EACH):
        chance = Random(number)
        sold_in = market(chance, facts["currency"], included=facts["taxes_included"])
        name = f"{facts.get('prefix', '#')}{number}"
        spec = order_spec(chance, sold_in, name) | {"customer": BUYERS[store]}
        orders.append(json.loads(json.dumps(builder.build(spec))))
    return orders


def comes_to(order: dict[str, Any]) -> Decimal:
    """What an order comes to in shop money, with what the till rounded."""
    rounding = order["totalCashRoundingAdjustment"]["paymentSet"]["shopMoney"]["amount"]
    return Decimal(order["currentTotalPriceSet"]["shopMoney"]["amount"]) + Decimal(rounding)


@pytest.mark.parametrize("first", [3100, 3200])
def test_every_generated_order_is_in_netsuite_at_shopifys_total(four_stores: World, first: int) -> None:
    placed = {store: generated(store, first) for store in read_demo("stores")}
    for store, orders in placed.items():
        four_stores.pour(orders, store)
    four_stores.run()
    totals = four_stores.books.totals()
    wanted = {}
    for store, orders in placed.items():
        for order in orders:
            sync = four_stores.sync(order["name"], store)
            if sync.state == "skipped":
                assert (sync.reason_code, comes_to(order)) == ("NOTHING_LEFT", Decimal(0))
            else:
                assert sync.state == "done", f"{order['name']} {sync.reason_code}: {sync.reason}"
                wanted[f"shp-{store}-so-{sync.source_id}"] = [comes_to(order)]
    assert totals == wanted
    assert len(wanted) > 3 * EACH

"""Many realistic orders quickly, for tests and measurements."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sandbox.shopify.catalog import CATALOG
from sandbox.shopify.placing import CENT, TAX
from sandbox.shopify.seeding import builder_for
from sandbox.shopify.shop_state import ShopState, iso

Json = dict[str, Any]

_GOODS = ("TEE", "MUG", "HOODIE", "CAP", "SOCKS", "POSTER", "BOTTLE", "STICKER", "BAG", "NOTEBOOK")
_BUYERS = ("ada", "grace", "joao", "rosa", "mallory")
FIRST_NUMBER = 200001
FIRST_CREATED = datetime(2026, 10, 1, tzinfo=UTC)
_STANDARD = Decimal("5.95")


def specification(number: int, draw: random.Random, lines: int) -> Json:
    """One paid order of the demo store with so many lines; every fifth carries SAVE10 on its first line."""
    rows: list[Json] = []
    total = _STANDARD
    discounts: list[Json] = []
    for index, sku in enumerate(draw.choices(_GOODS, k=lines)):
        quantity = draw.randint(1, 3)
        gross = Decimal(CATALOG[sku].price) * quantity
        row: Json = {"sku": sku, "qty": quantity}
        if index == 0 and number % 5 == 0:
            off = (gross / 10).quantize(CENT, ROUND_HALF_UP)
            discounts = [{"code": "SAVE10", "percent": "10", "on": "lines"}]
            row["disc"] = {"SAVE10": str(off)}
            gross -= off
        tax = (gross * Decimal(TAX["rate"])).quantize(CENT, ROUND_HALF_UP)
        row["tax"] = [str(tax)]
        total += gross + tax
        rows.append(row)
    created = iso(FIRST_CREATED + timedelta(seconds=30 * (number - FIRST_NUMBER)))
    return {
        "name": f"#{number}", "created": created, "customer": draw.choice(_BUYERS), "taxes": [TAX],
        "discounts": discounts, "lines": rows, "shipping": [{"code": "standard"}],
        "payments": [{"amount": str(total)}],
    }  # fmt: skip


def orders(count: int, seed: int = 1, lines: int = 3) -> Iterator[Json]:
    """`count` order objects in the Admin GraphQL shape, the same ones for the same seed."""
    draw = random.Random(seed)
    builder = builder_for("demo-store")
    for number in range(FIRST_NUMBER, FIRST_NUMBER + count):
        yield builder.build(specification(number, draw, lines))


def fill(shop: ShopState, count: int, seed: int = 1, lines: int = 3) -> int:
    """Put generated orders (and their customers) into a store; how many were put."""
    people = builder_for("demo-store").people
    with shop.documents.batch():
        for key in _BUYERS:
            if shop.get(people[key]["id"]) is None:
                shop.put("Customer", copy.deepcopy(people[key]))
        for order in orders(count, seed, lines):
            shop.put("Order", order)
    return count

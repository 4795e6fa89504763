"""What the journeys of changed orders have in common."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from syncflows.actions.action import Ask
from syncflows.actions.performing import perform
from syncflows.actions.registry import action_of
from syncflows.models import Attempt, CancelPolicy, ChangePolicy, OrderRules, Sync
from syncflows.pipeline.run import drain
from tests.journeys.world import World

D = Decimal
MUG = {"add": [{"sku": "MUG", "price": "15.00", "tax": ["1.24"]}]}


def bought(world: World, quantity: int = 1) -> tuple[str, str]:
    """TEE 25.00 each, tax 2.06 for one, shipping 5.95: 33.01 for one."""
    order_id, name = world.buy({"TEE": quantity})
    world.run()
    assert world.outcome(name) == ("done", "")
    return order_id, name


def line_gid(world: World, name: str) -> str:
    return f"gid://shopify/LineItem/{world.document(name).lines[0].source_id}"


def lines(world: World, name: str) -> list[tuple[str, Decimal | None, Decimal, Decimal]]:
    """Item, quantity, amount and tax of every line in NetSuite."""
    return [
        (line.item, line.quantity, line.amount, sum((tax.amount for tax in line.taxes), D(0)))
        for line in world.document(name).lines
    ]


def by_rule(changed: ChangePolicy = ChangePolicy.ASK, cancelled: CancelPolicy = CancelPolicy.ASK) -> None:
    OrderRules.objects.update(changed_orders=changed, cancelled_documents=cancelled)


def edit(world: World, order_id: str, spec: dict[str, Any]) -> None:
    world.do(order_id, "edit", spec=json.dumps(spec))


def ship_and_bill(world: World, name: str, *steps: str, **body: Any) -> None:
    for step in steps:
        world.books.send("POST", f"/record/v1/salesOrder/{world.document(name).id}/!transform/{step}", body)


def answer(world: World, name: str, kind: str, reason: str = "seen", **values: Any) -> bool:
    """What a person answers on the page of the order; then the hub goes on."""
    rows = Sync.objects.filter(pk=world.sync(name).pk)
    reached = bool(perform(action_of(kind), rows, Ask(None, reason, values)).reached)
    drain(seconds=60)
    return reached


def notes(world: World, name: str) -> list[str]:
    return [str(note) for row in Attempt.objects.filter(sync__name=name) for note in row.notes]

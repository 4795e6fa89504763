"""Amended and added to, to the cent, whichever way the account takes tax and shipping."""

from __future__ import annotations

from decimal import Decimal

import pytest

from erps.models import ErpConnection, ShippingChoice
from syncflows.models import ChangePolicy
from tests.journeys.changing import MUG, answer, bought, by_rule, edit, line_gid, ship_and_bill
from tests.journeys.test_tax_strategies import VARIANTS, choose
from tests.journeys.world import World

D = Decimal


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("shipping", ShippingChoice)
def test_an_open_document_is_amended_whatever_carries_the_tax(
    world: World, variant: str, shipping: ShippingChoice
) -> None:
    strategy, tax_mode, _ = VARIANTS[variant]
    choose(world, strategy, tax_mode)
    ErpConnection.objects.update(shipping_as=shipping)
    by_rule(ChangePolicy.AMEND)
    order_id, name = bought(world)
    world.do(order_id, "quantity", line=line_gid(world, name), quantity="3")
    world.run()
    assert world.outcome(name) == ("done", ""), world.sync(name).reason
    assert world.document(name).total == D("87.14")  # 75.00 + 6.19 + 5.95


@pytest.mark.parametrize("variant", VARIANTS)
def test_lines_are_added_after_billing_whatever_carries_the_tax(world: World, variant: str) -> None:
    """60.08 with one of two pieces billed, a mug of 15.00 + 1.24 added: 76.32."""
    strategy, tax_mode, _ = VARIANTS[variant]
    choose(world, strategy, tax_mode)
    by_rule(ChangePolicy.ADD)
    order_id, name = bought(world, 2)
    lines = len(world.document(name).lines)
    rows = [{"orderLine": 1, "quantity": 1}, *({"orderLine": n, "quantity": 0} for n in range(2, lines + 1))]
    ship_and_bill(world, name, "invoice", item={"items": rows})
    edit(world, order_id, MUG)
    world.run()
    assert world.outcome(name) == ("done", ""), world.sync(name).reason
    assert world.document(name).total == D("76.32")
    assert not answer(world, name, "apply_change")

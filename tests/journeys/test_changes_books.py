"""In whose money an order is booked is decided when its document is written, and holds as long as the document does."""

from __future__ import annotations

from decimal import Decimal

import pytest

from mappings.models import RecordLink
from shops.models import MoneyPolicy, Shop
from syncflows.models import ChangePolicy
from tests.journeys.changing import D, by_rule, edit
from tests.journeys.world import World


@pytest.mark.parametrize(
    ("then", "now", "booked"),
    [
        (MoneyPolicy.SHOP, MoneyPolicy.PRESENTMENT, ("USD", D("64.90"), D("79.90"))),
        (MoneyPolicy.PRESENTMENT, MoneyPolicy.SHOP, ("EUR", D("59.71"), D("73.51"))),
    ],
)
def test_a_document_keeps_its_money_when_the_shops_books_change(
    world: World, then: MoneyPolicy, now: MoneyPolicy, booked: tuple[str, Decimal, Decimal]
) -> None:
    """#2252: 64.90 USD, which is 59.71 EUR. A mug more at 15.00 USD, 13.80 EUR."""
    currency, before, after = booked
    by_rule(ChangePolicy.AMEND)
    Shop.objects.update(money_policy=then)
    world.place("#2252")
    world.run()
    assert world.outcome("#2252") == ("done", "")
    assert (world.document("#2252").currency, world.document("#2252").total) == (currency, before)
    Shop.objects.update(money_policy=now)
    edit(world, world.names()["#2252"], {"add": [{"sku": "MUG", "price": ["15.00", "13.80"]}]})
    world.run()
    assert world.outcome("#2252") == ("done", ""), world.sync("#2252").reason
    document = world.document("#2252")
    assert (document.currency, document.total) == (currency, after)
    link = RecordLink.objects.get(kind="sales_order")
    assert (link.currency, link.total) == (currency, after)

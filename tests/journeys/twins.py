"""A second shop record for one store: the same store and mappings, rules and a filter of its own."""

from __future__ import annotations

from typing import Any

from mappings.models import CustomerTemplate, ValueMapping
from shops.models import Location, Shop
from syncflows.models import OrderFilter, Sync
from syncflows.pipeline.staging import rules_of
from tests.journeys.world import STORE, World


def twin(world: World, key: str = "pos", name: str = "POS") -> Shop:
    """Another record of the demo store; the world knows it from then on, after the first one."""
    first = world.shops[STORE]
    shop = Shop.objects.get(pk=first.pk)
    shop.pk, shop.key, shop.name, shop._state.adding = None, key, name, True
    shop.access_token, shop.token_issued_to = "", ""
    shop.save(force_insert=True)
    for model in (ValueMapping, CustomerTemplate, Location):
        for row in model._default_manager.filter(shop=first):
            row.pk, row.shop, row._state.adding = None, shop, True
            row.save(force_insert=True)
    rules_of(shop)
    world.shops[key] = Shop.objects.select_related("erp_connection").get(pk=shop.pk)
    return shop


def wanted(world: World, store: str = STORE, **filter_of: Any) -> None:
    """Give a record its filter: what is not named is empty."""
    shop = world.shops[store]
    OrderFilter.objects.filter(shop=shop).delete()
    OrderFilter.objects.create(shop=shop, **filter_of)


def row(name: str, store: str = STORE) -> Sync:
    """The row of an order in one record."""
    return Sync.objects.select_related("order", "shop").get(shop__key=store, name=name)


def state(name: str, store: str = STORE) -> tuple[str, str]:
    """State and cause of an order in one record."""
    sync = row(name, store)
    return sync.state, sync.reason_code

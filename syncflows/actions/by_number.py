"""Import by number or id: any list of orders, from one or several shops, also outside of what searches bring."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.db.models import Q

from common.errors import HubError
from shops.models import Shop
from shops.shopify.client import client_for
from shops.shopify.named import find_named
from syncflows.actions.action import Ask
from syncflows.actions.performing import perform
from syncflows.actions.registry import action_of
from syncflows.models import FLOW_ORDERS, Sync
from syncflows.pipeline.staging import stage_orders
from syncflows.states import State

AT_ONCE = 1_000
"""Numbers looked for in Shopify with one request of a person."""
_SEPARATORS = re.compile(r"[\s,;]+")
_ID = re.compile(r"\d{9,20}")
_GID = "gid://shopify/Order/"
_CHUNK = 300


@dataclass(slots=True)
class Asked:
    """What was pasted, apart: numeric ids, and names as typed."""

    ids: list[str]
    names: list[str]

    @property
    def all(self) -> list[str]:
        """Everything, each once."""
        return [*self.names, *self.ids]


@dataclass(slots=True)
class Found:
    """What became of the numbers: orders that will be imported, those that are in the ERP already, numbers nobody
    knows, numbers that were not looked for yet because there are so many, and what a shop answered instead."""

    imported: list[Sync] = field(default_factory=list)
    there: list[Sync] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    rest: list[str] = field(default_factory=list)
    errors: list[tuple[Shop, HubError]] = field(default_factory=list)


def read(text: str) -> Asked:
    """Split what was pasted, by space, comma, semicolon or line. Long numbers and global ids are ids."""
    ids, names = [], []
    for token in dict.fromkeys(part for part in _SEPARATORS.split(text) if part):
        bare = token.removeprefix(_GID)
        if _ID.fullmatch(bare):
            ids.append(bare)
        else:
            names.append(token)
    return Asked(ids, names)


def import_by_number(shops: Sequence[Shop], asked: Asked, ask: Ask) -> Found:
    """Find the orders (in the hub, else in Shopify), stage them, and import them in spite of holds. What is in the ERP
    already is left alone. A shop that cannot be asked does not hold up the others. Of the numbers the hub does not know
    the first AT_ONCE are looked for in Shopify; the others are the `rest`, to go on with."""
    found = Found()
    known: set[str] = set()
    pks: list[int] = []
    everywhere = {shop.pk: _in_hub(shop, asked) for shop in shops}
    in_hub = {key for rows in everywhere.values() for key in _keys(rows)}
    found.rest = [each for each in asked.all if _bare(each) not in in_hub][AT_ONCE:]
    later = set(found.rest)
    for shop in shops:
        rows = everywhere[shop.pk]
        try:
            unknown = Asked(
                [each for each in asked.ids if each not in _keys(rows) and each not in later],
                [each for each in asked.names if _bare(each) not in _keys(rows) and each not in later],
            )
            if unknown.all:
                stage_orders(shop, find_named(client_for(shop), unknown.names, unknown.ids))
                rows = _in_hub(shop, asked)
        except HubError as error:
            found.errors.append((shop, error))
        known |= _keys(rows)
        pks += [row.pk for row in rows]
        found.there += [row for row in rows if row.state == State.DONE]
    found.missing = [each for each in asked.all if _bare(each) not in known and each not in later]
    done = perform(action_of("import"), Sync.objects.filter(pk__in=pks).exclude(state=State.DONE), ask)
    found.imported = list(Sync.objects.filter(pk__in=done.reached).select_related("shop").order_by("pk"))
    return found


def _bare(name: str) -> str:
    return name.removeprefix("#").casefold()


def _keys(rows: Iterable[Sync]) -> set[str]:
    return {key for row in rows for key in (row.source_id, _bare(row.name))}


def _in_hub(shop: Shop, asked: Asked) -> list[Sync]:
    """Rows of the shop with one of the ids or names (with or without #)."""
    found: dict[int, Sync] = {}
    names = [form for name in asked.names for form in (name, name.removeprefix("#"), f"#{name}")]
    wanted = [(Q(source_id__in=asked.ids[at : at + _CHUNK])) for at in range(0, len(asked.ids), _CHUNK)]
    wanted += [Q(name__in=names[at : at + _CHUNK]) for at in range(0, len(names), _CHUNK)]
    for part in wanted:
        rows = Sync.objects.filter(part, shop=shop, flow=FLOW_ORDERS).select_related("shop")
        found |= {row.pk: row for row in rows}
    return list(found.values())

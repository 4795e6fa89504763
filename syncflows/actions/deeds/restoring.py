"""Restore: bring excluded orders back under the rules."""

from __future__ import annotations

from syncflows.actions.action import Answer, Ask, OrderAction
from syncflows.models import Sync
from syncflows.states import State


class Restore(OrderAction):
    """Bring back orders that were left out, by a person or by a rule."""

    kind = "restore"
    label = "Restore"
    icon = "restore_from_trash"
    permission = "syncflows.exclude_order"
    consequence = (
        "Back among the orders to import: fetched from Shopify again and taken through the shop's rules. An order a "
        "rule excludes is excluded again. If a document of the order is in the ERP still, it is linked again, not "
        "written twice."
    )
    done = "restored."
    states = frozenset({State.SKIPPED})
    place = 31
    in_rows = in_bulk = wakes = True

    def run(self, sync: Sync, ask: Ask) -> Answer:
        return Answer(State(sync.state) is State.SKIPPED and sync.retry())


ACTION = Restore()

"""Retry: take orders up again under the same rules."""

from __future__ import annotations

from syncflows.actions.action import OPEN, Answer, Ask, OrderAction
from syncflows.models import Sync
from syncflows.states import State


class Retry(OrderAction):
    """Take orders up again now, under the same rules."""

    kind = "retry"
    label = "Retry"
    icon = "replay"
    permission = "syncflows.retry_order"
    consequence = (
        "Fetched from Shopify again and taken through the same rules and mappings. A document that is in the ERP "
        "already is compared, never written twice."
    )
    done = "will be tried again now."
    states = OPEN | {State.SKIPPED, State.DONE}
    place = 20
    in_rows = in_bulk = wakes = True

    def run(self, sync: Sync, ask: Ask) -> Answer:
        return Answer(sync.retry())


ACTION = Retry()

"""Exclude: leave orders out, for good and with a reason."""

from __future__ import annotations

from syncflows.actions.action import Answer, Ask, OrderAction
from syncflows.models import Sync


class Exclude(OrderAction):
    """Leave orders out. Orders that are running or in the ERP are not touched."""

    kind = "exclude"
    label = "Exclude"
    icon = "block"
    permission = "syncflows.exclude_order"
    consequence = (
        "Left out for good: no document is written, also when something changes in Shopify. It stays in the list of "
        "excluded orders with your reason and can be imported from there. What is in the ERP or being worked on is "
        "not touched."
    )
    done = "excluded."
    needs_reason = True
    missing_reason = "Say why the order is left out."
    place = 30
    in_rows = in_bulk = True

    def run(self, sync: Sync, ask: Ask) -> Answer:
        return Answer(sync.exclude(ask.reason.strip()))


ACTION = Exclude()

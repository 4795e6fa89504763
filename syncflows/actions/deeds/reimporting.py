"""Re-import: fetch the order and read its document again, and compare the two."""

from __future__ import annotations

from mappings.links import document_links
from syncflows.actions.action import Answer, Ask, OrderAction
from syncflows.models import Sync
from syncflows.states import State


class Reimport(OrderAction):
    """Compare anew an order that has its document."""

    kind = "reimport"
    label = "Re-import"
    icon = "sync"
    permission = "syncflows.import_order"
    consequence = (
        "Fetched from Shopify again, and its document is read from the ERP again. Total and lines are compared; what "
        "changed in Shopify since is treated by the shop's rules for changes. No second document is written."
    )
    done = "will be fetched and compared again."
    states = frozenset({State.DONE, State.BLOCKED})
    place = 21
    in_rows = in_bulk = wakes = True

    def available(self, sync: Sync) -> bool:
        return super().available(sync) and bool(sync.order.document_number)

    def run(self, sync: Sync, ask: Ask) -> Answer:
        link = document_links(sync.shop, [sync.source_id]).get(sync.source_id)
        if link is None or State(sync.state) not in self.states:
            return Answer(moved=False)
        link.verified_at = None
        link.save(update_fields=["verified_at"])
        return Answer(sync.retry())


ACTION = Reimport()

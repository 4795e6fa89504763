"""Import: take orders in now, in spite of a hold."""

from __future__ import annotations

from syncflows.actions.action import OPEN, Answer, Ask, OrderAction
from syncflows.models import Sync
from syncflows.states import State


class Import(OrderAction):
    """Import orders now, in spite of a hold or a rule that holds such orders. Exclusion rules still apply."""

    kind = "import"
    label = "Import"
    icon = "input"
    permission = "syncflows.import_order"
    consequence = (
        "Fetched from Shopify again and written to the ERP now, even if a rule or a person holds it. Rules that "
        "exclude orders (tests, cancelled ones) still apply, and nothing is written that does not tie out."
    )
    done = "will be imported now."
    states = OPEN | {State.SKIPPED}
    place = 10
    in_rows = in_bulk = wakes = True

    def run(self, sync: Sync, ask: Ask) -> Answer:
        Sync.objects.filter(pk=sync.pk).update(released=True)
        return Answer(sync.retry())


ACTION = Import()

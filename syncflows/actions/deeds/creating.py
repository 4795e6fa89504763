"""Create document: write the order's document now, and say at once what came of it."""

from __future__ import annotations

from syncflows.actions.action import OPEN, Answer, Ask, OrderAction
from syncflows.models import Sync
from syncflows.pipeline.run import drain
from syncflows.states import State

SECONDS = 20.0


class Create(OrderAction):
    """Write the document of one order while the person waits."""

    kind = "create"
    label = "Create document"
    icon = "note_add"
    permission = "syncflows.import_order"
    consequence = (
        "The document is written to the ERP now, while you wait, even if the shop's rules would have it wait for "
        "review. Rules that exclude orders still apply, nothing is written that does not tie out, and an order with "
        "a document gets no second one."
    )
    done = "written."
    states = OPEN | {State.SKIPPED}
    place = 11
    outside = wakes = True

    def available(self, sync: Sync) -> bool:
        return super().available(sync) and not sync.order.document_number

    def run(self, sync: Sync, ask: Ask) -> Answer:
        Sync.objects.filter(pk=sync.pk).update(released=True)
        sync.retry()
        drain(rows=Sync.objects.filter(pk=sync.pk), seconds=SECONDS)
        sync.refresh_from_db()
        sync.order.refresh_from_db()
        if State(sync.state) is State.DONE:
            return Answer(
                moved=True, text=f"Order {sync.name} is in the ERP as {sync.order.document_number}."
            )
        words = sync.reason or "it is being worked on; the order's page will say what came of it."
        return Answer(moved=True, text=f"Order {sync.name} was not written yet: {words}")


ACTION = Create()

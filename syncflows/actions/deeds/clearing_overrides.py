"""Clear choices: back to what rules and maps say."""

from __future__ import annotations

from syncflows.actions.action import OPEN, Answer, Ask, OrderAction
from syncflows.models import OrderOverrides, Sync
from syncflows.states import State


class ClearOverrides(OrderAction):
    """Take back what was chosen for one order by hand."""

    kind = "clear_overrides"
    label = "Clear choices"
    icon = "backspace"
    permission = "syncflows.override_order"
    consequence = (
        "Customer, location and ship method of this order follow the rules and mappings again when its document is "
        "mapped next. A document that is in the ERP already is not changed."
    )
    done = "follow the mappings again."
    states = OPEN | {State.SKIPPED}
    place = 66

    def available(self, sync: Sync) -> bool:
        return super().available(sync) and OrderOverrides.objects.filter(pk=sync.pk).exists()

    def run(self, sync: Sync, ask: Ask) -> Answer:
        row = OrderOverrides.objects.filter(pk=sync.pk).first()
        if row is None:
            return Answer(moved=False, text=f"Nothing is chosen for order {sync.name}.")
        was = str(row)
        row.delete()
        return Answer(moved=True, text=f"Cleared: {was}.")


ACTION = ClearOverrides()

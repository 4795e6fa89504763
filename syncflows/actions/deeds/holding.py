"""Hold: keep orders from being imported until a person lets them go."""

from __future__ import annotations

from syncflows.actions.action import Answer, Ask, OrderAction
from syncflows.models import Sync
from syncflows.states import Hold as HoldKind
from syncflows.states import State


class Hold(OrderAction):
    """Hold orders that are not in the ERP. Orders that are running, in the ERP or left out are not touched."""

    kind = "hold"
    label = "Hold"
    icon = "pause_circle"
    permission = "syncflows.hold_order"
    consequence = (
        "Kept in Orders to Import and not written until a person releases or imports it, also when something changes "
        "in Shopify. What is in the ERP or being worked on is not touched."
    )
    done = "held."
    needs_reason = True
    missing_reason = "Say what the order waits for."
    place = 24
    in_rows = in_bulk = True

    def available(self, sync: Sync) -> bool:
        return super().available(sync) and sync.hold != HoldKind.MANUAL

    def run(self, sync: Sync, ask: Ask) -> Answer:
        return Answer(State(sync.state) in self.states and sync.hold_back(ask.reason.strip()))


ACTION = Hold()

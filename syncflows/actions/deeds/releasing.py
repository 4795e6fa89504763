"""Release: take the hold off orders."""

from __future__ import annotations

from syncflows.actions.action import Answer, Ask, OrderAction
from syncflows.models import Sync
from syncflows.states import Hold, State


class Release(OrderAction):
    """Take the hold off; the rules decide from there, as for any other order."""

    kind = "release"
    label = "Release"
    icon = "play_circle"
    permission = "syncflows.hold_order"
    consequence = (
        "The hold is taken off and the shop's rules decide, as for any other order: what a rule holds is held again. "
        "To write an order in spite of the rules choose Import."
    )
    done = "released."
    states = frozenset({State.PENDING})
    place = 25
    in_rows = in_bulk = wakes = True

    def available(self, sync: Sync) -> bool:
        return super().available(sync) and sync.hold != Hold.NONE

    def run(self, sync: Sync, ask: Ask) -> Answer:
        return Answer(sync.let_go())


ACTION = Release()

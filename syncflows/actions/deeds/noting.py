"""Note: a sentence on the timeline."""

from __future__ import annotations

from syncflows.actions.action import Answer, Ask, OrderAction
from syncflows.models import Sync
from syncflows.states import State


class Note(OrderAction):
    """Leave a note for the next person."""

    kind = "note"
    label = "Note"
    icon = "sticky_note_2"
    permission = "syncflows.note_order"
    consequence = "Your text stays on the order's timeline with your name. Nothing else happens, anywhere."
    done = "noted."
    needs_reason = True
    missing_reason = "Write the note."
    states = frozenset(State)
    place = 90
    in_bulk = True

    def run(self, sync: Sync, ask: Ask) -> Answer:
        return Answer(moved=True)


ACTION = Note()

"""Handled elsewhere: somebody booked the order by hand, and says where."""

from __future__ import annotations

from django import forms

from syncflows.actions.action import OPEN, Answer, Ask, OrderAction
from syncflows.models import Sync
from syncflows.states import State


class HandledElsewhere(OrderAction):
    """Leave an order out because it is booked elsewhere, with the reference of where."""

    kind = "elsewhere"
    label = "Handled elsewhere"
    icon = "assignment_turned_in"
    permission = "syncflows.exclude_order"
    consequence = (
        "Counted as excluded with the reference you give: the hub writes no document for it, also when something "
        "changes in Shopify. Nothing is looked up or written in the ERP. To have the hub follow a document that is "
        "there, choose Link to document instead."
    )
    done = "marked as handled elsewhere."
    states = OPEN | {State.SKIPPED}
    place = 32

    def fields(self, sync: Sync | None) -> dict[str, forms.Field]:
        return {
            "reference": forms.CharField(
                label="Where it is booked",
                max_length=255,
                help_text="The number of the document, journal or ticket.",
                error_messages={"required": "Say where the order is booked."},
            )
        }

    def run(self, sync: Sync, ask: Ask) -> Answer:
        reference = str(ask.values["reference"]).strip()
        text = f"Handled elsewhere: {reference}."
        if ask.reason.strip():
            text += f" {ask.reason.strip()}"
        if not sync.handle_elsewhere(reference, text):
            return Answer(moved=False)
        return Answer(moved=True, text=text, details={"reference": reference})


ACTION = HandledElsewhere()

"""Unlink and recreate: give a document up and write the order anew, under an external id of its own."""

from __future__ import annotations

from django import forms

from syncflows.actions.action import Ask
from syncflows.actions.deeds.answering_changes import ChangeAnswer, can_be_replaced
from syncflows.models import Sync, Wish, WrittenDocument


class Recreate(ChangeAnswer):
    """Unlink the document, close it if the person wants that, and write a new one."""

    kind = "recreate"
    label = "Unlink and recreate"
    icon = "note_add"
    consequence = (
        "The link to the document is broken and the order is written to the ERP once more as it is now, as a new "
        "document with a new number. Unless the old one is closed, both stand in the ERP and both can be shipped. Only "
        "for documents nothing was shipped or billed of."
    )
    done = "will be written anew."
    place = 12

    def fields(self, sync: Sync | None) -> dict[str, forms.Field]:
        return {
            "close_old": forms.BooleanField(
                label="Close the old document in the ERP",
                required=False,
                initial=True,
                help_text="Leave it ticked unless somebody deletes or cancels the old document there.",
            )
        }

    def wish(self, ask: Ask) -> Wish:
        return Wish.RECREATE_CLOSING if ask.values.get("close_old", True) else Wish.RECREATE

    def fits(self, record: WrittenDocument) -> bool:
        return can_be_replaced(record)


ACTION = Recreate()

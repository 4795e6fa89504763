"""Keep: leave the document as it is for this version of the order."""

from __future__ import annotations

from syncflows.actions.action import Ask
from syncflows.actions.deeds.answering_changes import ChangeAnswer
from syncflows.models import Wish


class KeepDocument(ChangeAnswer):
    """Accept the difference; it stays visible, and a later change asks again."""

    kind = "keep_document"
    label = "Keep"
    icon = "bookmark_added"
    consequence = (
        "The document in the ERP stays as it is, although the order in Shopify says otherwise. The difference stays on "
        "this page, and a later change of the order asks again. Choose this when you have corrected the ERP yourself."
    )
    done = "will be taken as they are."
    place = 11

    def wish(self, ask: Ask) -> Wish:
        return Wish.KEEP


ACTION = KeepDocument()

"""Apply: bring what changed in Shopify into the document."""

from __future__ import annotations

from decimal import Decimal

from canonical.changes import ChangeKind, net_amount
from canonical.money import quantize
from syncflows.actions.action import Ask
from syncflows.actions.deeds.answering_changes import ChangeAnswer, can_be_applied
from syncflows.models import Sync, Wish, WrittenDocument


class ApplyChange(ChangeAnswer):
    """Amend the document, or close it when the order was cancelled."""

    kind = "apply_change"
    label = "Apply"
    icon = "edit_document"
    consequence = (
        "The document in the ERP becomes what the order is now: an open one is amended, one that was partly shipped or "
        "billed gets new lines for added value and has lines closed that nothing was shipped or billed of, and that of "
        "a cancelled order is closed. What somebody changed in the ERP by hand is overwritten. If order or document "
        "change again before it is done, you are asked again."
    )
    done = "will be brought into their documents now."

    def question(self, sync: Sync, ask: Ask) -> tuple[str, str]:
        """What will be changed, and what the document comes to then."""
        record = self.asked(sync)
        if record is None:
            return "", ""
        link, changes = record.link, record.asked()
        number = link.erp_number or link.erp_id
        total = (link.total or Decimal(0)) - record.closed_total
        result = f"{number} comes to {quantize(total, link.currency):,} {link.currency} now"
        if any(change.kind is ChangeKind.CANCEL for change in changes):
            result += " and will be closed."
        else:
            result += (
                f" and to {quantize(total + net_amount(changes), link.currency):,} {link.currency} then."
            )
        return record.token, "\n".join((*(change.sentence for change in changes), result))

    def wish(self, ask: Ask) -> Wish:
        return Wish.APPLY

    def fits(self, record: WrittenDocument) -> bool:
        return can_be_applied(record)


ACTION = ApplyChange()

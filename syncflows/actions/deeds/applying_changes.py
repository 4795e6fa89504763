"""Apply: bring what changed in Shopify into the document."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal

from canonical.changes import Change, ChangeKind, net_amount
from canonical.money import quantize
from canonical.stages import DocumentStage
from syncflows.actions.action import Ask
from syncflows.actions.deeds.answering_changes import ChangeAnswer, can_be_applied
from syncflows.models import Sync, Wish, WrittenDocument


class ApplyChange(ChangeAnswer):
    """Amend the document, or close it when the order was cancelled."""

    kind = "apply_change"
    label = "Apply"
    icon = "edit_document"
    consequence = (
        "The ERP comes to show what the order is now: an open document is amended, that of a cancelled order is "
        "closed. One that was partly shipped or billed gets new lines for added value and has lines closed that "
        "nothing was shipped or billed of. What was billed and is no longer sold is credited by a credit memo made "
        "from its invoice; value added to a billed one goes on a further document. Nothing is paid back. What somebody "
        "changed in the ERP by hand is overwritten. If order or document change again before it is done, you are asked "
        "again."
    )
    done = "will be brought into their documents now."

    def question(self, sync: Sync, ask: Ask) -> tuple[str, str]:
        """What will be changed, and what the document comes to then."""
        record = self.asked(sync)
        if record is None:
            return "", ""
        link, changes = record.link, record.asked()
        number = link.erp_number or link.erp_id
        total = (link.total or Decimal(0)) - record.closed_total + record.beside_total
        then = sync.order.books_total if record.parts else None
        together = " with what stands beside it" if record.parts else ""
        result = f"{number}{together} comes to {quantize(total, link.currency):,} {link.currency} now"
        if any(change.kind is ChangeKind.CANCEL for change in changes):
            result += " and will be closed."
        else:
            final = total + net_amount(changes) if then is None else then
            result += f" and to {quantize(final, link.currency):,} {link.currency} then."
            result += "".join(_beside(record, changes, link.currency))
        return record.token, "\n".join((*(change.sentence for change in changes), result))

    def wish(self, ask: Ask) -> Wish:
        return Wish.APPLY

    def fits(self, record: WrittenDocument) -> bool:
        return can_be_applied(record)


def _beside(record: WrittenDocument, changes: Iterable[Change], currency: str) -> Iterator[str]:
    """What becomes of value that goes from, and comes to, a document that is no longer open."""
    if record.stage not in (DocumentStage.PARTLY, DocumentStage.BILLED):
        return
    amounts = [change.amount for change in changes if change.kind is not ChangeKind.REFUND]
    goes, comes = (sum((a for a in amounts if a * sign > 0), Decimal(0)) for sign in (-1, 1))
    if goes:
        gone = f"{quantize(-goes, currency):,} {currency}"
        yield f" {gone} is credited from its invoice, or closed where it was not billed."
    if comes:
        where = "a further document" if record.stage == DocumentStage.BILLED else "new lines"
        yield f" {quantize(comes, currency):,} {currency} goes on {where}."


ACTION = ApplyChange()

"""What a person can answer when an order changed after it was written: rows only, the next run carries it out."""

from __future__ import annotations

from canonical.stages import STAGE_WORDS, DocumentStage
from syncflows.actions.action import Answer, Ask, OrderAction
from syncflows.flows.order_changes import BY_HAND, REPLACEABLE, answer_to
from syncflows.flows.order_changes import Answer as Outcome
from syncflows.models import Sync, Wish, WrittenDocument
from syncflows.models.written import asked_about
from syncflows.states import State


class ChangeAnswer(OrderAction):
    """An answer to a change. It holds for what was shown and nothing else: the run compares before it does anything."""

    permission = "syncflows.answer_change_order"
    states = frozenset({State.BLOCKED})
    needs_reason = True
    wakes = True
    place = 10

    def asked(self, sync: Sync) -> WrittenDocument | None:
        """What is asked about this order, if anything is."""
        return asked_about(sync) if sync.reason_code == "ORDER_CHANGED" else None

    def wish(self, ask: Ask) -> Wish:
        """The answer to be kept for the next run."""
        raise NotImplementedError

    def fits(self, record: WrittenDocument) -> bool:
        """Whether the answer is possible at the document's stage."""
        return True

    def available(self, sync: Sync) -> bool:
        if not super().available(sync):
            return False
        record = self.asked(sync)
        return record is not None and self.fits(record)

    def run(self, sync: Sync, ask: Ask) -> Answer:
        record = self.asked(sync)
        shown = ask.values.get("shown") or (record.token if record else "")
        if record is None or not self.fits(record) or record.token != shown:
            return Answer(
                moved=False, text=f"What is asked about order {sync.name} is something else by now."
            )
        wish = self.wish(ask)
        if not WrittenDocument.objects.filter(pk=record.pk, token=record.token, wish=Wish.NONE).update(
            wish=wish
        ):
            return Answer(
                moved=False, text=f"Order {sync.name} was answered already: {Wish(record.wish).label}."
            )
        details = {"changes": [change.sentence for change in record.asked()], "answer": wish.label}
        return Answer(moved=sync.retry(), details=details)


def can_be_applied(record: WrittenDocument) -> bool:
    """Whether everything that is asked may be brought into the document at its stage."""
    stage = DocumentStage(record.stage) if record.stage else DocumentStage.OPEN
    changes = [change for change in record.asked() if change.kind != "in_erp"]
    return bool(record.sent) and answer_to(changes, stage, BY_HAND) is not Outcome.ASK


def can_be_replaced(record: WrittenDocument) -> bool:
    """Whether the document may be given up for a new one: nothing of it was shipped or billed, and it stands alone."""
    return record.stage in REPLACEABLE and not record.parts


def stage_in_words(record: WrittenDocument) -> str:
    """Where the document stood when the change was found."""
    return STAGE_WORDS[DocumentStage(record.stage)] if record.stage else ""

"""What changed since the document was written, as rows of text for the order page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from canonical.changes import CHANGE_WORDS, Change, net_amount
from canonical.stages import STAGE_WORDS, DocumentStage
from mappings.models import RecordLink
from syncflows.admin.labels import figure
from syncflows.models import WrittenDocument


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One change: `difference` is what it does to the order's total."""

    kind: str
    what: str
    before: str
    after: str
    difference: str


@dataclass(frozen=True, slots=True)
class Changed:
    """What is asked about the document (`asked`), and what was decided to be left out of it (`kept`)."""

    number: str
    stage: str
    asked: list[ChangeRow]
    kept: list[ChangeRow]
    difference: str


def changed(links: Iterable[RecordLink]) -> Changed | None:
    """What there is to say about the order's document; None when it is as the order is. One query when there is a
    document."""
    live = [link for link in links if link.unlinked_at is None]
    if not live:
        return None
    record = WrittenDocument.objects.filter(pk__in=[link.pk for link in live]).defer("order", "sent").first()
    if record is None or not (record.changes or record.kept):
        return None
    asked = record.asked()
    link = next(link for link in live if link.pk == record.pk)
    currency = next((change.currency for change in asked if change.currency), "")
    return Changed(
        number=link.erp_number or link.erp_id,
        stage=STAGE_WORDS[DocumentStage(record.stage)] if record.stage else "",
        asked=[_row(change) for change in asked],
        kept=[_row(change) for change in record.accepted()],
        difference=_signed(net_amount(asked), currency) if currency else "",
    )


def _row(change: Change) -> ChangeRow:
    return ChangeRow(
        kind=CHANGE_WORDS[change.kind],
        what=change.what,
        before=change.before,
        after=change.after,
        difference=_signed(change.amount, change.currency) if change.amount else "",
    )


def _signed(amount: Decimal, currency: str) -> str:
    text = figure(amount, currency)
    return text if text.startswith("-") else f"+{text}"

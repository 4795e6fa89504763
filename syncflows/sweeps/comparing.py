"""What a comparison says, without asking anybody: spans of orders, outcomes of orders, outcomes of documents."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from canonical.documents import FoundDocument
from shops.shopify.discovery import Instant, OrderHeader
from syncflows.models import SweepOutcome
from syncflows.states import BY_PERSON, Hold, State


@dataclass(frozen=True, slots=True)
class Span:
    """All orders of Shopify from `start` on (None: from the first) and before `end` (None: there are no more)."""

    start: datetime | None
    end: datetime | None
    orders: tuple[OrderHeader, ...]


def spans(pages: Iterable[Sequence[OrderHeader]], by: Instant, start: datetime | None) -> Iterator[Span]:
    """Cut ascending pages into spans that are complete: orders of a page's last second wait for the next page, since
    more of that second may follow."""
    kept: list[OrderHeader] = []
    for page in pages:
        kept.extend(page)
        end = by.of(kept[-1])
        whole = [header for header in kept if by.of(header) < end]
        if whole:
            yield Span(start, end, tuple(whole))
            start, kept = end, kept[len(whole) :]
    yield Span(start, None, tuple(kept))


@dataclass(frozen=True, slots=True)
class Here:
    """What the hub knows of an order: its row, when Shopify last changed it as far as is known here, and the document
    (`linked_at`: since when it is linked; `looked`: whether it may be looked for)."""

    pk: int
    state: str
    updated_at: datetime | None
    reason_code: str = ""
    hold: str = ""


def outcome_of(header: OrderHeader, here: Here | None, mark: datetime) -> SweepOutcome:
    """What to say of an order Shopify has. What was placed or changed since `mark` the next search finds by itself."""
    if here is None:
        return SweepOutcome.FRESH if header.created_at >= mark else SweepOutcome.MISSING
    if here.updated_at is None or header.updated_at > here.updated_at:
        return SweepOutcome.FRESH if header.updated_at >= mark else SweepOutcome.STALE
    return SweepOutcome.IN_ORDER


@dataclass(frozen=True, slots=True)
class Links:
    """The links of a page of documents: live ones by the ERP's id and by order, and the ERP's ids of broken ones."""

    live: frozenset[str]
    by_order: Mapping[str, str]
    broken: frozenset[str]


def document_outcome(
    document: FoundDocument, source_id: str, here: Here | None, links: Links
) -> SweepOutcome | None:
    """What to say of a document that carries the external id of an order of this shop; None when only Shopify can say
    (the order is not here)."""
    if document.id in links.live or document.id in links.broken:
        return SweepOutcome.IN_ORDER  # a person broke a broken link
    if here is None:
        return None
    if source_id in links.by_order:
        return SweepOutcome.SECOND
    if here.state == State.SKIPPED and here.reason_code in BY_PERSON:
        return SweepOutcome.IN_ORDER
    on_its_way = here.state == State.RUNNING or (
        here.state in (State.PENDING, State.WAITING) and here.hold == Hold.NONE
    )
    return SweepOutcome.IN_ORDER if on_its_way else SweepOutcome.RELINKED

"""The drain: takes due rows and brings them to their end, keeping every leased ERP slot busy.

One coordinator thread owns the database; lanes of threads do the ERP's HTTP. While documents are being written the
next orders are fetched and mapped.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass
from functools import partial
from typing import Any

import structlog
from django.conf import settings
from django.db.models import Exists, OuterRef

from canonical.documents import DocumentKind, RecordRef
from common.errors import AlreadyExists, HubError, NeedsPerson, Retryable
from common.http import recording
from common.narrow import known
from erps.models import ErpConnection
from erps.port import ErpAdapter
from erps.registry import adapter_for
from erps.slots import SlotPool
from shops.models import Shop
from syncflows.models import Sync
from syncflows.models.sync import SyncQuerySet, lease_time
from syncflows.pipeline import amending, crediting
from syncflows.pipeline.changing import ask
from syncflows.pipeline.keeping import Keeper
from syncflows.pipeline.lanes import Lanes, in_lanes
from syncflows.pipeline.owning import commit_intents
from syncflows.pipeline.preparing import prepare
from syncflows.pipeline.recording import (
    forget_refused_customer,
    record_written,
    save_intents,
    verify,
    with_missing_currency,
    write_back,
)
from syncflows.pipeline.sent import Sent
from syncflows.pipeline.work import Work, classify, end, finish_done
from syncflows.states import Lane

log = structlog.get_logger(__name__)
VERIFY_BATCH = 100


@dataclass(slots=True)
class Report:
    """What a drain did so far."""

    taken: int = 0


def _send(adapter: ErpAdapter, work: Work) -> Sent:
    """Write or change one document in a lane: HTTP only."""
    if work.amendment is not None:
        return amending.send(adapter, work)
    document = known(work.document)
    with recording() as calls:
        try:
            return Sent(adapter.create_document(document), None, tuple(calls.calls))
        except HubError as error:
            return Sent(None, error, tuple(calls.calls))


class Writer:
    """Writes to one ERP connection: its slots, its lanes, what is in flight and what waits to be read back."""

    def __init__(self, connection: ErpConnection) -> None:
        self.connection = connection
        self.adapter = adapter_for(connection)
        self.slots = SlotPool(connection, seconds=lease_time().total_seconds())
        self.lanes: Lanes | None = None
        self.in_flight: dict[Future[Any], Work] = {}
        self.unverified: list[Work] = []
        self.followed = False

    def open(self) -> bool:
        """Lease slots and start the lanes; False when every slot of the connection is taken elsewhere."""
        if self.lanes is None:
            width = self.slots.acquire(self.connection.concurrency_limit)
            if not width:
                return False
            self.lanes = Lanes(width, f"erp-{self.connection.key}")
        return True

    def busy(self) -> bool:
        """True while something is in flight or waits to be read back, and once after an order was let go on."""
        followed, self.followed = self.followed, False
        return bool(self.in_flight or self.unverified or followed)

    @property
    def hungry(self) -> bool:
        """True while the lanes would run dry before another chunk is prepared."""
        return self.lanes is not None and self.lanes.queued < self.lanes.width * 2

    @property
    def erp(self) -> ErpAdapter:
        """The adapter with every request in a slot, ahead of the queued writes."""
        return in_lanes(self.adapter, known(self.lanes))

    def submit(self, works: Sequence[Work]) -> None:
        """Save the intents and queue the writes; what the ERP has already is only recorded."""
        new = []
        changing = [work for work in works if work.amendment is not None]
        for work in changing:
            if _part(work):
                crediting.intend(work)
        save_intents([work for work in changing if not (known(work.amendment).there or _part(work))])
        for work in (*changing, *commit_intents([work for work in works if work.amendment is None])):
            if work.amendment is not None and work.amendment.there:
                amending.record_amended(work)
                self.unverified.append(work)
            elif work.existing is not None:
                record_written(work, _recovered(work))
                self.unverified.append(work)
            else:
                new.append(work)
        if not new or self.lanes is None:
            return
        for work in new:
            self.in_flight[self.lanes.submit(partial(_send, self.adapter, work))] = work

    def collect(self, *, block: bool) -> None:
        """Record finished writes; with `block`, wait for at least one. Reads back when enough is waiting."""
        if block and self.in_flight:
            wait(self.in_flight, timeout=5, return_when=FIRST_COMPLETED)
        finished = [future for future in self.in_flight if future.done()]
        doubtful = []
        for future in finished:
            work = self.in_flight.pop(future)
            error = future.exception()
            sent = Sent(None, classify(error), ()) if error is not None else future.result()
            if sent.ref is not None:
                self._record(work, sent.ref, sent)
            elif isinstance(sent.error, Retryable) or (work.amendment is not None and not _part(work)):
                end(work, known(sent.error), calls=sent.calls)
            else:
                doubtful.append((work, sent))
        if doubtful:
            self._settle(doubtful)
        if len(self.unverified) >= VERIFY_BATCH or (self.unverified and not self.in_flight):
            self._verify()
        self._fit()

    def _record(self, work: Work, ref: RecordRef, sent: Sent) -> None:
        """Record what was written. A document beside the order's own is read back by the run that follows."""
        if _part(work):
            crediting.record_part(work, ref, sent.calls)
            self.followed = True
            return
        if work.amendment is not None:
            amending.record_amended(work, sent.calls)
        else:
            record_written(work, ref, sent.calls)
        self.unverified.append(work)

    def _settle(self, doubtful: Sequence[tuple[Work, Sent]]) -> None:
        """Refused creates: look whether the record is there all the same (a repeat, or a script that failed after
        the save), and block the order only if it is not."""
        ids = [_wanted(work) for work, _ in doubtful]
        try:
            found = {d.external_id: d for d in self.erp.find_documents(ids)}
        except HubError as away:
            for work, sent in doubtful:
                end(work, away, calls=sent.calls)
            return
        for work, sent in doubtful:
            wanted, error = _wanted(work), known(sent.error)
            there = found.get(wanted)
            if there is not None:
                work.existing = there
                self._record(work, _recovered(work), sent)
            elif isinstance(error, AlreadyExists):
                end(
                    work,
                    NeedsPerson(
                        "ID_TAKEN",
                        f"The ERP says order {work.order.name} already exists, but nothing has the external id "
                        f"{wanted}.",
                        value=wanted,
                        detail=error.detail,
                    ),
                    calls=sent.calls,
                )
            else:
                if _part(work):
                    crediting.forget(work)
                if _part(work) and error.code in crediting.ASKED:
                    ask(work, known(work.amendment).case, error.message, calls=sent.calls)
                    continue
                forget_refused_customer(work, error)
                end(work, with_missing_currency(work, error, self.erp), calls=sent.calls)

    def _verify(self) -> None:
        works, self.unverified = self.unverified, []
        ids = [work.link.erp_id for work in works if work.link is not None]
        try:
            found = self.erp.read_back(ids)
        except HubError as error:
            for work in works:
                end(work, error)
            return
        verify(works, found)

    def _fit(self) -> None:
        """Go on with fewer lanes when slots were lost (the keeper found their leases gone, or the limit lowered)."""
        if self.lanes is None:
            return
        missing = self.lanes.width - self.slots.held
        if missing > 0 and self.slots.acquire(missing) < missing:
            self.lanes.narrow(self.slots.held)

    def finish(self) -> None:
        """Wait for what is in flight, read it back, and give the slots back."""
        try:
            while self.in_flight or self.unverified:
                self.collect(block=True)
        finally:
            if self.lanes is not None:
                self.lanes.close()
            self.slots.release()


def _part(work: Work) -> bool:
    """Whether the run writes a document beside the order's own."""
    return work.amendment is not None and work.amendment.part is not None


def _wanted(work: Work) -> str:
    """The external id of what the run writes."""
    part = work.amendment.part if work.amendment is not None else None
    return part.external_id if part is not None else known(work.document).external_id


def _recovered(work: Work) -> RecordRef:
    there = known(work.existing)
    return RecordRef(
        kind=DocumentKind(there.kind),
        id=there.id,
        external_id=there.external_id,
        number=there.number,
        recovered=True,
    )


class Drain:
    """One run over the due rows of some or all shops."""

    def __init__(self, rows: SyncQuerySet, progress: Callable[[Report], None] | None = None) -> None:
        self.rows = rows
        self.progress = progress
        self.report = Report()
        self.writers: dict[int, Writer] = {}
        self.keeper = Keeper()
        self._starved: set[int] = set()

    def run(self, seconds: float) -> Report:
        """Work until nothing is due or the time is up; then finish what was begun."""
        with self.keeper:
            return self._run(seconds)

    def _run(self, seconds: float) -> Report:
        Sync.objects.reap()
        Sync.objects.expire_holds()
        deadline = time.monotonic() + seconds
        touched: set[int] = set()
        try:
            while time.monotonic() < deadline:
                # Fresh orders of every shop first: history takes what they leave.
                worked = self._turn(Lane.FRESH) or self._turn(Lane.BACKFILL)
                touched.update(worked)
                for writer in self.writers.values():
                    writer.collect(block=not worked)
                self._tell()
                if not worked and not self._busy():
                    break
        finally:
            for writer in self.writers.values():
                writer.finish()
        for shop in Shop.objects.filter(pk__in=touched):
            while write_back(shop):
                pass
        self._tell()
        return self.report

    def _busy(self) -> bool:
        writers = list(self.writers.values())
        return max((writer.busy() for writer in writers), default=False)

    def _tell(self) -> None:
        if self.progress is not None:
            self.progress(self.report)

    def _turn(self, lane: Lane) -> list[int]:
        """A chunk of every shop that has due rows of a lane; the shops that had something to take."""
        return [shop.pk for shop in self._shops(lane) if self._chunk(shop, lane)]

    def _shops(self, lane: Lane) -> list[Shop]:
        """Shops with due rows of a lane, each in turn, so that one shop's backlog does not hold up another's orders."""
        due = self.rows.due().filter(lane=lane, shop=OuterRef("pk"))
        shops = (
            Shop.objects.filter(Exists(due), is_active=True).select_related("erp_connection").order_by("pk")
        )
        return [shop for shop in shops if shop.pk not in self._starved]

    def _claim(self, shop: Shop, lane: Lane) -> list[Work]:
        rows = self.rows.filter(shop=shop, lane=lane).claim(settings.HUB_BATCH_SIZE)
        return [Work.start(sync) for sync in rows]

    def _chunk(self, shop: Shop, lane: Lane) -> bool:
        """Take one chunk of a shop through to the queue of writes; False when there was nothing to take."""
        connection = shop.erp_connection
        if connection is None or not connection.is_active:
            return self._refuse(shop, lane)
        writer = self.writers.get(connection.pk)
        if writer is None:
            writer = self.writers[connection.pk] = Writer(connection)
            self.keeper.slots(writer.slots)
        if not writer.open():
            self._starved.add(shop.pk)
            return False
        if not writer.hungry:
            return False
        works = self._claim(shop, lane)
        if not works:
            return False
        self.report.taken += len(works)
        self.keeper.rows(works[0].sync.lease_token)
        ready = prepare(shop, works, writer.adapter, writer.erp)
        for work in works:
            if work.link is not None and work.amendment is None and not work.ended:
                if work.link.verified_at is None:
                    writer.unverified.append(work)
                else:
                    finish_done(work)
        writer.submit(ready)
        return True

    def _refuse(self, shop: Shop, lane: Lane) -> bool:
        """A shop without a usable connection: its orders are blocked with that cause."""
        works = self._claim(shop, lane)
        for work in works:
            end(work, NeedsPerson("NO_CONNECTION", f"{shop.name} has no active ERP connection."))
        self.report.taken += len(works)
        return bool(works)


def drain(
    *, rows: SyncQuerySet | None = None, seconds: float = 50, progress: Callable[[Report], None] | None = None
) -> Report:
    """Bring due rows (all, or those of `rows`) to their end for up to `seconds`, then finish what was begun."""
    return Drain(Sync.objects.all() if rows is None else rows, progress).run(seconds)

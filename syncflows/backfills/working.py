"""One worker's turn at a backfill: have Shopify export, read the file line by line, stage a chunk at a time."""

from __future__ import annotations

import time
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog
from django.db import transaction

from common.clock import now
from common.errors import HubError, NeedsPerson, NotExecuted, Retryable
from shops.shopify import bulk
from shops.shopify.bulk import AddressRefused, BulkOperation
from shops.shopify.client import patient_client
from shops.shopify.discovery import OrderHeader
from syncflows.backfills.estimating import check_visible, search_of
from syncflows.jobs import Heart, request_backfill, wake
from syncflows.models import Backfill, BackfillState, OrderRules
from syncflows.pipeline.staging import stage_orders
from syncflows.retry import next_try
from syncflows.states import Lane

log = structlog.get_logger(__name__)
CHUNK = 250
LEASE = timedelta(minutes=3)
SECONDS = 40.0
LOOK_EVERY = timedelta(seconds=10)
ROUNDS = 5
"""Exports begun for one backfill before a person is asked."""
FAILURES = 8


class NotOurs(Exception):
    """It was paused, stopped or taken by another worker: nothing more is saved."""


def work(backfill_id: int, seconds: float = SECONDS) -> bool:
    """Go on with a backfill for up to `seconds`; True when it is over. Queues itself when more is left."""
    row = Backfill.objects.select_related("shop").filter(pk=backfill_id).first()
    token = uuid.uuid4().hex
    if row is None or not row.take(token, LEASE):
        return row is None or row.state != BackfillState.RUNNING
    row.refresh_from_db()
    return _Turn(row, token, seconds).work()


class _Turn:
    def __init__(self, row: Backfill, token: str, seconds: float) -> None:
        self.row, self.token = row, token
        self.client = patient_client(row.shop)
        self.rules = OrderRules.objects.get_or_create(shop=row.shop)[0]
        self.deadline = time.monotonic() + seconds
        self.heart = Heart()

    def work(self) -> bool:
        try:
            again = self._go_on()
        except NotOurs:
            return False
        except HubError as error:
            again = self._fail(error)
        finally:
            self.client.close()
        if again is None:
            return True
        self.row.give_back(self.token, again)
        if again <= now():
            request_backfill(self.row.pk)
        return False

    def _go_on(self) -> datetime | None:
        """The next step; when to go on after it, None at the end."""
        row = self.row
        check_visible(row.shop, row.since)
        operation = self._operation()
        if operation is None or (not operation.going and not operation.whole and not operation.url):
            return self._anew(operation)
        self._save(exported=operation.rows, size=operation.size)
        if operation.going:
            return now() + LOOK_EVERY
        if operation.url and not self._read(operation):
            return now() if row.state == BackfillState.RUNNING else None
        if not operation.whole:
            return self._anew(operation)
        self._save(state=BackfillState.DONE, finished_at=now())
        return None

    def _operation(self) -> BulkOperation | None:
        """The export under way: as Shopify shows it, found again by its marker, or begun now."""
        row = self.row
        if row.operation:
            return bulk.look(self.client, row.operation)
        found = bulk.find(self.client, row.marker)
        if found is None:
            # The span ends where it was begun, so that every export of it is the same.
            until = row.until or row.started_at or row.created_at
            found = bulk.run(self.client, bulk.orders_query(search_of(row.since, until), row.marker))
        self._save(operation=found.id, offset=0)
        return found

    def _anew(self, operation: BulkOperation | None) -> datetime | None:
        """An export that failed, was cancelled or is forgotten is begun again; what was staged is passed over then."""
        if operation is not None and operation.error == "ACCESS_DENIED":
            raise NeedsPerson(
                "BULK_DENIED", "Shopify did not let the app export orders.", value=operation.error
            )
        if self.row.round >= ROUNDS:
            status = operation.status.lower() if operation else "forgotten"
            raise NeedsPerson(
                "BULK_FAILED", f"Shopify did not finish exporting the orders: {ROUNDS} tries, the last one {status}.",
                value=operation.error if operation else "",
            )  # fmt: skip
        status = operation.status.lower() if operation else "forgotten"
        self._save(
            operation="", offset=0, round=self.row.round + 1, note=f"Export {status}; it is begun again."
        )
        return now() + timedelta(seconds=5)

    def _read(self, operation: BulkOperation) -> bool:
        """Stage what the file has; True at its end. An address that ended is asked for anew, once."""
        for last in (False, True):
            try:
                return self._read_file(operation)
            except AddressRefused:
                fresh = None if last else bulk.look(self.client, operation.id)
                if fresh is None or not fresh.url:
                    self._save(operation="", offset=0, round=self.row.round + 1)
                    if self.row.round > ROUNDS:
                        raise
                    return False
                operation = fresh
        return False

    def _read_file(self, operation: BulkOperation) -> bool:
        part: list[OrderHeader] = []
        at = self.row.offset
        for header, at in bulk.read_orders(self.client, operation, self.row.offset):
            part.append(header)
            if len(part) >= CHUNK:
                self._stage(part, at)
                part = []
                if self.row.state != BackfillState.RUNNING or time.monotonic() >= self.deadline:
                    return False
        self._stage(part, at)
        return self.row.state == BackfillState.RUNNING

    def _stage(self, part: Sequence[OrderHeader], offset: int) -> None:
        """A chunk of orders with the place in the file, in one transaction: all of it or nothing."""
        row, since = self.row, self.rules.import_since
        old = [header for header in part if since is not None and header.created_at < since]
        wanted = [header for header in part if since is None or header.created_at >= since]
        with transaction.atomic():
            if not row.take(self.token, LEASE):
                raise NotOurs
            reason = (
                f"Placed before {since:%d %b %Y}, from when on this shop imports orders." if since else ""
            )
            left_out = (
                stage_orders(row.shop, old, lane=Lane.BACKFILL, reason=("BEFORE_IMPORT_SINCE", reason))
                if old
                else []
            )
            room = None if row.cap is None else max(0, row.cap - row.staged)
            new = stage_orders(row.shop, wanted, lane=Lane.BACKFILL, most=room)
            row.excluded += len(left_out)
            row.staged += len(new)
            full = row.cap is not None and row.staged >= row.cap
            row.known += len(part) - len(left_out) - len(new) if not full else 0
            row.offset = offset
            row.failures, row.error_code, row.error = 0, "", ""
            columns = ["excluded", "staged", "known", "offset", "failures", "error_code", "error"]
            if full:
                row.state, row.finished_at = BackfillState.DONE, now()
                row.note = f"Ended at the limit of {row.cap:,} orders."
                columns += ["state", "finished_at", "note"]
            row.save(update_fields=columns)
        self.heart()
        if new:
            wake()

    def _save(self, **values: object) -> None:
        with transaction.atomic():
            if not self.row.take(self.token, LEASE):
                raise NotOurs
            for name, value in values.items():
                setattr(self.row, name, value)
            self.row.save(update_fields=list(values))

    def _fail(self, error: HubError) -> datetime | None:
        """Put it off, or stop it when a person is needed or it failed too often."""
        row = self.row
        row.refresh_from_db()
        waits = isinstance(error, NotExecuted)
        failures = row.failures if waits else row.failures + 1
        log.warning("backfill_failed", shop=row.shop.key, code=error.code, message=error.message)
        try:
            if not isinstance(error, Retryable) or failures >= FAILURES:
                self._save(
                    state=BackfillState.FAILED, finished_at=now(), error_code=error.code, error=error.message
                )
                return None
            self._save(failures=failures, error_code=error.code, error=error.message)
        except NotOurs:
            return None
        return next_try(error, max(failures, 1))


def stop(row: Backfill, note: str) -> bool:
    """End an open backfill, and Shopify's export with it. What was staged stays staged. Stopping holds even when
    Shopify cannot be told."""
    if not row.move(
        (BackfillState.ESTIMATED, BackfillState.RUNNING, BackfillState.PAUSED), BackfillState.STOPPED, note
    ):
        return False
    row.refresh_from_db()
    if row.operation:
        client = patient_client(row.shop)
        try:
            bulk.cancel(client, row.operation)
        except HubError as error:
            log.warning("export_not_cancelled", shop=row.shop.key, code=error.code)
        finally:
            client.close()
    return True


def start(row: Backfill) -> bool:
    """Start an estimated backfill, or go on with a paused or failed one."""
    moved = row.move((BackfillState.ESTIMATED,), BackfillState.RUNNING) or row.move(
        (BackfillState.PAUSED, BackfillState.FAILED), BackfillState.RUNNING
    )
    if moved:
        request_backfill(row.pk)
    return moved


def pause(row: Backfill, note: str) -> bool:
    """Stage nothing more until it is gone on with; what is staged is imported."""
    return row.move((BackfillState.RUNNING,), BackfillState.PAUSED, note)

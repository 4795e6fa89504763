"""The import itself: the demo only asks for it, django-q2's workers do it; here it is watched."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q

from common.clock import now
from shops.models import Shop
from syncflows.jobs import request_discovery
from syncflows.models import FLOW_ORDERS, Cursor, Order, Sync
from syncflows.states import Hold, State

LOOK = 0.3
TELL = 2.0


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the import is: shops searched, orders by where they are, numbers not yet written to Shopify."""

    searched: int
    shops: int
    staged: int
    written: int
    excluded: int
    blocked: int
    open: int
    unreported: int

    @property
    def finished(self) -> bool:
        """Every shop was searched, and no order has anything left to be done by itself."""
        return self.searched == self.shops and not self.open and not self.unreported

    def __str__(self) -> str:
        if self.searched < self.shops and not self.staged:
            return f"searching {self.shops} shops"
        return (
            f"found {self.staged}, written {self.written}, excluded {self.excluded}, blocked {self.blocked}, "
            f"to do {self.open}" + (f", to report to Shopify {self.unreported}" if self.unreported else "")
        )


def progress(shops: Sequence[Shop], asked: datetime) -> Progress:
    """Where the import asked for at an instant (aware UTC) is now; three queries."""
    cursors = Cursor.objects.filter(shop__in=shops, flow=FLOW_ORDERS, started_at__gte=asked)
    searched = cursors.filter(Q(finished_at__gte=asked) | ~Q(error_code="")).count()
    rows = Sync.objects.filter(shop__in=shops, flow=FLOW_ORDERS)
    working = Q(state__in=(State.PENDING, State.RUNNING, State.WAITING), hold=Hold.NONE)
    counts = rows.aggregate(
        staged=Count("pk"),
        written=Count("pk", filter=Q(state=State.DONE)),
        excluded=Count("pk", filter=Q(state=State.SKIPPED)),
        blocked=Count("pk", filter=Q(state=State.BLOCKED)),
        open=Count("pk", filter=working),
    )
    unreported = Order.objects.filter(
        sync__in=rows.filter(state=State.DONE),
        written_back_at=None,
        write_back_error="",
        shop__order_rules__write_back=True,
    ).exclude(document_number="")
    return Progress(searched=searched, shops=len(shops), unreported=unreported.count(), **counts)


def run_import(
    shops: Sequence[Shop], *, check: Callable[[], None], say: Callable[[str], None], seconds: float
) -> Progress:
    """Ask for a search of every shop and watch until nothing is left to do by itself, or the time is up.

    `check` raises when the run must stop; `say` gets a line whenever something moved. The last progress is returned,
    finished or not: what is left is named in the table.
    """
    asked = now()
    for shop in shops:
        request_discovery(shop)
    deadline = time.monotonic() + seconds
    told, last = "", 0.0
    while True:
        check()
        at = progress(shops, asked)
        if str(at) != told and (at.finished or time.monotonic() - last > TELL):
            told, last = str(at), time.monotonic()
            say(told)
        if at.finished or time.monotonic() > deadline:
            return at
        time.sleep(LOOK)

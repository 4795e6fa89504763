"""What django-q2 runs. A task carries ids only and may be lost or repeated: the rows are the queue."""

from __future__ import annotations

import time

import structlog
from django.conf import settings
from django.db import connection
from django_q.models import OrmQ
from django_q.tasks import async_task

from common.clock import now
from common.errors import HubError
from shops.models import Shop
from syncflows.models import Beat, Sync
from syncflows.pipeline.run import drain as run_drain
from syncflows.pipeline.staging import discover

log = structlog.get_logger(__name__)
WORKER_BEAT = "worker"
DRAIN_SECONDS = 45.0
BEAT_SECONDS = 3.0


class Heart:
    """Leaves a sign of life at most every BEAT_SECONDS while a long job runs."""

    def __init__(self) -> None:
        self._last = 0.0

    def __call__(self, _progress: object = None) -> None:
        """Beat, if the last beat is old enough."""
        if time.monotonic() - self._last >= BEAT_SECONDS:
            self._last = time.monotonic()
            beat()


def beat() -> None:
    """A task that only says: tasks are being executed."""
    Beat.objects.update_or_create(name=WORKER_BEAT, defaults={"at": now()})


def drain() -> int:
    """Work on due orders; wakes itself again when there is more."""
    heart = Heart()
    heart()
    report = run_drain(seconds=DRAIN_SECONDS, progress=heart)
    if Sync.objects.due().exists() and report.taken:
        wake()
    return report.taken


def discover_shop(shop_id: int, everything: bool = False) -> int:
    """Find one shop's new and changed orders, then wake the workers."""
    shop = Shop.objects.select_related("erp_connection").get(pk=shop_id)
    if not shop.is_active:
        return 0
    try:
        found = discover(shop, everything=everything, progress=Heart())
    except HubError as error:
        log.warning("discovery_failed", shop=shop.key, code=error.code, message=error.message)
        return 0
    for job in settings.AFTER_DISCOVERY:
        async_task(job, shop.pk, group="after discovery")
    if found.new or found.changed:
        wake()
    return found.seen


def request_following() -> None:
    """Ask for a look at what Shopify or the ERP is still at work with."""
    async_task("syncflows.actions.outside.follow_open", group="follow")


def request_bulk(run_id: int) -> None:
    """Ask for work on a bulk run."""
    async_task("syncflows.actions.bulk.work", run_id, group="bulk")


def request_sweep(run_id: int) -> None:
    """Ask for work on a completeness sweep."""
    async_task("syncflows.sweeps.running.work", run_id, group="sweep")


def request_backfill(backfill_id: int) -> None:
    """Ask for work on the import of a shop's history."""
    async_task("syncflows.backfills.working.work", backfill_id, group="backfill")


def wake() -> None:
    """Ask for a drain, unless enough are queued already. A lost wake-up costs nothing: the sweep comes after it."""
    if _queued() < settings.WORKERS * 2:
        async_task("syncflows.jobs.drain", group="drain")


def wake_if_due() -> bool:
    """Wake when a row is due or a lease ran out."""
    lost = Sync.objects.filter(state="running", lease_until__lt=now())
    if Sync.objects.due().exists() or lost.exists():
        wake()
        return True
    return False


def request_discovery(shop: Shop, *, everything: bool = False) -> None:
    """Queue a discovery run of one shop."""
    async_task("syncflows.jobs.discover_shop", shop.pk, everything, group="discover")


def request_beat() -> None:
    """Queue a sign of life."""
    if _queued() < settings.WORKERS * 2:
        async_task("syncflows.jobs.beat", group="beat")


def _queued() -> int:
    """Tasks no cluster has taken yet. Taken ones do not count: those of a killed cluster stay in the table, locked,
    until q2 gives them out again (Q_CLUSTER retry, 1,300 s), and must not keep the living ones from being woken."""
    return int(OrmQ.objects.filter(lock__lte=now()).count())


def close_connection() -> None:
    """Close this process's database connection (before it starts children)."""
    connection.close()

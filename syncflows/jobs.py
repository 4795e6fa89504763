"""What django-q2 runs. A task carries ids only and may be lost or repeated: the rows are the queue."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from datetime import timedelta

import structlog
from django.conf import settings
from django.db import connection
from django.utils.module_loading import import_string
from django_q.brokers import get_broker
from django_q.models import OrmQ
from django_q.tasks import async_task
from redis.exceptions import RedisError

from common.clock import now, parse_instant
from common.errors import HubError
from shops.models import Shop
from shops.shopify.markets import refresh_if_old
from syncflows.inbox import privacy, retention
from syncflows.inbox.routing import route
from syncflows.inbox.subscriptions import watch
from syncflows.models import Beat, InboxEvent, OrderRules, PrivacyRequest, Sync
from syncflows.pipeline.run import drain as run_drain
from syncflows.pipeline.staging import discover, replay_from, stage_news

log = structlog.get_logger(__name__)
WORKER_BEAT = "worker"
CLUSTER_NAME = "HUB_CLUSTER_NAME"
"""Environment variable by which a watchdog names its cluster to it."""
DRAIN_SECONDS = 45.0
BEAT_SECONDS = 3.0
STALE = timedelta(minutes=10)
ROUTE_SECONDS = 45.0
EVENTS = 100
"""Events routed together: their orders are asked for in one query."""


class Heart:
    """Leaves a sign of life at most every BEAT_SECONDS while a long job runs; `also` is done with each."""

    def __init__(self, also: Callable[[], object] | None = None) -> None:
        self._last = 0.0
        self._also = also

    def __call__(self, _progress: object = None) -> None:
        """Beat, if the last beat is old enough."""
        if time.monotonic() - self._last >= BEAT_SECONDS:
            self._last = time.monotonic()
            beat()
            if self._also is not None:
                self._also()


def beat() -> None:
    """A task that only says: tasks are being executed, at all and by this cluster."""
    at = now()
    cluster = os.environ.get(CLUSTER_NAME)
    for name in (WORKER_BEAT, *([beat_of(cluster)] if cluster else [])):
        Beat.objects.update_or_create(name=name, defaults={"at": at})


def beat_of(cluster: str) -> str:
    """The name of a cluster's own beat. Each watchdog looks for its own: others may live while this one is frozen."""
    return f"{WORKER_BEAT}:{cluster}"


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
    rules = OrderRules.objects.filter(shop=shop)
    at_it = Heart(lambda: rules.update(search_asked_at=now()))
    try:
        if not shop.is_active or shop.disconnected_at is not None:
            return 0
        _refresh_markets(shop)
        found = discover(shop, everything=everything, progress=at_it)
    except HubError as error:
        log.warning("discovery_failed", shop=shop.key, code=error.code, message=error.message)
        return 0
    finally:  # a killed worker does not come here: its search is asked for again
        rules.update(search_asked_at=None)
    for job in settings.AFTER_DISCOVERY:
        _ask(job, shop.pk, group="after discovery")
    if found.new or found.changed:
        wake()
    return found.seen


def _refresh_markets(shop: Shop) -> None:
    """Read a shop's markets again when they are a day old; what is kept serves where that fails."""
    try:
        refresh_if_old(shop)
    except HubError as error:
        log.warning("markets_not_read", shop=shop.key, code=error.code, message=error.message)


def route_inbox() -> int:
    """Pass on what came in, until there is nothing more or the time is up; wakes itself again then."""
    heart, began, count = Heart(), time.monotonic(), 0
    while events := InboxEvent.objects.take(EVENTS):
        heart()
        routed = route(events, stage_news)
        count += len(events)
        if routed.orders:
            wake()
        for shop in Shop.objects.filter(pk__in=routed.search | routed.watch):
            if shop.pk in routed.search:
                request_discovery(shop)
            if shop.pk in routed.watch:
                request_watch(shop.pk)
        if time.monotonic() - began > ROUTE_SECONDS:
            request_routing()
            break
    return count


def watch_shop(shop_id: int) -> int:
    """Look after one shop's webhook subscriptions; after a gap the shop is searched from before it. Returns how many
    were mended."""
    shop = Shop.objects.get(pk=shop_id)
    if not shop.is_active or shop.disconnected_at is not None:
        return 0
    try:
        watched = watch(shop, replay_from)
    except HubError as error:
        log.warning("webhooks_not_watched", shop=shop.key, code=error.code, message=error.message)
        return 0
    if watched.gap is not None:
        log.warning("webhooks_mended", shop=shop.key, topics=watched.mended, gap=str(watched.gap))
        request_discovery(shop)
    return len(watched.mended)


def answer_privacy(request_id: int) -> None:
    """Do what a privacy request asks for; one that cannot be done now is taken up again by the sweep."""
    request = PrivacyRequest.objects.select_related("shop", "event__body").get(pk=request_id)
    try:
        privacy.work(request)
    except HubError as error:
        log.warning("privacy_request_waits", request=request_id, code=error.code, message=error.message)


def clean_inbox() -> None:
    """Blank and delete what the inbox need not keep any more."""
    blanked, deleted = retention.sweep()
    log.info("inbox_cleaned", blanked=blanked, deleted=deleted)


def request_routing() -> None:
    """Ask for the inbox to be routed, unless enough tasks are queued already: the sweep comes after a second."""
    if _queued() < settings.WORKERS * 2:
        _ask("syncflows.jobs.route_inbox", group="route")


def request_watch(shop_id: int) -> None:
    """Ask for a look at a shop's webhook subscriptions."""
    _ask("syncflows.jobs.watch_shop", shop_id, group="watch")


def request_privacy(request_id: int) -> None:
    """Ask for work on a privacy request."""
    _ask("syncflows.jobs.answer_privacy", request_id, group="privacy")


def request_cleaning() -> None:
    """Ask for the inbox to be cleaned."""
    _ask("syncflows.jobs.clean_inbox", group="clean")


def request_following() -> None:
    """Ask for a look at what Shopify or the ERP is still at work with."""
    _ask("syncflows.actions.outside.follow_open", group="follow")


def request_bulk(run_id: int) -> None:
    """Ask for work on a bulk run."""
    _ask("syncflows.actions.bulk.work", run_id, group="bulk")


def request_every_minute() -> None:
    """Queue what other packages have done every minute (setting EVERY_MINUTE), each as a job of its own."""
    for job in settings.EVERY_MINUTE:
        _ask("syncflows.jobs.run_fresh", job, now().isoformat(), group="every minute")


def run_fresh(job: str, asked: str) -> bool:
    """Run one of those jobs, unless it was asked for so long ago that others have been run since; a queue that stood
    still for an hour would otherwise run it sixty times."""
    if now() - parse_instant(asked) > STALE:
        return False
    beat()
    import_string(job)()
    return True


def request_sweep(run_id: int) -> None:
    """Ask for work on a completeness sweep."""
    _ask("syncflows.sweeps.running.work", run_id, group="sweep")


def request_backfill(backfill_id: int) -> None:
    """Ask for work on the import of a shop's history."""
    _ask("syncflows.backfills.working.work", backfill_id, group="backfill")


def wake() -> None:
    """Ask for a drain, unless enough are queued already. A lost wake-up costs nothing: the sweep comes after it."""
    if _queued() < settings.WORKERS * 2:
        _ask("syncflows.jobs.drain", group="drain")


def wake_if_due() -> bool:
    """Wake when a row is due or a lease ran out."""
    lost = Sync.objects.filter(state="running", lease_until__lt=now())
    if Sync.objects.due().exists() or lost.exists():
        wake()
        return True
    return False


def request_discovery(shop: Shop, *, everything: bool = False) -> None:
    """Queue a discovery run of one shop; noted, so that a lost one is asked for again."""
    OrderRules.objects.filter(shop=shop).update(search_asked_at=now())
    _ask("syncflows.jobs.discover_shop", shop.pk, everything, group="discover")


def request_beat() -> None:
    """Queue a sign of life."""
    if _queued() < settings.WORKERS * 2:
        _ask("syncflows.jobs.beat", group="beat")


def _ask(job: str, *arguments: object, group: str) -> None:
    """Queue a task. Without its Redis the wake-up is lost and said; the rows are there and the sweep asks again."""
    try:
        async_task(job, *arguments, group=group)
    except RedisError as error:
        log.warning("broker_away", job=job, detail=type(error).__name__)


def broker_answers() -> bool:
    """Whether the queue that wakes the workers answers; the database always counts as answering here."""
    if not settings.HUB_BROKER_URL:
        return True
    try:
        return bool(get_broker().ping())
    except RedisError:
        return False


def _queued() -> int:
    """Tasks no cluster has taken yet. Taken ones do not count: those of a killed cluster stay in the table, locked,
    until q2 gives them out again (Q_CLUSTER retry, 1,300 s), and must not keep the living ones from being woken. A
    Redis gives a task away when it is taken."""
    if not settings.HUB_BROKER_URL:
        return int(OrmQ.objects.filter(lock__lte=now()).count())
    try:
        return int(get_broker().queue_size())
    except RedisError:
        return 0


def close_connection() -> None:
    """Close this process's database connection (before it starts children)."""
    connection.close()

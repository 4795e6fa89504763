"""Signs of life: database, migrations, worker."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections
from django.db.migrations.executor import MigrationExecutor

from common.checks import Check
from common.clock import now
from syncflows.jobs import broker_answers
from syncflows.models import Beat

WORKER = "worker"
SILENT_AFTER = timedelta(minutes=3)
"""A worker leaves a beat every few seconds; after this long without one it is taken for stopped."""


@dataclass(frozen=True, slots=True)
class WorkerBeat:
    """When the worker last showed life; `at` is None when it never did."""

    at: datetime | None

    @property
    def alive(self) -> bool:
        """Whether the beat is young enough."""
        return self.at is not None and now() - self.at < SILENT_AFTER


def worker_beat() -> WorkerBeat:
    """The last beat of the worker; one query."""
    return WorkerBeat(Beat.objects.filter(name=WORKER).values_list("at", flat=True).first())


def readiness() -> list[Check]:
    """Whether the hub can do its work: database, migrations, broker, worker. Raises nothing: failures are lines."""
    try:
        return [_database(), _migrations(), *_broker(), _worker()]
    except DatabaseError as error:
        fix = "Start the database or check DATABASE_URL."
        return [Check(name="database", ok=False, detail=type(error).__name__, fix=fix)]


def _database() -> Check:
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute("SELECT 1")
    return Check(name="database", ok=True)


def _migrations() -> Check:
    executor = MigrationExecutor(connections[DEFAULT_DB_ALIAS])
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if not plan:
        return Check(name="migrations", ok=True)
    return Check(name="migrations", ok=False, detail=f"{len(plan)} not applied", fix="Run manage.py migrate.")


def _broker() -> list[Check]:
    """One line where a Redis wakes the workers, none where the database does."""
    if not settings.HUB_BROKER_URL:
        return []
    fix = (
        "Start the Redis HUB_BROKER_URL names, or take the setting away: then the database wakes the workers."
    )
    return [Check(name="broker", ok=broker_answers(), fix=fix)]


def _worker() -> Check:
    beat = worker_beat()
    if beat.alive and beat.at is not None:
        return Check(name="worker", ok=True, detail=f"{int((now() - beat.at).total_seconds())} s ago")
    detail = beat.at.isoformat() if beat.at else "never"
    return Check(name="worker", ok=False, detail=detail, fix="Start manage.py worker, or look at its log.")

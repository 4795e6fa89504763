"""`manage.py worker`: django-q2's cluster under a watchdog that restarts it when it stops executing tasks."""

from __future__ import annotations

import math
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from types import FrameType
from typing import Any

import structlog
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError
from django.db.models import Q

from common.clock import now
from common.leash import leash
from syncflows import jobs, schedules
from syncflows.models import Beat

log = structlog.get_logger(__name__)
LOOK_EVERY = 1.0
BEAT_EVERY = 5.0
STOP_WITHIN = 30.0
OLD_BEAT = timedelta(days=1)
SILENT_AFTER = timedelta(minutes=3)
ALONE_EVERY = 60.0
ALONE_WITHIN = 300.0


class Command(BaseCommand):
    help = "Run the worker: jobs and schedules, watched and restarted when they freeze."

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._born, self._alone_since = now(), -math.inf
        self._alone: subprocess.Popen[bytes] | None = None

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--freeze-after",
            type=float,
            default=120.0,
            help="seconds without any executed task before a restart",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        self._stopping = False
        self._name = f"{socket.gethostname()[:30]}-{os.getpid()}"
        self._freeze_after = timedelta(seconds=options["freeze_after"])
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, self._stop)
        try:
            schedules.install()
        except DatabaseError as error:
            raise CommandError(
                "The database is not ready: it is away, or has no tables yet. Start the pages once (make run) or run "
                f"manage.py migrate, then start the worker. ({error})"
            ) from error
        cluster = self._start()
        try:
            while not self._stopping:
                time.sleep(LOOK_EVERY)
                if self._needs_restart(cluster):
                    self._end(cluster, gently=False)
                    cluster = self._start()
        finally:
            self._end(cluster, gently=True)
            self._forget()
            self._watch_alone(0)

    def _stop(self, signum: int, frame: FrameType | None) -> None:
        self._stopping = True

    def _start(self) -> subprocess.Popen[bytes]:
        jobs.close_connection()
        self._started = now()
        self._asked = 0.0
        log.info("worker_started")
        return subprocess.Popen(
            [sys.executable, sys.argv[0], "qcluster"],
            env={**os.environ, jobs.CLUSTER_NAME: self._name},
            start_new_session=True,
            preexec_fn=partial(leash, os.getpid()),  # noqa: PLW1509 - the watchdog has one thread
        )

    def _needs_restart(self, cluster: subprocess.Popen[bytes]) -> bool:
        ended = cluster.poll() is not None
        if ended:
            log.error("cluster_ended", code=cluster.returncode)
        try:
            if not ended:
                self._ask()
            of_any, own = self._last_beat(jobs.WORKER_BEAT), self._last_beat(jobs.beat_of(self._name))
        except DatabaseError as error:
            log.warning("database_away", detail=str(error))
            jobs.close_connection()
            return ended
        if now() - max(of_any or self._born, self._born) >= SILENT_AFTER:
            self._watch_alone(ALONE_WITHIN)
        if ended:
            return True
        if now() - max(own or self._started, self._started) < self._freeze_after:
            return False
        log.error("cluster_frozen", last_beat=str(own))
        return True

    def _last_beat(self, name: str) -> datetime | None:
        """When a task was executed last, by any cluster or by this one."""
        return Beat.objects.filter(name=name).values_list("at", flat=True).first()

    def _forget(self) -> None:
        """Take away this cluster's beat, and those of clusters that ended without a word."""
        own, old = Q(name=jobs.beat_of(self._name)), Q(at__lt=now() - OLD_BEAT)
        with suppress(DatabaseError):
            Beat.objects.filter(own | old, name__startswith=f"{jobs.WORKER_BEAT}:").delete()

    def _ask(self) -> None:
        """Ask for a sign of life, and for what is due."""
        if time.monotonic() - self._asked >= BEAT_EVERY:
            self._asked = time.monotonic()
            jobs.request_beat()
        schedules.tick()

    def _watch_alone(self, seconds: float) -> None:
        """While no job is executed, what belongs to every minute (alerts) is run in a process of its own; here it would
        keep the watchdog from looking. One that takes too long, or is not wanted any more (0 seconds), is ended."""
        running = self._alone
        if running is not None and running.poll() is None:
            if time.monotonic() - self._alone_since < seconds:
                return
            running.kill()
            running.wait(5)
        self._alone = None
        if seconds and time.monotonic() - self._alone_since >= ALONE_EVERY:
            self._alone_since = time.monotonic()
            self._alone = subprocess.Popen(
                [sys.executable, sys.argv[0], "every_minute"],
                preexec_fn=partial(leash, os.getpid()),  # noqa: PLW1509 - the watchdog has one thread
            )

    def _end(self, cluster: subprocess.Popen[bytes], *, gently: bool) -> None:
        """Stop the cluster and everything it started; running orders finish when it is asked gently."""
        if gently and cluster.poll() is None:
            cluster.send_signal(signal.SIGTERM)
            try:
                cluster.wait(STOP_WITHIN)
            except subprocess.TimeoutExpired:
                log.warning("cluster_did_not_stop")
        try:
            os.killpg(cluster.pid, signal.SIGKILL)
        except ProcessLookupError:
            return
        cluster.wait(5)

"""`manage.py worker`: django-q2's cluster under a watchdog that restarts it when it stops executing tasks."""

from __future__ import annotations

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


class Command(BaseCommand):
    help = "Run the worker: jobs and schedules, watched and restarted when they freeze."

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
        if cluster.poll() is not None:
            log.error("cluster_ended", code=cluster.returncode)
            return True
        try:
            if time.monotonic() - self._asked >= BEAT_EVERY:
                self._asked = time.monotonic()
                jobs.request_beat()
            schedules.tick()
            last = self._last_beat()
        except DatabaseError as error:
            log.warning("database_away", detail=str(error))
            jobs.close_connection()
            return False
        if now() - max(last or self._started, self._started) < self._freeze_after:
            return False
        log.error("cluster_frozen", last_beat=str(last))
        return True

    def _last_beat(self) -> datetime | None:
        """When this cluster executed a task last."""
        name = jobs.beat_of(self._name)
        return Beat.objects.filter(name=name).values_list("at", flat=True).first()

    def _forget(self) -> None:
        """Take away this cluster's beat, and those of clusters that ended without a word."""
        own, old = Q(name=jobs.beat_of(self._name)), Q(at__lt=now() - OLD_BEAT)
        with suppress(DatabaseError):
            Beat.objects.filter(own | old, name__startswith=f"{jobs.WORKER_BEAT}:").delete()

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

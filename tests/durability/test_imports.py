"""The promise: whatever is lost, repeated or killed, each order becomes one sales order."""

from __future__ import annotations

import os
import signal

import pytest

from tests.durability.installation import Installation, busiest_process, wait_until
from tests.durability.judging import exactly_once, settle

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]
CREATE = {"method": "POST", "record_type": "salesOrder"}
CUSTOMER = {"method": "POST", "record_type": "customer"}
DEMO_ORDERS, DEMO_WRITTEN = 164, 140
GENERATED = 120


def two_at_once(installation: Installation, *, limit: int) -> None:
    """Wait for the first worker's slots, raise the limit, and wait until two workers hold slots."""
    console = installation.console

    def holding(workers: int) -> bool:
        return bool(console("counts")["holding"] >= workers)

    wait_until(lambda: holding(1), lambda: f"the first worker's slots; {console('counts')}")
    console("raise_limit", limit=limit)
    wait_until(lambda: holding(2), lambda: f"two workers at once; {console('counts')}", 30, pause=0.02)


def reading(installation: Installation, since: str) -> int:
    """The cluster that took up orders last, while orders are in its hands and others are done again."""

    def at_work() -> int:
        counts = installation.console("counts")
        found: list[int] = installation.console("clusters", since=since)
        return found[0] if found and counts["running"] and counts["done"] >= 10 else 0

    cluster: int = wait_until(at_work, "a worker in the middle of its orders", pause=0.02)
    return cluster


def spoil_writes(installation: Installation) -> None:
    """Every fifth sales order and every third customer is saved without an answer, every eleventh order is saved
    seconds after its connection broke."""
    for rule in (
        {"match": CREATE, "action": "drop_after_commit", "every": 5},
        {"match": CREATE, "action": "commit_late", "every": 11, "after_s": 4},
        {"match": CUSTOMER, "action": "drop_after_commit", "every": 3},
    ):
        installation.call("netsuite", "_sandbox/faults", rule)


@pytest.mark.pg
def test_three_imports_with_two_workers_lost_answers_and_kills_leave_one_document_each(
    on_postgres: Installation,
) -> None:
    hub = on_postgres
    hub.start(demo_orders=True, limit=4)
    hub.generate(GENERATED)
    console = hub.console
    hub.call("netsuite", "_sandbox/settings", {"concurrency_limit": 8, "latency_write": 250})
    spoil_writes(hub)
    hub.call("netsuite", "_sandbox/stats", method="DELETE")

    # The first import. Two workers write at once from the moment NetSuite allows twice as many requests.
    first = console("search")
    hub.worker("worker1")
    hub.worker("worker2")
    two_at_once(hub, limit=8)
    cluster = wait_until(
        lambda: console("writing", after=10), "a worker in the middle of its writes", pause=0.02
    )
    os.kill(busiest_process(cluster), signal.SIGKILL)
    settle(hub, first)
    after_first = exactly_once(hub, orders=DEMO_ORDERS + GENERATED, written=DEMO_WRITTEN + GENERATED)
    assert console("cut_off") >= 1  # the killed one left intents behind
    faults = {
        (r["match"]["record_type"], r["action"]): r["hits"]
        for r in hub.call("netsuite", "_sandbox/faults")["faults"]
    }
    assert faults["salesOrder", "drop_after_commit"] >= 260 // 5
    assert faults["salesOrder", "commit_late"] >= 10
    assert faults["customer", "drop_after_commit"] >= 1
    figures = hub.call("netsuite", "_sandbox/stats")
    # A dropped connection is seen by the hub a moment before NetSuite counts the request as over; nothing else is
    # refused for being too many.
    assert figures.get("status_429", 0) <= sum(faults.values())

    # The second: everything again, with one whole worker killed, watchdog first.
    second = console("search")
    console("retry", states=["done", "skipped", "blocked"])
    hub.processes[-1].kill()
    hub.worker("worker3")
    settle(hub, second)
    assert exactly_once(hub, orders=284, written=260)["sales_orders"] == after_first["sales_orders"]

    # The third: the hub has forgotten what it wrote, and again a worker dies.
    hub.call("netsuite", "_sandbox/settings", {"latency_query": 300})
    written = hub.call("netsuite", "_sandbox/faults")["faults"][0]["seen"]
    console("forget")
    third = console("search")
    console("retry", states=["done", "skipped", "blocked"])
    os.kill(busiest_process(reading(hub, third)), signal.SIGKILL)
    settle(hub, third)
    last = exactly_once(hub, orders=284, written=260)
    assert last["sales_orders"] == after_first["sales_orders"]
    assert last["customers"] == after_first["customers"]
    assert (
        hub.call("netsuite", "_sandbox/faults")["faults"][0]["seen"] == written
    )  # nothing was even tried again
    assert console("outcomes", since=third)["recovered"] >= 260


@pytest.mark.pg
def test_two_workers_and_a_killed_one_never_ask_more_at_once_than_the_limit(
    on_postgres: Installation,
) -> None:
    hub = on_postgres
    hub.start(demo_orders=False, limit=3)
    hub.generate(80)
    console = hub.console
    hub.call("netsuite", "_sandbox/settings", {"concurrency_limit": 15, "latency_write": 250})
    hub.call("netsuite", "_sandbox/stats", method="DELETE")
    since = console("search")
    hub.worker("worker1")
    hub.worker("worker2")
    two_at_once(hub, limit=6)
    cluster = wait_until(
        lambda: console("writing", after=10), "a worker in the middle of its writes", pause=0.02
    )
    os.kill(busiest_process(cluster), signal.SIGKILL)
    settle(hub, since)
    exactly_once(hub, orders=80, written=80)
    assert hub.call("netsuite", "_sandbox/stats")["peak_concurrency"] == 6

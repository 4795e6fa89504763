"""Threads over leased slots: never wider than allowed, reads first, failures handed back."""

from __future__ import annotations

import threading
import time
from functools import partial

import pytest

from syncflows.pipeline.lanes import Lanes


def test_no_more_jobs_at_once_than_lanes() -> None:
    lanes = Lanes(3, "t")
    running, peak, lock = 0, 0, threading.Lock()

    def job() -> None:
        nonlocal running, peak
        with lock:
            running += 1
            peak = max(peak, running)
        time.sleep(0.01)
        with lock:
            running -= 1

    futures = [lanes.submit(job) for _ in range(12)]
    for future in futures:
        future.result(5)
    lanes.close()
    assert peak == 3


def test_a_read_goes_before_queued_writes() -> None:
    lanes = Lanes(1, "t")
    order: list[str] = []
    gate = threading.Event()
    lanes.submit(lambda: gate.wait(5))
    writes = [lanes.submit(partial(order.append, f"write {i}")) for i in range(3)]
    threading.Timer(0.05, gate.set).start()
    lanes.call(lambda: order.append("read"))
    for write in writes:
        write.result(5)
    lanes.close()
    assert order == ["read", "write 0", "write 1", "write 2"]


def test_an_error_reaches_the_caller_and_the_lane_lives_on() -> None:
    lanes = Lanes(1, "t")

    def fail() -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        lanes.call(fail)
    assert lanes.call(lambda: 7) == 7
    lanes.close()


def test_close_lets_queued_jobs_finish() -> None:
    lanes = Lanes(1, "t")
    futures = [lanes.submit(partial(int, i)) for i in range(5)]
    lanes.close()
    assert [f.result(0) for f in futures] == [0, 1, 2, 3, 4]


def test_narrowing_ends_the_lanes_that_lost_their_slot() -> None:
    lanes = Lanes(3, "t")
    lanes.narrow(1)
    running, peak, lock = 0, 0, threading.Lock()

    def job() -> None:
        nonlocal running, peak
        with lock:
            running += 1
            peak = max(peak, running)
        time.sleep(0.01)
        with lock:
            running -= 1

    time.sleep(0.05)
    futures = [lanes.submit(job) for _ in range(5)]
    for future in futures:
        future.result(5)
    lanes.close()
    assert peak == 1

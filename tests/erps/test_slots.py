from __future__ import annotations

import multiprocessing
import os
import time
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, urlsplit

import pytest
import time_machine
from django.db import connections
from pytest_django import DjangoAssertNumQueries

from common.errors import NotExecuted
from erps.models import ErpConnection, RequestSlot
from erps.slots import LEASE_SECONDS, SlotPool, make_rows, one_slot, take
from tests.erps.slot_sharing import ROUNDS, share

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.fixture
def connection(db: None) -> ErpConnection:
    return ErpConnection.objects.create(key="books", name="Demo books", account_id="1", concurrency_limit=3)


def _held(connection: ErpConnection) -> list[int]:
    rows = RequestSlot.objects.filter(connection=connection).exclude(token="").order_by("number")
    return list(rows.values_list("number", flat=True))


def test_no_more_than_the_limit_is_ever_given(connection: ErpConnection) -> None:
    one, two = SlotPool(connection), SlotPool(connection)
    assert one.acquire(2) == 2
    assert two.acquire(2) == 1
    assert two.acquire(1) == 0
    assert (one.held, two.held) == (2, 1)
    assert _held(connection) == [1, 2, 3]


def test_what_is_given_back_can_be_taken(connection: ErpConnection) -> None:
    one, two = SlotPool(connection), SlotPool(connection)
    one.acquire(3)
    one.release(1)
    assert one.held == 2
    assert two.acquire(3) == 1
    one.release()
    assert one.held == 0
    assert two.acquire(3) == 2
    assert two.held == 3


def test_taking_is_one_query_once_the_rows_are_there(
    connection: ErpConnection, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    make_rows(connection)
    pool = SlotPool(connection)
    with django_assert_num_queries(1):
        assert pool.acquire(2) == 2
    with django_assert_num_queries(1):
        assert pool.extend() == 2
    with django_assert_num_queries(1):
        pool.release()


def test_a_lease_runs_out_and_the_late_holder_learns_it(connection: ErpConnection) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        late, next_one = SlotPool(connection), SlotPool(connection)
        late.acquire(3)
        clock.shift(timedelta(seconds=LEASE_SECONDS - 1))
        assert next_one.acquire(1) == 0
        clock.shift(timedelta(seconds=2))
        assert next_one.acquire(2) == 2
        assert late.extend() == 1
        assert late.held == 1
        late.release()
        assert _held(connection) == [1, 2]


def test_extending_keeps_a_lease(connection: ErpConnection) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        pool = SlotPool(connection)
        pool.acquire(3)
        clock.shift(timedelta(seconds=LEASE_SECONDS - 10))
        assert pool.extend() == 3
        clock.shift(timedelta(seconds=60))
        assert SlotPool(connection).acquire(1) == 0


def test_a_raised_limit_counts_at_once_even_for_a_worker_with_an_old_copy(connection: ErpConnection) -> None:
    pool = SlotPool(connection)
    assert pool.acquire(9) == 3
    ErpConnection.objects.update(concurrency_limit=5)
    assert pool.acquire(9) == 2
    assert pool.held == 5


def test_a_lowered_limit_counts_at_once_and_the_rest_goes_when_given_back(connection: ErpConnection) -> None:
    pool, other = SlotPool(connection), SlotPool(connection)
    pool.acquire(3)
    ErpConnection.objects.update(concurrency_limit=1)
    assert pool.extend() == 1
    pool.release()
    assert _held(connection) == []
    assert other.acquire(3) == 1
    make_rows(connection)
    assert RequestSlot.objects.filter(connection=connection).count() == 1


def test_connections_do_not_share(connection: ErpConnection) -> None:
    other = ErpConnection.objects.create(key="other", name="Other", account_id="2", concurrency_limit=1)
    assert SlotPool(connection).acquire(3) == 3
    assert SlotPool(other).acquire(3) == 1


def test_one_slot_is_held_for_the_block_even_when_it_fails(connection: ErpConnection) -> None:
    with one_slot(connection):
        assert _held(connection) == [1]
    with pytest.raises(ValueError, match="boom"), one_slot(connection):
        raise ValueError("boom")
    assert _held(connection) == []


def test_one_slot_waits_and_then_says_that_all_are_taken(connection: ErpConnection) -> None:
    SlotPool(connection).acquire(3)
    started = time.monotonic()
    with pytest.raises(NotExecuted) as caught, one_slot(connection, wait=0.3):
        pass
    assert caught.value.code == "NO_SLOT"
    assert caught.value.message == "Every request slot of Demo books is taken. Try again in a minute."
    assert 0.25 <= time.monotonic() - started < 3


def test_nothing_wanted_is_nothing_taken(
    connection: ErpConnection, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        assert SlotPool(connection).acquire(0) == 0


# ------------------------------------------------------------------------------------- several processes


@pytest.mark.pg
@pytest.mark.django_db(transaction=True)
def test_several_processes_never_hold_more_than_the_limit_together() -> None:
    connection = ErpConnection.objects.create(key="books", name="Books", account_id="1", concurrency_limit=5)
    name = quote(connections["default"].settings_dict["NAME"])
    database = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()
    processes = multiprocessing.get_context("spawn")
    meter, results = processes.Value("i", 0), processes.Queue()
    workers = [
        processes.Process(target=share, args=(database, connection.pk, seed, meter, results))
        for seed in range(4)
    ]
    for worker in workers:
        worker.start()
    outcomes = [results.get(timeout=60) for _ in workers]
    for worker in workers:
        worker.join(timeout=60)
    assert [worker.exitcode for worker in workers] == [0, 0, 0, 0]
    assert max(peak for peak, _ in outcomes) <= 5
    assert all(got > ROUNDS / 4 for _, got in outcomes), "a worker was starved"
    assert not RequestSlot.objects.exclude(token="").exists()


@pytest.mark.pg
@pytest.mark.django_db(transaction=True)
def test_rows_are_made_once() -> None:
    connection = ErpConnection.objects.create(key="books", name="Books", account_id="1", concurrency_limit=20)
    got = [take(connection, 20, token=name) for name in ("a", "b")]
    assert got == [20, 0]
    assert sorted(RequestSlot.objects.values_list("number", flat=True)) == list(range(1, 21))

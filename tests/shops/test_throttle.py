from __future__ import annotations

import threading
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from shops.models import ApiBudget
from shops.shopify.throttle import Budget, Cost


class Clock:
    """Seconds that pass only when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 1_000_000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def budget(db: None, clock: Clock) -> Budget:
    return Budget("store", clock=clock, sleep=clock.sleep)


def left(budget: Budget, points: float) -> float:
    return round(budget.wait_for(points), 3)


def test_the_bucket_gives_its_points_and_then_asks_to_wait(budget: Budget) -> None:
    for _ in range(4):
        assert budget.reserve(500, patience=0) == 0
    assert budget.reserve(300, patience=0) == pytest.approx(3.0)


def test_waiting_takes_as_long_as_the_points_take_to_come_back(budget: Budget, clock: Clock) -> None:
    budget.reserve(2000, patience=0)
    assert budget.reserve(300, patience=10) == 0
    assert sum(clock.slept) == pytest.approx(3.0, rel=0.11)
    assert len(clock.slept) == 1


def test_a_call_larger_than_the_bucket_starts_from_a_full_one(budget: Budget, clock: Clock) -> None:
    budget.reserve(100, patience=0)
    assert budget.reserve(5000, patience=5) == 0
    assert clock.now >= 1_000_001.0


def test_unused_points_go_back(budget: Budget) -> None:
    budget.reserve(2000, patience=0)
    budget.settle(2000, Cost(requested=2000, actual=50, maximum=2000, available=1950, restore_rate=100))
    assert left(budget, 1950) == 0
    assert left(budget, 2000) == 0.5
    row = ApiBudget.objects.get()
    assert (row.available, row.measured_at) == (1950, datetime.fromtimestamp(1_000_000, UTC))


def test_a_call_that_was_not_executed_gives_all_its_points_back(budget: Budget) -> None:
    budget.reserve(700, patience=0)
    budget.give_back(700)
    assert left(budget, 2000) == 0


def test_where_shopify_says_there_is_less_shopify_is_right(budget: Budget) -> None:
    budget.reserve(10, patience=0)
    budget.settle(10, Cost(requested=10, actual=10, maximum=2000, available=400, restore_rate=100))
    assert left(budget, 1000) == 6


def test_reservations_of_others_survive_an_answer(budget: Budget) -> None:
    budget.reserve(10, patience=0)
    budget.reserve(1500, patience=0)  # another worker, still under way: Shopify has not seen it
    budget.settle(10, Cost(requested=10, actual=10, maximum=2000, available=1990, restore_rate=100))
    assert left(budget, 1000) == 5.1


def test_the_size_of_the_bucket_is_learned(budget: Budget) -> None:
    budget.reserve(10, patience=0)
    budget.settle(10, Cost(requested=10, actual=10, maximum=20000, available=19990, restore_rate=1000))
    assert budget.reserve(15000, patience=0) == 0


def test_a_reservation_nobody_settles_is_forgotten_with_time(budget: Budget, clock: Clock) -> None:
    budget.reserve(2000, patience=0)
    clock.now += 20
    assert left(budget, 2000) == 0


def test_a_call_costs_two_queries_once_the_row_is_there(budget: Budget) -> None:
    budget.reserve(1, patience=0)
    with CaptureQueriesContext(connection) as queries:
        budget.reserve(10, patience=0)
        budget.settle(10, Cost(requested=10, actual=5, maximum=2000, available=1995, restore_rate=100))
    assert len(queries) == 2


def test_a_long_address_still_has_a_budget_of_its_own(db: None) -> None:
    one, other = Budget("a" * 300 + "1"), Budget("a" * 300 + "2")
    one.reserve(2000, patience=0)
    assert other.reserve(2000, patience=0) == 0


@pytest.mark.pg
@pytest.mark.django_db(transaction=True)
def test_many_workers_together_take_no_more_than_there_is() -> None:
    clock = Clock()
    Budget("store", clock=clock).reserve(0, patience=0)
    taken: list[int] = []

    def work() -> None:
        try:
            own = Budget("store", clock=clock, sleep=clock.sleep)
            taken.append(sum(25 for _ in range(20) if own.reserve(25, patience=0) == 0))
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(taken) == 2000

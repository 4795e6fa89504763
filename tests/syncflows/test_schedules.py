"""When a shop is searched: interval, cron in the shop's zone, one tick one search."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django_q.models import OrmQ, Schedule

from common.clock import now
from syncflows import jobs, schedules
from syncflows.models import Beat, OrderRules, SweepRun, SweepTurn
from tests.syncflows.making import make_shop, make_sync

pytestmark = pytest.mark.django_db


def test_interval() -> None:
    rules = OrderRules(shop=make_shop(), interval_minutes=15)
    assert schedules.next_run(rules, datetime(2026, 11, 20, 12, 0, tzinfo=UTC)) == datetime(
        2026, 11, 20, 12, 15, tzinfo=UTC
    )


def test_cron_is_read_in_the_shops_zone() -> None:
    shop = make_shop(iana_timezone="America/New_York")
    rules = OrderRules(shop=shop, cron="0 8 * * *")
    # 8 in the morning in New York is 13:00 UTC in winter.
    assert schedules.next_run(rules, datetime(2026, 11, 20, 12, 0, tzinfo=UTC)) == datetime(
        2026, 11, 20, 13, 0, tzinfo=UTC
    )
    # ... and 12:00 UTC in summer.
    assert schedules.next_run(rules, datetime(2026, 7, 20, 11, 0, tzinfo=UTC)) == datetime(
        2026, 7, 20, 12, 0, tzinfo=UTC
    )


def test_tick_queues_each_due_shop_once() -> None:
    OrderRules.objects.create(shop=make_shop("one"))
    OrderRules.objects.create(shop=make_shop("two"))
    OrderRules.objects.create(shop=make_shop("off"), enabled=False)
    OrderRules.objects.create(shop=make_shop("gone", is_active=False))
    assert schedules.tick() == 2
    assert OrmQ.objects.count() == 2
    assert schedules.tick() == 0
    OrderRules.objects.filter(shop__key="one").update(next_run_at=datetime(2026, 1, 1, tzinfo=UTC))
    assert schedules.tick() == 1


def test_install_makes_one_schedule() -> None:
    schedules.install()
    schedules.install()
    assert Schedule.objects.filter(func=schedules.TICK).count() == 1


def test_due_rows_and_lost_leases_wake_the_workers() -> None:
    assert jobs.wake_if_due() is False
    sync = make_sync(make_shop())
    assert jobs.wake_if_due() is True
    OrmQ.objects.all().delete()
    type(sync).objects.claim(1, lease=timedelta(seconds=-1))
    assert jobs.wake_if_due() is True
    assert OrmQ.objects.count() == 1


def test_wake_ups_do_not_pile_up() -> None:
    for _ in range(20):
        jobs.wake()
        jobs.request_beat()
    assert OrmQ.objects.count() == 4  # two workers, two each


def test_beat_leaves_one_row() -> None:
    jobs.beat()
    jobs.beat()
    assert Beat.objects.filter(name=jobs.WORKER_BEAT).count() == 1


def test_tasks_in_the_hands_of_a_dead_cluster_keep_nobody_from_being_woken() -> None:
    for _ in range(20):
        jobs.wake()
    OrmQ.objects.update(lock=now() + timedelta(seconds=1300))
    jobs.wake()
    assert OrmQ.objects.filter(lock__lte=now()).count() == 1


def test_a_search_whose_task_was_lost_is_asked_for_again() -> None:
    rules = OrderRules.objects.create(shop=make_shop(), cron="0 8 * * *")
    assert schedules.tick() == 1
    OrmQ.objects.all().delete()  # the task is lost
    assert schedules.tick() == 0
    OrderRules.objects.update(search_asked_at=now() - timedelta(minutes=5))
    assert schedules.tick() == 1
    assert schedules.tick() == 0
    jobs.discover_shop(rules.shop_id)  # comes to its end, whatever comes of it
    rules.refresh_from_db()
    assert rules.search_asked_at is None


LOOKED: list[bool] = []


def look() -> None:
    """A job of every minute, for the test below."""
    LOOKED.append(Beat.objects.filter(name="worker").exists())


def test_what_belongs_to_every_minute_is_queued_once_a_minute_and_run_while_fresh(settings: Any) -> None:
    settings.EVERY_MINUTE = ["tests.syncflows.test_schedules.look", "tests.syncflows.test_schedules.look"]
    noon = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
    with time_machine.travel(noon, tick=False) as clock:
        schedules.install()
        schedules.tick()
        schedules.tick()
        assert OrmQ.objects.count() == 2
        clock.shift(timedelta(seconds=59))
        schedules.tick()
        assert OrmQ.objects.count() == 2
        clock.shift(timedelta(seconds=1))
        schedules.tick()
        assert OrmQ.objects.count() == 4
        assert jobs.run_fresh("tests.syncflows.test_schedules.look", noon.isoformat()) is True
        assert LOOKED == [True]  # a job that runs is a sign of life
        clock.shift(timedelta(minutes=9, seconds=1))
        assert jobs.run_fresh("tests.syncflows.test_schedules.look", noon.isoformat()) is False
    assert len(LOOKED) == 1


def test_sweeps_begin_at_their_times_and_open_ones_are_gone_on_with(monkeypatch: pytest.MonkeyPatch) -> None:
    shop = make_shop(iana_timezone="America/New_York")
    rules = OrderRules.objects.create(shop=shop)
    asked: list[int] = []
    monkeypatch.setattr(schedules, "request_sweep", asked.append)
    noon = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
    schedules.sweep_due(noon)
    turn = SweepTurn.objects.get()
    # Half past two in the night in New York is 7:30 UTC in winter.
    assert (turn.next_quick_at, turn.next_deep_at) == (
        noon + timedelta(minutes=15),
        datetime(2026, 11, 21, 7, 30, tzinfo=UTC),
    )
    assert not SweepRun.objects.exists()
    late = noon + timedelta(minutes=15, seconds=20)
    schedules.sweep_due(late)
    run = SweepRun.objects.get()
    assert (run.kind, asked) == ("quick", [run.pk])
    assert SweepTurn.objects.get().next_quick_at == noon + timedelta(minutes=30)
    schedules.sweep_due(noon + timedelta(minutes=31))
    assert SweepRun.objects.count() == 1  # the one that is open goes on
    assert asked == [run.pk, run.pk]
    SweepRun.objects.update(state="done")
    schedules.sweep_due(datetime(2026, 11, 21, 7, 30, tzinfo=UTC))
    assert sorted(SweepRun.objects.filter(state="running").values_list("kind", flat=True)) == [
        "deep",
        "quick",
    ]
    SweepRun.objects.update(state="done")
    rules.sweep_minutes, rules.deep_sweep_cron = 0, ""
    rules.save()
    schedules.sweep_due(datetime(2026, 11, 23, 7, 30, tzinfo=UTC))
    assert not SweepRun.objects.filter(state="running").exists()

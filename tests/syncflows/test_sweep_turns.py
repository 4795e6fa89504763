"""Two workers at once: one turn in a shop, one turn at a backfill."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections, transaction

from common.clock import now
from syncflows.models import Backfill, SweepKind, SweepRun, SweepTurn
from tests.syncflows.making import make_shop

pytestmark = [pytest.mark.pg, pytest.mark.django_db(transaction=True)]


def at_once(*deeds: Callable[[], Any]) -> list[Any]:
    """Do them at the same time, each on a connection of its own."""
    barrier, results = threading.Barrier(len(deeds)), [None] * len(deeds)

    def run(place: int) -> None:
        try:
            barrier.wait()
            results[place] = deeds[place]()
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(deeds))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    return results


def test_of_eight_workers_one_gets_the_turn() -> None:
    shop = make_shop()
    for _ in range(5):
        tokens = at_once(*[lambda: SweepTurn.take(shop.pk)] * 8)
        (held,) = [token for token in tokens if token]
        assert SweepTurn.keep(shop.pk, held)
        SweepTurn.give_back(shop.pk, held)


def test_a_turn_cannot_be_taken_over_while_its_transaction_is_open() -> None:
    shop = make_shop()
    token, held = SweepTurn.take(shop.pk), threading.Event()
    SweepTurn.objects.update(
        until=now() - timedelta(seconds=1)
    )  # it ran out, but nobody else has taken it yet
    order: list[str] = []

    def saving() -> None:
        with transaction.atomic():
            assert SweepTurn.keep(shop.pk, token)
            held.set()
            threading.Event().wait(0.3)
            order.append("saved")

    def taking() -> str:
        held.wait(10)
        taken = SweepTurn.take(shop.pk)
        order.append("asked")
        return taken

    assert at_once(saving, taking)[1] == ""
    assert order == ["saved", "asked"]


def test_one_open_run_of_a_kind_however_many_begin_it() -> None:
    shop = make_shop()
    begun = at_once(*[lambda: SweepRun.objects.begin(shop, SweepKind.QUICK, None)] * 6)
    assert sorted(new for _, new in begun) == [False] * 5 + [True]
    assert len({run.pk for run, _ in begun}) == 1


def test_of_eight_workers_one_takes_the_backfill() -> None:
    row = Backfill.objects.create(shop=make_shop(), since=now(), state="running")
    took = at_once(*[lambda n=n: row.take(f"worker-{n}", timedelta(minutes=1)) for n in range(8)])
    assert sum(took) == 1

"""The queue row: claims, leases, moves."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from common.clock import now
from common.errors import ComponentDifference, NeedsPerson, Retryable, Skip
from syncflows.models import Sync
from syncflows.states import MOVES, Hold, MoveError, State, check_move
from tests.syncflows.making import NOON, make_shop, make_sync

pytestmark = pytest.mark.django_db


def test_claim_takes_due_rows_once_and_counts_the_attempt() -> None:
    shop = make_shop()
    first, second = make_sync(shop, 1), make_sync(shop, 2)
    make_sync(shop, 3, due_at=now() + timedelta(hours=1))
    make_sync(shop, 4, hold=Hold.REVIEW)
    make_sync(shop, 5, state=State.BLOCKED)
    claimed = Sync.objects.claim(10)
    assert [s.pk for s in claimed] == [first.pk, second.pk]
    assert {s.attempts for s in claimed} == {1}
    assert {s.state for s in claimed} == {State.RUNNING}
    assert claimed[0].lease_token == claimed[1].lease_token
    assert Sync.objects.claim(10) == []


def test_claim_stops_at_its_limit_and_prefers_fresh_rows() -> None:
    shop = make_shop()
    make_sync(shop, 1, attempts=4)
    fresh = make_sync(shop, 2)
    assert [s.pk for s in Sync.objects.claim(1)] == [fresh.pk]


def test_a_row_that_lost_a_worker_is_taken_alone_and_last() -> None:
    shop = make_shop()
    suspects = {make_sync(shop, 1, losses=1).pk, make_sync(shop, 2, losses=2).pk}
    good = make_sync(shop, 3)
    assert [s.pk for s in Sync.objects.claim(10)] == [good.pk]
    one, other = Sync.objects.claim(10), Sync.objects.claim(10)
    assert len(one) == len(other) == 1
    assert {one[0].pk, other[0].pk} == suspects


def test_done_clears_reason_lease_and_counters() -> None:
    make_sync(make_shop(), 1, attempts=3, losses=1, reason_code="X", reason="old")
    sync = Sync.objects.claim(1)[0]
    sync.finish_done(warnings=["watch out"])
    row = Sync.objects.get(pk=sync.pk)
    assert (row.state, row.attempts, row.losses, row.reason_code, row.lease_token) == (
        State.DONE,
        0,
        0,
        "",
        "",
    )
    assert row.warnings == ["watch out"]
    assert row.done_at is not None


def test_a_stale_row_goes_back_to_pending_whatever_its_end() -> None:
    make_sync(make_shop())
    sync = Sync.objects.claim(1)[0]
    assert Sync.objects.get(pk=sync.pk).retry() is True
    sync.finish_done()
    row = Sync.objects.get(pk=sync.pk)
    assert row.state == State.PENDING
    assert row.stale is False
    assert [s.pk for s in Sync.objects.claim(1)] == [sync.pk]


def test_a_worker_whose_lease_was_taken_cannot_finish() -> None:
    make_sync(make_shop())
    sync = Sync.objects.claim(1, lease=timedelta(seconds=-1))[0]
    assert Sync.objects.reap() == 1
    again = Sync.objects.claim(1)[0]
    with pytest.raises(MoveError):
        sync.finish_done()
    again.finish_done()
    assert Sync.objects.get(pk=sync.pk).state == State.DONE


def test_reap_returns_lost_rows_and_blocks_the_third_loss() -> None:
    sync = make_sync(make_shop())
    for losses in (1, 2):
        Sync.objects.claim(1, lease=timedelta(seconds=-1))
        assert Sync.objects.reap() == 1
        row = Sync.objects.get(pk=sync.pk)
        assert (row.state, row.losses, row.reason_code) == (State.WAITING, losses, "LEASE_EXPIRED")
    Sync.objects.claim(1, lease=timedelta(seconds=-1))
    assert Sync.objects.reap() == 1
    row = Sync.objects.get(pk=sync.pk)
    assert (row.state, row.reason_code) == (State.BLOCKED, "WORKER_LOST")
    assert Sync.objects.claim(1) == []


def test_blocked_keeps_the_sentence_and_the_difference() -> None:
    make_sync(make_shop())
    sync = Sync.objects.claim(1)[0]
    difference = ComponentDifference("tax", Decimal("4.82"), Decimal("4.83"), "USD")
    sync.finish_blocked(NeedsPerson("TOTALS_DIFFER", "They differ.", value="tax", differences=(difference,)))
    row = Sync.objects.get(pk=sync.pk)
    assert (row.state, row.reason_code, row.reason, row.reason_value) == (
        State.BLOCKED,
        "TOTALS_DIFFER",
        "They differ.",
        "tax",
    )
    assert row.differences == [
        {"component": "tax", "shopify": "4.82", "document": "4.83", "difference": "-0.01", "currency": "USD"}
    ]


def test_waiting_and_skipped() -> None:
    shop = make_shop()
    make_sync(shop, 1)
    make_sync(shop, 2)
    one, two = Sync.objects.claim(2)
    later = now() + timedelta(minutes=5)
    one.finish_waiting(Retryable("UNREACHABLE", "Away."), later)
    two.finish_skipped(Skip("TEST_ORDER", "A test."))
    assert Sync.objects.get(pk=one.pk).due_at == later
    assert Sync.objects.get(pk=two.pk).state == State.SKIPPED
    assert Sync.objects.claim(5) == []


def test_exclude_and_retry_by_a_person() -> None:
    sync = make_sync(make_shop(), 1, state=State.BLOCKED, reason_code="UNKNOWN_SKU")
    assert sync.exclude("Typed by hand already") is True
    row = Sync.objects.get(pk=sync.pk)
    assert (row.state, row.reason_code, row.reason) == (
        State.SKIPPED,
        "EXCLUDED_BY_PERSON",
        "Typed by hand already",
    )
    assert row.exclude("again") is False
    assert row.retry() is True
    assert Sync.objects.get(pk=sync.pk).state == State.PENDING


def test_a_running_row_cannot_be_excluded() -> None:
    make_sync(make_shop())
    sync = Sync.objects.claim(1)[0]
    assert sync.exclude("no") is False
    assert Sync.objects.get(pk=sync.pk).state == State.RUNNING


def test_only_running_rows_of_the_token_are_kept() -> None:
    shop = make_shop()
    make_sync(shop, 1)
    make_sync(shop, 2)
    mine, other = Sync.objects.claim(1), Sync.objects.claim(1)
    assert Sync.objects.keep([mine[0].lease_token]) == 1
    mine[0].finish_done()
    assert Sync.objects.keep([mine[0].lease_token]) == 0
    assert Sync.objects.get(pk=other[0].pk).lease_until == other[0].lease_until


@pytest.mark.parametrize("old", list(State))
def test_only_moves_of_the_table_are_allowed(old: State) -> None:
    for new in State:
        if new in MOVES[old]:
            check_move(old, new)
        else:
            with pytest.raises(MoveError):
                check_move(old, new)


def test_fresh_orders_are_claimed_before_backfilled_ones() -> None:
    shop = make_shop()
    old = [make_sync(shop, n, lane=1, due_at=NOON - timedelta(days=9)) for n in (1, 2)]
    tried = make_sync(shop, 3, attempts=4, state="waiting", due_at=NOON)
    new = make_sync(shop, 4, due_at=NOON)
    rows = Sync.objects.filter(shop=shop)
    assert [[one.pk for one in rows.claim(1)] for _ in range(5)] == [
        [new.pk], [tried.pk], [old[0].pk], [old[1].pk], [],
    ]  # fmt: skip


def test_news_of_a_backfilled_order_make_it_a_fresh_one() -> None:
    sync = make_sync(make_shop(), 1, lane=1, state="done")
    assert sync.retry()
    assert Sync.objects.get().lane == 0


@pytest.mark.pg
def test_a_claim_reads_the_first_rows_of_its_index() -> None:
    """30,000 backfilled rows of one shop wait: a claim reads neither them all nor sorts them."""
    shop = make_shop()
    Sync.objects.bulk_create(
        [Sync(shop=shop, source_id=str(n), lane=1, due_at=NOON) for n in range(30_000)], batch_size=5000
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE syncflows_sync")
    with CaptureQueriesContext(connection) as queries:
        assert len(Sync.objects.filter(shop=shop, lane=1).claim(50)) == 50
    (choice,) = [one["sql"] for one in queries if "SKIP LOCKED" in one["sql"]]
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {choice}")
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "sync_claims" in plan, plan
    assert "Sort" not in plan, plan
    assert "Seq Scan" not in plan, plan

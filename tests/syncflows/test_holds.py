"""Holds: a tag, a missing payment and its end, review; what is held says why and until when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from common.clock import now
from common.errors import Held, NeedsPerson, Skip
from syncflows.flows.holds import check_holds
from syncflows.models import HoldRules, OrderRules, Sync
from syncflows.states import Hold, State
from tests.syncflows.making import NOON, make_shop, make_sync, order_facts

NEW_YORK = "America/New_York"


def hold(
    at: datetime = NOON, *, unpaid: str = "hold", holds: HoldRules | None = None, **order: object
) -> None:
    rules = OrderRules(unpaid_orders=unpaid)
    check_holds(order_facts(**order), rules, holds or HoldRules(), at=at, zone=NEW_YORK)


def test_nothing_holds_by_default() -> None:
    hold()
    hold(unpaid="import", financial_status="PENDING", tags=("hold",))


def test_a_tag_holds_and_names_itself() -> None:
    with pytest.raises(Held) as caught:
        hold(holds=HoldRules(tags="hold, check-*"), tags=("VIP", "Check-address"))
    assert (caught.value.code, caught.value.hold, caught.value.until) == ("TAG_HOLD", Hold.TAG, None)
    assert caught.value.message == "Order #1001 is held while it has the tag Check-address in Shopify."
    hold(holds=HoldRules(tags="hold, check-*"), tags=("checked",))


@pytest.mark.parametrize("status", ["PENDING", "AUTHORIZED", "PARTIALLY_PAID", "EXPIRED"])
def test_an_unpaid_order_waits_without_end_unless_days_are_given(status: str) -> None:
    with pytest.raises(Held) as caught:
        hold(at=NOON + timedelta(days=900), financial_status=status)
    assert (caught.value.code, caught.value.hold, caught.value.until) == ("UNPAID", Hold.PAYMENT, None)


def test_an_unpaid_order_waits_until_its_days_are_over() -> None:
    with pytest.raises(Held) as caught:
        hold(holds=HoldRules(unpaid_days=14), financial_status="PENDING")
    assert caught.value.until == datetime(2026, 12, 4, 12, 0, tzinfo=UTC)
    assert caught.value.message == (
        "Order #1001 waits for its payment (pending) until 04 Dec 2026 07:00; then it is blocked."
    )
    last = datetime(2026, 12, 4, 11, 59, 59, tzinfo=UTC)
    with pytest.raises(Held):
        hold(last, holds=HoldRules(unpaid_days=14), financial_status="PENDING")
    with pytest.raises(NeedsPerson) as over:
        hold(last + timedelta(seconds=1), holds=HoldRules(unpaid_days=14), financial_status="PENDING")
    assert over.value.code == "PAYMENT_EXPIRED"
    assert over.value.message == "Order #1001 was not paid within 14 days (pending)."


def test_an_order_that_was_not_paid_in_time_is_excluded_when_the_rule_says_so() -> None:
    holds = HoldRules(unpaid_days=1, unpaid_then="exclude")
    with pytest.raises(Skip) as caught:
        hold(NOON + timedelta(days=1), holds=holds, financial_status="AUTHORIZED")
    assert caught.value.message == "Order #1001 was not paid within 1 day (authorized)."
    hold(NOON + timedelta(days=1), holds=holds, financial_status="PAID")


def test_a_cancelled_order_waits_for_nothing() -> None:
    hold(holds=HoldRules(tags="hold"), tags=("hold",), financial_status="PENDING", cancelled_at=NOON)


@pytest.mark.django_db
def test_a_held_row_is_not_due_until_its_time_is_up() -> None:
    sync = make_sync(make_shop())
    (claimed,) = Sync.objects.all().claim(1)
    claimed.finish_held(Held("UNPAID", "Waits", hold=Hold.PAYMENT, until=now() + timedelta(hours=1)))
    sync.refresh_from_db()
    assert (sync.state, sync.hold, sync.reason) == (State.PENDING, Hold.PAYMENT, "Waits")
    assert Sync.objects.all().expire_holds() == 0
    assert not Sync.objects.all().due().exists()
    Sync.objects.update(held_until=now() - timedelta(seconds=1))
    assert Sync.objects.all().expire_holds() == 1
    assert [row.hold for row in Sync.objects.all().due()] == [Hold.NONE]


@pytest.mark.django_db
def test_news_during_the_run_leaves_no_hold_behind() -> None:
    make_sync(make_shop())
    (claimed,) = Sync.objects.all().claim(1)
    Sync.objects.update(stale=True)
    claimed.finish_held(Held("TAG_HOLD", "Held", hold=Hold.TAG))
    assert (claimed.state, claimed.hold) == (State.PENDING, Hold.NONE)
    assert Sync.objects.all().due().exists()


@pytest.mark.django_db
def test_a_held_row_can_be_retried_and_excluded() -> None:
    sync = make_sync(make_shop(), hold=Hold.PAYMENT, held_until=now() + timedelta(days=3))
    assert sync.retry()
    sync.refresh_from_db()
    assert (sync.hold, sync.held_until) == (Hold.NONE, None)
    Sync.objects.update(hold=Hold.TAG, held_until=now() + timedelta(days=3))
    assert sync.exclude("Not ours")
    sync.refresh_from_db()
    assert (sync.state, sync.hold, sync.held_until) == (State.SKIPPED, Hold.NONE, None)

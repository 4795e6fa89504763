"""When a shop is silent: the rule with figures worked out by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from monitoring.conditions.silence import find, is_silent, usual_wait
from monitoring.models import AlertLimits
from syncflows.models import OrderRules
from tests.factories import make_shop, stage

FRIDAY = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
DAYS = 57
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


def steady(every: timedelta, days: int = DAYS) -> list[datetime]:
    """An order every so often, day and night, the last one on Friday noon."""
    return [FRIDAY - n * every for n in reversed(range(int(timedelta(days=days) / every)))]


def small(days: int = DAYS) -> list[datetime]:
    """Four orders a day, at 9, 12, 15 and 18 o'clock UTC, the last one on Thursday at 18."""
    first = FRIDAY.replace(hour=0) - timedelta(days=days)
    return [first + timedelta(days=day, hours=hour) for day in range(days) for hour in (9, 12, 15, 18)]


def test_a_busy_shop_is_silent_after_twice_its_usual_wait() -> None:
    orders = steady(10 * MINUTE)
    assert usual_wait(orders, FRIDAY + 20 * MINUTE, "UTC") == 10 * MINUTE
    assert not is_silent(FRIDAY, FRIDAY + 20 * MINUTE, 10 * MINUTE)
    assert is_silent(FRIDAY, FRIDAY + 21 * MINUTE, 10 * MINUTE)


def test_a_very_busy_shop_is_given_a_quarter_of_an_hour() -> None:
    assert usual_wait(steady(MINUTE), FRIDAY, "UTC") == MINUTE
    assert not is_silent(FRIDAY, FRIDAY + 15 * MINUTE, MINUTE)
    assert is_silent(FRIDAY, FRIDAY + 16 * MINUTE, MINUTE)


@pytest.mark.parametrize(
    ("hour", "usual", "silent"),
    [
        (3, 15, False),  # the night from 18 to 9 o'clock is 15 hours long; the wait is 9 hours
        (9, 15, False),  # the first order may come late
        (10, 3, True),  # at this hour it waits 3 hours at most; now it is 16
        (13, 3, True),
    ],
)
def test_a_small_shop_does_not_cry_at_night(hour: int, usual: int, silent: bool) -> None:
    at, last = FRIDAY.replace(hour=hour, minute=30), FRIDAY.replace(hour=18) - timedelta(days=1)
    assert usual_wait(small(), at, "UTC") == usual * HOUR
    assert is_silent(last, at, usual * HOUR) is silent


def test_one_outage_in_the_past_does_not_count() -> None:
    week_ago = FRIDAY - timedelta(weeks=1)
    orders = [at for at in steady(10 * MINUTE) if not week_ago - 5 * HOUR < at < week_ago + 5 * HOUR]
    assert usual_wait(orders, FRIDAY, "UTC") == 10 * MINUTE
    fortnight = FRIDAY - timedelta(weeks=2)
    twice = [at for at in orders if not fortnight - 5 * HOUR < at < fortnight + 5 * HOUR]
    assert usual_wait(twice, FRIDAY, "UTC") == 10 * HOUR


def test_a_shop_too_new_has_no_rhythm() -> None:
    assert usual_wait(steady(10 * MINUTE, days=27), FRIDAY, "UTC") is None
    assert usual_wait(steady(10 * MINUTE, days=30), FRIDAY, "UTC") == 10 * MINUTE
    assert usual_wait(steady(timedelta(days=3)), FRIDAY, "UTC") is None  # 19 orders
    assert not is_silent(FRIDAY, FRIDAY + timedelta(days=9), None)


def test_the_hour_of_the_week_is_the_shops_own_also_when_the_clock_is_changed() -> None:
    """Orders at 9:00 and 18:00 in Berlin, in summer 7 and 16 UTC. On Sunday, the 1st of November, it is winter there
    and 9:30 is 8:30 UTC; on the Sundays before, 8:00 to 10:00 was 6 to 8 UTC."""
    first = datetime(2026, 8, 31, 7, tzinfo=UTC)
    berlin = [first + timedelta(days=day, hours=late) for day in range(62) for late in (0, 9)]
    at = datetime(2026, 11, 1, 8, 30, tzinfo=UTC)
    assert usual_wait(berlin, at, "Europe/Berlin") == 15 * HOUR  # the night reaches into it
    assert usual_wait(berlin, at, "UTC") == 9 * HOUR  # by the wrong clock it would not


@pytest.mark.django_db
def test_silence_of_shops_in_the_database() -> None:
    shop = make_shop("demo", name="Main <b>Store</b>")
    OrderRules.objects.create(shop=shop)
    for number, at in enumerate(steady(timedelta(hours=6))):
        stage(shop, number, created_at=at)
    assert list(find(FRIDAY + 12 * HOUR)) == []
    (found,) = find(FRIDAY + 12 * HOUR + MINUTE)
    assert found.sentence == (
        "No order of Main <b>Store</b> for 12 h 1 min, the last one at 20 Nov 2026 07:00 (America/New_York). Usually "
        "it waits at most 6 h at this hour of the week."
    )
    assert (found.shop, found.since) == (shop, FRIDAY)
    AlertLimits.objects.create(shop=shop, silence=False)
    assert list(find(FRIDAY + 12 * HOUR + MINUTE)) == []

"""Pauses between tries, by hand: 30, 60, 120 ... at most 3,600 seconds, plus up to a quarter."""

from __future__ import annotations

import pytest

from common.clock import now
from common.errors import NotExecuted, Retryable, UnknownOutcome
from syncflows.retry import next_try


def pause(error: Retryable, attempts: int) -> float:
    return (next_try(error, attempts) - now()).total_seconds()


@pytest.mark.parametrize(
    ("attempts", "least"), [(0, 30), (1, 30), (2, 60), (3, 120), (7, 1920), (8, 3600), (50, 3600)]
)
def test_the_pause_doubles_up_to_an_hour(attempts: int, least: float) -> None:
    seconds = pause(Retryable("X", "x"), attempts)
    assert least - 1 <= seconds <= least * 1.25


def test_the_other_sides_wish_counts() -> None:
    assert 89 <= pause(NotExecuted("X", "x", retry_after=90), 5) <= 113
    assert 0.5 <= pause(NotExecuted("X", "x", retry_after=0), 5) <= 1.3


def test_an_unknown_outcome_is_left_alone_for_at_least_half_a_minute() -> None:
    error = UnknownOutcome("NO_ANSWER", "x", retry_after=1)
    assert pause(error, 1) >= 29

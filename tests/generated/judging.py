"""What must hold for every generated order, and for every broken one."""

from __future__ import annotations

from random import Random

from hypothesis import HealthCheck, settings

from tests.generated.arithmetic import Arithmetic
from tests.generated.breaking import break_order
from tests.generated.running import Outcome, generate, run

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
BRIEF = settings(max_examples=300, deadline=None, suppress_health_check=SLOW, derandomize=True)
"""For every run of the tests: always the same orders."""


def full(examples: int) -> settings:
    """For `make generated`: other orders each time."""
    return settings(max_examples=examples, deadline=None, suppress_health_check=SLOW, database=None)


def order_ties_or_is_blocked(arithmetic: Arithmetic, chance: Random) -> Outcome:
    """Written: NetSuite's total is Shopify's. Blocked: with components that differ, and only where the set-up cannot
    take what Shopify gave. Nothing is ever written untied."""
    chosen, sold_in, raw = generate(chance)
    outcome = run(arithmetic, chosen, sold_in, raw)
    if outcome.code == "NOTHING_LEFT":
        assert not outcome.shopify
    elif outcome.written is None:
        assert outcome.differences, outcome
        assert not chosen.must_tie, outcome
    else:
        assert outcome.written == outcome.shopify, outcome
    return outcome


def broken_order_is_blocked(arithmetic: Arithmetic, chance: Random) -> Outcome:
    """One figure is wrong by one smallest unit: blocked, naming the figure with both amounts."""
    chosen, sold_in, raw = generate(chance)
    what = break_order(chance, raw)
    outcome = run(arithmetic, chosen, sold_in, raw)
    assert outcome.code == "LEDGER_DISAGREES", (what, outcome)
    assert any(row.difference for row in outcome.differences), (what, outcome)
    return outcome

"""Whatever an order is made of: its document comes to Shopify's total in NetSuite's own arithmetic, or it is blocked
with the difference by component. `make generated` runs the same with 10,000 orders."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.generated.arithmetic import Arithmetic, account
from tests.generated.judging import BRIEF, broken_order_is_blocked, order_ties_or_is_blocked

CHANCE = st.randoms(use_true_random=False)


@pytest.fixture(scope="module")
def arithmetic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Arithmetic]:
    with account(tmp_path_factory.mktemp("account")) as one:
        yield one


@BRIEF
@given(chance=CHANCE)
def test_an_order_comes_to_shopifys_total_or_is_blocked(arithmetic: Arithmetic, chance: Random) -> None:
    order_ties_or_is_blocked(arithmetic, chance)


@BRIEF
@given(chance=CHANCE)
def test_an_order_that_lacks_a_cent_is_blocked_with_the_difference(
    arithmetic: Arithmetic, chance: Random
) -> None:
    broken_order_is_blocked(arithmetic, chance)

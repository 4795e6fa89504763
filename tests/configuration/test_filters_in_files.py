"""Order filters in a settings file: days and amounts are text, lists are lists."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from configuration.sections import FILTER, HOLDS, SHOPS
from configuration.values import ValueProblem, plain, typed
from syncflows.models import HoldRules, OrderFilter


def field(name: str) -> object:
    return OrderFilter._meta.get_field(name)


def test_a_day_is_text_in_the_file_and_comes_back() -> None:
    assert plain(date(2026, 11, 30)) == "2026-11-30"
    assert typed(field("placed_to"), "2026-11-30") == date(2026, 11, 30)  # type: ignore[arg-type]
    assert typed(field("placed_to"), date(2026, 11, 30)) == date(2026, 11, 30)  # type: ignore[arg-type]
    assert typed(field("placed_to"), None) is None  # type: ignore[arg-type]


@pytest.mark.parametrize("wrong", ["30.11.2026", "2026-02-30", "soon"])
def test_what_is_no_day_is_refused(wrong: str) -> None:
    with pytest.raises(ValueProblem, match="write a day"):
        typed(field("placed_to"), wrong)  # type: ignore[arg-type]


def test_an_amount_and_a_list() -> None:
    assert plain(Decimal("99.9900")) == "99.99"
    assert typed(field("amount_to"), "99.99") == Decimal("99.99")  # type: ignore[arg-type]
    assert typed(field("risks"), ["LOW"]) == ["LOW"]  # type: ignore[arg-type]


def test_every_line_of_a_filter_and_of_the_holds_is_in_the_file() -> None:
    assert {"order_filter", "hold_rules"} <= {child.name for child in SHOPS.children}
    assert len(FILTER.names()) == 18
    assert HOLDS.names() == [each.name for each in HoldRules._meta.concrete_fields if not each.primary_key]

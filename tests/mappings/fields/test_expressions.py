"""Expressions: exact numbers, and bounds that hold whatever somebody writes."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from mappings.fields.expressions import ExpressionError, compiled

VIEW = {
    "order": {
        "total": Decimal("12.50"),
        "tags": ["vip", "web"],
        "lines": [{"sku": "A", "price": Decimal("2.5")}, {"sku": "B", "price": Decimal(4)}],
    }
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("order.total", Decimal("12.50")),
        ("order.lines[?price > `2.6`].sku", ["B"]),
        ("sum(order.lines[].price)", Decimal("6.5")),
        ("avg(order.lines[].price)", Decimal("3.25")),
        ("sort_by(order.lines, &price)[-1].sku", "B"),
        ("max_by(order.lines, &price).sku", "B"),
        ("to_string(order.total)", "12.50"),
        ("to_number('0.10')", Decimal("0.10")),
        ("to_number('many')", None),
        ("to_number(`true`)", None),
        ("order.total == `12.5`", True),
        ("`1.1`", Decimal("1.1")),
        ("type(order.total)", "number"),
        ("order.missing.deeper", None),
        ("join('-', order.tags)", "vip-web"),
    ],
)
def test_numbers_stay_exact(text: str, expected: object) -> None:
    value = compiled(text).value(VIEW)
    assert value == expected
    assert not isinstance(value, float)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "it is empty"),
        ("a" * 1001, "1,001 characters"),
        ("order.[", "Incomplete"),
        ("!" * 30 + "a", "nested deeper than 25"),
        (".".join("a" * 250), "parts"),
        ("shout(order)", "there is no function shout()"),
        ("`NaN`", "is no number"),
    ],
)
def test_what_is_too_much_or_wrong_is_refused_before_it_runs(text: str, words: str) -> None:
    with pytest.raises(ExpressionError, match=words.replace("(", r"\(").replace(")", r"\)")):
        compiled(text)


@pytest.mark.parametrize(
    ("text", "view", "words"),
    [
        ("[@,@][]|" * 14 + "@", {}, "more than 5,000 values"),
        ("join('', a)", {"a": ["x" * 60_000, "y" * 60_000]}, "more than 100,000 characters"),
        ("a[].b[].[c,c,c,c,c]", {"a": [{"b": [{"c": 1}] * 100}] * 100}, "5,000 values|20,000 steps"),
        (
            "length(a[?length(b[?c == `2`]) > `0`])",
            {"a": [{"b": [{"c": 1}] * 100}] * 100},
            "more than 20,000 steps",
        ),
        ("abs(a)", {"a": "many"}, "invalid type"),
        ("sort(a)", {"a": [1, "x"]}, "invalid type"),
    ],
)  # fmt: skip
def test_an_evaluation_ends_in_time_and_with_a_sentence(text: str, view: dict[str, Any], words: str) -> None:
    with pytest.raises(ExpressionError, match=words):
        compiled(text).value(view)

"""Steps of a field mapping, with values worked out by hand, and what they refuse."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mappings.fields.transforms import STEPS, Transform, TransformError, parse, text_of, written


def changed(value: object, lines: str) -> object:
    for transform in parse(lines):
        value = transform(value)
    return value


@pytest.mark.parametrize(
    ("value", "lines", "expected"),
    [
        ("  a b ", "trim", "a b"),
        ("straße", "upper", "STRASSE"),
        ("ABC", "lower", "abc"),
        (" a\n\n b\tc ", "one-line", "a b c"),
        ("+1 (617) 555-0100", "digits", "16175550100"),
        ("abcdef", "cut 3", "abc"),
        ("日本語テスト", "cut 2", "日本"),
        ("42", 'pad 6 "0"', "000042"),
        ("1234567", 'pad 6 "0"', "1234567"),
        ("a-b-c", 'replace "-" ""', "abc"),
        ("a,b", 'replace "," ", "', "a, b"),
        ("1001", "prefix SHP-", "SHP-1001"),
        ("5", 'suffix " days"', "5 days"),
        ("", "default none", "none"),
        ("  ", "default none", "none"),
        ([], "default none", "none"),
        (None, "default none\nupper", "NONE"),
        ("x", "default none", "x"),
        ("12.345", "number 2", "12.35"),
        ("-12.345", "number 2", "-12.35"),
        (Decimal(7), "number 2", "7.00"),
        (Decimal("1E+2"), "number 0", "100"),
        ("2026-11-20", 'date "%d/%m/%Y"', "20/11/2026"),
        ("2026-11-20T23:30:00-05:00", 'date "%Y%m%d"', "20261120"),
        (date(2026, 2, 1), "date %j", "032"),
        (True, "yes-no", "T"),
        ("no", "yes-no", "F"),
        ("x", "is-there", "T"),
        ("", "is-there", "F"),
        ("a, b,,c", 'split ","', ["a", "b", "", "c"]),
        (["a", "b"], 'join " / "', "a / b"),
        ("a", 'join ","', "a"),
        (["a ", " b"], "trim\nupper\njoin ','", "A,B"),
        (["a", "b"], "first", "a"),
        (["a", "b"], "last", "b"),
        ([], "first", []),
        (["a", "b"], "count", 2),
        ("", "count", 0),
        (None, "upper", None),
        (Decimal("12.50"), "suffix USD", "12.50USD"),
    ],
)
def test_each_step_does_what_its_words_say(value: object, lines: str, expected: object) -> None:
    assert changed(value, lines) == expected


@pytest.mark.parametrize(
    "line",
    [
        "cut", "cut x", "cut -1", "cut 5000", "cut 1 2", "pad 3 ab", "shout", "replace a", 'prefix "a', "date %Q",
        "date 100%", "number 13", "cut ٣", 'split ""',
    ],
)  # fmt: skip
def test_a_step_that_cannot_be_read_is_refused(line: str) -> None:
    with pytest.raises(TransformError):
        parse(line)


@pytest.mark.parametrize(
    ("value", "lines"),
    [("abc", "number 2"), ("NaN", "number 2"), ("tomorrow", "date %Y"), ("2026-13-01", "date %Y"),
     ("maybe", "yes-no"), ({"a": 1}, "upper"), (True, "number 0")],
)  # fmt: skip
def test_a_step_that_does_not_go_with_a_value_is_refused(value: object, lines: str) -> None:
    with pytest.raises(TransformError):
        changed(value, lines)


def test_there_may_be_twenty_steps() -> None:
    assert len(parse("trim\n" * 20)) == 20
    with pytest.raises(TransformError):
        parse("trim\n" * 21)


ARGUMENTS = {
    "n": st.integers(0, 12).map(str),
    "c": st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")),
    "t": st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Zl", "Zp")), min_size=1, max_size=20),
    "f": st.sampled_from(["%Y", "%d.%m.%y", "%j"]),
}  # fmt: skip


@st.composite
def transforms(draw: st.DrawFn) -> Transform:
    step = STEPS[draw(st.sampled_from(sorted(STEPS)))]
    return Transform(step.word, tuple(draw(ARGUMENTS[kind]) for kind in step.takes))


@given(st.lists(transforms(), max_size=5))
@settings(max_examples=60, deadline=None)
def test_written_steps_are_read_back_as_they_were(steps: list[Transform]) -> None:
    assert parse(written(steps)) == tuple(steps)


@given(st.text(max_size=50), st.lists(transforms(), max_size=4))
@settings(max_examples=100, deadline=None)
def test_a_text_becomes_a_value_or_is_refused_and_nothing_else_happens(
    text: str, steps: list[Transform]
) -> None:
    value: object = text
    try:
        for step in steps:
            value = step(value)
    except TransformError:
        return
    assert not isinstance(value, float)
    assert value is None or isinstance(value, str | int | list)


@given(st.text(max_size=60), st.integers(0, 40))
@settings(deadline=None)
def test_cut_keeps_the_beginning_and_never_more(text: str, most: int) -> None:
    cut = Transform("cut", (str(most),))(text)
    assert text_of(cut) == (text if not text.strip() else text[:most])

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erps.netsuite.wire import encode


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("0.1", b"0.1"),
        ("1E-8", b"0.00000001"),
        ("1234567.89", b"1234567.89"),
        ("39.90", b"39.90"),
        ("1E+3", b"1000"),
        ("-5.00", b"-5.00"),
        ("9007199254740993.01", b"9007199254740993.01"),
    ],
)
def test_an_amount_goes_out_digit_for_digit(amount: str, text: bytes) -> None:
    assert encode({"amount": Decimal(amount)}) == b'{"amount":' + text + b"}"


def test_everything_a_body_is_made_of() -> None:
    body = {
        "name": 'Ünï "q" \n عربي 🎁',
        "yes": True,
        "no": False,
        "none": None,
        "n": 7,
        "rows": [{}, [], {"a": "b"}],
    }
    assert json.loads(encode(body)) == body


@pytest.mark.parametrize("value", [0.1, object(), {"a": 1.5}, {1, 2}])
def test_a_float_never_gets_out(value: object) -> None:
    with pytest.raises(TypeError, match="cannot be sent"):
        encode(value)


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "-Infinity"])
def test_what_is_no_number_never_gets_out(amount: str) -> None:
    with pytest.raises(ValueError, match="cannot be sent as a number"):
        encode([Decimal(amount)])


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.text()
        | st.decimals(allow_nan=False, allow_infinity=False),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_reading_it_back_gives_the_same(value: object) -> None:
    back = json.loads(encode({"v": value}), parse_float=Decimal, parse_int=Decimal)["v"]
    assert json.dumps(back, default=_number) == json.dumps(_decimals(value), default=_number)


def _number(value: Decimal) -> str:
    return format(value.normalize(), "f").replace("-0", "0") if value == 0 else format(value.normalize(), "f")


def _decimals(value: object) -> object:
    if isinstance(value, dict):
        return {key: _decimals(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_decimals(item) for item in value]
    return Decimal(value) if isinstance(value, int) and not isinstance(value, bool) else value

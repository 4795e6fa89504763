"""The YAML of a configuration: few types, no doubles, every mistake with its line."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from django.db import models

from configuration.errors import ConfigurationError
from configuration.reading import read, write
from configuration.values import ValueProblem, plain, typed
from mappings.models import ValueMapping
from syncflows.models import OrderRules


def test_only_true_false_null_and_whole_numbers_have_a_type() -> None:
    text = (
        "version: 1\na: NO\nb: yes\nc: 7.250\nd: 0012\ne: 12\nf: 2026-11-01\ng: true\nh: null\ni: '12'\nj: 1e3\n"
        "k: 0x1F\nl:\nm: 1_000\nn: 12:30\n"
    )
    assert read(text) == {
        "version": 1, "a": "NO", "b": "yes", "c": "7.250", "d": "0012", "e": 12, "f": "2026-11-01", "g": True,
        "h": None, "i": "12", "j": "1e3", "k": "0x1F", "l": None, "m": "1_000", "n": "12:30",
    }  # fmt: skip


def test_what_is_written_is_read_again_whatever_it_holds() -> None:
    content = {
        "version": 1,
        "shops": {
            k: k
            for k in (
                "NO",
                "true",
                "null",
                "12",
                "0012",
                "7.5",
                "ä: #b",
                "=1+1",
                " x ",
                "日本",
                "a\nb",
                "~",
                "",
            )
        },
    }
    assert read(write(content)) == content


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("version: 1\nshops:\n  a: {}\n  a: {}\n", "line 4: 'a' is given twice; the first is on line 3."),
        ("version: 2\n", "line 1: version: The hub reads version 1; write 'version: 1'."),
        ("shops: {}\n", "line 1: version: The hub reads version 1; write 'version: 1'."),
        ("- a\n", "line 1: The file must hold 'version', 'connections' and 'shops'."),
        ("version: 1\nshops: [\n", "line 3: This is not YAML"),
        ("version: 1\nshops: !!python/object:os.system {}\n", "line 2: This is not YAML"),
        ("version: 1\n? [a, b]\n: 1\n", "line 2: A key must be a plain text."),
    ],
)
def test_what_cannot_be_read_is_said_with_its_line(text: str, said: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read(text)
    assert str(caught.value).startswith(said)


def _field(model: type[models.Model], name: str) -> models.Field[object, object]:
    found = model._meta.get_field(name)
    assert isinstance(found, models.Field)
    return found


@pytest.mark.parametrize(
    ("model", "name", "given", "taken"),
    [
        (ValueMapping, "source", 12, "12"),
        (ValueMapping, "source", None, ""),
        (ValueMapping, "tax_rate", "7.250", Decimal("7.250")),
        (ValueMapping, "tax_rate", 20, Decimal(20)),
        (ValueMapping, "tax_rate", None, None),
        (OrderRules, "interval_minutes", 5, 5),
        (OrderRules, "automatic", False, False),
    ],
)
def test_values_take_the_type_of_their_field(
    model: type[models.Model], name: str, given: object, taken: object
) -> None:
    assert typed(_field(model, name), given) == taken


@pytest.mark.parametrize(
    ("model", "name", "given", "said"),
    [
        (OrderRules, "automatic", "yes", "write true or false, not 'yes'."),
        (OrderRules, "automatic", 1, "write true or false, not '1'."),
        (OrderRules, "interval_minutes", "often", "write a whole number, not 'often'."),
        (OrderRules, "interval_minutes", None, "a value is needed."),
        (OrderRules, "import_since", "2026-11-01", "write a moment with its zone"),
        (ValueMapping, "tax_rate", "NaN", "write a number such as 7.25, not 'NaN'."),
        (ValueMapping, "tax_rate", "7,25", "write a number such as 7.25, not '7,25'."),
        (ValueMapping, "source", True, 'write "true" in quotation marks if that text is meant.'),
        (ValueMapping, "source", ["a"], "a single value is needed, not a list or a group."),
    ],
)
def test_a_value_of_another_type_is_refused_with_what_to_write(
    model: type[models.Model], name: str, given: object, said: str
) -> None:
    with pytest.raises(ValueProblem, match=f"^{re.escape(said)}"):
        typed(_field(model, name), given)


def test_rates_are_written_without_needless_zeros() -> None:
    assert [plain(Decimal(text)) for text in ("7.25000", "20.00000", "0.00", "100")] == [
        "7.25",
        "20",
        "0",
        "100",
    ]

"""What a value probably becomes: the same name, a name much like it, never one of two."""

from __future__ import annotations

import pytest

from mappings.suggesting import by_name, words_of

METHODS = [
    ("ship_method", "801", "Standard", ""),
    ("ship_method", "802", "Express", ""),
    ("ship_method", "803", "UPS® Ground (US)", "GROUND"),
    ("ship_method", "804", "UPS Next Day Air", ""),
    ("ship_method", "805", "UPS Second Day Air", ""),
]


@pytest.mark.parametrize(
    ("names", "found", "why"),
    [
        (["standard"], "801", "the same name"),
        (["  EXPRESS! "], "802", "the same name"),
        (["ground"], "803", "the same name"),
        (["Expres"], "802", "a name much like it"),
        (["Express shipping"], "802", "a name much like it"),
        (["UPS next day"], "804", "a name much like it"),
        (["88101", "Standard"], "801", "the same name"),
        (["UPS"], None, None),
        (["day air"], None, None),
        (["pigeon"], None, None),
        (["!!!"], None, None),
        ([""], None, None),
    ],
)
def test_a_record_is_found_by_name_or_not_at_all(
    names: list[str], found: str | None, why: str | None
) -> None:
    suggestion = by_name(names, METHODS)
    assert (suggestion and suggestion.id, suggestion and suggestion.why) == (found, why)


def test_two_records_of_the_same_name_are_nobodys() -> None:
    assert by_name(["Standard"], [*METHODS, ("ship_method", "809", "standard", "")]) is None


def test_names_are_compared_without_signs_accents_and_case() -> None:
    assert words_of("  Économie – 3‑5 Tage (DE) ") == "economie 3 5 tage de"
    assert words_of("標準配送") == words_of("標準配送")

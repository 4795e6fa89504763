"""Names by their sources, and who an address is for."""

from __future__ import annotations

from dataclasses import replace

import pytest

from canonical.naming import AddressStyle, NameSource, name_by
from tests.canonical.making import HOME

WORK = replace(HOME, company="Engines")


@pytest.mark.parametrize(("source", "name"), [
    ("company", "Engines"), ("first_last", "Ada Lovelace"), ("last_first", "Lovelace Ada"), ("none", ""),
])  # fmt: skip
def test_a_name_by_its_source(source: str, name: str) -> None:
    """The name scenarios: each source gives its text."""
    assert name_by(source, " Ada ", "Lovelace", "Engines") == name


def test_missing_parts_leave_no_blanks() -> None:
    assert name_by("first_last", "", "Lovelace", "") == "Lovelace"
    assert name_by("company", "Ada", "Lovelace", " ") == ""


@pytest.mark.parametrize(("contact", "last_first", "company", "alone"), [
    (NameSource.FIRST_LAST, False, ("Engines", "Ada Lovelace"), ("Ada Lovelace", "")),
    (NameSource.LAST_FIRST, True, ("Engines", "Lovelace Ada"), ("Lovelace Ada", "")),
    (NameSource.COMPANY, False, ("Ada Lovelace", "Engines"), ("Ada Lovelace", "")),
    (NameSource.NONE, False, ("Engines", ""), ("Ada Lovelace", "")),
])  # fmt: skip
def test_addressee_and_contact(
    contact: NameSource, last_first: bool, company: tuple[str, str], alone: tuple[str, str]
) -> None:
    style = AddressStyle(contact=contact, last_first=last_first)
    assert (style.lines(WORK), style.lines(HOME)) == (company, alone)

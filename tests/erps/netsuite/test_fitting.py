"""What NetSuite does not take of a text is cut by rule, and each cut is a sentence with both lengths."""

from __future__ import annotations

from dataclasses import replace

import pytest

from canonical.documents import SalesDocument
from canonical.parties import Address
from erps.netsuite.fitting import fitting_notes
from erps.netsuite.texts import address_body, known_country
from tests.erps.making import sales_order

HOME = Address(first_name="Ada", last_name="Lovelace", address1="1 Main St", city="Albany", country="US")


def document(**changes: object) -> SalesDocument:
    plain: SalesDocument = replace(sales_order(), billing=HOME, shipping=HOME, po_number="", email="")
    return replace(plain, **changes)  # type: ignore[arg-type]


def test_a_document_that_fits_has_nothing_to_say() -> None:
    assert fitting_notes(document()) == ()
    assert fitting_notes(document(billing=None, shipping=None, po_number="P" * 45)) == ()


def test_each_text_that_is_too_long_names_its_field_and_both_lengths() -> None:
    long = replace(HOME, address1="x" * 300, address2="y" * 151, zip="9" * 40, company="C" * 84)
    notes = fitting_notes(document(po_number="P" * 80, billing=long, shipping=long))
    assert notes == (
        "The PO number has 80 characters, NetSuite takes 45: the rest was left off.",
        "Addressee of the address has 84 characters, NetSuite takes 83: the rest was left off.",
        "Line 1 of the address has 300 characters, NetSuite takes 150: the rest was left off.",
        "Line 2 of the address has 151 characters, NetSuite takes 150: the rest was left off.",
        "Postal code of the address has 40 characters, NetSuite takes 36: the rest was left off.",
    )


def test_two_addresses_are_told_apart() -> None:
    notes = fitting_notes(
        document(shipping=replace(HOME, city="c" * 51), billing=replace(HOME, city="d" * 52))
    )
    assert notes == (
        "City of the shipping address has 51 characters, NetSuite takes 50: the rest was left off.",
        "City of the billing address has 52 characters, NetSuite takes 50: the rest was left off.",
    )


def test_what_is_left_out_altogether_is_said_too() -> None:
    odd = replace(HOME, country="ZZ", phone="12")
    notes = fitting_notes(document(shipping=odd, billing=None, email="not an address"))
    assert notes == (
        "The e-mail 'not an address' was left out: NetSuite does not take it.",
        "The phone number '12' of the shipping address was left out or shortened: NetSuite does not take it.",
        "The country 'ZZ' of the shipping address was left out: there is no such country.",
    )
    assert "country" not in address_body(odd)
    assert "addrPhone" not in address_body(odd)


@pytest.mark.parametrize(("code", "known"), [("US", "US"), ("ZZ", ""), ("", ""), ("USA", ""), ("us", "")])
def test_a_country_is_two_letters_and_not_the_unknown_one(code: str, known: str) -> None:
    assert known_country(code) == known

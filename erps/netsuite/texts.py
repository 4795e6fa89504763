"""Text and addresses as NetSuite takes them.

Lengths: NetSuite's standard fields; `addr1` 150 and `state` 30 are in refusals public integrations reported, the
others are the lengths of the same fields in the account's forms. A text that is too long is cut and marked.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any, NamedTuple

from canonical.naming import PLAIN, AddressStyle, CountySource
from canonical.parties import Address

NAME = 83
STREET = 150
CITY = 50
STATE = 30
ZIP = 36
PHONE = 32
EMAIL = 254
PERSON_NAME = 32
OTHER_NUMBER = 45
MEMO = 999
DESCRIPTION = 999
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f]+")
_EMAIL = re.compile(r"[^@\s,;:<>()\[\]\"]+@[A-Za-z0-9.-]+\.[A-Za-z0-9-]{2,}")
_COUNTRY = re.compile("[A-Z]{2}")
_CODED_STATES = frozenset({"US", "CA", "AU", "BR"})
"""Countries whose state list in NetSuite has the same short names as Shopify's province codes; elsewhere the
province's name is sent, which every account takes as free text."""


def clean(text: str) -> str:
    """One line of composed text (NFC) without control characters or blanks at the ends."""
    return unicodedata.normalize("NFC", _UNPRINTABLE.sub(" ", text)).strip()


def cut(text: str, limit: int) -> str:
    """A clean text of at most `limit` characters; what was cut off is marked by an ellipsis."""
    text = clean(text)
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def cut_plain(text: str, limit: int) -> str:
    """A clean text cut without a mark, for numbers that people search by their beginning."""
    return clean(text)[:limit].rstrip()


def usable_email(text: str) -> str:
    """The address, or "" when NetSuite would refuse it: an odd e-mail must not hold up an order."""
    email = clean(text)
    return email if len(email) <= EMAIL and _EMAIL.fullmatch(email) else ""


def usable_phone(text: str) -> str:
    """The number, or "" when it has fewer than seven digits, which NetSuite refuses."""
    phone = cut_plain(text, PHONE)
    return phone if sum(letter.isdigit() for letter in phone) >= 7 else ""


class AddressText(NamedTuple):
    """One text of an address: NetSuite's field, what people call it, the text as given, and how much is taken.
    A `marked` text ends with an ellipsis where it was cut."""

    field: str
    words: str
    text: str
    limit: int
    marked: bool = True

    @property
    def taken(self) -> str:
        """What NetSuite gets of it."""
        return cut(self.text, self.limit) if self.marked else cut_plain(self.text, self.limit)


def address_texts(address: Address, style: AddressStyle = PLAIN) -> tuple[AddressText, ...]:
    """The texts of an address. The addressee is the company with the person as attention, or the person alone, unless
    the style says otherwise."""
    addressee, attention = style.lines(address)
    return (
        AddressText("addressee", "Addressee", addressee, NAME),
        AddressText("attention", "Attention", attention, NAME),
        AddressText("addr1", "Line 1", address.address1, STREET),
        AddressText("addr2", "Line 2", address.address2, STREET),
        AddressText("city", "City", address.city, CITY),
        AddressText("state", "State", state_of(address, style.county), STATE),
        AddressText("zip", "Postal code", address.zip, ZIP, marked=False),
    )


def known_country(code: str) -> str:
    """The country code, or "" when it is none: Shopify's ZZ stands for an unknown region."""
    return code if _COUNTRY.fullmatch(code) and code != "ZZ" else ""


def address_body(address: Address, style: AddressStyle = PLAIN) -> dict[str, Any]:
    """An address subrecord; empty parts are left out."""
    parts = {row.field: row.taken for row in address_texts(address, style)}
    parts["addrPhone"] = usable_phone(address.phone) if style.phones else ""
    body: dict[str, Any] = {name: text for name, text in parts.items() if text}
    if known_country(address.country):
        body["country"] = {"id": address.country}
    return body


def state_of(address: Address, county: str = CountySource.AUTO) -> str:
    """The province by code or by name, whichever is there of the wanted one."""
    coded = address.country in _CODED_STATES if county == CountySource.AUTO else county == CountySource.CODE
    if county == CountySource.AUTO and coded:
        return address.province
    pair = (address.province, address.province_name)
    return pair[0] or pair[1] if coded else pair[1] or pair[0]

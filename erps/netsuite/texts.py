"""Text and addresses as NetSuite takes them.

Lengths: NetSuite's standard fields; `addr1` 150 and `state` 30 are in refusals public integrations reported, the
others are the lengths of the same fields in the account's forms. A text that is too long is cut and marked.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any

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


def address_body(address: Address) -> dict[str, Any]:
    """An address subrecord; empty parts are left out. The addressee is the company with the person as attention, or
    the person alone."""
    person = " ".join(part for part in (address.first_name, address.last_name) if part)
    addressee, attention = (address.company, person) if address.company else (person, "")
    state = (
        address.province if address.country in _CODED_STATES else address.province_name or address.province
    )
    parts = {
        "addressee": cut(addressee, NAME),
        "attention": cut(attention, NAME),
        "addr1": cut(address.address1, STREET),
        "addr2": cut(address.address2, STREET),
        "city": cut(address.city, CITY),
        "state": cut(state, STATE),
        "zip": cut_plain(address.zip, ZIP),
        "addrPhone": usable_phone(address.phone),
    }
    body: dict[str, Any] = {name: text for name, text in parts.items() if text}
    if address.country:
        body["country"] = {"id": address.country}
    return body

"""What of a document's texts NetSuite does not take as it is: cut or left out by rule, and said in a sentence each."""

from __future__ import annotations

from collections.abc import Iterator

from canonical.documents import SalesDocument
from canonical.naming import AddressStyle
from canonical.parties import Address
from erps.netsuite.texts import (
    DESCRIPTION,
    OTHER_NUMBER,
    address_texts,
    clean,
    known_country,
    usable_email,
    usable_phone,
)


def fitting_notes(document: SalesDocument) -> tuple[str, ...]:
    """One sentence for each text of the document that is shortened or left out, with both lengths."""
    return tuple(_notes(document))


def _notes(document: SalesDocument) -> Iterator[str]:
    yield from _too_long("The PO number", document.po_number, OTHER_NUMBER)
    for line in document.lines:
        what = f"The description of the line on {line.item.name or line.item.id}"
        yield from _too_long(what, line.description, DESCRIPTION)
    if clean(document.email) and not usable_email(document.email):
        yield f"The e-mail '{clean(document.email)[:60]}' was left out: NetSuite does not take it."
    for place, address in _places(document):
        yield from _address_notes(place, address, document.style)


def _places(document: SalesDocument) -> Iterator[tuple[str, Address]]:
    """Both addresses, or the one that is both."""
    if document.shipping is not None:
        same = document.shipping == document.billing
        yield ("address" if same else "shipping address"), document.shipping
    if document.billing is not None and document.billing != document.shipping:
        yield "billing address", document.billing


def _address_notes(place: str, address: Address, style: AddressStyle) -> Iterator[str]:
    for row in address_texts(address, style):
        yield from _too_long(f"{row.words} of the {place}", row.text, row.limit)
    phone = clean(address.phone) if style.phones else ""
    if phone and usable_phone(phone) != phone:
        yield f"The phone number '{phone[:60]}' of the {place} was left out or shortened: NetSuite does not take it."
    if address.country and not known_country(address.country):
        yield f"The country '{address.country}' of the {place} was left out: there is no such country."


def _too_long(what: str, text: str, limit: int) -> Iterator[str]:
    length = len(clean(text))
    if length > limit:
        yield f"{what} has {length} characters, NetSuite takes {limit}: the rest was left off."

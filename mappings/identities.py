"""Who an order is from, in a form that finds the same customer again."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache

import phonenumbers

from canonical.orders import Order
from canonical.parties import Address


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """The buyer of an order. `source_id` goes into links and external ids: the customer's Shopify id, `loc-` with a
    company location's id, or for guests `guest-` with a hash of the e-mail (or phone), so that a guest who comes
    back is the same customer; a guest with an address only is known by the order."""

    source_id: str
    name: str
    is_person: bool = True
    first_name: str = ""
    last_name: str = ""
    company: str = ""
    email: str = ""
    phone: str = ""
    country: str = ""
    tax_exempt: bool = False

    @property
    def shown(self) -> str:
        """How a person recognizes the buyer: the e-mail, else the name."""
        return self.email or self.name


def normal_email(email: str) -> str:
    """E-mail addresses are compared trimmed and in lower case."""
    return email.strip().lower()


@lru_cache(maxsize=4096)
def e164(phone: str, country: str) -> str:
    """A phone number as +<country code><number>; `country` (ISO alpha-2) is taken where the number names none.
    Empty when it is no phone number."""
    try:
        number = phonenumbers.parse(phone, country or None)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_possible_number(number):
        return ""
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:20]


def identity_of(order: Order) -> Identity | None:
    """The buyer: company location, else customer, else guest; None when the order names nobody at all.

    A company is never matched by its contact's e-mail or phone: contacts change, and may buy for themselves too.
    """
    place = order.shipping or order.billing
    country = place.country if place else ""
    if order.company is not None:
        company = order.company
        location = company.location_name if company.location_name != company.name else ""
        return Identity(
            source_id=f"loc-{company.location_id}" if company.location_id else f"company-{company.source_id}",
            name=f"{company.name} - {location}" if location else company.name,
            is_person=False,
            company=f"{company.name} - {location}" if location else company.name,
            country=country,
            tax_exempt=company.tax_exempt,
        )
    address = order.billing or order.shipping
    # Not the phone of the shipping address beside a billing address: that may be the one a present goes to.
    phones = (order.customer.phone if order.customer else "", order.phone, address.phone if address else "")
    phone = next((number for number in (e164(text, country) for text in phones if text) if number), "")
    if order.customer is not None:
        customer = order.customer
        named = bool(customer.first_name or customer.last_name)
        return Identity(
            source_id=customer.source_id,
            name=customer.name or (address.name if address else "") or f"Customer {customer.source_id}",
            first_name=customer.first_name if named else (address.first_name if address else ""),
            last_name=customer.last_name if named else (address.last_name if address else ""),
            company=address.company if address else "",
            email=normal_email(customer.email or order.email),
            phone=phone,
            country=country,
            tax_exempt=customer.tax_exempt,
        )
    return _guest(order, address, phone, country)


def known_as(order: Order) -> tuple[str, ...]:
    """All ids the buyer of an order may be linked under: customer or guest, or company location and company."""
    identity = identity_of(order)
    own = (identity.source_id,) if identity is not None else ()
    company = (f"company-{order.company.source_id}",) if order.company is not None else ()
    return tuple(dict.fromkeys((*own, *company)))


def _guest(order: Order, address: Address | None, phone: str, country: str) -> Identity | None:
    email = normal_email(order.email)
    name = address.name if address else ""
    if email or phone:
        source_id = f"guest-{_hash(email or phone)}"
    elif name:
        source_id = f"order-{order.source_id}"
    else:
        return None
    return Identity(
        source_id=source_id,
        name=name or email or phone,
        first_name=address.first_name if address else "",
        last_name=address.last_name if address else "",
        company=address.company if address else "",
        email=email,
        phone=phone,
        country=country,
        tax_exempt=order.tax_exempt,
    )

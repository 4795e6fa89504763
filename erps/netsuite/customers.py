"""A customer document as the body NetSuite takes. Field names: REST API Browser 2026.1, record customer."""

from __future__ import annotations

from typing import Any

from canonical.documents import CustomerDocument
from canonical.parties import Address
from erps.netsuite.extra_fields import put_extras
from erps.netsuite.metadata import Features
from erps.netsuite.texts import NAME, PERSON_NAME, address_body, clean, cut, usable_email, usable_phone

UNKNOWN_NAME = "-"
"""Persons need both names in NetSuite; a missing one is this."""


def entity_id(document: CustomerDocument) -> str:
    """The customer's name in NetSuite, made unique by Shopify's id: two people may share a name, two records may
    not. At most 83 characters; the id is never cut."""
    mark = f" (shp {document.source_id})"
    return cut(document.name or document.email or "Customer", NAME - len(mark)) + mark


def customer_body(document: CustomerDocument, currency_id: str, features: Features) -> dict[str, Any]:
    """The body of `POST /record/v1/customer`. `currency_id` may be "" (the subsidiary's currency is taken)."""
    body: dict[str, Any] = {
        "externalId": document.external_id,
        "entityId": entity_id(document),
        "autoName": False,
        "isPerson": document.is_person,
    }
    if document.is_person:
        first, last = _person(document)
        body["firstName"], body["lastName"] = first, last
        if document.company:
            body["companyName"] = cut(document.company, NAME)
    else:
        body["companyName"] = cut(document.company or document.name, NAME)
    email, phone = usable_email(document.email), usable_phone(document.phone)
    if email:
        body["email"] = email
    if phone:
        body["phone"] = phone
    for name, ref in (
        ("subsidiary", document.subsidiary if features.oneworld else None),
        ("terms", document.terms),
        ("priceLevel", document.price_level),
        ("category", document.category),
    ):
        if ref is not None:
            body[name] = {"id": ref.id}
    if currency_id:
        body["currency"] = {"id": currency_id}
    if document.tax_exempt and features.taxable_flag:
        body["taxable"] = False
    book = _address_book(document.billing, document.shipping)
    if book:
        body["addressBook"] = {"items": book}
    put_extras(body, document.extra)
    return body


def _person(document: CustomerDocument) -> tuple[str, str]:
    """First and last name; when only a full name is known, its last word is the last name."""
    first, last = document.first_name, document.last_name
    if not first and not last:
        first, _, last = clean(document.name).rpartition(" ")
    return cut(first, PERSON_NAME) or UNKNOWN_NAME, cut(last, PERSON_NAME) or UNKNOWN_NAME


def _address_book(billing: Address | None, shipping: Address | None) -> list[dict[str, Any]]:
    """One entry when both addresses are the same (or one is missing), else one each."""
    known = [address for address in (billing, shipping) if address is not None and address_body(address)]
    if len(known) == 2 and known[0] == known[1]:
        known = known[:1]
    if len(known) == 1:
        return [_entry("Shopify", known[0], bills=True, ships=True)]
    return [
        _entry(label, address, bills=index == 0, ships=index == 1)
        for index, (label, address) in enumerate(
            zip(("Shopify billing", "Shopify shipping"), known, strict=False)
        )
    ]


def _entry(label: str, address: Address, *, bills: bool, ships: bool) -> dict[str, Any]:
    return {
        "label": label,
        "defaultBilling": bills,
        "defaultShipping": ships,
        "addressBookAddress": address_body(address),
    }

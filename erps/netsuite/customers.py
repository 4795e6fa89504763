"""A customer document as the body NetSuite takes. Field names: REST API Browser 2026.1, record customer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from canonical.documents import CustomerDocument, Ref
from canonical.naming import AddressStyle
from canonical.parties import Address
from erps.netsuite.extra_fields import put_extras
from erps.netsuite.metadata import Features
from erps.netsuite.texts import (
    NAME,
    PERSON_NAME,
    address_body,
    clean,
    cut,
    cut_plain,
    usable_email,
    usable_phone,
)

TAX_ID = 40
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
    body |= _names(document)
    email = usable_email(document.email)
    phone = usable_phone(document.phone) if document.style.phones else ""
    if email:
        body["email"] = email
    if phone:
        body["phone"] = phone
    for name, ref in (
        ("subsidiary", document.subsidiary if features.oneworld else None),
        ("terms", document.terms),
        ("priceLevel", document.price_level),
        ("category", document.category),
        ("parent", _parent(document)),
    ):
        if ref is not None:
            body[name] = {"id": ref.id}
    if currency_id:
        body["currency"] = {"id": currency_id}
    if document.tax_exempt and features.taxable_flag:
        body["taxable"] = False
    if document.tax_id and document.tax_id_field:
        body[document.tax_id_field] = cut_plain(document.tax_id, TAX_ID)
    book = _address_book(document)
    if book:
        body["addressBook"] = {"items": book}
    put_extras(body, document.extra)
    return body


def currencies_of(body: Mapping[str, Any]) -> set[str]:
    """Ids of the currencies a customer record trades in."""
    rows = (body.get("currencyList") or {}).get("items") or []
    listed = [body.get("currency"), *(row.get("currency") for row in rows)]
    return {str(each["id"]) for each in listed if each}


def _parent(document: CustomerDocument) -> Ref | None:
    """The parent by its id; one that has yet to be created cannot be named."""
    return document.parent if isinstance(document.parent, Ref) else None


def _names(document: CustomerDocument) -> dict[str, str]:
    if not document.is_person:
        return {"companyName": cut(document.company or document.name, NAME)}
    first, last = _person(document)
    company = {"companyName": cut(document.company, NAME)} if document.company else {}
    return {"firstName": first, "lastName": last, **company}


def _person(document: CustomerDocument) -> tuple[str, str]:
    """First and last name; when only a full name is known, its last word is the last name."""
    first, last = document.first_name, document.last_name
    if not first and not last:
        first, _, last = clean(document.name).rpartition(" ")
    return cut(first, PERSON_NAME) or UNKNOWN_NAME, cut(last, PERSON_NAME) or UNKNOWN_NAME


def _address_book(document: CustomerDocument) -> list[dict[str, Any]]:
    """One entry when both addresses are the same (or one is missing), else one each."""
    style = document.style
    both = (document.billing, document.shipping)
    known = [address for address in both if address is not None and address_body(address, style)]
    if len(known) == 2 and known[0] == known[1]:
        known = known[:1]
    if len(known) == 1:
        return [_entry("Shopify", known[0], style, bills=True, ships=True)]
    return [
        _entry(label, address, style, bills=index == 0, ships=index == 1)
        for index, (label, address) in enumerate(
            zip(("Shopify billing", "Shopify shipping"), known, strict=False)
        )
    ]


def _entry(label: str, address: Address, style: AddressStyle, *, bills: bool, ships: bool) -> dict[str, Any]:
    return {
        "label": label,
        "defaultBilling": bills,
        "defaultShipping": ships,
        "addressBookAddress": address_body(address, style),
    }

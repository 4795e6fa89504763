"""Customers, companies and addresses, from the Admin GraphQL shape."""

from __future__ import annotations

from canonical.parties import Address, Company, Customer
from shops.shopify.reading import Node, Unreadable, flag, id_of, part, source_id, text, texts


def read_address(node: Node) -> Address:
    """A mailing address. Country and province are codes where Shopify has them."""
    return Address(
        first_name=text(node, "firstName"),
        last_name=text(node, "lastName"),
        company=text(node, "company"),
        address1=text(node, "address1"),
        address2=text(node, "address2"),
        city=text(node, "city"),
        province=text(node, "provinceCode"),
        province_name=text(node, "province"),
        zip=text(node, "zip"),
        country=text(node, "countryCodeV2"),
        phone=text(node, "phone"),
    )


def read_customer(node: Node) -> Customer:
    """The customer of an order; names and contacts are empty where Shopify withholds them."""
    return Customer(
        source_id=source_id(node),
        first_name=text(node, "firstName"),
        last_name=text(node, "lastName"),
        display_name=text(node, "displayName"),
        email=part(node, "defaultEmailAddress", lambda found: text(found, "emailAddress")) or "",
        phone=part(node, "defaultPhoneNumber", lambda found: text(found, "phoneNumber")) or "",
        tax_exempt=flag(node, "taxExempt"),
        tags=texts(node, "tags"),
    )


def read_company(node: Node) -> Company | None:
    """The company that bought; None when the buyer is a private customer."""
    if node.get("__typename") != "PurchasingCompany":
        return None
    company, location = node.get("company"), node.get("location")
    if not isinstance(company, dict):
        raise Unreadable("company", company)
    if not isinstance(location, dict):
        raise Unreadable("location", location)
    settings = location.get("taxSettings") or {}
    return Company(
        source_id=source_id(company),
        name=text(company, "name"),
        external_id=text(company, "externalId"),
        location_id=source_id(location),
        location_name=text(location, "name"),
        location_external_id=text(location, "externalId"),
        tax_registration_id=text(settings, "taxRegistrationId"),
        tax_exempt=flag(settings, "taxExempt"),
        contact_customer_id=part(node, "contact", lambda contact: id_of(contact, "customer")) or "",
    )

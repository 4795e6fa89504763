"""People and places: addresses, customers and companies as both sides understand them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A postal address. `country` is ISO 3166-1 alpha-2, `province` the subdivision code where there is one."""

    first_name: str = ""
    last_name: str = ""
    company: str = ""
    address1: str = ""
    address2: str = ""
    city: str = ""
    province: str = ""
    province_name: str = ""
    zip: str = ""
    country: str = ""
    phone: str = ""

    @property
    def name(self) -> str:
        """First and last name, or the company."""
        return " ".join(part for part in (self.first_name, self.last_name) if part) or self.company


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """A Shopify customer. `source_id` is the numeric id as text; `email` and `phone` as Shopify keeps them."""

    source_id: str
    first_name: str = ""
    last_name: str = ""
    display_name: str = ""
    email: str = ""
    phone: str = ""
    tax_exempt: bool = False
    tags: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The name to show and to book under."""
        return " ".join(p for p in (self.first_name, self.last_name) if p) or self.display_name or self.email


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """A B2B buyer: company, location and contact ids are Shopify's numeric ids as text."""

    source_id: str
    name: str
    external_id: str = ""
    location_id: str = ""
    location_name: str = ""
    location_external_id: str = ""
    tax_registration_id: str = ""
    tax_exempt: bool = False
    contact_customer_id: str = ""

"""What is known of the customers of a batch: links of the hub, and what the ERP answered to one look-up for all."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from canonical.documents import DocumentKind, FoundCustomer, Ref
from canonical.external_ids import external_id
from canonical.parties import Address
from erps.port import ErpAdapter
from mappings.context import MappingContext
from mappings.customer_rules import CompaniesAs, CompanyMatch
from mappings.customers.buyers import Buyer
from mappings.customers.places import lives_at, searchable
from mappings.customers.tax_ids import normal_tax_id, spellings
from mappings.identities import e164, normal_email
from mappings.links import live_links
from mappings.models import CustomerMatch

BY_EMAIL = frozenset({CustomerMatch.EMAIL, CustomerMatch.EMAIL_PHONE})


@dataclass(slots=True)
class Wanted:
    """What one look-up in the ERP asks for."""

    external_ids: list[str] = field(default_factory=list)
    emails: list[str] = field(default_factory=list)
    phones: list[str] = field(default_factory=list)
    numbers: list[str] = field(default_factory=list)
    tax_ids: list[str] = field(default_factory=list)
    places: list[Address] = field(default_factory=list)
    tax_id_field: str = ""

    def arguments(self) -> dict[str, Any]:
        """As keyword arguments of the port, each value once; what is rarely used only when it is."""
        named = {
            name: list(dict.fromkeys(getattr(self, name)))
            for name in ("external_ids", "emails", "phones", "numbers", "tax_ids", "places")
        }
        rare = {name: named.pop(name) for name in ("numbers", "tax_ids", "places")}
        named |= {name: values for name, values in rare.items() if values}
        return {**named, **({"tax_id_field": self.tax_id_field} if self.tax_ids else {})}


@dataclass(slots=True)
class Known:
    """`linked` by Shopify id, `found` by ERP id."""

    context: MappingContext
    linked: dict[str, Ref] = field(default_factory=dict)
    found: dict[str, FoundCustomer] = field(default_factory=dict)
    _asked: set[tuple[str, ...]] = field(default_factory=set)

    def learn(self, buyers: Iterable[Buyer], adapter: ErpAdapter) -> None:
        """Look up links (one query for each 500), and whoever has none in the ERP (one call for all)."""
        people = [buyer for buyer in buyers if buyer.source_ids and not goes_to_default(buyer)]
        ids = [source_id for buyer in people for source_id in (*buyer.source_ids, *_parents(buyer))]
        for source_id, link in live_links(self.context.shop, DocumentKind.CUSTOMER, ids).items():
            self.linked[source_id] = Ref(link.erp_id, link.erp_number)
        wanted = Wanted()
        for buyer in people:
            if buyer.source_ids in self._asked or any(i in self.linked for i in buyer.source_ids):
                continue
            self._asked.add(buyer.source_ids)
            self._want(buyer, wanted)
        if wanted.external_ids:
            self.found.update((each.id, each) for each in adapter.find_customers(**wanted.arguments()))

    def _want(self, buyer: Buyer, wanted: Wanted) -> None:
        wanted.external_ids.extend(self.external_id(each) for each in (*buyer.source_ids, *_parents(buyer)))
        identity = buyer.identity
        if buyer.company is not None:
            wanted.numbers.extend([*buyer.numbers, *_parent_numbers(buyer)])
            if by_tax_id(buyer):
                wanted.tax_ids.extend(spellings(buyer.company.tax_registration_id, buyer.country))
                wanted.tax_id_field = buyer.rules.tax_id_field
            if buyer.rules.company_match == CompanyMatch.CONTACT:
                email, phone = contact_of(buyer)
                wanted.emails.extend([email] if email else [])
                wanted.phones.extend([phone] if phone else [])
            return
        if identity is None:
            return
        match = buyer.template.match
        if match in BY_EMAIL and identity.email:
            wanted.emails.append(identity.email)
        if match == CustomerMatch.EMAIL_PHONE and identity.phone:
            wanted.phones.append(identity.phone)
        if match == CustomerMatch.BILL_TO and buyer.bill_to is not None and searchable(buyer.bill_to):
            wanted.places.append(buyer.bill_to)

    def external_id(self, source_id: str) -> str:
        """The external id of a customer created for a Shopify id."""
        return external_id(self.context.shop.key, DocumentKind.CUSTOMER, source_id)

    def with_external_ids(self, source_ids: Iterable[str]) -> list[FoundCustomer]:
        """Customers the hub created for one of the Shopify ids."""
        ours = {self.external_id(source_id) for source_id in source_ids}
        return [each for each in self.found.values() if each.external_id in ours]

    def with_number(self, number: str) -> list[FoundCustomer]:
        """Customers that go by a number or name, or carry it as external id."""
        wanted = number.casefold()
        return [
            each
            for each in self.found.values()
            if wanted in (each.name.casefold(), each.external_id.casefold())
        ]

    def with_email(self, email: str) -> list[FoundCustomer]:
        """Customers with an e-mail, whatever its case."""
        return [each for each in self.found.values() if normal_email(each.email) == email]

    def with_phone(self, phone: str, country: str) -> list[FoundCustomer]:
        """Customers with a phone number; theirs is read as one of the buyer's country where it names none."""
        return [each for each in self.found.values() if each.phone and e164(each.phone, country) == phone]

    def with_tax_id(self, tax_id: str, country: str) -> list[FoundCustomer]:
        """Customers with a tax registration id, however it is written."""
        wanted = normal_tax_id(tax_id, country)
        return [
            each
            for each in self.found.values()
            if each.tax_id and normal_tax_id(each.tax_id, country) == wanted
        ]

    def living_at(self, address: Address) -> list[FoundCustomer]:
        """Customers with this name and address."""
        return [each for each in self.found.values() if lives_at(each, address)]


def goes_to_default(buyer: Buyer) -> bool:
    """Whether a rule sends the order to a customer that stands for many, so that nobody is looked up or linked."""
    if buyer.company is not None:
        return not buyer.rules.import_companies or buyer.rules.company_match == CompanyMatch.DEFAULT_COMPANY
    by_country = buyer.for_country and buyer.template.default_customer_id
    return (
        bool(by_country)
        or not buyer.rules.import_customers
        or buyer.template.match == CustomerMatch.DEFAULT_CUSTOMER
    )


def by_tax_id(buyer: Buyer) -> bool:
    """Whether companies are looked up by tax registration id, and this one has one."""
    wanted = buyer.rules.company_match in (CompanyMatch.TAX_ID, CompanyMatch.CONTACT)
    return bool(
        wanted and buyer.rules.tax_id_field and buyer.company and buyer.company.tax_registration_id.strip()
    )


def contact_of(buyer: Buyer) -> tuple[str, str]:
    """E-mail and phone of the person who ordered for a company, in normal form."""
    customer = buyer.order.customer
    email = (customer.email if customer else "") or buyer.order.email
    phone = customer.phone if customer else ""
    return normal_email(email), e164(phone, buyer.country) if phone else ""


def _parents(buyer: Buyer) -> tuple[str, ...]:
    return (buyer.company_id,) if has_parent(buyer) else ()


def _parent_numbers(buyer: Buyer) -> list[str]:
    number = buyer.company.external_id.strip() if buyer.company else ""
    return [number] if number and has_parent(buyer) else []


def has_parent(buyer: Buyer) -> bool:
    """Whether the customer of the location is a sub-customer of the company's."""
    by_rule = buyer.rules.companies_as == CompaniesAs.SUB_CUSTOMER
    return bool(by_rule and buyer.company and buyer.company.location_id)

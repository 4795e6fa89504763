"""The buyer of an order with the rules that hold for it."""

from __future__ import annotations

from dataclasses import dataclass

from canonical.naming import name_by
from canonical.orders import Order
from canonical.parties import Address, Company
from mappings.context import MappingContext
from mappings.customer_rules import CompaniesAs, NameChoice, PhoneChoice
from mappings.identities import Identity, e164, identity_of
from mappings.models import CustomerRules, CustomerTemplate


@dataclass(frozen=True, slots=True)
class Buyer:
    """Who buys and by which rules. `template` is the one of the country, else the shop's; `for_country` says which."""

    order: Order
    identity: Identity | None
    template: CustomerTemplate
    for_country: bool
    general: CustomerTemplate
    rules: CustomerRules

    @classmethod
    def of(cls, order: Order, context: MappingContext) -> Buyer:
        """Read the rules for the buyer of an order."""
        place = order.shipping or order.billing
        template = context.template(place.country if place else "")
        return cls(
            order=order,
            identity=identity_of(order),
            template=template,
            for_country=bool(template.country),
            general=context.template(""),
            rules=context.customer_rules or CustomerRules(shop=context.shop),
        )

    @property
    def company(self) -> Company | None:
        """The company that buys; None for a private customer."""
        return self.order.company

    @property
    def country(self) -> str:
        """ISO code of the country whose template counts; "" when the order names none."""
        return self.identity.country if self.identity else ""

    @property
    def bill_to(self) -> Address | None:
        """The address the buyer is billed at."""
        return self.order.billing or self.order.shipping

    @property
    def source_ids(self) -> tuple[str, ...]:
        """Shopify ids the buyer may be linked under, the one new links are made for first. A company that becomes a
        parent is none of them: its locations are the customers."""
        if self.identity is None:
            return ()
        own = self.identity.source_id
        if self.company is None or own == self.company_id:
            return (own,)
        if self.rules.companies_as == CompaniesAs.SUB_CUSTOMER:
            return (own,)
        if self.rules.companies_as == CompaniesAs.COMPANY:
            return (self.company_id, own)
        return (own, self.company_id)

    @property
    def company_id(self) -> str:
        """The id a whole company is linked under."""
        return f"company-{self.company.source_id}" if self.company else ""

    @property
    def numbers(self) -> list[str]:
        """Numbers of the ERP that Shopify keeps for the company, the location's first."""
        if self.company is None:
            return []
        known = [self.company.location_external_id, self.company.external_id]
        if self.rules.companies_as == CompaniesAs.SUB_CUSTOMER:
            known = known[:1]
        elif self.rules.companies_as == CompaniesAs.COMPANY:
            known = known[::-1]
        return [number.strip() for number in known if number.strip()]

    def phone(self) -> str:
        """The phone number a new customer gets, in international form; "" when there is none."""
        order, address = self.order, self.bill_to
        by = {
            "customer": order.customer.phone if order.customer else "",
            "order": order.phone,
            "address": address.phone if address else "",
        }
        places = {
            PhoneChoice.CUSTOMER: ("customer", "order", "address"),
            PhoneChoice.ORDER: ("order", "address", "customer"),
            PhoneChoice.ADDRESS: ("address", "order", "customer"),
            PhoneChoice.NONE: (),
        }[PhoneChoice(self.template.phone_source)]
        numbers = (e164(by[place], self.country) for place in places if by[place])
        return next((number for number in numbers if number), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """How a new customer is called: a person with both names and maybe a company, or a company."""

    name: str
    is_person: bool
    first_name: str = ""
    last_name: str = ""
    company: str = ""


def names_of(identity: Identity, template: CustomerTemplate) -> Names:
    """Names by the template's sources: the first source that gives a name wins, else whatever is known. When the
    company gives it, the customer is a company."""
    if not identity.is_person:
        return Names(name=identity.name, is_person=False, company=identity.company)
    parts = (identity.first_name, identity.last_name, identity.company)
    named = {source: name_by(source, *parts) for source in (template.name_source, template.name2_source)}
    source = next((source for source, name in named.items() if name), "")
    if source == NameChoice.COMPANY:
        return Names(name=identity.company, is_person=False, company=identity.company)
    second = NameChoice.COMPANY in (template.name_source, template.name2_source)
    return Names(
        name=named.get(source) or identity.name,
        is_person=True,
        first_name=identity.first_name,
        last_name=identity.last_name,
        company=identity.company if second else "",
    )

"""The rungs of the ladder: each answers with a customer, or says why it does not. Never a guess: two that fit are a
person's choice."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from canonical.documents import CustomerDocument, FoundCustomer, Ref
from common.errors import Candidate, NeedsPerson
from mappings.customer_rules import CompanyMatch
from mappings.customers.buyers import Buyer
from mappings.customers.creating import new_customer
from mappings.customers.known import BY_EMAIL, Known, by_tax_id, contact_of
from mappings.customers.places import searchable
from mappings.models import CustomerMatch, MapKind

MAX_LISTED = 5
"""Customers named in a sentence."""
MAX_OFFERED = 25
"""Customers kept for a person to choose from."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A rung's answer. One that stands for many is not linked."""

    customer: Ref | CustomerDocument
    for_many: bool = False
    how: str = ""


def shown(customer: Ref | CustomerDocument) -> str:
    """A customer in words."""
    if isinstance(customer, CustomerDocument):
        return f"a new customer {customer.name} is created from the template"
    return f"{customer.name} (id {customer.id})" if customer.name else f"id {customer.id}"


# ------------------------------------------------------------------------------- rungs that name one for many


def _country_default(buyer: Buyer, _: Known) -> Answer | str:
    if not buyer.for_country:
        return f"There is no template for {buyer.country or 'orders without a country'}."
    if not buyer.template.default_customer_id:
        return f"The template for {buyer.template.country} names no default customer."
    return Answer(
        Ref(buyer.template.default_customer_id, buyer.template.default_customer_name), for_many=True
    )


def _import_off(buyer: Buyer, _: Known) -> Answer | str:
    if buyer.rules.import_customers:
        return "Customers come in with their orders."
    return _general_default(buyer, "customers do not come in with their orders")


def _always_default(buyer: Buyer, _: Known) -> Answer | str:
    if buyer.template.match != CustomerMatch.DEFAULT_CUSTOMER:
        return f"The rule is: {buyer.template.get_match_display()}."
    return _general_default(buyer, "customers are set to be one default customer")


def _nobody(buyer: Buyer, _: Known) -> Answer | str:
    if buyer.identity is not None:
        return f"The order is from {buyer.identity.shown}."
    return _general_default(buyer, "the order names nobody (no customer, e-mail or address)")


def _general_default(buyer: Buyer, why: str) -> Answer:
    """The default customer of the template, else of the one for all other countries."""
    for template in (buyer.template, buyer.general):
        if template.default_customer_id:
            ref = Ref(template.default_customer_id, template.default_customer_name)
            return Answer(ref, for_many=True)
    raise NeedsPerson(
        "NO_CUSTOMER",
        f"Order {buyer.order.name}: {why}, and the customer rules name no default customer.",
        field="customer",
        value=buyer.order.channel or buyer.order.source_name,
    )


def _companies_off(buyer: Buyer, _: Known) -> Answer | str:
    if buyer.rules.import_companies:
        return "Companies come in with their orders."
    return _default_company(buyer, "companies do not come in with their orders")


def _always_default_company(buyer: Buyer, _: Known) -> Answer | str:
    if buyer.rules.company_match != CompanyMatch.DEFAULT_COMPANY:
        return f"The rule is: {buyer.rules.get_company_match_display()}."
    return _default_company(buyer, "companies are set to be one default company")


def _default_company(buyer: Buyer, why: str) -> Answer:
    rules = buyer.rules
    if rules.default_company_id:
        return Answer(Ref(rules.default_company_id, rules.default_company_name), for_many=True)
    name = buyer.identity.name if buyer.identity else ""
    raise NeedsPerson(
        "NO_COMPANY",
        f"Order {buyer.order.name} of {name}: {why}, and the customer rules name no default company.",
        field="customer",
        value=name,
    )


# ------------------------------------------------------------------------------- rungs that find one


def _link(buyer: Buyer, known: Known) -> Answer | str:
    for source_id in sorted(buyer.source_ids, key=lambda each: each.startswith("company-")):
        if source_id in known.linked:
            ref = known.linked[source_id]
            which = "the whole company" if source_id == buyer.company_id else "this buyer"
            return Answer(ref, how=f"{shown(ref)}, linked to {which}")
    return "No customer is linked yet."


def _external_id(buyer: Buyer, known: Known) -> Answer | str:
    for source_id in buyer.source_ids:
        ours = known.external_id(source_id)
        found = _one_of(buyer, known.with_external_ids([source_id]), f"external id {ours}")
        if found is not None:
            return found
    return "No customer carries the hub's external id."


def _number(buyer: Buyer, known: Known) -> Answer | str:
    if not buyer.numbers:
        return "Shopify keeps no external id for the company or its location."
    for number in buyer.numbers:
        found = _one_of(buyer, known.with_number(number), f"number {number}")
        if found is not None:
            return found
    return f"No customer goes by {' or '.join(buyer.numbers)}."


def _email(buyer: Buyer, known: Known) -> Answer | str:
    identity = buyer.identity
    if buyer.template.match not in BY_EMAIL:
        return "The rule does not look at e-mail addresses."
    if identity is None or not identity.email:
        return "The order has no e-mail address."
    found = _one_of(
        buyer, _of_subsidiary(buyer, known, known.with_email(identity.email)), f"e-mail {identity.email}"
    )
    return found or f"No customer has the e-mail {identity.email}."


def _phone(buyer: Buyer, known: Known) -> Answer | str:
    identity = buyer.identity
    if buyer.template.match != CustomerMatch.EMAIL_PHONE:
        return "The rule does not look at phone numbers."
    if identity is None or not identity.phone:
        return "The order has no phone number."
    fitting = known.with_phone(identity.phone, identity.country)
    found = _one_of(buyer, _of_subsidiary(buyer, known, fitting), f"phone {identity.phone}")
    return found or f"No customer has the phone number {identity.phone}."


def _bill_to(buyer: Buyer, known: Known) -> Answer | str:
    if buyer.template.match != CustomerMatch.BILL_TO:
        return "The rule does not look at addresses."
    if buyer.bill_to is None or not searchable(buyer.bill_to):
        return "The order has no complete billing address."
    where = f"name and address {buyer.bill_to.name}, {buyer.bill_to.address1}, {buyer.bill_to.city}"
    found = _one_of(buyer, _of_subsidiary(buyer, known, known.living_at(buyer.bill_to)), where)
    return found or f"No customer has the {where}."


def _tax_id(buyer: Buyer, known: Known) -> Answer | str:
    if buyer.company is None or not by_tax_id(buyer):
        wanted = buyer.rules.company_match in (CompanyMatch.TAX_ID, CompanyMatch.CONTACT)
        return (
            "The company has no tax id, or no ERP field is named." if wanted else "Tax ids are not compared."
        )
    tax_id = buyer.company.tax_registration_id.strip()
    fitting = _of_subsidiary(buyer, known, known.with_tax_id(tax_id, buyer.country))
    return _one_of(buyer, fitting, f"tax id {tax_id}") or f"No customer has the tax id {tax_id}."


def _contact(buyer: Buyer, known: Known) -> Answer | str:
    if buyer.rules.company_match != CompanyMatch.CONTACT:
        return "The rule does not look at the contact."
    email, phone = contact_of(buyer)
    for by, fitting in (
        (f"e-mail {email}", known.with_email(email) if email else []),
        (f"phone {phone}", known.with_phone(phone, buyer.country) if phone else []),
    ):
        companies = [each for each in fitting if not each.is_person]
        found = _one_of(buyer, _of_subsidiary(buyer, known, companies), by)
        if found is not None:
            return found
    return "No company in the ERP has the contact's e-mail or phone."


def _new(buyer: Buyer, known: Known) -> Answer | str:
    identity = buyer.identity
    if identity is None:
        return "The order names nobody."
    if buyer.template.create_missing:
        return Answer(new_customer(buyer, identity, known))
    raise NeedsPerson(
        "CUSTOMER_NOT_FOUND",
        f"Order {buyer.order.name}: customer {identity.shown} is not in the ERP, and customers are not created.",
        field="customer",
        value=identity.shown,
    )


def _new_company(buyer: Buyer, known: Known) -> Answer | str:
    identity = buyer.identity
    if identity is None:
        return "The order names nobody."
    if buyer.rules.create_companies:
        return Answer(new_customer(buyer, identity, known))
    if buyer.rules.default_company_id:
        return _default_company(buyer, "")
    raise NeedsPerson(
        "CUSTOMER_NOT_FOUND",
        f"Order {buyer.order.name}: company {identity.shown} is not in the ERP, companies are not created, and there "
        "is no default company.",
        field="customer",
        value=identity.shown,
    )


Rung = Callable[[Buyer, Known], Answer | str]
PERSON_RUNGS: tuple[tuple[str, Rung], ...] = (
    ("Default customer of the country", _country_default),
    ("Default customer, import is off", _import_off),
    ("Always the default customer", _always_default),
    ("Default customer, nobody is named", _nobody),
    ("Link", _link),
    ("External id", _external_id),
    ("E-mail", _email),
    ("Phone", _phone),
    ("Name and billing address", _bill_to),
    ("New customer", _new),
)
COMPANY_RUNGS: tuple[tuple[str, Rung], ...] = (
    ("Default company, import is off", _companies_off),
    ("Always the default company", _always_default_company),
    ("Link of location or company", _link),
    ("External id", _external_id),
    ("Customer number kept in Shopify", _number),
    ("Tax registration id", _tax_id),
    ("Contact's e-mail or phone", _contact),
    ("New customer or default company", _new_company),
)


def _of_subsidiary(buyer: Buyer, known: Known, candidates: list[FoundCustomer]) -> list[FoundCustomer]:
    """Of several customers those of the subsidiary the order is booked in, where there are any: one buyer of two
    shops is one customer in each."""
    if len(candidates) < 2:
        return candidates
    wanted = known.context.dimension(MapKind.SUBSIDIARY, buyer.order)
    own = [c for c in candidates if wanted is not None and c.subsidiary_id == wanted.id and not c.inactive]
    return own or candidates


def _one_of(buyer: Buyer, fitting: Sequence[FoundCustomer], by: str) -> Answer | None:
    """The only active one, None when there is none. Two are a person's choice, and so is an inactive one."""
    active = [customer for customer in fitting if not customer.inactive]
    if len(active) == 1:
        ref = Ref(active[0].id, active[0].name)
        return Answer(ref, how=f"{shown(ref)}, by {by}")
    if not fitting:
        return None
    offered = active or fitting
    listed = ", ".join(f"{each.name} (id {each.id})" for each in offered[:MAX_LISTED])
    code, sentence = "INACTIVE_CUSTOMER", f"the customer with the {by} is inactive in the ERP"
    if active:
        code, sentence = "AMBIGUOUS_CUSTOMER", f"{len(active)} customers in the ERP have the {by}"
    raise NeedsPerson(
        code,
        f"Order {buyer.order.name}: {sentence}: {listed}.",
        field="customer",
        value=by,
        candidates=tuple(candidate(each) for each in offered[:MAX_OFFERED]),
    )


def candidate(found: FoundCustomer) -> Candidate:
    """A customer of the ERP as something a person may choose."""
    return Candidate(
        id=found.id,
        name=found.name,
        email=found.email,
        phone=found.phone,
        subsidiary=found.subsidiary_id,
        inactive=found.inactive,
    )

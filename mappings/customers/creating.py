"""A new customer: what it is made of, by the template of its country."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from canonical.documents import CustomerDocument, Ref
from canonical.money import PRESENTMENT
from mappings.context import MappingContext
from mappings.customer_rules import CompaniesAs
from mappings.customers.buyers import Buyer, Names, names_of
from mappings.customers.known import BY_EMAIL, Known, by_tax_id, has_parent
from mappings.customers.places import place_key, searchable
from mappings.customers.tax_ids import normal_tax_id
from mappings.identities import Identity
from mappings.models import CustomerMatch, MapKind

KEY_LENGTH = 40


def new_customer(buyer: Buyer, identity: Identity, known: Known) -> CustomerDocument:
    """The customer to create for a buyer nobody in the ERP is. Raises NeedsPerson when the sales channel has no
    subsidiary, or the parent is a person's choice."""
    context, template, order = known.context, buyer.template, buyer.order
    source_id = buyer.source_ids[0]
    names = _names(buyer, identity)
    subsidiary = _subsidiary(buyer, context)
    document = CustomerDocument(
        external_id=known.external_id(source_id),
        source_id=source_id,
        name=names.name,
        is_person=names.is_person,
        first_name=names.first_name,
        last_name=names.last_name,
        company=names.company,
        email=identity.email,
        phone=buyer.phone() if buyer.company is None else "",
        currency=order.presentment_currency if context.books(order) == PRESENTMENT else order.currency,
        subsidiary=subsidiary,
        terms=_ref(template.terms_id),
        price_level=_ref(template.price_level_id),
        category=_ref(template.category_id),
        tax_exempt=identity.tax_exempt,
        tax_id=buyer.company.tax_registration_id.strip() if buyer.company else "",
        tax_id_field=buyer.rules.tax_id_field,
        same_as=_same_as(buyer, identity, subsidiary),
        billing=order.billing,
        shipping=order.shipping,
        style=template.style(),
    )
    return replace(document, parent=_parent(buyer, document, known)) if has_parent(buyer) else document


def _names(buyer: Buyer, identity: Identity) -> Names:
    company = buyer.company
    if company is not None and buyer.rules.companies_as == CompaniesAs.COMPANY:
        return Names(name=company.name, is_person=False, company=company.name)
    return names_of(identity, buyer.template)


def _parent(buyer: Buyer, child: CustomerDocument, known: Known) -> Ref | CustomerDocument:
    """The company's customer: linked, found by our external id or by the number Shopify keeps, or to be created. A
    location is named by itself, since its parent's name stands before it."""
    company, source_id = buyer.company, buyer.company_id
    linked = known.linked.get(source_id)
    if linked is not None:
        return linked
    ours = [each for each in known.with_external_ids([source_id]) if not each.inactive]
    number = company.external_id.strip() if company else ""
    ours = ours or [each for each in known.with_number(number) if number and not each.inactive]
    if len(ours) == 1:
        return Ref(ours[0].id, ours[0].name)
    name = company.name if company else child.name
    return replace(
        child,
        external_id=known.external_id(source_id),
        source_id=source_id,
        name=name,
        company=name,
        tax_id="",
        same_as="",
        billing=None,
        shipping=None,
    )


def _subsidiary(buyer: Buyer, context: MappingContext) -> Ref | None:
    if buyer.template.subsidiary_id:
        return Ref(buyer.template.subsidiary_id)
    return context.dimension(MapKind.SUBSIDIARY, buyer.order)


def _ref(record_id: str) -> Ref | None:
    return Ref(record_id) if record_id else None


def _same_as(buyer: Buyer, identity: Identity, subsidiary: Ref | None) -> str:
    """A hash of what would make the next order find this customer, and of the subsidiary; "" when only links and
    external ids do."""
    match, text = buyer.template.match, ""
    if buyer.company is not None:
        if by_tax_id(buyer):
            text = "tax:" + normal_tax_id(buyer.company.tax_registration_id, buyer.country) + buyer.country
    elif match in BY_EMAIL and identity.email:
        text = f"email:{identity.email}"
    elif match == CustomerMatch.EMAIL_PHONE and identity.phone:
        text = f"phone:{identity.phone}"
    elif match == CustomerMatch.BILL_TO and buyer.bill_to is not None and searchable(buyer.bill_to):
        text = f"place:{place_key(buyer.bill_to)}"
    if not text:
        return ""
    whole = f"{text}@{subsidiary.id if subsidiary else ''}"
    return hashlib.sha256(whole.encode()).hexdigest()[:KEY_LENGTH]

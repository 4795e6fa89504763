"""Create customer: make the customer of an order from the template, although the rules would not, or not yet."""

from __future__ import annotations

import hashlib

from canonical.documents import CustomerDocument
from common.errors import NeedsPerson
from mappings.batch import Batch
from mappings.customers.buyers import Buyer
from mappings.customers.creating import new_customer
from mappings.links import assign_customer
from syncflows.actions.action import OPEN, Answer, Ask, OrderAction
from syncflows.actions.customers import check_link_counts, erp_of, facts_of
from syncflows.models import Sync
from syncflows.pipeline.customers import Creating
from syncflows.states import State


class CreateCustomer(OrderAction):
    """Create a customer in the ERP and link the buyer to it."""

    kind = "create_customer"
    label = "Create customer"
    icon = "person_add"
    permission = "syncflows.create_customer"
    consequence = (
        "A new customer is created in the ERP from the customer template of the country, and this buyer is linked to "
        "it from now on, also when others with the same e-mail, phone or tax id are there. First you see what would be "
        "created. The hub cannot delete it again."
    )
    done = "have a new customer."
    needs_reason = True
    missing_reason = "Say why a new customer is needed."
    states = OPEN
    place = 61
    outside = wakes = True

    def available(self, sync: Sync) -> bool:
        return super().available(sync) and not sync.order.document_number

    def question(self, sync: Sync, ask: Ask) -> tuple[str, str]:
        _, document = self._proposal(sync)
        return _token(document), f"{in_words(document)}\nPress again to create it."

    def run(self, sync: Sync, ask: Ask) -> Answer:
        batch, document = self._proposal(sync)
        if ask.values.get("shown") != _token(document):
            raise NeedsPerson(
                "ACTION_NOT_NOW",
                f"What would be created for order {sync.name} has changed meanwhile: look at it again.",
                value=sync.name,
            )
        with erp_of(sync.shop) as erp:
            ref = Creating(batch, erp).customer(document)
        assign_customer(sync.shop, document.source_id, ref, by=ask.user, reason=ask.reason)
        if State(sync.state) in (State.BLOCKED, State.WAITING):
            sync.retry()
        text = f"Customer {ref.name} (id {ref.id}) was created for order {sync.name}."
        return Answer(moved=True, text=text, details={"customer": ref.id, "name": ref.name})

    def _proposal(self, sync: Sync) -> tuple[Batch, CustomerDocument]:
        facts = facts_of(sync)
        with erp_of(sync.shop) as erp:
            batch = Batch(sync.shop, erp)
            batch.customers.prepare([facts], erp)
        buyer, known = Buyer.of(facts, batch.context), batch.customers.known
        check_link_counts(sync, buyer)
        if buyer.identity is None:
            raise NeedsPerson("CUSTOMER_RULE_FIRST", f"Order {sync.name} names nobody.")
        there = known.with_external_ids(buyer.source_ids)
        if there:
            raise NeedsPerson(
                "CUSTOMER_THERE_ALREADY",
                f"{there[0].name} (id {there[0].id}) was created for this buyer before: a second one would carry the "
                "same external id.",
                value=there[0].id,
            )
        return batch, new_customer(buyer, buyer.identity, known)


def in_words(document: CustomerDocument) -> str:
    """What would be created, a line for each part of it."""
    address = document.billing or document.shipping
    parent = document.parent
    rows = [
        ("New company" if not document.is_person else "New person", document.name),
        ("Company", document.company if document.is_person else ""),
        ("Under", parent.name if parent is not None else ""),
        ("E-mail", document.email),
        ("Phone", document.phone),
        (
            "Address",
            f"{address.address1}, {address.zip} {address.city}, {address.country}" if address else "",
        ),
        ("Currency", document.currency),
        ("Subsidiary", document.subsidiary.name or document.subsidiary.id if document.subsidiary else ""),
        ("Payment terms", document.terms.id if document.terms else ""),
        ("Price level", document.price_level.id if document.price_level else ""),
        ("Category", document.category.id if document.category else ""),
        ("Tax id", document.tax_id if document.tax_id_field else ""),
        ("Tax exempt", "yes" if document.tax_exempt else ""),
    ]
    return "\n".join(f"{name}: {text}" for name, text in rows if text)


def _token(document: CustomerDocument) -> str:
    return hashlib.sha256(repr(document).encode()).hexdigest()[:20]


ACTION = CreateCustomer()

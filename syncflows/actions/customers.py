"""The customer of one order, looked at live: how the rules choose, who else there is, and what would be created."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from canonical.documents import CustomerDocument, FoundCustomer
from canonical.orders import Order as OrderFacts
from common.errors import Candidate, HubError, NeedsPerson
from erps.port import ErpAdapter
from erps.registry import adapter_for
from erps.slots import one_slot
from mappings.batch import Batch
from mappings.customers import Climb
from mappings.customers.buyers import Buyer
from mappings.customers.creating import new_customer
from mappings.customers.known import goes_to_default
from mappings.customers.rungs import candidate
from shops.models import Shop
from shops.shopify.client import client_for
from shops.shopify.fetching import fetch_orders
from shops.shopify.orders import normalize_order
from syncflows.models import Sync
from syncflows.models.overrides import chosen_for

LISTED = 5
FOUND = 20


@dataclass(slots=True)
class Look:
    """What is known of an order's customer now. `proposed` is the one the template would make; `error` says why
    something could not be looked up, as a sentence."""

    climb: Climb | None = None
    proposed: CustomerDocument | None = None
    candidates: list[Candidate] = field(default_factory=list)
    error: HubError | None = None


@contextmanager
def erp_of(shop: Shop) -> Iterator[ErpAdapter]:
    """The shop's ERP with a request slot. Raises NeedsPerson NO_CONNECTION."""
    connection = shop.erp_connection
    if connection is None or not connection.is_active:
        raise NeedsPerson("NO_CONNECTION", f"{shop.name} has no active ERP connection.")
    with one_slot(connection):
        yield adapter_for(connection)


def facts_of(sync: Sync) -> OrderFacts:
    """The order as Shopify has it now. Raises HubError."""
    raw = fetch_orders(client_for(sync.shop), [sync.source_id])[sync.source_id]
    if isinstance(raw, HubError):
        raise raw
    return normalize_order(raw)


def look(sync: Sync) -> Look:
    """Climb the ladder for one order without writing anything. Errors are part of the answer."""
    seen = Look()
    try:
        facts = facts_of(sync)
        with erp_of(sync.shop) as erp:
            batch = Batch(sync.shop, erp, chosen_for([sync]))
            batch.customers.prepare([facts], erp)
        seen.climb = batch.customers.climb(facts)
        if seen.climb.error is not None:
            seen.candidates = list(seen.climb.error.candidates)
        buyer = Buyer.of(facts, batch.context)
        if buyer.identity is not None:
            seen.proposed = new_customer(buyer, buyer.identity, batch.customers.known)
    except HubError as error:
        seen.error = error
    return seen


def search(shop: Shop, text: str) -> list[Candidate]:
    """Customers of the ERP a person may mean by a text, or the one whose internal id it is. Raises HubError."""
    with erp_of(shop) as erp:
        return [candidate(each) for each in erp.search_customers(text, FOUND)]


def customer_meant(sync: Sync, text: str) -> FoundCustomer:
    """The one active customer a text names: by internal id, else by exact number, name or e-mail, else the only one
    that holds it. Raises HubError, naming those it could be."""
    wanted = text.strip()
    with erp_of(sync.shop) as erp:
        found = erp.find_customers(ids=[wanted]) if wanted.isdecimal() else []
        found = found or erp.search_customers(wanted, FOUND)
    exact = [each for each in found if wanted.casefold() in (each.name.casefold(), each.email.casefold())]
    fitting = exact or found
    if len(fitting) == 1:
        if fitting[0].inactive:
            raise NeedsPerson(
                "CUSTOMER_NOT_CHOSEN",
                f"{fitting[0].name} (id {fitting[0].id}) is inactive in the ERP: make it active there first.",
                value=wanted[:60],
            )
        return fitting[0]
    names = ", ".join(f"{each.name} (id {each.id})" for each in fitting[:LISTED])
    said = f"{len(fitting)} customers fit '{wanted}': {names}. Write the id." if fitting else ""
    raise NeedsPerson(
        "CUSTOMER_NOT_CHOSEN", said or f"No customer in the ERP fits '{wanted}'.", value=wanted[:60]
    )


def check_link_counts(sync: Sync, buyer: Buyer) -> None:
    """Raise NeedsPerson when a link would change nothing: a rule sends the orders to one customer for many, or the
    order names nobody."""
    if not buyer.source_ids:
        raise NeedsPerson(
            "CUSTOMER_RULE_FIRST",
            f"Order {sync.name} names nobody who could be linked: choose the customer for this order only.",
        )
    if goes_to_default(buyer):
        raise NeedsPerson(
            "CUSTOMER_RULE_FIRST",
            f"Orders like {sync.name} go to a default customer by the customer templates or rules, before any link: "
            "choose the customer for this order only, or change the rule.",
        )

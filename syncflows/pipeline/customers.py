"""The ERP customer of every order of a chunk: chosen, or created once and found again if it was there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from canonical.documents import CustomerDocument, Ref
from common.errors import AlreadyExists, HubError, NeedsPerson
from common.narrow import known
from erps.port import ErpAdapter
from mappings.batch import Batch
from mappings.customers import settle_external_id
from syncflows.pipeline.work import Work

Guard = Callable[[Work, Callable[[], None]], bool]


def choose_customers(works: Sequence[Work], batch: Batch, erp: ErpAdapter, guard: Guard) -> dict[str, Ref]:
    """The customer of every order by Shopify order id; an order without one has ended. `guard` runs one order's
    step."""
    chosen: dict[str, Ref] = {}
    creating = Creating(batch, erp)
    for work in works:

        def step(work: Work = work) -> None:
            facts = known(work.facts)
            answer = batch.customer_for(facts)
            if isinstance(answer, CustomerDocument):
                answer = creating.customer(answer)
            batch.remember_customer(facts, answer)
            chosen[work.sync.source_id] = answer

        guard(work, step)
    return chosen


class Creating:
    """Creates customers, each external id once: a second order of the same new buyer gets the first one's answer."""

    def __init__(self, batch: Batch, erp: ErpAdapter) -> None:
        self.batch = batch
        self.erp = erp
        self._made: dict[str, Ref | HubError] = {}

    def customer(self, document: CustomerDocument) -> Ref:
        """Create a customer, and the one it belongs to before it. Raises what the ERP answered."""
        document = settle_external_id(self.batch.context.connection, document)
        if isinstance(document.parent, CustomerDocument):
            parent = self.customer(document.parent)
            self.batch.customers.remember_parent(document.parent, parent)
            document = replace(document, parent=parent)
        made = self._made.get(document.external_id)
        if made is None:
            made = self._made[document.external_id] = create_customer(document, self.erp)
        if isinstance(made, HubError):
            raise made
        return made


def create_customer(document: CustomerDocument, erp: ErpAdapter) -> Ref | HubError:
    """Create one customer, or find the one that has its external id already; the error when neither can be."""
    try:
        ref = erp.create_customer(document)
    except AlreadyExists as error:
        there = erp.find_customers(external_ids=[document.external_id])
        if there:
            return Ref(there[0].id, there[0].name)
        return NeedsPerson(
            "ID_TAKEN",
            f"The ERP says customer {document.name} already exists, but no customer has "
            f"the external id {document.external_id}.",
            value=document.external_id,
            detail=error.detail,
        )
    except HubError as error:
        return error
    return Ref(ref.id, document.name)

"""The ladder by which the ERP customer of an order is chosen. Never a guess: two that fit are a person's choice."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from canonical.documents import CustomerDocument, DocumentKind, RecordRef, Ref
from canonical.orders import Order
from common.errors import NeedsPerson
from erps.port import ErpAdapter
from mappings.context import MappingContext
from mappings.customers.buyers import Buyer
from mappings.customers.known import Known
from mappings.customers.rungs import COMPANY_RUNGS, PERSON_RUNGS, shown
from mappings.links import record_link


@dataclass(frozen=True, slots=True)
class Step:
    """One rung of the ladder: its name, what it came to, and whether it answered (or stopped the order)."""

    rung: str
    said: str
    answered: bool = False


@dataclass(slots=True)
class Climb:
    """How the customer of one order was chosen: the rungs up to the one that answered, and its answer or error.
    `link_as` is the Shopify id the customer is linked under for the next time; "" when it stands for many."""

    steps: list[Step] = field(default_factory=list)
    answer: Ref | CustomerDocument | None = None
    error: NeedsPerson | None = None
    link_as: str = ""


@dataclass(slots=True)
class Customers:
    """The customers of a batch of orders of one shop."""

    context: MappingContext
    known: Known = field(init=False)

    def __post_init__(self) -> None:
        self.known = Known(self.context)

    def prepare(self, orders: Iterable[Order], adapter: ErpAdapter) -> None:
        """Look up links (one query), and whoever has none in the ERP (one call for all)."""
        buyers = [Buyer.of(order, self.context) for order in orders if self._picked(order) is None]
        self.known.learn(buyers, adapter)

    def of_order(self, order: Order) -> Ref | CustomerDocument:
        """The customer to book an order on, or the one to create for it. `prepare` must have seen the order.

        Raises NeedsPerson NO_CUSTOMER, NO_COMPANY, AMBIGUOUS_CUSTOMER, INACTIVE_CUSTOMER, CUSTOMER_NOT_FOUND.
        """
        climb = self.climb(order)
        if climb.error is not None:
            raise climb.error
        if climb.answer is None:
            raise NeedsPerson(
                "NO_CUSTOMER", f"Order {order.name}: no rule names a customer.", field="customer"
            )
        return climb.answer

    def climb(self, order: Order) -> Climb:
        """Try the rungs in their order and say of each what it came to. Raises nothing that a person can mend."""
        climb = Climb()
        picked = self._picked(order)
        if picked is not None:
            climb.steps.append(Step("Chosen for this order", shown(picked), answered=True))
            climb.answer = picked
            return climb
        buyer = Buyer.of(order, self.context)
        for name, rung in COMPANY_RUNGS if buyer.company is not None else PERSON_RUNGS:
            try:
                result = rung(buyer, self.known)
            except NeedsPerson as error:
                climb.steps.append(Step(name, error.message, answered=True))
                climb.error = error
                return climb
            if isinstance(result, str):
                climb.steps.append(Step(name, result))
                continue
            climb.steps.append(Step(name, result.how or shown(result.customer), answered=True))
            climb.answer = result.customer
            if not result.for_many and buyer.source_ids:
                climb.link_as = buyer.source_ids[0]
            return climb
        return climb

    def remember(self, order: Order, ref: Ref) -> None:
        """Keep the customer of an order: for the rest of the batch, and as a link for the next time. A customer that
        stands for many, or was chosen for one order, is not linked, nor one that is linked already."""
        climb = self.climb(order)
        if not climb.link_as or self._is_linked(order):
            return
        self._link(climb.link_as, ref)

    def remember_parent(self, document: CustomerDocument, ref: Ref) -> None:
        """Link the customer a whole company became, as parent of its locations."""
        if document.source_id not in self.known.linked:
            self._link(document.source_id, ref)

    def _picked(self, order: Order) -> Ref | None:
        return self.context.chosen_for(order.source_id).customer

    def _is_linked(self, order: Order) -> bool:
        return any(each in self.known.linked for each in Buyer.of(order, self.context).source_ids)

    def _link(self, source_id: str, ref: Ref) -> None:
        record = RecordRef(
            kind=DocumentKind.CUSTOMER,
            id=ref.id,
            external_id=self.known.external_id(source_id),
            number=ref.name.replace("\0", "")[:60],
            recovered=ref.id in self.known.found,
        )
        record_link(self.context.shop, DocumentKind.CUSTOMER, source_id, record)
        self.known.linked[source_id] = ref

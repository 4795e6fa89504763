"""A batch of orders of one shop: bulk look-ups once, then customer and document of each order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from canonical.components import COMPONENTS, TOTAL, components_of_document, components_of_facts
from canonical.documents import CustomerDocument, DocumentKind, Ref, SalesDocument
from canonical.facts import LedgerFacts
from canonical.ledger import ledger_facts
from canonical.orders import Order
from canonical.tie_out import tie_out
from erps.port import ErpAdapter
from mappings.charges import shipping_in_body
from mappings.context import MappingContext
from mappings.customers import Customers
from mappings.field_versions import mapper_for
from mappings.fields.rules import FieldRule
from mappings.items import Items
from mappings.mapper import map_document, with_rounding
from mappings.overrides import Chosen
from shops.models import Shop


@dataclass(frozen=True, slots=True, kw_only=True)
class MappedOrder:
    """A document that ties out, the facts behind it, and both sides by component: [Shopify, document] as text."""

    document: SalesDocument
    facts: LedgerFacts
    components: dict[str, list[str]]


class Batch:
    """The mapper for a list of orders of one shop. Not for use from several threads at once."""

    def __init__(self, shop: Shop, adapter: ErpAdapter, chosen: Mapping[str, Chosen] | None = None) -> None:
        """Reads the shop's maps; `chosen` is what people chose for single orders, by Shopify id. Raises NeedsPerson
        NO_CONNECTION."""
        self.adapter = adapter
        self.context = MappingContext.load(shop)
        self.context.chosen = chosen or {}
        self.items = Items(self.context)
        self.customers = Customers(self.context)
        self.fields = mapper_for(self.context)

    def try_fields(self, rules: Sequence[FieldRule]) -> None:
        """Map with these field mappings instead of the published ones (for a preview)."""
        self.fields = mapper_for(self.context, rules)

    def prepare(self, orders: Sequence[Order]) -> None:
        """All look-ups for the orders: at most one call to the ERP each for items, customers and charge items, none
        for what is known. Raises the adapter's errors; may be called again."""
        self.items.prepare(orders, self.adapter)
        self.customers.prepare(orders, self.adapter)

    def customer_for(self, order: Order) -> Ref | CustomerDocument:
        """The order's customer in the ERP, or the one to create. Raises NeedsPerson; writes nothing."""
        answer = self.customers.of_order(order)
        if isinstance(answer, CustomerDocument):
            return replace(answer, extra=self.fields.of_customer(order))
        return answer

    def remember_customer(self, order: Order, ref: Ref) -> None:
        """Link the order's customer to an ERP record, found or just created; doing it again changes nothing. A
        customer that was chosen for this one order is not linked."""
        self.customers.remember(order, ref)

    def document_for(
        self, order: Order, customer: Ref, kind: DocumentKind = DocumentKind.SALES_ORDER
    ) -> MappedOrder:
        """Facts, map and tie-out of one order, as a document of the kind.

        Raises NeedsPerson (ledger, mapping or tie-out) or Skip; nothing is written anywhere.
        """
        mapped = tied_document(self.context, self.items, order, customer, kind)
        money = self.context.money_of(order)
        return replace(mapped, document=self.fields.onto_document(mapped.document, order, money))


def tied_document(
    context: MappingContext,
    items: Items,
    order: Order,
    customer: Ref,
    kind: DocumentKind = DocumentKind.SALES_ORDER,
) -> MappedOrder:
    """Facts, map and tie-out of one order, without further fields. Pure; the errors of `Batch.document_for`."""
    facts = ledger_facts(order, context.money_of(order))
    document = map_document(context, items, order, facts, customer, kind=kind)
    in_body = shipping_in_body(context.connection, facts)
    shopify = components_of_facts(facts, shipping_net=in_body)
    ours = components_of_document(document)
    rounding = tie_out(order.name, shopify, ours, context.limits, document.line_count)
    if rounding:
        document = with_rounding(document, items, rounding)
        ours = components_of_document(document)
    components = {
        str(name): [str(shopify.of(name)), str(ours.of(name))]
        for name in COMPONENTS
        if shopify.of(name) or ours.of(name)
    }
    components[TOTAL] = [str(shopify.total), str(ours.total)]
    return MappedOrder(document=document, facts=facts, components=components)

"""Which access scope a type or a mutation needs (the `requiredAccess` of the published schema)."""

from __future__ import annotations

from collections.abc import Iterable

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLSchema,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    get_named_type,
    visit,
)

Alternatives = tuple[str, ...]

FULFILLMENT_ORDER_SCOPES: Alternatives = (
    "read_assigned_fulfillment_orders",
    "read_merchant_managed_fulfillment_orders",
    "read_third_party_fulfillment_orders",
    "read_marketplace_fulfillment_orders",
)
TYPE_SCOPES: dict[str, Alternatives] = {
    "Company": ("read_customers", "read_companies"),
    "CompanyContact": ("read_customers", "read_companies"),
    "CompanyLocation": ("read_customers", "read_companies"),
    "Customer": ("read_customers",),
    "FulfillmentOrder": FULFILLMENT_ORDER_SCOPES,
    "FulfillmentOrderAssignedLocation": FULFILLMENT_ORDER_SCOPES,
    "InventoryItem": ("read_inventory", "read_products"),
    "Location": ("read_locations",),
    "Market": ("read_markets",),
    "Order": ("read_orders",),
    "PaymentTerms": ("read_payment_terms",),
    "Product": ("read_products",),
    "ProductVariant": ("read_products",),
    "Refund": ("read_orders",),
    "Return": ("read_returns", "read_orders"),
    "StaffMember": ("read_users",),
}
COUNT_SCOPES: dict[str, Alternatives] = {
    "ordersCount": ("read_orders",),
    "customersCount": ("read_customers",),
}
MUTATION_SCOPES: dict[str, Alternatives] = {
    "orderCancel": ("write_orders",),
    "orderCapture": ("write_orders",),
    "orderClose": ("write_orders",),
    "orderEditAddShippingLine": ("write_order_edits",),
    "orderEditBegin": ("write_order_edits",),
    "orderEditCommit": ("write_order_edits",),
    "orderEditRemoveShippingLine": ("write_order_edits",),
    "orderEditUpdateShippingLine": ("write_order_edits",),
    "orderMarkAsPaid": ("write_orders",),
    "orderOpen": ("write_orders",),
    "orderUpdate": ("write_orders",),
}
OWNER_SCOPES: dict[str, Alternatives] = {
    "Order": ("write_orders",),
    "Customer": ("write_customers",),
    "Location": ("write_locations",),
}
"""Writing tags or metafields needs the scope of the object they are on."""

ALL_SCOPES = [
    "read_all_orders",
    "read_companies",
    "read_customers",
    "read_draft_orders",
    "read_fulfillments",
    "read_inventory",
    "read_locations",
    "read_markets",
    "read_merchant_managed_fulfillment_orders",
    "read_orders",
    "read_payment_terms",
    "read_products",
    "read_returns",
    "read_shopify_payments_payouts",
    "read_third_party_fulfillment_orders",
    "read_users",
    "write_companies",
    "write_customers",
    "write_draft_orders",
    "write_fulfillments",
    "write_inventory",
    "write_locations",
    "write_merchant_managed_fulfillment_orders",
    "write_order_edits",
    "write_orders",
    "write_payment_terms",
    "write_products",
    "write_returns",
]


def widen(scopes: Iterable[str]) -> frozenset[str]:
    """The granted scopes with what they imply: write_x includes read_x."""
    found = set(scopes)
    found |= {"read_" + scope[6:] for scope in found if scope.startswith("write_")}
    return frozenset(found)


def allowed(granted: frozenset[str], wanted: Alternatives) -> bool:
    """True when one of the alternatives was granted."""
    return any(scope in granted for scope in wanted)


def needed_by_field(parent: str, field: str, returned: str) -> Alternatives:
    """The alternatives for one field; empty when anybody may read it."""
    if parent == "Mutation":
        return MUTATION_SCOPES.get(field, ())
    if parent == "QueryRoot" and field in COUNT_SCOPES:
        return COUNT_SCOPES[field]
    return TYPE_SCOPES.get(returned.removesuffix("Connection"), ())


class _Collector(Visitor):
    def __init__(self, info: TypeInfo) -> None:
        super().__init__()
        self.info = info
        self.found: set[Alternatives] = set()

    def enter_field(self, node: FieldNode, *_: object) -> None:
        parent, kind = self.info.get_parent_type(), self.info.get_type()
        if parent is not None and kind is not None:
            wanted = needed_by_field(parent.name, node.name.value, get_named_type(kind).name)
            if wanted:
                self.found.add(wanted)


def needed_by_document(schema: GraphQLSchema, document: DocumentNode) -> set[Alternatives]:
    """Every set of alternatives the fields of a document ask for."""
    info = TypeInfo(schema)
    collector = _Collector(info)
    visit(document, TypeInfoVisitor(info, collector))
    return collector.found

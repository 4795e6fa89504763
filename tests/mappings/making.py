"""A shop with every mapping, and an ERP that answers from lists and counts what it was asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from canonical.additions import Additions
from canonical.crediting import Billing, CreditDocument
from canonical.documents import (
    CustomerDocument,
    DocumentLine,
    FoundCustomer,
    FoundDocument,
    FoundItem,
    RecordRef,
    Ref,
    ReferenceData,
    SalesDocument,
)
from canonical.ledger import ledger_facts
from canonical.orders import Order
from canonical.stages import DocumentDifference, DocumentState
from canonical.tie_out import RoundingLimits
from common.checks import Check
from erps.models import ErpConnection
from mappings.context import MappingContext, read_rows
from mappings.items import Items, sku_key
from mappings.mapper import map_document
from mappings.models import Charge, MapKind, ValueMapping
from shops.models import Shop

ITEMS = {"TEE-1": "501", "MUG-1": "502", "HOODIE": "503"}
CHARGES = {
    Charge.SHIPPING: "601",
    Charge.DISCOUNT: "602",
    Charge.GIFT_CARD: "603",
    Charge.TIP: "604",
    Charge.DUTY: "605",
    Charge.FEE: "606",
    Charge.TAX: "607",
    Charge.TAX_VARIANCE: "608",
    Charge.CASH_ROUNDING: "609",
    Charge.ROUNDING: "610",
    Charge.CUSTOM: "611",
}


@dataclass
class ListedErp:
    """The port over plain lists. `asked` holds every call with its arguments."""

    items: list[FoundItem] = field(
        default_factory=lambda: [FoundItem(id=number, sku=sku, name=sku) for sku, number in ITEMS.items()]
    )
    customers: list[FoundCustomer] = field(default_factory=list)
    charge_items: list[FoundItem] = field(default_factory=list)
    asked: list[tuple[str, Any]] = field(default_factory=list)

    def check(self) -> list[Check]:
        return []

    def reference(self, kind: str) -> Iterable[ReferenceData]:
        return []

    def find_documents(
        self, external_ids: Sequence[str], order_names: Sequence[str] = ()
    ) -> list[FoundDocument]:
        return []

    def list_documents(
        self, prefixes: Sequence[str], *, since: datetime | None, after: str
    ) -> tuple[list[FoundDocument], str]:
        return [], ""

    def existing(self, ids: Sequence[str]) -> frozenset[str]:
        return frozenset()

    def find_by_number(self, number: str) -> list[FoundDocument]:
        return []

    def find_customers(
        self,
        *,
        external_ids: Sequence[str] = (),
        emails: Sequence[str] = (),
        phones: Sequence[str] = (),
        ids: Sequence[str] = (),
        **rare: Any,
    ) -> list[FoundCustomer]:
        self.asked.append(
            (
                "customers",
                {"external_ids": list(external_ids), "emails": list(emails), "phones": list(phones), **rare},
            )
        )
        tails = {phone[-7:] for phone in phones}
        return [
            c for c in self.customers
            if c.external_id in external_ids or c.email.strip().lower() in emails
            or "".join(s for s in c.phone if s.isdigit())[-7:] in tails
            or c.name.lower() in {number.lower() for number in rare.get("numbers", ())}
            or "".join(s for s in c.tax_id.upper() if s.isalnum()) in rare.get("tax_ids", ())
            or any(a.zip == place.zip for a in c.addresses for place in rare.get("places", ()))
        ]  # fmt: skip

    def search_customers(self, text: str, limit: int = 20) -> list[FoundCustomer]:
        return [c for c in self.customers if text.lower() in f"{c.name} {c.email}".lower()][:limit]

    def add_customer_currency(self, customer_id: str, currency: str) -> None:
        self.asked.append(("currency", (customer_id, currency)))

    def find_items(self, skus: Sequence[str]) -> list[FoundItem]:
        self.asked.append(("items", list(skus)))
        wanted = {sku.strip().upper() for sku in skus}
        return [item for item in self.items if item.sku.strip().upper() in wanted]

    def find_charge_items(self, account_ids: Sequence[str]) -> list[FoundItem]:
        self.asked.append(("charge_items", list(account_ids)))
        return [item for item in self.charge_items if item.income_account_id in account_ids]

    def read_back(self, ids: Sequence[str]) -> list[FoundDocument]:
        return []

    def create_document(self, document: SalesDocument) -> RecordRef:
        raise AssertionError("the mapper writes nothing")

    def create_customer(self, document: CustomerDocument) -> RecordRef:
        raise AssertionError("the mapper writes nothing")

    def document_payload(self, document: SalesDocument) -> dict[str, Any]:
        return {}

    def fitting_notes(self, document: SalesDocument) -> tuple[str, ...]:
        return ()

    def read_document(self, ref: RecordRef) -> DocumentState:
        raise AssertionError("the mapper reads no documents")

    def changed_since(self, state: DocumentState, body: Mapping[str, Any]) -> tuple[DocumentDifference, ...]:
        return ()

    def amend_document(
        self, ref: RecordRef, document: SalesDocument, written: Mapping[str, Any]
    ) -> RecordRef:
        raise AssertionError("the mapper writes nothing")

    def addition_payload(
        self,
        document: SalesDocument,
        state: DocumentState,
        before: Sequence[DocumentLine],
        additions: Additions,
    ) -> dict[str, Any]:
        return {}

    def extend_document(self, ref: RecordRef, payload: Mapping[str, Any]) -> None:
        raise AssertionError("the mapper writes nothing")

    def billings(self, ref: RecordRef) -> tuple[Billing, ...]:
        raise AssertionError("not asked for")

    def credit_payload(self, document: CreditDocument) -> dict[str, Any]:
        raise AssertionError("not asked for")

    def create_credit(self, document: CreditDocument) -> RecordRef:
        raise AssertionError("not asked for")

    def close_lines(self, ref: RecordRef, keys: Sequence[str]) -> DocumentState:
        raise AssertionError("the mapper writes nothing")

    def close_document(self, ref: RecordRef) -> DocumentState:
        raise AssertionError("the mapper writes nothing")

    def relearn(self) -> bool:
        return False

    def record_url(self, ref: RecordRef) -> str:
        return ""

    def renew(self) -> None:
        return None


def plain_context(
    *rows: ValueMapping,
    strategy: str = "tax_line",
    shipping_as: str = "line",
    charges: bool = True,
    limits: RoundingLimits | None = None,
    **shop: Any,
) -> MappingContext:
    """A context without a database: all charges on items (unless said otherwise), default rows for ship method and
    terms, and the rows given."""
    given = {
        "key": "demo",
        "name": "Demo",
        "domain": "demo.myshopify.com",
        "iana_timezone": "America/New_York",
    }
    connection = ErpConnection(
        pk=1, key="ns", name="NetSuite", tax_strategy=strategy, shipping_as=shipping_as
    )
    base = [row(MapKind.SHIPMENT_METHOD, "", "701"), row(MapKind.PAYMENT_TERMS, "", "801")]
    if charges:
        base += [row(MapKind.ACCOUNT, c, n, target_label=str(c.label)) for c, n in CHARGES.items()]
    return MappingContext(
        shop=Shop(pk=1, erp_connection=connection, **{**given, **shop}),
        connection=connection,
        maps=read_rows([*base, *rows]),
        templates={},
        limits=limits or RoundingLimits(),
    )


def row(kind: MapKind, source: str, target: str = "", **values: Any) -> ValueMapping:
    """One row of a map, not stored."""
    label = values.pop("target_label", f"{kind.value} {target}")
    return ValueMapping(kind=kind, source=source, target_id=target, target_label=label, **values)


def plain_items(context: MappingContext, *found: FoundItem) -> Items:
    """Items as the ERP would have answered: those of `ITEMS` unless others are given."""
    known = found or tuple(FoundItem(id=number, sku=sku, name=sku) for sku, number in ITEMS.items())
    by_sku: dict[str, tuple[FoundItem, ...]] = {}
    for item in known:
        by_sku[sku_key(item.sku)] = (*by_sku.get(sku_key(item.sku), ()), item)
    return Items(context, by_sku)


def mapped(order: Order, context: MappingContext, items: Items | None = None) -> SalesDocument:
    """The document of an order, from its facts."""
    facts = ledger_facts(order, context.shop.money_policy)
    return map_document(context, items or plain_items(context), order, facts, Ref("9", "Ada Lovelace"))


def lines_of(document: SalesDocument) -> list[tuple[str, str, str, str]]:
    """Kind, item, amount and Shopify id of every line."""
    return [(line.kind.value, line.item.id, str(line.amount), line.source_id) for line in document.lines]


def make_connection(key: str = "ns", **values: Any) -> ErpConnection:
    """A connection without credentials."""
    return ErpConnection.objects.create(key=key, name="NetSuite", account_id="1234567", **values)


def make_shop(
    key: str = "demo", *, strategy: str = "tax_line", shipping_as: str = "line", **values: Any
) -> Shop:
    """A shop in New York time with a connection of its own."""
    connection = make_connection(f"ns-{key}", tax_strategy=strategy, shipping_as=shipping_as)
    names = {"name": key.title(), "domain": f"{key}.myshopify.com", "iana_timezone": "America/New_York"}
    return Shop.objects.create(key=key, erp_connection=connection, **{**names, **values})


def add_row(shop: Shop, kind: MapKind, source: str, target: str = "", **values: Any) -> ValueMapping:
    """One row of a map."""
    label = values.pop("target_label", f"{kind.value} {target}")
    return ValueMapping.objects.create(
        shop=shop, kind=kind, source=source, target_id=target, target_label=label, **values
    )


def map_all(shop: Shop) -> None:
    """Every charge on an item, and default rows for ship method and terms."""
    for charge, number in CHARGES.items():
        add_row(shop, MapKind.ACCOUNT, charge, number, target_label=str(charge.label))
    add_row(shop, MapKind.SHIPMENT_METHOD, "", "701")
    add_row(shop, MapKind.PAYMENT_TERMS, "", "801")

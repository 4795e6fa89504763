"""The facts of an order a field mapping can take: their path in the JSON view, their words, their type."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """Where a mapping writes: on the document, on each of its lines for goods, or on a customer it creates."""

    HEADER = "header"
    LINE = "line"
    CUSTOMER = "customer"


@dataclass(frozen=True, slots=True)
class Fact:
    """One entry: `path` in the view, `group` and `label` for people, `kind` (text, number, amount, date, time, yes/no,
    list, by name), `meaning` where the label does not say it."""

    path: str
    group: str
    label: str
    kind: str = "text"
    meaning: str = ""

    @property
    def words(self) -> str:
        """`Order: Note`."""
        return f"{self.group}: {self.label}"

    @property
    def by_name(self) -> bool:
        """Whether a name has to be given as well (the name of an attribute)."""
        return self.kind == "by name"


def _facts(group: str, prefix: str, *rows: tuple[str, ...]) -> tuple[Fact, ...]:
    return tuple(Fact(f"{prefix}.{row[0]}", group, *row[1:]) for row in rows)


def _address(group: str, prefix: str) -> tuple[Fact, ...]:
    return _facts(
        group, prefix,
        ("name", "Name"), ("first_name", "First name"), ("last_name", "Last name"), ("company", "Company"),
        ("address1", "Address line 1"), ("address2", "Address line 2"), ("zip", "Postal code"), ("city", "City"),
        ("province", "Province code"), ("province_name", "Province"),
        ("country", "Country", "text", "two letters"), ("phone", "Phone"),
    )  # fmt: skip


FACTS: tuple[Fact, ...] = (
    *_facts(
        "Order", "order",
        ("name", "Name", "text", "as Shopify shows it, `#1001`"),
        ("number", "Number", "number"), ("id", "Shopify id"), ("url", "Link to Shopify"),
        ("created_at", "Placed at", "time"), ("created_date", "Placed on", "date"),
        ("processed_at", "Processed at", "time"), ("processed_date", "Processed on", "date"),
        ("note", "Note"), ("attributes", "Attribute named", "by name"), ("tags", "Tags", "list"),
        ("po_number", "PO number"), ("email", "E-mail"), ("phone", "Phone"),
        ("channel", "Sales channel"), ("source_name", "Source"),
        ("market", "Market", "text", "its handle"), ("test", "Test order", "yes/no"),
        ("currency", "Currency", "text", "of the books"), ("shop_currency", "Shop currency"),
        ("customer_currency", "Customer's currency"),
        ("total", "Total", "amount"), ("subtotal", "Subtotal", "amount"), ("tax", "Tax", "amount"),
        ("shipping", "Shipping", "amount"), ("discounts", "Discounts", "amount"), ("tip", "Tip", "amount"),
        ("discount_codes", "Discount codes and titles", "list"), ("gateways", "Payment gateways", "list"),
        ("financial_status", "Payment status"), ("fulfillment_status", "Fulfillment status"), ("risk", "Risk"),
        ("shipping_method", "Shipping method", "text", "title of the first shipping line"),
        ("shipping_code", "Shipping code"), ("terms", "Payment terms"), ("due_date", "Due on", "date"),
        ("location", "Location", "text", "assigned, else where it was sold"),
        ("b2b", "B2B order", "yes/no"), ("tax_exempt", "Tax exempt", "yes/no"),
        ("taxes_included", "Prices include tax", "yes/no"), ("line_count", "Number of lines", "number"),
    ),
    *_facts(
        "Customer", "customer",
        ("name", "Name"), ("first_name", "First name"), ("last_name", "Last name"), ("email", "E-mail"),
        ("phone", "Phone"), ("tags", "Tags", "list"), ("tax_exempt", "Tax exempt", "yes/no"), ("id", "Shopify id"),
    ),
    *_facts(
        "Company", "company",
        ("name", "Name"), ("external_id", "External id"), ("location_name", "Location"),
        ("location_external_id", "Location's external id"), ("tax_id", "Tax id"), ("id", "Shopify id"),
        ("location_id", "Location's Shopify id"),
    ),
    *_address("Shipping address", "shipping"),
    *_address("Billing address", "billing"),
    *_facts(
        "Line", "line",
        ("title", "Title"), ("variant_title", "Variant"), ("sku", "SKU"), ("quantity", "Quantity", "number"),
        ("unit_price", "Unit price", "amount"), ("attributes", "Attribute named", "by name"),
        ("gift_card", "Gift card", "yes/no"), ("taxable", "Taxable", "yes/no"),
        ("requires_shipping", "Requires shipping", "yes/no"), ("bundle", "Part of bundle"),
        ("product_id", "Product's Shopify id"), ("variant_id", "Variant's Shopify id"), ("id", "Shopify id"),
    ),
)  # fmt: skip
BY_PATH = {fact.path: fact for fact in FACTS}


def facts_for(level: Level) -> tuple[Fact, ...]:
    """What mappings of a level can take: facts of a line only on lines."""
    return tuple(fact for fact in FACTS if level is Level.LINE or fact.group != "Line")


def table() -> str:
    """The catalogue as Markdown, for the guide."""
    rows = ["| field | path | type |", "| --- | --- | --- |"]
    for fact in FACTS:
        words = f"{fact.words} ({fact.meaning})" if fact.meaning else fact.words
        rows.append(f"| {words} | `{fact.path}` | {fact.kind} |")
    return "\n".join(rows)

"""The canonical order as rows of text for the order page. Nothing is computed here but the words."""

from __future__ import annotations

from dataclasses import dataclass

from canonical.money import MoneyBag
from canonical.orders import DiscountAllocation, Order, OrderLine, ShippingLine, TaxLine
from canonical.parties import Address
from canonical.payments import Transaction
from canonical.sales import Agreement, Sale
from syncflows.admin.labels import bag, local, money, words

SHOWN_LINES = 500
"""Lines of an order shown on its page."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table: its cells as text, and whether it is struck out (removed, failed)."""

    cells: tuple[str, ...]
    off: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the page: headings (right-aligned from `figures_from` on), rows and what to say when it is empty."""

    headings: tuple[str, ...]
    rows: list[Row]
    figures_from: int
    empty: str
    more: int = 0


def _sum(amounts: list[MoneyBag]) -> str:
    if not amounts:
        return ""
    currency = amounts[0].shop.currency
    return money(sum((a.shop.amount for a in amounts[1:]), amounts[0].shop.amount), currency)


def _discounts(allocations: tuple[DiscountAllocation, ...], order: Order) -> str:
    labels = {d.index: d.label for d in order.discounts}
    names = dict.fromkeys(labels.get(a.application_index, "") for a in allocations)
    total = _sum([a.amount for a in allocations])
    return f"{total} {', '.join(name for name in names if name)}".strip()


def _taxes(taxes: tuple[TaxLine, ...]) -> str:
    return "; ".join(f"{tax.title} {bag(tax.amount)}" for tax in taxes)


def _line(line: OrderLine, order: Order) -> Row:
    quantity = str(line.quantity)
    if line.current_quantity != line.quantity:
        quantity = f"{line.quantity} → {line.current_quantity}"
    label = f"{line.label} (gift card)" if line.is_gift_card else line.label
    if line.bundle_title:
        label = f"{label} · part of {line.bundle_title}"
    cells = (
        label,
        line.sku or "no SKU",
        quantity,
        bag(line.unit_price),
        _discounts(line.discounts, order),
        _taxes(line.taxes),
    )
    return Row(cells, off=line.current_quantity == 0)


def _shipping(line: ShippingLine, order: Order) -> Row:
    discount = _discounts(line.discounts, order)
    return Row(
        (f"Shipping: {line.title}", line.code, "", bag(line.original), discount, _taxes(line.taxes)),
        off=line.removed,
    )


def lines(order: Order) -> Table:
    """Line items and shipping lines."""
    rows = [_line(line, order) for line in order.lines[:SHOWN_LINES]]
    rows += [_shipping(line, order) for line in order.shipping_lines]
    headings = ("Line", "SKU", "Quantity", "Price", "Discount", "Tax")
    return Table(headings, rows, 2, "This order has no lines.", max(0, len(order.lines) - SHOWN_LINES))


def _sale(agreement: Agreement, sale: Sale, names: dict[str, str], zone: str) -> Row:
    return Row(
        (
            f"{words(agreement.reason)} · {local(agreement.happened_at, zone)}",
            f"{words(sale.action)}: {words(sale.kind)}",
            names.get(sale.object_id, ""),
            "" if sale.quantity is None else str(sale.quantity),
            bag(sale.discount_before_taxes),
            bag(sale.tax),
            bag(sale.total),
        )
    )


def ledger(order: Order, zone: str) -> Table:
    """Shopify's sales ledger: each sale of each agreement."""
    names = {line.source_id: line.label for line in order.lines}
    names |= {line.source_id: line.title for line in order.shipping_lines}
    rows = [_sale(a, sale, names, zone) for a in order.agreements for sale in a.sales]
    headings = ("Agreement", "Sale", "What", "Quantity", "Discount", "Tax", "Total with tax")
    more = max(0, len(rows) - SHOWN_LINES)
    return Table(headings, rows[:SHOWN_LINES], 3, "Shopify shows no sales for this order.", more)


def _payment(transaction: Transaction, zone: str) -> Row:
    when = local(transaction.processed_at, zone) if transaction.processed_at else ""
    gateway = transaction.gateway_name or transaction.gateway
    how = f"{gateway} · {transaction.card_company}" if transaction.card_company else gateway
    status = words(transaction.status)
    if transaction.error_code:
        status = f"{status} ({words(transaction.error_code)})"
    return Row(
        (words(transaction.kind), how, status, when, bag(transaction.amount)), off=not transaction.succeeded
    )


def payments(order: Order, zone: str) -> Table:
    """The order's transactions."""
    rows = [_payment(transaction, zone) for transaction in order.transactions]
    return Table(("Kind", "Gateway", "Status", "When", "Amount"), rows, 4, "No payment yet.")


def address(party: Address | None) -> list[str]:
    """The lines of an address as on a parcel."""
    if party is None:
        return []
    town = " ".join(part for part in (party.zip, party.city, party.province) if part)
    parts = (party.name, party.company, party.address1, party.address2, town, party.country, party.phone)
    return list(dict.fromkeys(part for part in parts if part))


def particulars(order: Order) -> list[tuple[str, str]]:
    """What else is known of the order, as pairs of name and text; empty ones are left out."""
    terms = order.payment_terms
    company = order.company
    pairs = [
        ("Customer", order.customer.name if order.customer else ""),
        ("Company", f"{company.name} · {company.location_name}".strip(" ·") if company else ""),
        ("E-mail", order.email),
        ("Phone", order.phone),
        ("PO number", order.po_number),
        ("Payment terms", terms.name if terms else ""),
        ("Channel", order.channel or order.source_name),
        ("Point of sale", order.retail_location),
        ("Risk", words(order.risk)),
        ("Prices", "Tax included" if order.taxes_included else "Tax on top"),
        ("Tax exempt", "Yes" if order.tax_exempt else ""),
        ("Tags", ", ".join(order.tags)),
        ("Note", order.note),
    ]
    return [(name, text) for name, text in pairs if text]

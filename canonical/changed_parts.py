"""What changed in an order besides its money: addresses, people, references, payments, notes and tags."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields

from canonical.orders import Order
from canonical.parties import Address
from canonical.payments import Transaction

Part = tuple[str, str, str, str]
"""Kind (a value of ChangeKind), what, before, after."""


def particulars(before: Order, after: Order) -> Iterator[Part]:
    """Every part that differs; texts as a person reads them."""
    yield from _addresses("Ship to", before.shipping, after.shipping)
    yield from _addresses("Bill to", before.billing, after.billing)
    yield from _people(before, after)
    yield from _references(before, after)
    yield from _location(before, after)
    yield from _labels(before, after)
    yield from _payments(before, after)
    yield from _remarks(before, after)


def _if_different(kind: str, what: str, before: str, after: str) -> Iterator[Part]:
    if before != after:
        yield kind, what, before, after


def _addresses(title: str, before: Address | None, after: Address | None) -> Iterator[Part]:
    empty = Address()
    for field in fields(Address):
        if field.name == "province_name":
            continue
        name = field.name.replace("_", " ").replace("address", "address line ")
        was, now = getattr(before or empty, field.name), getattr(after or empty, field.name)
        yield from _if_different("address", f"{title}: {name}", was, now)


def _people(before: Order, after: Order) -> Iterator[Part]:
    def customer(order: Order) -> tuple[str, str]:
        return (order.customer.source_id, order.customer.name) if order.customer else ("", "")

    def company(order: Order) -> tuple[str, str]:
        buyer = order.company
        if buyer is None:
            return "", ""
        return f"{buyer.source_id} {buyer.location_id}", f"{buyer.name} {buyer.location_name}".strip()

    for title, read in (("Customer", customer), ("Company", company)):
        was, now = read(before), read(after)
        if was[0] != now[0]:
            yield "customer", title, was[1] or was[0], now[1] or now[0]


def _references(before: Order, after: Order) -> Iterator[Part]:
    def terms(order: Order) -> str:
        found = order.payment_terms
        if found is None:
            return ""
        days = f"{found.due_in_days} days" if found.due_in_days is not None else ""
        return ", ".join(part for part in (found.name, found.kind, days) if part)

    yield from _if_different("details", "PO number", before.po_number, after.po_number)
    yield from _if_different("details", "Payment terms", terms(before), terms(after))
    yield from _if_different("details", "E-mail", before.email, after.email)


def _location(before: Order, after: Order) -> Iterator[Part]:
    """The location the order is shipped from. A location that is no longer named is not a change: Shopify names none
    once everything was given up or deleted."""
    was, now = before.assigned_location_id, after.assigned_location_id
    if now:
        yield from _if_different("location", "Location", was, now)


def _labels(before: Order, after: Order) -> Iterator[Part]:
    """Words the document shows where no amount changed with them."""
    old = {line.source_id: line for line in before.lines}
    for line in after.lines:
        known = old.get(line.source_id)
        if known is not None:
            yield from _if_different("other", f"SKU of {line.label}", known.sku, line.sku)
    freight = {line.source_id: line for line in before.shipping_lines}
    for ship in after.shipping_lines:
        was = freight.get(ship.source_id)
        if was is not None:
            yield from _if_different("shipping", "Method", was.title or was.code, ship.title or ship.code)
            yield from _if_different("shipping", f"Code of {ship.title}", was.code, ship.code)
    yield from _if_different("tax", "Prices", _included(before), _included(after))
    yield from _if_different("tax", "Exempt from tax", _yes(before.tax_exempt), _yes(after.tax_exempt))
    codes = [", ".join(each.label for each in order.discounts) for order in (before, after)]
    yield from _if_different("discount", "Discounts", *codes)


def _included(order: Order) -> str:
    return "tax included" if order.taxes_included else "tax on top"


def _yes(flag: bool) -> str:
    return "yes" if flag else "no"


def _payments(before: Order, after: Order) -> Iterator[Part]:
    known = {payment.source_id: payment for payment in before.transactions}
    for payment in after.transactions:
        was = known.get(payment.source_id)
        if was is None or was.status != payment.status:
            how = f"{payment.kind.lower()} by {payment.gateway_name or payment.gateway}"
            yield "payment", how, _paid(was), _paid(payment)


def _paid(payment: Transaction | None) -> str:
    return "" if payment is None else f"{payment.amount.shop} {payment.status.lower()}"


def _remarks(before: Order, after: Order) -> Iterator[Part]:
    yield from _if_different("note", "Note", before.note, after.note)
    was, now = dict(before.attributes), dict(after.attributes)
    for name in dict.fromkeys((*was, *now)):
        yield from _if_different("note", f"Attribute {name}", was.get(name, ""), now.get(name, ""))
    for tag in after.tags:
        if tag not in before.tags:
            yield "tag", "Tag", "", tag
    for tag in before.tags:
        if tag not in after.tags:
            yield "tag", "Tag", tag, ""

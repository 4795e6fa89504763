"""Short hashes of an order by section, to notice what changed after it was written."""

from __future__ import annotations

import hashlib
from typing import Any

from canonical.money import MoneyBag
from canonical.orders import Order, TaxLine
from canonical.parties import Address


def fingerprint(order: Order) -> dict[str, str]:
    """One hash per section that a document would show. Payments, shipments, tags and notes are left out: they change
    in the life of every order without touching its sales document. Values are 16 hex digits, the same for the same
    content in every run."""
    totals = order.totals
    sections: dict[str, Any] = {
        "lines": [
            (line.source_id, line.sku, line.quantity, line.current_quantity, _bag(line.unit_price))
            for line in order.lines
        ],
        "ledger": [
            (a.source_id, a.reason, [(s.source_id, s.quantity, _bag(s.total)) for s in a.sales])
            for a in order.agreements
        ],
        "discounts": [
            [(d.index, d.label) for d in order.discounts],
            [(a.application_index, _bag(a.amount)) for line in order.lines for a in line.discounts],
            [(a.application_index, _bag(a.amount)) for line in order.shipping_lines for a in line.discounts],
        ],
        "shipping": [
            (line.source_id, line.code, line.title, _bag(line.original), _bag(line.discounted), line.removed)
            for line in order.shipping_lines
        ],
        "tax": [
            [_taxes(line.taxes) for line in order.lines],
            [_taxes(line.taxes) for line in order.shipping_lines],
            order.taxes_included,
            order.tax_exempt,
        ],
        "totals": [
            _bag(bag)
            for bag in (
                totals.current_total,
                totals.current_subtotal,
                totals.current_tax,
                totals.current_shipping,
                totals.current_discounts,
                totals.tip,
                totals.cash_rounding,
            )
        ],
        "addresses": [_address(order.billing), _address(order.shipping)],
        "customer": [
            order.customer.source_id if order.customer else "",
            (order.company.source_id, order.company.location_id) if order.company else "",
        ],
        "po_number": order.po_number,
        "terms": [order.payment_terms.name, order.payment_terms.kind, order.payment_terms.due_in_days]
        if order.payment_terms
        else "",
        "cancelled": order.cancelled_at.isoformat() if order.cancelled_at else "",
    }
    return {
        name: hashlib.blake2b(repr(content).encode(), digest_size=8).hexdigest()
        for name, content in sections.items()
    }


def _bag(bag: MoneyBag) -> str:
    return f"{bag.shop.amount} {bag.presentment.amount}"


def _taxes(taxes: tuple[TaxLine, ...]) -> list[tuple[str, str, str]]:
    return [(tax.title, tax.rate, _bag(tax.amount)) for tax in taxes]


def _address(address: Address | None) -> tuple[str, ...]:
    if address is None:
        return ()
    return (
        address.first_name, address.last_name, address.company, address.address1, address.address2, address.city,
        address.province, address.zip, address.country, address.phone,
    )  # fmt: skip

"""Short forms of canonical orders, so that expectations fit on a line."""

from __future__ import annotations

from decimal import Decimal

from canonical.orders import Order


def lines(order: Order) -> list[tuple[str, int, int, str, str, str]]:
    """(SKU or title, quantity, current quantity, unit price, discounts, taxes) in shop money."""
    return [
        (
            line.sku or line.title,
            line.quantity,
            line.current_quantity,
            str(line.unit_price.shop.amount),
            str(sum((d.amount.shop.amount for d in line.discounts), Decimal("0.00"))),
            str(sum((t.amount.shop.amount for t in line.taxes), Decimal("0.00"))),
        )
        for line in order.lines
    ]


def ledger(order: Order) -> list[tuple[str, str, str, int | None, str, str, str]]:
    """(agreement, action, kind, quantity, total, tax, discount before taxes) in shop money."""
    return [
        (
            agreement.reason,
            sale.action,
            sale.kind,
            sale.quantity,
            str(sale.total.shop.amount),
            str(sale.tax.shop.amount),
            str(sale.discount_before_taxes.shop.amount),
        )
        for agreement in order.agreements
        for sale in agreement.sales
    ]


def money(order: Order) -> tuple[str, str, str, str, str]:
    """Original, total, current total, tax and shipping, in shop money."""
    t = order.totals
    return (
        str(t.original_total.shop.amount),
        str(t.total.shop.amount),
        str(t.current_total.shop.amount),
        str(t.tax.shop.amount),
        str(t.shipping.shop.amount),
    )


def payments(order: Order) -> list[tuple[str, str, str, str]]:
    """(kind, status, gateway, amount) in shop money."""
    return [(t.kind, t.status, t.gateway, str(t.amount.shop.amount)) for t in order.transactions]

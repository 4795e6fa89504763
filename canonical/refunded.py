"""Orders refunded, returned or exchanged before import: each kind stops with a cause of its own, in figures."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from canonical.money import MoneyPolicy, side_of
from canonical.orders import Order
from canonical.sales import AgreementReason, Sale, SaleAction, SaleKind
from common.errors import NeedsPerson

ZERO = Decimal(0)
GIFT_CARD = "gift_card"
"""Shopify's gateway name of gift cards."""
STORE_CREDIT = "shopify_store_credit"
"""Shopify's gateway name of store credit accounts."""
_BACK = frozenset({AgreementReason.REFUND, AgreementReason.RETURN})
_GOODS = frozenset({SaleKind.PRODUCT, SaleKind.GIFT_CARD, SaleKind.TIP})


def refuse_refunded(order: Order, policy: MoneyPolicy) -> None:
    """Stop at an order with a refund or return that is worth something, in either currency; else do nothing.

    Raises NeedsPerson, the most telling first: EXCHANGED_BEFORE_IMPORT, REFUNDED_TO_GIFT_CARD,
    REFUNDED_TO_STORE_CREDIT, REFUNDED_IN_FULL, RETURNED_BEFORE_IMPORT, REFUNDED_WITHOUT_GOODS,
    REFUNDED_BEFORE_IMPORT. Amounts in the sentence are in the books currency.
    """
    sales = [(a.reason, s) for a in order.agreements if a.reason in _BACK for s in a.sales if _is_worth(s)]
    if not sales:
        return
    code, what = _kind(order, policy, sales)
    raise NeedsPerson(
        code,
        f"Order {order.name} {what} before it was imported.",
        field="agreements",
        value=sales[0][0].lower(),
    )


def _kind(order: Order, policy: MoneyPolicy, sales: list[tuple[str, Sale]]) -> tuple[str, str]:
    """Cause and what happened, in the words that stand between the order's name and *before it was imported*."""
    currency = order.totals.total.books(policy).currency
    back = [sale for _, sale in sales if sale.action == SaleAction.RETURN]
    out = [sale for _, sale in sales if sale.action != SaleAction.RETURN]
    goods = [sale for sale in back if sale.kind in _GOODS]
    if out and goods:
        came, went = -_sum(goods, policy), _sum(out, policy)
        return "EXCHANGED_BEFORE_IMPORT", (
            f"was exchanged (goods of {came} {currency} came back, goods of {went} {currency} went out)"
        )
    for gateway, code, name in (
        (GIFT_CARD, "REFUNDED_TO_GIFT_CARD", "a gift card"),
        (STORE_CREDIT, "REFUNDED_TO_STORE_CREDIT", "store credit"),
    ):
        paid = _paid_back(order, gateway, policy)
        if paid:
            return code, f"was refunded to {name} ({paid} {currency})"
    amount = -_sum(back, policy)
    if not side_of(order.totals.current_total, policy):
        return "REFUNDED_IN_FULL", f"was refunded in full ({amount} {currency})"
    if not goods:
        parts = ", ".join(f"{-_sum(rows, policy)} {words}" for words, rows in _parts(back) if rows)
        return "REFUNDED_WITHOUT_GOODS", (
            f"had {amount} {currency} given back without any goods coming back ({parts})"
        )
    if any(reason == AgreementReason.RETURN for reason, _ in sales):
        return "RETURNED_BEFORE_IMPORT", f"had goods returned ({amount} {currency})"
    return "REFUNDED_BEFORE_IMPORT", f"was refunded in part ({amount} {currency})"


def _parts(back: list[Sale]) -> Iterable[tuple[str, list[Sale]]]:
    """What was given back that is no goods, by what a person calls it."""
    shipping = [sale for sale in back if sale.kind == SaleKind.SHIPPING]
    adjusted = [sale for sale in back if sale.kind == SaleKind.ADJUSTMENT]
    rest = [sale for sale in back if sale.kind not in (SaleKind.SHIPPING, SaleKind.ADJUSTMENT)]
    return (("of shipping", shipping), ("as an adjustment", adjusted), ("of duties and fees", rest))


def _is_worth(sale: Sale) -> bool:
    """Whether a sale changes any figure, in either currency."""
    return any(bag.shop or bag.presentment for bag in (sale.total, sale.tax, sale.discount_before_taxes))


def _sum(sales: Iterable[Sale], policy: MoneyPolicy) -> Decimal:
    return sum((side_of(sale.total, policy) for sale in sales), ZERO)


def _paid_back(order: Order, gateway: str, policy: MoneyPolicy) -> Decimal:
    """Money that went back by a gateway."""
    rows = (t for t in order.transactions if t.succeeded and t.kind == "REFUND" and t.gateway == gateway)
    return sum((side_of(row.amount, policy) for row in rows), ZERO)

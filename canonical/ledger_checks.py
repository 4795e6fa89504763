"""The checks that stop an order whose ledger and own totals disagree; both figures are shown, nothing is guessed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from canonical.facts import FactLine, LedgerFacts
from canonical.money import MoneyBag, MoneyPolicy, quantize, side_of, smallest_unit
from canonical.orders import Order, OrderLine
from canonical.sales import AgreementReason, Sale, SaleAction, SaleKind
from common.errors import ComponentDifference, NeedsPerson

ZERO = Decimal(0)


def check_ledger(
    order: Order, facts: LedgerFacts, policy: MoneyPolicy, units: Mapping[str, int | None]
) -> None:
    """Checks 2 to 4 of the ledger notes. `units` counts the pieces of every object over all agreements.

    Raises NeedsPerson LEDGER_DISAGREES with every figure that differs.
    """
    found = [*_order_totals(order, facts, policy), *_line_figures(order, facts, policy, units)]
    opening = [a for a in order.agreements if a.reason == AgreementReason.ORDER]
    if len(opening) != 1:
        found.append(_difference("order agreements", 1, len(opening), facts.currency))
    if found:
        first = found[0]
        raise NeedsPerson(
            "LEDGER_DISAGREES",
            f"Shopify's own figures disagree for order {order.name}: {first.component} is {first.shopify} on the "
            f"order, but its sales come to {first.document}.",
            field=first.component,
            value=first.component if ":" not in first.component else "line",
            differences=tuple(found),
        )


def _difference(
    name: str, stated: Decimal | int, ledger: Decimal | int, currency: str
) -> ComponentDifference:
    return ComponentDifference(name, Decimal(stated), Decimal(ledger), currency)


def _order_totals(order: Order, facts: LedgerFacts, policy: MoneyPolicy) -> Iterable[ComponentDifference]:
    """Totals of the order against all its sales. Totals may be stated with or without cash rounding; what a refund
    took off without lines (its adjustments) is not in the order's totals."""
    sales = [s for a in order.agreements for s in a.sales if s.kind != SaleKind.ADJUSTMENT]
    opening = [s for a in order.agreements if a.reason == AgreementReason.ORDER for s in a.sales]
    cash, totals = facts.cash_rounding, order.totals

    def total(rows: Iterable[Sale]) -> Decimal:
        return sum((side_of(s.total, policy) for s in rows), ZERO)

    def of(kind: SaleKind) -> list[Sale]:
        return [s for s in sales if s.kind == kind]

    tax = sum((side_of(s.tax, policy) for s in sales), ZERO)
    original, current = total(opening), total(sales)
    shipping = _shown(order, of(SaleKind.SHIPPING), policy)
    tips = total(s for s in of(SaleKind.TIP) if s.action != SaleAction.RETURN)
    duties = of(SaleKind.DUTY)
    fees = [*of(SaleKind.ADDITIONAL_FEE), *of(SaleKind.FEE)]
    rows: list[tuple[str, MoneyBag | None, tuple[Decimal, ...]]] = [
        ("tax", totals.current_tax, (tax,)),
        ("shipping", totals.current_shipping, (shipping,)),
        ("tips", totals.tip, (tips,)),
        ("duties", totals.current_duties, (_shown(order, duties, policy), total(duties))),
        ("fees", totals.current_fees, _fee_readings(order, fees, duties, policy)),
    ]
    stated = [
        ("original total", side_of(totals.original_total, policy), original),
        ("total", side_of(totals.current_total, policy), current),
    ]
    yield from _both_totals(stated, cash, facts.currency)
    for name, bag, readings in rows:
        if bag is not None and side_of(bag, policy) not in readings:
            yield _difference(name, side_of(bag, policy), readings[0], facts.currency)


def _both_totals(
    stated: list[tuple[str, Decimal, Decimal]], cash: Decimal, currency: str
) -> list[ComponentDifference]:
    """Totals may be stated with or without cash rounding, but both in the same way. What differs, by the reading that
    leaves less."""
    found = [
        [_difference(name, said, sold + part, currency) for name, said, sold in stated if said != sold + part]
        for part in (ZERO, cash)
    ]
    return min(found, key=len)


def _shown(order: Order, sales: Iterable[Sale], policy: MoneyPolicy) -> Decimal:
    """As prices are shown: with tax only where prices include it (Shopify: `currentShippingPriceSet`)."""
    included = order.taxes_included
    return sum(
        (side_of(s.total, policy) - (ZERO if included else side_of(s.tax, policy)) for s in sales), ZERO
    )


def _fee_readings(
    order: Order, fees: list[Sale], duties: list[Sale], policy: MoneyPolicy
) -> tuple[Decimal, ...]:
    """Additional fees "can include duties" (Shopify: `currentTotalAdditionalFeesSet`), with tax or without."""
    with_tax = sum((side_of(s.total, policy) for s in fees), ZERO)
    shown = _shown(order, fees, policy)
    duty = sum((side_of(s.total, policy) for s in duties), ZERO)
    return (shown, with_tax, shown + _shown(order, duties, policy), with_tax + duty)


def _line_figures(
    order: Order, facts: LedgerFacts, policy: MoneyPolicy, units: Mapping[str, int | None]
) -> Iterable[ComponentDifference]:
    by_id = {line.object_id: line for line in facts.lines if line.object_id}
    currency = facts.currency
    for line in order.lines:
        sold = units.get(line.source_id)
        if (sold or 0) != line.current_quantity and not (sold is None and _is_tip(by_id.get(line.source_id))):
            yield _difference(f"quantity: {line.label}", line.current_quantity, sold or 0, currency)
        fact = by_id.get(line.source_id)
        if fact is not None:
            yield from _price(order, line, fact, policy, currency)
    for fact in facts.lines:
        taxes = sum((tax.amount for tax in fact.taxes), ZERO)
        if taxes != fact.tax:
            yield _difference(f"tax by tax line: {fact.kind.lower()}", fact.tax, taxes, currency)


def _is_tip(fact: FactLine | None) -> bool:
    return fact is not None and fact.kind is SaleKind.TIP


def _price(
    order: Order, line: OrderLine, fact: FactLine, policy: MoneyPolicy, currency: str
) -> Iterable[ComponentDifference]:
    """Net before discount against unit price x quantity, within one smallest unit a piece. Where prices include tax,
    the tax is taken out by the rates, and each rounded tax and the rounded discount allow one unit more; of a line
    that lost pieces one unit a piece more, because what cannot be shared evenly stays with the pieces counted first. A
    line discounted to nothing bears no tax, so its discount may be stated with or without."""
    quantity = fact.quantity if fact.quantity is not None else 1
    whole = side_of(line.unit_price, policy) * quantity
    expected, slack = [whole], quantity
    if order.taxes_included:
        rounded = len(line.taxes) + (1 if fact.discount else 0)
        slack += rounded * (1 + quantity if line.current_quantity < line.quantity else 1)
        rated = (sum((Decimal(tax.rate) for tax in taxes), ZERO) for taxes in (fact.taxes, line.taxes))
        expected = [whole / (1 + rate) for rate in rated]
    allowed = slack * smallest_unit(currency)
    if quantity <= 0 or all(abs(fact.gross - each) > allowed for each in expected):
        yield _difference(f"price: {line.label}", quantize(expected[0], currency), fact.gross, currency)

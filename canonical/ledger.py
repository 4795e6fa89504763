"""What an order comes to, object by object, out of its sales ledger.

Pure arithmetic on Shopify's own figures: nothing is recomputed. Sales of ORDER and ORDER_EDIT agreements are added up
per line item, shipping line, tip, duty and fee; refunds and returns are documents of their own. Rules and checks follow
the ledger notes: `total` of a sale is after discount and with tax, so net = total - tax and gross = net + discount.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache

from canonical.facts import FactLine, FactTax, LedgerFacts
from canonical.ledger_checks import check_ledger
from canonical.money import MoneyBag, MoneyPolicy, currency_exponent, side_of
from canonical.orders import Order
from canonical.refunded import refuse_refunded
from canonical.sales import Agreement, AgreementReason, Sale, SaleAction, SaleKind
from common.errors import NeedsPerson

ZERO = Decimal(0)
_REASONS = frozenset(AgreementReason)
_ACTIONS = frozenset(SaleAction)
_KINDS = frozenset(SaleKind)
_BOOKED = frozenset({AgreementReason.ORDER, AgreementReason.ORDER_EDIT})


@dataclass(slots=True)
class _Sum:
    """What has been added up for one object so far. `units` also counts refunds and returns."""

    kind: SaleKind
    object_id: str
    quantity: int | None = None
    units: int | None = None
    total: Decimal = ZERO
    tax: Decimal = ZERO
    discount: Decimal = ZERO
    taxes: dict[tuple[str, str, bool], Decimal] = field(default_factory=dict)

    def count(self, sale: Sale, *, booked: bool) -> None:
        if sale.quantity is None:
            return
        self.units = (self.units or 0) + sale.quantity
        if booked:
            self.quantity = (self.quantity or 0) + sale.quantity

    def add(self, sale: Sale, policy: MoneyPolicy) -> None:
        self.total += side_of(sale.total, policy)
        self.tax += side_of(sale.tax, policy)
        self.discount += side_of(sale.discount_before_taxes, policy)
        for tax in sale.taxes:
            key = (tax.title, tax.rate, tax.channel_liable)
            self.taxes[key] = self.taxes.get(key, ZERO) + side_of(tax.amount, policy)

    @property
    def is_nothing(self) -> bool:
        return not (self.quantity or self.total or self.tax or self.discount)

    def _zero_rated(self) -> tuple[FactTax, ...]:
        """Own taxes at a rate of nothing, of an object that bears no other: zero-rated goods belong in a tax return,
        under their own code."""
        return tuple(
            FactTax(title, rate, liable, ZERO)
            for title, rate, liable in self.taxes
            if not liable and not Decimal(rate)
        )

    def line(self) -> FactLine:
        taxes = (
            tuple(FactTax(*key, amount) for key, amount in self.taxes.items() if amount) or self._zero_rated()
        )
        gross = self.total - self.tax + self.discount
        return FactLine(
            kind=self.kind, object_id=self.object_id, quantity=self.quantity, gross=gross,
            discount=self.discount, tax=self.tax, total=self.total, taxes=taxes,
        )  # fmt: skip


def ledger_facts(order: Order, policy: MoneyPolicy, *, refunds_apart: bool = False) -> LedgerFacts:
    """Add up the order's sales in the books currency and check them against the order's own totals.

    `refunds_apart` says that refunds and returns are booked as documents of their own: without it an order with a
    refund that is worth something is refused. Raises NeedsPerson: LEDGER_UNKNOWN (a word the rules do not cover),
    LEDGER_DISCOUNT_AFTER_TAX, LEDGER_ADJUSTMENT, LEDGER_LINE_GONE, LEDGER_DISAGREES, and without `refunds_apart` the
    causes of `canonical.refunded`.
    """
    if not refunds_apart:
        refuse_refunded(order, policy)
    sums: dict[tuple[SaleKind, str], _Sum] = {}
    for agreement, sale in _sales(order):
        value = _is_worth_something(sale)
        booked = agreement.reason in _BOOKED
        if not booked and sale.kind == SaleKind.ADJUSTMENT:
            continue
        if booked:
            _refuse(order, sale, policy)
        kind = SaleKind(sale.kind)
        entry = _entry(order, sums, kind, sale, policy)
        entry.count(sale, booked=booked or not value)
        if booked:
            entry.add(sale, policy)
    lines = tuple(entry.line() for entry in sums.values() if not entry.is_nothing)
    _refuse_gone(order, lines)
    cash = side_of(order.totals.cash_rounding, policy)
    sold = sum((line.total for line in lines), _zero(_currency(order.totals.total, policy)))
    facts = LedgerFacts(
        currency=_currency(order.totals.total, policy), lines=lines, cash_rounding=cash, total=sold + cash
    )
    units = {key[1]: entry.units for key, entry in sums.items() if entry.units is not None}
    check_ledger(order, facts, policy, units)
    return facts


@lru_cache(maxsize=64)
def _zero(currency: str) -> Decimal:
    return Decimal(0).scaleb(-currency_exponent(currency))


def _currency(bag: MoneyBag, policy: MoneyPolicy) -> str:
    return bag.books(policy).currency


def _sales(order: Order) -> Iterator[tuple[Agreement, Sale]]:
    """Every sale with its agreement, oldest first; words outside the known ones are refused."""
    for agreement in order.agreements:
        _known(order, "agreement reason", agreement.reason, _REASONS)
        for sale in agreement.sales:
            _known(order, "sale action", sale.action, _ACTIONS)
            _known(order, "sale type", sale.kind, _KINDS)
            yield agreement, sale


def _is_worth_something(sale: Sale) -> bool:
    """Whether a sale changes any figure, in either currency."""
    return any(bag.shop or bag.presentment for bag in (sale.total, sale.tax, sale.discount_before_taxes))


def _known(order: Order, what: str, word: str, words: frozenset[str]) -> None:
    if word not in words:
        raise NeedsPerson(
            "LEDGER_UNKNOWN",
            f"Order {order.name} has a sale the rules do not cover yet: its {what} is {word}.",
            field=what,
            value=word,
        )


def _refuse(order: Order, sale: Sale, policy: MoneyPolicy) -> None:
    """Stop at what an order or an edit should not hold."""
    after = side_of(sale.discount_after_taxes, policy)
    if after:
        raise NeedsPerson(
            "LEDGER_DISCOUNT_AFTER_TAX",
            f"Order {order.name} has a discount of {after} given after tax; such discounts are not booked yet.",
            field="totalDiscountAmountAfterTaxes",
            value="after tax",
        )
    if sale.kind == SaleKind.ADJUSTMENT and side_of(sale.total, policy):
        raise NeedsPerson(
            "LEDGER_ADJUSTMENT",
            f"Order {order.name} holds an adjustment of {side_of(sale.total, policy)} that belongs to no line.",
            field="lineType",
            value="ADJUSTMENT",
        )


def _refuse_gone(order: Order, lines: tuple[FactLine, ...]) -> None:
    """Stop at goods the order has no line for: nothing says what was sold."""
    shown = {line.source_id for line in order.lines}
    for line in lines:
        if line.kind in {SaleKind.PRODUCT, SaleKind.GIFT_CARD} and line.object_id not in shown:
            raise NeedsPerson(
                "LEDGER_LINE_GONE",
                f"Order {order.name} has a sale of {line.total} for a line Shopify no longer shows.",
                field="lineItem",
                value="line",
            )


def _entry(
    order: Order, sums: dict[tuple[SaleKind, str], _Sum], kind: SaleKind, sale: Sale, policy: MoneyPolicy
) -> _Sum:
    """The sum a sale belongs to. A taken-back shipping line is not named by its sale: it is found by its amount."""
    object_id = sale.object_id
    if not object_id and kind is SaleKind.SHIPPING:
        object_id = _shipping_taken_back(order, sums, side_of(sale.total, policy))
    key = (kind, object_id)
    entry = sums.get(key)
    if entry is None:
        entry = sums[key] = _Sum(kind, object_id)
    return entry


def _shipping_taken_back(order: Order, sums: dict[tuple[SaleKind, str], _Sum], amount: Decimal) -> str:
    """The only shipping line, else the one that comes to exactly this amount; of several, the first that the order
    says was removed; else none ("")."""
    lines = [entry for entry in sums.values() if entry.kind is SaleKind.SHIPPING and entry.object_id]
    if len(lines) > 1:
        lines = [entry for entry in lines if entry.total == -amount]
    if len(lines) > 1:
        gone = {line.source_id for line in order.shipping_lines if line.removed}
        lines = [entry for entry in lines if entry.object_id in gone][:1]
    return lines[0].object_id if len(lines) == 1 else ""

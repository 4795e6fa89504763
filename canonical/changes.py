"""What changed in an order between two looks at it: typed, field by field, before and after, in money.

Pure. Amounts are what a change does to the order's total in the books currency, tax included, and add up to the
difference of the two totals: a change of quantity carries everything its line gained or lost.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from canonical.changed_parts import particulars
from canonical.facts import FactLine, LedgerFacts
from canonical.ledger import ledger_facts
from canonical.money import MoneyPolicy, side_of
from canonical.orders import Order
from canonical.sales import AgreementReason, SaleKind

ZERO = Decimal(0)
GOODS = frozenset({SaleKind.PRODUCT, SaleKind.GIFT_CARD})
_REFUNDS = frozenset({AgreementReason.REFUND, AgreementReason.RETURN})


class ChangeKind(StrEnum):
    """Kinds of changes, in the order they are shown."""

    CANCEL = "cancel"
    REFUND = "refund"
    LINE_ADDED = "line_added"
    LINE_REMOVED = "line_removed"
    QUANTITY_UP = "quantity_up"
    QUANTITY_DOWN = "quantity_down"
    PRICE = "price"
    DISCOUNT = "discount"
    SHIPPING = "shipping"
    TAX = "tax"
    CHARGE = "charge"
    CUSTOMER = "customer"
    ADDRESS = "address"
    LOCATION = "location"
    DETAILS = "details"
    OTHER = "other"
    IN_ERP = "in_erp"
    PAYMENT = "payment"
    NOTE = "note"
    TAG = "tag"


CHANGE_WORDS: dict[ChangeKind, str] = {
    ChangeKind.CANCEL: "Cancelled",
    ChangeKind.REFUND: "Refund or return",
    ChangeKind.LINE_ADDED: "Line added",
    ChangeKind.LINE_REMOVED: "Line removed",
    ChangeKind.QUANTITY_UP: "Quantity raised",
    ChangeKind.QUANTITY_DOWN: "Quantity lowered",
    ChangeKind.PRICE: "Price",
    ChangeKind.DISCOUNT: "Discount",
    ChangeKind.SHIPPING: "Shipping",
    ChangeKind.TAX: "Tax",
    ChangeKind.CHARGE: "Tip, duty, fee or rounding",
    ChangeKind.CUSTOMER: "Customer or company",
    ChangeKind.ADDRESS: "Address",
    ChangeKind.LOCATION: "Location",
    ChangeKind.DETAILS: "PO number, payment terms, e-mail",
    ChangeKind.OTHER: "Something else",
    ChangeKind.IN_ERP: "Changed in the ERP",
    ChangeKind.PAYMENT: "Payment",
    ChangeKind.NOTE: "Note or attribute",
    ChangeKind.TAG: "Tag",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change: what it is about, before and after as a person reads them, and what it does to the order's total
    (books currency, tax included; zero for what has no price)."""

    kind: ChangeKind
    what: str
    before: str = ""
    after: str = ""
    amount: Decimal = ZERO
    currency: str = ""

    @property
    def sentence(self) -> str:
        """The change in one phrase: `Quantity raised: Tee 2 → 3 (+25.00 USD)`."""
        name = CHANGE_WORDS[self.kind]
        steps = " → ".join((self.before or "nothing", self.after or "nothing"))
        text = f"{name}: {self.what} {steps}" if self.before or self.after else f"{name}: {self.what}"
        return f"{text} ({self.amount:+,} {self.currency})" if self.amount else text


def changes_between(before: Order, after: Order, policy: MoneyPolicy) -> tuple[Change, ...]:
    """Everything a document or a person would notice, sorted by kind; nothing for two looks at the same order.

    Shipments and statuses are no changes: they have documents of their own. Raises NeedsPerson (LEDGER_*) when one
    of the orders cannot be added up.
    """
    old = ledger_facts(before, policy, refunds_apart=True)
    new = ledger_facts(after, policy, refunds_apart=True)
    found = [
        *_cancelled(before, after),
        *_refunds(before, after, policy),
        *_sold(before, after, old, new),
        *(
            Change(kind=ChangeKind(kind), what=what, before=was, after=now)
            for kind, what, was, now in particulars(before, after)
        ),
    ]
    rank = {kind: number for number, kind in enumerate(ChangeKind)}
    return tuple(sorted(found, key=lambda change: rank[change.kind]))


def net_amount(changes: tuple[Change, ...]) -> Decimal:
    """What the changes do to the order's total; refunds are documents of their own and do not count."""
    return sum((c.amount for c in changes if c.kind is not ChangeKind.REFUND), ZERO)


def _cancelled(before: Order, after: Order) -> Iterator[Change]:
    if after.cancelled_at and not before.cancelled_at:
        reason = after.cancel_reason.replace("_", " ").lower()
        yield Change(kind=ChangeKind.CANCEL, what="the order", after=reason or "cancelled")
    elif before.cancelled_at and not after.cancelled_at:
        yield Change(kind=ChangeKind.OTHER, what="Cancellation", before="cancelled", after="not cancelled")


def _refunds(before: Order, after: Order, policy: MoneyPolicy) -> Iterator[Change]:
    """Refund and return agreements that are new and worth something; quantities taken off for nothing are edits."""
    known = {agreement.source_id for agreement in before.agreements}
    for agreement in after.agreements:
        if agreement.source_id in known or agreement.reason not in _REFUNDS:
            continue
        amount = sum((side_of(sale.total, policy) for sale in agreement.sales), ZERO)
        if any(side_of(sale.total, policy) for sale in agreement.sales):
            yield Change(
                kind=ChangeKind.REFUND, what=f"{len(agreement.sales)} lines of the sales ledger", amount=amount,
                currency=after.totals.total.books(policy).currency,
            )  # fmt: skip


def _sold(before: Order, after: Order, old: LedgerFacts, new: LedgerFacts) -> Iterator[Change]:
    """What was sold: one change for every object whose figures differ, and the rest of the difference, if any."""
    was = {(line.kind, line.object_id): line for line in old.lines}
    now = {(line.kind, line.object_id): line for line in new.lines}
    for key in dict.fromkeys((*was, *now)):
        what = _name(key, before, after)
        yield from _object(key[0], what, was.get(key), now.get(key), new.currency)
    rounding = new.cash_rounding - old.cash_rounding
    if rounding:
        yield Change(
            kind=ChangeKind.CHARGE, what="Cash rounding", before=str(old.cash_rounding), after=str(new.cash_rounding),
            amount=rounding, currency=new.currency,
        )  # fmt: skip


def _name(key: tuple[SaleKind, str], before: Order, after: Order) -> str:
    kind, object_id = key
    names = {line.source_id: line.label for order in (before, after) for line in order.lines}
    names |= {line.source_id: line.title or line.code for o in (before, after) for line in o.shipping_lines}
    names |= {fee: name for order in (before, after) for fee, name in order.fees if name}
    return names.get(object_id) or kind.replace("_", " ").lower()


def _object(
    kind: SaleKind, what: str, was: FactLine | None, now: FactLine | None, currency: str
) -> Iterator[Change]:
    """The changes of one line item, shipping line or charge."""

    def change(what_kind: ChangeKind, before: str, after: str, amount: Decimal) -> Change:
        return Change(kind=what_kind, what=what, before=before, after=after, amount=amount, currency=currency)

    difference = (now.total if now else ZERO) - (was.total if was else ZERO)
    whole = kind not in GOODS
    own = ChangeKind.SHIPPING if kind is SaleKind.SHIPPING else ChangeKind.CHARGE
    if was is None or now is None:
        added = was is None
        goods = ChangeKind.LINE_ADDED if added else ChangeKind.LINE_REMOVED
        if difference or not whole:
            yield change(own if whole else goods, _shown(was, currency), _shown(now, currency), difference)
    elif whole:
        if difference or was.gross != now.gross or was.tax != now.tax:
            yield change(own, _shown(was, currency), _shown(now, currency), difference)
    elif was.quantity != now.quantity:
        up = (now.quantity or 0) > (was.quantity or 0)
        yield change(
            ChangeKind.QUANTITY_UP if up else ChangeKind.QUANTITY_DOWN,
            str(was.quantity or 0), str(now.quantity or 0), difference,
        )  # fmt: skip
    else:
        for part, old, new, amount in (
            (ChangeKind.PRICE, was.gross, now.gross, now.gross - was.gross),
            (ChangeKind.DISCOUNT, was.discount, now.discount, was.discount - now.discount),
            (ChangeKind.TAX, was.tax, now.tax, now.tax - was.tax),
        ):
            if amount:
                yield change(part, f"{old} {currency}", f"{new} {currency}", amount)
        if was.taxes != now.taxes and was.tax == now.tax:
            yield change(ChangeKind.TAX, _taxes(was), _taxes(now), ZERO)


def _taxes(line: FactLine) -> str:
    return ", ".join(f"{tax.title} {tax.rate}: {tax.amount}" for tax in line.taxes)


def _shown(line: FactLine | None, currency: str) -> str:
    """A line in short: `2 × 48.71 USD` is two pieces that come to that with discount and tax."""
    if line is None:
        return ""
    amount = f"{line.total} {currency}"
    return f"{line.quantity} for {amount}" if line.quantity and line.kind in GOODS else amount

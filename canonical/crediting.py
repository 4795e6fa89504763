"""Credits of billed value: what the ERP billed of a document, where a credit fits, and what it must come to. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from canonical.additions import Taken
from canonical.components import Components, components_of_facts
from canonical.documents import DocumentKind, DocumentLine, TaxStrategy
from canonical.facts import FactLine, LedgerFacts
from common.errors import NeedsPerson

ZERO = Decimal(0)
Day = date


@dataclass(frozen=True, slots=True, kw_only=True)
class BilledLine:
    """A line of a bill as the ERP shows it. `key` addresses it, `order_line` is the line of the order it bills; amounts
    net of tax in the document's currency, `quantity` None for lines without one."""

    key: str
    order_line: str
    amount: Decimal
    quantity: Decimal | None = None
    tax_reference: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Billing:
    """An invoice or cash sale that bills a document, or is it. `open_amount` is what is not paid of it yet, `shipping`
    what it carries outside its lines, `credits` the ids of credits and returns made from it."""

    id: str
    kind: DocumentKind
    number: str
    lines: tuple[BilledLine, ...]
    open_amount: Decimal = ZERO
    shipping: Decimal = ZERO
    credits: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CreditLine:
    """One line of a credit, with the key of the line of the bill it takes back."""

    key: str
    line: DocumentLine


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditDocument:
    """A credit to be made from a bill: only these lines of it, at these amounts. `total` with tax, in `currency`;
    `applied` is how much of it settles the bill, the rest stays open."""

    external_id: str
    order_name: str
    billing: Billing
    currency: str
    date: Day
    lines: tuple[CreditLine, ...]
    total: Decimal
    tax_strategy: TaxStrategy
    memo: str = ""
    applied: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Credited:
    """What the hub itself credited before: ids of its credits, and pieces and amount by (bill, line of it)."""

    ids: frozenset[str]
    lines: Mapping[tuple[str, str], tuple[Decimal, Decimal]]


def place_credit(
    order_name: str,
    taken: Sequence[Taken],
    keys: Sequence[str],
    billings: Iterable[Billing],
    before: Credited,
) -> tuple[Billing, tuple[CreditLine, ...]]:
    """The newest bill that holds everything that is to be credited, and the lines of the credit. `keys` are those of
    the document's lines by place. Raises NeedsPerson BILLED_VALUE when there is none the hub may credit."""
    found = sorted(billings, key=lambda each: int(each.id), reverse=True)
    for billing in found:
        lines = _on(billing, taken, keys, before)
        if lines is None:
            continue
        if billing.kind is not DocumentKind.INVOICE:
            raise _asks(
                order_name, f"{billing.number} is a cash sale, and refunds of cash sales are not written yet."
            )
        if not before.ids.issuperset(billing.credits):
            raise _asks(
                order_name, f"somebody credited {billing.number} in the ERP already, or began a return of it."
            )
        return billing, lines
    names = ", ".join(billing.number for billing in found) or "no invoice"
    raise _asks(
        order_name,
        f"what is no longer sold does not stand, or no longer, on one invoice as a whole ({names}).",
    )


def _on(
    billing: Billing, taken: Sequence[Taken], keys: Sequence[str], before: Credited
) -> tuple[CreditLine, ...] | None:
    """The lines of a credit of this bill; None when it does not hold all of them."""
    found: list[CreditLine] = []
    for each in taken:
        wanted = {keys[place] for place in each.places}
        line = next(
            (
                row
                for row in billing.lines
                if row.order_line in wanted
                and row.key not in {one.key for one in found}
                and _holds(row, each.line, before.lines.get((billing.id, row.key), (ZERO, ZERO)))
            ),
            None,
        )
        if line is None or (each.line.taxes and not line.tax_reference):
            return None
        found.append(CreditLine(line.key, each.line))
    return tuple(found)


def _holds(row: BilledLine, line: DocumentLine, gone: tuple[Decimal, Decimal]) -> bool:
    enough = row.quantity is None or row.quantity - gone[0] >= (line.quantity or ZERO)
    return enough and abs(row.amount) - abs(gone[1]) >= abs(line.amount)


def difference_of_facts(
    more: LedgerFacts, less: LedgerFacts, objects: Collection[str], *, shipping_net: bool
) -> Components:
    """What the sales of some objects came to in `more` beyond `less`, by component: the ledger facts that went, or
    came, between two looks at an order."""
    old = {(line.kind, line.object_id): line for line in less.lines if line.object_id in objects}
    new = {(line.kind, line.object_id): line for line in more.lines if line.object_id in objects}
    lines = tuple(_beyond(line, old.get(key), new.get(key)) for key, line in {**old, **new}.items())
    total = sum((line.total for line in lines), ZERO)
    facts = LedgerFacts(currency=more.currency, lines=lines, cash_rounding=ZERO, total=total)
    return components_of_facts(facts, shipping_net=shipping_net)


def _beyond(model: FactLine, less: FactLine | None, more: FactLine | None) -> FactLine:
    a, b = (
        (line.gross, line.discount, line.tax, line.total) if line else (ZERO,) * 4 for line in (more, less)
    )
    gross, discount, tax, total = (x - y for x, y in zip(a, b, strict=True))
    return FactLine(
        kind=model.kind,
        object_id=model.object_id,
        quantity=None,
        gross=gross,
        discount=discount,
        tax=tax,
        total=total,
    )


def _asks(order_name: str, why: str) -> NeedsPerson:
    return NeedsPerson("BILLED_VALUE", f"Order {order_name}: {why}", field="lines", value="credit")

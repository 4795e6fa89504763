"""Changing a document that was partly shipped or billed: value added becomes new lines, value removed closes lines
nothing was shipped or billed of. Pure; what was shipped or billed is never touched."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from canonical.documents import DocumentLine, DocumentTax, LineKind
from canonical.stages import DocumentLineState
from common.errors import NeedsPerson

ZERO = Decimal(0)
Identity = tuple[LineKind, str, str]


@dataclass(frozen=True, slots=True)
class Additions:
    """Lines to close, by their place in the document, and lines to add."""

    close: tuple[int, ...]
    add: tuple[DocumentLine, ...]

    @property
    def nothing(self) -> bool:
        """True when the document already is what it should be."""
        return not self.close and not self.add


def plan_additions(
    order_name: str,
    before: Sequence[DocumentLine],
    states: Sequence[DocumentLineState],
    after: Sequence[DocumentLine],
) -> Additions:
    """What makes the open lines of a document come to `after`. `before` are its lines as they stand, `states` the same
    lines as the ERP shows them. Raises NeedsPerson BILLED_VALUE when value that was shipped or billed would have to
    go."""
    standing: dict[Identity, list[int]] = {}
    for place, (line, state) in enumerate(zip(before, states, strict=True)):
        if not state.closed:
            standing.setdefault(_identity(line), []).append(place)
    wanted: dict[Identity, list[DocumentLine]] = {}
    for line in after:
        wanted.setdefault(_identity(line), []).append(line)
    touched = {line.source_id for line, state in zip(before, states, strict=True) if state.used}
    close: list[int] = []
    add: list[DocumentLine] = []
    for identity in dict.fromkeys((*standing, *wanted)):
        places, lines = standing.get(identity, []), wanted.get(identity, [])
        mine = [before[place] for place in places]
        if _figures(mine) == _figures(lines):
            continue
        rest = _difference(lines, mine)
        if mine and rest is not None and _adds_value(rest):
            add.append(rest)
            continue
        fixed = [
            p
            for p in places
            if states[p].used or (before[p].quantity is None and before[p].source_id in touched)
        ]
        close.extend(place for place in places if place not in fixed)
        if not fixed:
            add.extend(lines)
            continue
        rest = _difference(lines, [before[place] for place in fixed])
        if rest is not None and not _adds_value(rest):
            raise _billed(order_name, before[fixed[0]])
        if rest is not None:
            add.append(rest)
    return Additions(tuple(close), tuple(add))


def _identity(line: DocumentLine) -> Identity:
    return line.kind, line.source_id, line.item.id


def _figures(lines: Iterable[DocumentLine]) -> tuple[Decimal, Decimal, Decimal]:
    rows = list(lines)
    return (
        sum((line.quantity or ZERO for line in rows), ZERO),
        sum((line.amount for line in rows), ZERO),
        sum((_tax(line) for line in rows), ZERO),
    )


def _tax(line: DocumentLine) -> Decimal:
    return sum((tax.amount for tax in line.taxes), ZERO)


def _difference(more: Sequence[DocumentLine], less: Sequence[DocumentLine]) -> DocumentLine | None:
    """One line for what `more` has beyond `less`; None when both come to the same."""
    quantity, amount, tax = (a - b for a, b in zip(_figures(more), _figures(less), strict=True))
    if not (quantity or amount or tax):
        return None
    model = (more or less)[0]
    counted = model.quantity is not None
    return replace(
        model,
        quantity=quantity if counted else None,
        amount=amount,
        rate=_rate(model, quantity, amount) if counted else amount,
        tax=sum((line.tax for line in more), ZERO) - sum((line.tax for line in less), ZERO),
        taxes=_taxes(more, less),
    )


def _rate(model: DocumentLine, quantity: Decimal, amount: Decimal) -> Decimal:
    """The unit rate that gives the amount: the model's own where it does."""
    if model.rate is not None and model.rate * quantity == amount:
        return model.rate
    return round(amount / quantity, 8) if quantity else amount


def _taxes(more: Sequence[DocumentLine], less: Sequence[DocumentLine]) -> tuple[DocumentTax, ...]:
    found: dict[tuple[str, Decimal], DocumentTax] = {}
    for sign, lines in ((1, more), (-1, less)):
        for tax in (tax for line in lines for tax in line.taxes):
            key = (tax.code.id, tax.rate)
            was = found.get(key)
            amount, basis = sign * tax.amount, sign * tax.basis
            found[key] = replace(
                tax, amount=amount + (was.amount if was else ZERO), basis=basis + (was.basis if was else ZERO)
            )
    return tuple(tax for tax in found.values() if tax.amount or tax.basis)


def _adds_value(line: DocumentLine) -> bool:
    """Whether a line may stand beside what is there: goods in whole pieces at no negative amount, a discount that
    reduces, or more of a charge."""
    if line.kind is LineKind.DISCOUNT:
        return line.amount < 0
    if line.kind in (LineKind.TAX_VARIANCE, LineKind.ROUNDING, LineKind.CASH_ROUNDING):
        return True
    if line.kind in (LineKind.GOODS, LineKind.GIFT_CARD):
        return (line.quantity or ZERO) > 0 and line.amount >= 0
    return line.amount > 0


def _billed(order_name: str, line: DocumentLine) -> NeedsPerson:
    name = line.description or line.item.name or line.item.id
    return NeedsPerson(
        "BILLED_VALUE",
        f"Order {order_name}: some of '{name}' was shipped or billed already and is no longer sold. It needs a credit.",
        field="lines",
        value=line.item.name or line.item.id,
    )

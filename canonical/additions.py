"""Changing a document that was partly shipped or billed: value added becomes new lines, value removed closes lines
nothing was shipped or billed of, and what was billed is credited. Pure; lines that were shipped or billed are never
touched."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from canonical.documents import DocumentLine, DocumentTax, LineKind
from canonical.stages import DocumentLineState
from common.errors import NeedsPerson

ZERO, ONE = Decimal(0), Decimal(1)
Identity = tuple[LineKind, str, str]
_COUNTED = frozenset({LineKind.GOODS, LineKind.GIFT_CARD})
"""Kinds of lines sold by the piece; the quantity of any other says nothing."""
_CREDITED = frozenset({LineKind.GOODS, LineKind.DISCOUNT, LineKind.TAX})
_LEFT_OVER = frozenset({LineKind.TAX_VARIANCE, LineKind.ROUNDING, LineKind.CASH_ROUNDING})


@dataclass(frozen=True, slots=True)
class Taken:
    """What is to be credited of billed lines. `places` are the lines of the document it may be of; `line` is what goes,
    as a credit shows it: pieces and amount of goods positive, of discounts negative."""

    places: tuple[int, ...]
    line: DocumentLine


@dataclass(frozen=True, slots=True)
class Additions:
    """Lines to close, by their place in the document, lines to add, and what is to be credited."""

    close: tuple[int, ...]
    add: tuple[DocumentLine, ...]
    credit: tuple[Taken, ...] = ()

    @property
    def nothing(self) -> bool:
        """True when the document already is what it should be."""
        return not (self.close or self.add or self.credit)


def plan_additions(
    order_name: str,
    before: Sequence[DocumentLine],
    states: Sequence[DocumentLineState],
    after: Sequence[DocumentLine],
    beside: Sequence[DocumentLine] = (),
) -> Additions:
    """What makes the open lines of a document come to `after`. `before` are its lines as they stand, `states` the same
    lines as the ERP shows them, `beside` the lines of documents written beside it (`negated` those of credits). Raises
    NeedsPerson BILLED_VALUE when value would have to go that can be neither closed nor credited."""
    standing: dict[Identity, list[int]] = {}
    for place, (line, state) in enumerate(zip(before, states, strict=True)):
        if not state.closed:
            standing.setdefault(_identity(line), []).append(place)
    wanted, others = _grouped(after), _grouped(beside)
    touched = {line.source_id for line, state in zip(before, states, strict=True) if state.used}
    close: list[int] = []
    add: list[DocumentLine] = []
    credit: list[Taken] = []
    for identity in dict.fromkeys((*standing, *others, *wanted)):
        places, lines, extra = standing.get(identity, []), wanted.get(identity, []), others.get(identity, [])
        mine = [*(before[place] for place in places), *extra]
        rest = _difference(lines, mine)
        if rest is None:
            continue
        if mine and _adds_value(rest):
            add.append(rest)
            continue
        fixed = [
            p
            for p in places
            if states[p].used or (before[p].quantity is None and before[p].source_id in touched)
        ]
        close.extend(place for place in places if place not in fixed)
        if not fixed and not extra:
            add.extend(lines)
            continue
        rest = _difference(lines, [*(before[place] for place in fixed), *extra])
        if rest is not None and _adds_value(rest):
            add.append(rest)
        elif rest is not None:
            _refuse_unbilled(order_name, before, states, fixed, rest)
            credit.append(Taken(tuple(fixed), _credited(rest)))
    _refuse_mixed(order_name, add, credit)
    return Additions(tuple(close), tuple(add), tuple(credit))


def negated(line: DocumentLine) -> DocumentLine:
    """The line with every amount and its quantity the other way round."""
    taxes = tuple(replace(tax, amount=-tax.amount, basis=-tax.basis) for tax in line.taxes)
    quantity = None if line.quantity is None else -line.quantity
    return replace(line, amount=-line.amount, tax=-line.tax, taxes=taxes, quantity=quantity)


def _grouped(lines: Iterable[DocumentLine]) -> dict[Identity, list[DocumentLine]]:
    found: dict[Identity, list[DocumentLine]] = {}
    for line in lines:
        found.setdefault(_identity(line), []).append(line)
    return found


def _credited(rest: DocumentLine) -> DocumentLine:
    """What goes as a line of a credit; of lines that are not sold by the piece the amount alone counts."""
    line = negated(rest)
    counted = line.kind in _COUNTED
    return line if counted or line.quantity is None else replace(line, quantity=ONE, rate=line.amount)


def _refuse_unbilled(
    order_name: str,
    before: Sequence[DocumentLine],
    states: Sequence[DocumentLineState],
    fixed: Sequence[int],
    rest: DocumentLine,
) -> None:
    """A credit takes back whole pieces that were billed. Raise NeedsPerson BILLED_VALUE for anything else that goes."""
    name = _name(rest)
    if not fixed:
        raise _asks(
            order_name, rest, f"'{name}' stands on a further document, which cannot be credited by itself."
        )
    if rest.kind not in _COUNTED:
        return
    billed = sum((states[p].billed for p in fixed), ZERO)
    pieces = sum((before[p].quantity or ZERO for p in fixed), ZERO)
    if billed < pieces:
        raise _asks(
            order_name,
            rest,
            f"of {_tidy(pieces)} pieces of '{name}' {_tidy(billed)} were billed. Lower the line in the ERP by hand.",
        )


def _refuse_mixed(order_name: str, add: Sequence[DocumentLine], credit: Sequence[Taken]) -> None:
    """What is credited of an object goes as a whole: pieces with their discounts and tax. Raise NeedsPerson
    BILLED_VALUE for a price that was lowered, and for what a credit cannot show."""
    pieces = {taken.line.source_id for taken in credit if _is_pieces(taken.line)}
    for taken in credit:
        line = taken.line
        right = line.amount <= 0 if line.kind is LineKind.DISCOUNT else line.amount >= 0
        own = line.source_id in pieces or (line.kind is LineKind.TAX and bool(pieces))
        if line.kind not in _CREDITED:
            raise _asks(order_name, line, f"'{_name(line)}' was billed; only goods are credited by the hub.")
        if not right or not own:
            why = f"'{_name(line)}' was billed at another amount, and only whole pieces are credited by the hub."
            raise _asks(order_name, line, why)
    for line in add:
        if credit and (line.source_id in pieces or line.kind in _LEFT_OVER):
            raise _asks(order_name, line, f"'{_name(line)}' would be credited and added to at once.")


def _is_pieces(line: DocumentLine) -> bool:
    return line.kind is LineKind.GOODS and (line.quantity or ZERO) > 0


def _identity(line: DocumentLine) -> Identity:
    return line.kind, line.source_id, line.item.id


def _figures(lines: Iterable[DocumentLine]) -> tuple[Decimal, Decimal, Decimal]:
    rows = list(lines)
    return (
        sum((line.quantity or ZERO for line in rows if line.kind in _COUNTED), ZERO),
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
    counted = model.kind in _COUNTED
    return replace(
        model,
        quantity=quantity if counted else model.quantity and ONE,
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
    if line.kind in _LEFT_OVER:
        return True
    if line.kind in (LineKind.GOODS, LineKind.GIFT_CARD):
        return (line.quantity or ZERO) > 0 and line.amount >= 0
    return line.amount > 0


def _tidy(number: Decimal) -> str:
    return f"{number.normalize():f}"


def _name(line: DocumentLine) -> str:
    return line.description or line.item.name or line.item.id


def _asks(order_name: str, line: DocumentLine, why: str) -> NeedsPerson:
    return NeedsPerson(
        "BILLED_VALUE", f"Order {order_name}: {why}", field="lines", value=line.item.name or line.item.id
    )

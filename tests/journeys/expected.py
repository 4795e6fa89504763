"""The tables of what must become of every demo order (demo_documents*.txt), as objects."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

TABLES = tuple(sorted(Path(__file__).parent.glob("demo_documents*.txt")))
_TIMES = re.compile(r"(\d+)x (.+)")
_QUANTITY = re.compile(r"(\d+) (.+)")


@dataclass(frozen=True, slots=True)
class ExpectedLine:
    """A line by hand; `taxes` are (tax code, amount)."""

    item: str
    quantity: Decimal | None
    amount: Decimal
    taxes: tuple[tuple[str, Decimal], ...] = ()


@dataclass(slots=True)
class Expected:
    """One row of the table. Written orders have a total; the others a cause."""

    store: str
    name: str
    outcome: str = "written"
    code: str = ""
    value: str = ""
    total: Decimal = Decimal(0)
    currency: str = ""
    customer: str = ""
    ship_method: str = ""
    payment_method: str = ""
    pending: bool = False
    terms: str = ""
    po_number: str = ""
    location: str = ""
    lines: list[ExpectedLine] = field(default_factory=list)
    components: dict[str, Decimal] = field(default_factory=dict)

    @property
    def tax(self) -> Decimal:
        """All tax, from the component by hand."""
        return self.components.get("tax", Decimal(0))


def table(*paths: Path) -> list[Expected]:
    """Every row of some tables; of all demo orders when none is named."""
    rows: list[Expected] = []
    for line in (line for path in paths or TABLES for line in path.read_text(encoding="utf-8").splitlines()):
        if not line.strip() or line.startswith("#"):
            continue
        parts = [part.strip() for part in line.split(" | ")]
        if not line.startswith(" "):
            rows.append(_head(parts))
        elif parts[0].startswith("= "):
            amounts = (part.rsplit(" ", 1) for part in line.strip()[2:].split(", "))
            rows[-1].components = {name: Decimal(amount) for name, amount in amounts}
        else:
            rows[-1].lines += _lines(parts)
    return rows


def _head(parts: list[str]) -> Expected:
    row = Expected(parts[0], parts[1])
    word, _, rest = parts[2].partition(" ")
    if word in ("excluded", "blocked"):
        row.outcome, row.code, row.value = word, rest, parts[3] if len(parts) > 3 else ""
        return row
    row.total, row.currency = Decimal(word), rest
    row.customer, row.ship_method, row.payment_method = ("" if part == "-" else part for part in parts[3:6])
    for fact in parts[6].split(", ") if len(parts) > 6 else ():
        name, _, value = fact.partition(" ")
        match name:
            case "pending":
                row.pending = True
            case "terms":
                row.terms = value
            case "po":
                row.po_number = value
            case "at":
                row.location = value
            case _:
                raise ValueError(f"{row.name}: what is '{fact}'?")
    return row


def _lines(parts: list[str]) -> list[ExpectedLine]:
    times, what = 1, parts[0]
    if found := _TIMES.fullmatch(what):
        times, what = int(found[1]), found[2]
    quantity: Decimal | None = None
    if found := _QUANTITY.fullmatch(what):
        quantity, what = Decimal(found[1]), found[2]
    taxes = (part.rsplit(" ", 1) for part in parts[2].split(", ")) if len(parts) > 2 else ()
    line = ExpectedLine(
        what, quantity, Decimal(parts[1]), tuple((code, Decimal(amount)) for code, amount in taxes)
    )
    return [line] * times

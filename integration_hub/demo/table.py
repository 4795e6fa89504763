"""The table at the end: where every order is, and whether both sides come to the same."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from canonical.money import quantize
from integration_hub.demo.results import Placed, Results
from monitoring.figures import CauseFigure, CurrencyTotals
from syncflows.states import State

WIDTH = 78
NAMES = 5


def table(results: Results) -> list[str]:
    """The lines to print."""
    figures = results.summary
    lines = [
        "=" * WIDTH,
        _row("Found in Shopify", figures.found),
        _row("Staged in the hub", figures.staged),
        _row("Written to NetSuite", figures.written),
        _row("Excluded", figures.excluded),
        *_causes(figures.excluded_by, results.orders, State.SKIPPED),
        _row("Blocked", figures.blocked),
        *_causes(figures.blocked_by, results.orders, State.BLOCKED),
    ]
    if figures.waiting:
        lines.append(_row("Waiting", figures.waiting))
    if figures.held:
        lines.append(_row("Held", figures.held))
    lines += [
        _row("Unexplained", "not counted" if figures.unexplained is None else figures.unexplained),
        "-" * WIDTH,
        *_totals(results.totals),
        "=" * WIDTH,
    ]
    return lines


def _row(label: str, value: object, names: str = "") -> str:
    return f"{label:<48}{value!s:>6}  {names}".rstrip()


def _causes(causes: Sequence[CauseFigure], orders: Iterable[Placed], state: str) -> Iterator[str]:
    by_code: dict[str, list[str]] = {}
    for order in orders:
        if order.state == state:
            by_code.setdefault(order.code, []).append(order.name)
    for cause in causes:
        names = by_code.get(cause.code, [])
        more = f" +{len(names) - NAMES}" if len(names) > NAMES else ""
        yield _row(f"    {cause.title[:44]}", cause.orders, " ".join(names[:NAMES]) + more)


def _totals(totals: Sequence[CurrencyTotals]) -> Iterator[str]:
    yield f"{'Totals of the written orders':<30}{'Shopify':>16}{'NetSuite':>16}{'Difference':>16}"
    for row in totals:
        label = f"    {row.currency} ({row.orders} orders)"
        amounts = (quantize(amount, row.currency) for amount in (row.shopify, row.erp, row.difference))
        yield f"{label:<30}" + "".join(f"{amount:>16,}" for amount in amounts)
    if not totals:
        yield "    none"

"""Is every order accounted for? Both systems are asked, and what does not fit becomes a sentence."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from canonical.external_ids import order_external_ids
from integration_hub.demo.sandbox_link import LedgerRow
from monitoring import completeness
from monitoring.figures import CurrencyTotals, Summary, summary
from syncflows.models import FLOW_ORDERS, Sync
from syncflows.states import State


def _expected() -> dict[str, dict[str, Any]]:
    """All lists beside this file (`expected*.json`) as one."""
    found: dict[str, dict[str, Any]] = {}
    for path in sorted(Path(__file__).parent.glob("expected*.json")):
        for shop, orders in json.loads(path.read_text(encoding="utf-8"))["orders"].items():
            found.setdefault(shop, {}).update(orders)
    return found


EXPECTED = _expected()
"""By shop and order name: `state`, and for excluded and blocked orders the `code` of the cause."""

CHANGED = "ORDER_CHANGED"
"""Cause of an order somebody changed in Shopify after its document was written."""


@dataclass(frozen=True, slots=True)
class Placed:
    """One order and where it ended. `total` is what it comes to by Shopify's figures, in the currency of the books;
    `touched` is True when a person acted on it, so that it need not be where the demo leaves it; `linked` when it has
    a document, whatever happened to it since."""

    shop: str
    source_id: str
    name: str
    state: str
    code: str
    reason: str
    currency: str
    total: Decimal | None
    touched: bool
    linked: bool

    @property
    def external_ids(self) -> frozenset[str]:
        """The external ids its document may have: one for each kind of document."""
        return frozenset(order_external_ids(self.shop, self.source_id))


@dataclass(frozen=True, slots=True)
class Results:
    """What the table shows. `totals` sets Shopify's figures against what NetSuite itself answered."""

    summary: Summary
    orders: tuple[Placed, ...]
    totals: tuple[CurrencyTotals, ...]
    problems: tuple[str, ...]


def placed_orders() -> list[Placed]:
    """Every staged order; one query."""
    rows = Sync.objects.filter(flow=FLOW_ORDERS).select_related("shop", "order").order_by("shop__key", "pk")
    acted = set(Sync.objects.filter(actions__isnull=False).values_list("pk", flat=True))
    return [
        Placed(
            shop=row.shop.key,
            source_id=row.source_id,
            name=row.name,
            state=row.state,
            code=row.reason_code,
            reason=row.reason,
            currency=row.order.books_currency or row.order.currency,
            total=row.order.books_total,
            touched=row.pk in acted,
            linked=bool(row.order.document_number),
        )
        for row in rows
    ]


def collect(ledger: Sequence[LedgerRow]) -> Results:
    """Count again at Shopify, set the hub's rows against NetSuite's, and find what does not fit."""
    completeness.refresh_all()
    figures = summary()
    orders = placed_orders()
    problems = [*_completeness(figures), *_states(orders), *_documents(orders, ledger), *_as_expected(orders)]
    return Results(figures, tuple(orders), tuple(totals(orders, ledger)), tuple(problems))


def totals(orders: Iterable[Placed], ledger: Iterable[LedgerRow]) -> list[CurrencyTotals]:
    """Both sides of the written orders by currency; NetSuite's documents are found by their external ids."""
    documents = {row.external_id: row for row in ledger if row.external_id}
    found: dict[str, tuple[int, Decimal, Decimal]] = {}
    for order in orders:
        if order.state == State.DONE:
            count, shopify, erp = found.get(order.currency, (0, Decimal(0), Decimal(0)))
            document = next((documents[key] for key in order.external_ids if key in documents), None)
            there = document.total if document else Decimal(0)
            found[order.currency] = count + 1, shopify + (order.total or Decimal(0)), erp + there
    return [CurrencyTotals(currency, *figures) for currency, figures in sorted(found.items())]


def _completeness(figures: Summary) -> Iterable[str]:
    if figures.shopify is None or figures.unexplained is None:
        yield "Shopify did not say how many orders it has; see the shops in the admin."
    elif figures.unexplained:
        yield f"{figures.unexplained} orders Shopify counts have no row in the hub."
    if not figures.staged:
        yield "No order was found at all."


def _states(orders: Iterable[Placed]) -> Iterable[str]:
    for order in orders:
        if order.state not in (State.DONE, State.SKIPPED, State.BLOCKED):
            yield f"{order.shop} {order.name} is still {State(order.state).label.lower()}. {order.reason}".strip()
        elif order.state != State.DONE and not (order.code and order.reason):
            yield f"{order.shop} {order.name} is {State(order.state).label.lower()} without a reason."


def _documents(orders: Iterable[Placed], ledger: Sequence[LedgerRow]) -> Iterable[str]:
    """Exactly one document per written order, equal in total and currency, and none for an order without one."""
    count = Counter(row.external_id for row in ledger if row.external_id)
    documents = {row.external_id: row for row in ledger}
    for order in orders:
        name, written = f"{order.shop} {order.name}", order.state == State.DONE
        found = [documents[key] for key in order.external_ids if key in documents]
        there = sum(count.pop(key, 0) for key in order.external_ids)
        if there != int(written or order.linked):
            wanted = "one" if written or order.linked else "none"
            yield f"{name} has {there} documents in NetSuite and should have {wanted}."
        elif written:
            document = found[0]
            if (document.total, document.currency) != (order.total, order.currency):
                yield (
                    f"{name} comes to {order.total} {order.currency}, its document {document.number} to "
                    f"{document.total} {document.currency}."
                )
    for stray in sorted(key for key in count if key.startswith("shp-")):
        yield f"NetSuite has a document {stray} that belongs to no order of the hub."


def _as_expected(orders: Iterable[Placed]) -> Iterable[str]:
    """Demo orders nobody touched, here or in Shopify, end where the list of the demo says."""
    for order in orders:
        wanted = EXPECTED.get(order.shop, {}).get(order.name)
        if wanted is None or order.touched or order.code == CHANGED:
            continue
        is_, should = (order.state, order.code), (wanted["state"], wanted.get("code", ""))
        if is_ != should:
            yield (
                f"{order.shop} {order.name} should be {_where(*should)} and is {_where(*is_)}. {order.reason}"
            ).strip()


def _where(state: str, code: str) -> str:
    return f"{State(state).label.lower()} ({code})" if code else State(state).label.lower()

"""Tries a filter on orders the hub has fetched already: what it would take and leave. Nothing is written."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from decimal import Decimal

from canonical.orders import Order as OrderFacts
from common.errors import HubError
from shops.models import Shop
from shops.shopify.orders import normalize_order
from syncflows.models import Order, OrderFilter
from syncflows.pipeline.owning import Store
from syncflows.states import State

TAKEN = ""
"""The verdict on an order this record would take."""


@dataclass(frozen=True, slots=True)
class Tried:
    """One order and what the filter makes of it: `code` is TAKEN or a cause, `line` the title of the line that says no,
    `other` the record that takes it or has it; `written` when this record has its document already."""

    order: Order
    code: str
    line: str = ""
    why: str = ""
    other: str = ""
    written: bool = False


@dataclass(slots=True)
class Trial:
    """The orders laid against a filter, newest first; `unread` counts those not fetched yet, or not readable."""

    rows: list[Tried] = field(default_factory=list)
    unread: int = 0

    def of(self, *codes: str) -> list[Tried]:
        """The orders with one of these verdicts."""
        return [row for row in self.rows if row.code in codes]

    def by_line(self) -> list[tuple[str, list[Tried]]]:
        """What is left out, by the line of the filter that says no, the most orders first."""
        found: dict[str, list[Tried]] = {}
        for row in self.of("NOT_WANTED"):
            found.setdefault(row.line, []).append(row)
        return sorted(found.items(), key=lambda pair: (-len(pair[1]), pair[0]))


def amounts(rows: Iterable[Tried]) -> dict[str, Decimal]:
    """Shopify's totals of these orders by currency (major units)."""
    found: dict[str, Decimal] = {}
    for row in rows:
        found[row.order.currency] = found.get(row.order.currency, Decimal(0)) + row.order.total
    return found


def try_filter(shop: Shop, wanted: OrderFilter, last: int) -> Trial:
    """Lay a filter (saved or not) against the last `last` orders of a shop, beside the saved filters of the other
    records of its store."""
    rows = list(
        Order.objects.filter(shop=shop)
        .select_related("sync", "payload")
        .order_by("-created_at", "-pk")[:last]
    )
    store = Store.load(shop, [row.source_id for row in rows])
    store = replace(store, filters={**store.filters, shop.pk: wanted}, begun=frozenset())
    trial = Trial()
    for row in rows:
        facts = _facts(row)
        if facts is None:
            trial.unread += 1
        else:
            trial.rows.append(_tried(store, row, facts))
    return trial


def _facts(row: Order) -> OrderFacts | None:
    if not hasattr(row, "payload"):
        return None
    try:
        return normalize_order(row.payload.document())
    except HubError:
        return None


def _tried(store: Store, row: Order, facts: OrderFacts) -> Tried:
    written = row.sync.state == State.DONE
    try:
        store.check(facts)
    except HubError as error:
        no = store.refusal(facts)
        return Tried(
            row, error.code, no.title if no else "", no.why if no else error.message, error.value, written
        )
    return Tried(row, TAKEN, written=written)

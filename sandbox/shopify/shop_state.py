"""One store of the sandbox: its documents, its clock, its numbers, and what happens on a change."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from sandbox.shopify.documents import Documents, number_of
from sandbox.shopify.linking import link_order, nodes
from sandbox.shopify.summaries import customer_summary, order_summary, sort_field

Json = dict[str, Any]
Announce = Callable[["ShopState", str, Json], None]


def iso(moment: datetime) -> str:
    """An instant as GraphQL answers it: UTC, whole seconds, Z."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def utc_now() -> str:
    """Now, as GraphQL answers it."""
    return iso(datetime.now(UTC))


def prepare(documents: Documents) -> None:
    """Teach the document store how orders and customers are summarized and linked."""
    documents.summarize("Order", order_summary)
    documents.summarize("Customer", customer_summary)
    documents.link("Order", link_order)


class ShopState:
    """A store by its handle (`demo-store`); `announce(shop, topic, document)` is told of each change."""

    def __init__(self, documents: Documents, name: str, announce: Announce | None = None) -> None:
        self.documents = documents
        self.name = name
        self.lock = threading.RLock()
        self._announce = announce
        self._sorted: dict[tuple[str, str], tuple[int, list[tuple[Any, str]]]] = {}

    @property
    def shop(self) -> Json:
        """The Shop object."""
        found = self.documents.all(self.name, "Shop")
        if not found:
            raise LookupError(f"The sandbox has no store {self.name}.")
        return found[0]

    @property
    def currency(self) -> str:
        """The shop currency (ISO 4217)."""
        return str(self.shop["currencyCode"])

    @property
    def domain(self) -> str:
        """The store's myshopify.com domain."""
        return str(self.shop["myshopifyDomain"])

    def get(self, gid: str) -> Json | None:
        """A document by id, to read."""
        return self.documents.get(self.name, gid)

    def editable(self, gid: str) -> Json | None:
        """A document by id, as a private copy to change."""
        return self.documents.editable(self.name, gid)

    def put(self, kind: str, document: Json) -> None:
        """Store a document as it is, telling nobody."""
        self.documents.put(self.name, kind, document)

    def next_id(self, kind: str) -> str:
        """A new global id: one above every number this kind has had."""
        with self.documents.batch():
            counters = self.documents.editable(self.name, "counters") or {"id": "counters"}
            used = max(map(number_of, self.documents.summaries(self.name, kind)), default=0)
            value = max(counters.get(kind, 0), used, 1000) + 1
            counters[kind] = value
            self.documents.put(self.name, "Counters", counters)
        return f"gid://shopify/{kind}/{value}"

    def next_order_name(self) -> str:
        """The next free order name in the shop's number format."""
        taken = [row["name"].lstrip("#") for row in self.documents.summaries(self.name, "Order").values()]
        highest = max((int(name) for name in taken if name.isdigit()), default=1000)
        return f"{self.shop['orderNumberFormatPrefix']}{highest + 1}"

    def save_order(self, order: Json, topics: tuple[str, ...] = ("orders/updated",)) -> None:
        """Store a changed order with a later `updatedAt`, and announce the topics."""
        before = self.documents.summary(self.name, "Order", order["id"])
        order["updatedAt"] = self._later(before["updated_at"] if before else None)
        self.put("Order", order)
        for topic in topics:
            self.announce(topic, order)

    def announce(self, topic: str, document: Json) -> None:
        """Tell the webhook side that something happened to a document."""
        if self._announce is not None:
            self._announce(self, topic, document)

    @staticmethod
    def _later(before: str | None) -> str:
        now = datetime.now(UTC).replace(microsecond=0)
        if before is not None:
            last = datetime.fromisoformat(before)
            if last >= now:
                return iso(last + timedelta(seconds=1)) if last - now < timedelta(minutes=1) else iso(now)
        return iso(now)

    def sorted_keys(self, kind: str, sort_key: str) -> list[tuple[Any, str]]:
        """(value, id) of every document of a kind in ascending order of a sort key; cached until a change."""
        key = (kind, sort_key)
        version = self.documents.version
        with self.lock:
            cached = self._sorted.get(key)
            if cached is not None and cached[0] == version:
                return cached[1]
        name = sort_field(kind, sort_key)
        rows = self.documents.summaries(self.name, kind)
        found = sorted(((_sortable(row.get(name)), gid) for gid, row in rows.items()), key=_order_of)
        with self.lock:
            self._sorted[key] = (version, found)
        return found

    def find_child(self, gid: str) -> Json | None:
        """A refund, transaction, fulfillment or return by id, out of its order."""
        owner = self.documents.owner(self.name, gid)
        order = self.get(owner) if owner else None
        if order is None:
            return None
        for key in ("refunds", "transactions", "fulfillments", "returns"):
            for row in nodes(order.get(key)):
                if row["id"] == gid:
                    return {**row, "order": {"id": owner}}
        return None


def _sortable(value: Any) -> Any:
    return "" if value is None else value


def _order_of(pair: tuple[Any, str]) -> tuple[Any, int]:
    return pair[0], number_of(pair[1])

"""Whose order is it? Shop records of one store share its orders: each belongs to the one whose filter takes it.

External ids hold the shop's key, so the ERP cannot refuse a second document written through another record: this module
does. An order is looked at twice: when it is decided, and again, with the records of the store locked, in the
transaction that commits what is about to be written. Whatever the order in which workers run, the second record sees
the first one's intent or link.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction

from canonical.documents import SALES_DOCUMENTS
from canonical.external_ids import order_external_ids
from canonical.orders import Order as OrderFacts
from common.errors import HubError, NeedsPerson, Retryable, Skip
from common.narrow import known
from erps.port import ErpAdapter
from mappings.models import RecordLink
from shops.models import Shop
from shops.stores import records_of_store
from syncflows.flows.filters import Refusal, refusal
from syncflows.models import FLOW_ORDERS, Attempt, OrderFilter, Outcome, Sync
from syncflows.pipeline.recording import save_intents
from syncflows.pipeline.work import Work, end
from syncflows.states import State

OPEN = (Outcome.INTENT, Outcome.UNKNOWN)
"""Ends of an attempt after which the ERP may hold a document nobody knows of."""
LOOK_AGAIN = 30.0
"""Seconds until an order another record has begun to write is looked at again."""
Key = tuple[int, str]
"""A shop record and Shopify's id of an order."""


@dataclass(frozen=True, slots=True)
class Store:
    """What the records of one store know of some orders: filters, live documents, open intents, people's exclusions."""

    shop: Shop
    others: tuple[Shop, ...]
    filters: dict[int, OrderFilter]
    documents: dict[Key, str]
    begun: frozenset[Key]
    left_out: frozenset[Key]

    @classmethod
    def load(cls, shop: Shop, source_ids: Iterable[str]) -> Store:
        """Read it: two queries for the only record of a store without a filter, else up to five."""
        ids = list(source_ids)
        records = records_of_store(shop)
        others = tuple(one for one in records if one.pk != shop.pk)
        keys = [one.pk for one in records]
        filters = {one.shop_id: one for one in OrderFilter.objects.filter(shop__in=keys)}
        mine = filters.get(shop.pk)
        alone = not others
        if alone and (mine is None or mine.is_empty):
            return cls(shop, (), filters, {}, frozenset(), frozenset())
        return cls(
            shop,
            others,
            filters,
            {} if alone else _documents(keys, ids),
            _begun(keys, ids),
            frozenset() if alone else _left_out(keys, ids),
        )

    def committed(self, source_id: str) -> bool:
        """True when this record has begun to write the order and does not know what came of it: it must find out,
        whatever the filters say by now."""
        return (self.shop.pk, source_id) in self.begun

    def check(self, facts: OrderFacts) -> None:
        """Let pass an order this record alone takes.

        Raises Skip NOT_WANTED or WRITTEN_BY_OTHER_SHOP, NeedsPerson TWO_SHOPS_WANT_IT, Retryable OTHER_SHOP_WRITING.
        """
        if self.committed(facts.source_id):
            return
        no = self.refusal(facts)
        if no is not None:
            names = " and ".join(other.name for other in self._owners(facts))
            raise Skip(
                "NOT_WANTED",
                f"Order {facts.name} is left out by the filter of shop {self.shop.name} ({no.title}): {no.why}."
                + self._where(names),
                field=no.field,
                value=names,
            )
        for other in self.others:
            key = (other.pk, facts.source_id)
            if key in self.documents:
                raise written_elsewhere(facts.name, self.documents[key], other)
            if key in self.begun:
                raise Retryable(
                    "OTHER_SHOP_WRITING",
                    f"Order {facts.name} was begun through shop {other.name}; what came of it is not known yet.",
                    retry_after=LOOK_AGAIN,
                    value=other.name,
                )
        takers = self._takers(facts)
        if takers:
            names = " and ".join(other.name for other in takers)
            raise NeedsPerson(
                "TWO_SHOPS_WANT_IT",
                f"Order {facts.name} passes the filters of shop {self.shop.name} and of shop {names}. "
                "It is written through neither.",
                field="filter",
                value=" and ".join(sorted([self.shop.name, *(other.name for other in takers)])),
            )

    def _takers(self, facts: OrderFacts) -> list[Shop]:
        """The other records whose filter takes the order, but for those a person excluded it on."""
        return [
            other
            for other in self.others
            if other.is_active
            and (other.pk, facts.source_id) not in self.left_out
            and self.refusal(facts, other) is None
        ]

    def _owners(self, facts: OrderFacts) -> list[Shop]:
        """The record that has the order, else those that take it."""
        have = [
            other for other in self.others if (other.pk, facts.source_id) in {*self.documents, *self.begun}
        ]
        return have or self._takers(facts)

    def _where(self, names: str) -> str:
        if names:
            return f" It is taken by shop {names}."
        return " No other record of this store takes it." if self.others else ""

    def refusal(self, facts: OrderFacts, shop: Shop | None = None) -> Refusal | None:
        """The line of the filter of a record (this one) the order does not pass; None when it passes."""
        whose = self.shop if shop is None else shop
        wanted = self.filters.get(whose.pk)
        return refusal(facts, wanted, whose.iana_timezone) if wanted is not None else None


def written_elsewhere(name: str, number: str, other: Shop) -> Skip:
    """The order has its document already, through another record of its store."""
    return Skip(
        "WRITTEN_BY_OTHER_SHOP",
        f"Order {name} is in the ERP already as {number}, written through shop {other.name}.",
        field="document",
        value=other.name,
    )


def _documents(shops: Sequence[int], ids: Sequence[str]) -> dict[Key, str]:
    rows = RecordLink.objects.filter(
        shop__in=shops, source_id__in=ids, kind__in=SALES_DOCUMENTS, unlinked_at__isnull=True
    )
    return {(row.shop_id, row.source_id): row.erp_number or row.erp_id for row in rows}


def _begun(shops: Sequence[int], ids: Sequence[str]) -> frozenset[Key]:
    """Orders whose latest write has no known end."""
    rows = (
        Attempt.objects.filter(sync__shop__in=shops, sync__flow=FLOW_ORDERS, sync__source_id__in=ids)
        .exclude(external_id="")
        .order_by("pk")
        .values_list("sync__shop_id", "sync__source_id", "outcome")
    )
    latest = {(shop, source_id): outcome for shop, source_id, outcome in rows}
    return frozenset(key for key, outcome in latest.items() if outcome in OPEN)


def _left_out(shops: Sequence[int], ids: Sequence[str]) -> frozenset[Key]:
    rows = Sync.objects.filter(
        shop__in=shops, flow=FLOW_ORDERS, source_id__in=ids,
        state=State.SKIPPED, reason_code__in=("EXCLUDED_BY_PERSON", "UNLINKED_BY_PERSON"),
    )  # fmt: skip
    return frozenset(rows.values_list("shop_id", "source_id"))


def look_elsewhere(store: Store, works: Sequence[Work], erp: ErpAdapter) -> None:
    """End the orders the ERP has already under the external id of another record of their store, known here or not.

    One request for each record of the store on the same ERP connection. Raises the adapter's errors.
    """
    records = Shop.objects.filter(
        pk__in=[other.pk for other in store.others], erp_connection=store.shop.erp_connection_id
    )
    for other in records:
        mine = {
            external: work
            for work in works
            if not work.ended
            for external in order_external_ids(other.key, work.sync.source_id)
        }
        for found in erp.find_documents(list(mine)) if mine else ():
            work = mine.get(found.external_id)
            if work is not None and not work.ended:
                end(work, written_elsewhere(work.order.name, found.number or found.id, other))


def commit_intents(works: Sequence[Work]) -> list[Work]:
    """Commit what is about to be written or linked, and return it: the intents of the works, before any of them is
    written. For a store with several records each order is looked at again under a lock; those another record has
    written, begun or wants end here."""
    if not works:
        return []
    shop = works[0].sync.shop
    ids = [work.sync.source_id for work in works]
    if len(records_of_store(shop)) == 1:
        save_intents([work for work in works if work.existing is None])
        return list(works)
    with transaction.atomic():
        records = [one.pk for one in records_of_store(shop)]
        list(Shop.objects.select_for_update(no_key=True).filter(pk__in=records).order_by("pk").values("pk"))
        store = Store.load(shop, ids)
        mine = [work for work in works if _passes(store, work)]
        save_intents(mine)
    return mine


def _passes(store: Store, work: Work) -> bool:
    try:
        store.check(known(work.facts))
    except HubError as error:
        end(work, error)
        return False
    return True

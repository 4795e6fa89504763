"""Lays an order against everything its shop says: filters, exclusions, holds, review."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from canonical.documents import DocumentKind
from canonical.orders import Order as OrderFacts
from common.clock import now
from common.errors import Held
from shops.models import Shop
from syncflows.flows.holds import check_holds
from syncflows.flows.orders import exclude
from syncflows.models import HoldRules, OrderRules, Sync
from syncflows.pipeline.deciding import Plan, plan
from syncflows.pipeline.owning import Store
from syncflows.pipeline.staging import rules_of
from syncflows.states import Hold

TO_REVIEW = "TO_REVIEW"


@dataclass(frozen=True, slots=True)
class Judge:
    """The rules of a shop, read once for a chunk of orders."""

    rules: OrderRules
    holds: HoldRules
    store: Store

    @classmethod
    def of(cls, shop: Shop, source_ids: Iterable[str]) -> Judge:
        """Read the rules of a shop and what the records of its store know of these orders."""
        holds = HoldRules.objects.filter(shop=shop).first() or HoldRules(shop=shop)
        return cls(rules_of(shop), holds, Store.load(shop, source_ids))

    def plan(self, facts: OrderFacts, sync: Sync, sent: DocumentKind | None) -> Plan:
        """How to write an order that has no document yet. One that a person released is not held; one that waits to be
        reviewed goes on waiting, also when the shop imports without review by now. `sent`: as for `deciding.plan`.

        Raises Skip, NeedsPerson, Held, or Retryable while another record of the store is writing it.
        """
        self.store.check(facts)
        exclude(facts, self.rules)
        # What was begun must be found out: an order that may be in the ERP is not put aside.
        free = sync.released or self.store.committed(facts.source_id)
        if not free:
            check_holds(facts, self.rules, self.holds, at=now(), zone=self.store.shop.iana_timezone)
        planned = plan(facts, self.rules, released=free, sent=sent)
        if not free and (not self.rules.automatic or sync.reason_code == TO_REVIEW):
            raise Held(
                TO_REVIEW,
                f"Order {facts.name} waits for a person to look at it: it came when the shop imported after review.",
                hold=Hold.REVIEW,
            )
        return planned

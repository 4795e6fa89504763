"""What becomes of an order without a document: the rules of its flow and the kind of document together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from canonical.documents import DocumentKind, SalesDocument
from canonical.external_ids import order_external_ids
from canonical.orders import Order
from common.errors import NeedsPerson
from erps.port import NOT_SWITCHED_ON, ErpAdapter
from shops.models import Shop
from syncflows.flows import document_kinds
from syncflows.flows import orders as flow
from syncflows.models import Attempt, OrderRules, Outcome, Sync


@dataclass(frozen=True, slots=True)
class Plan:
    """How an order is to be written."""

    kind: DocumentKind
    approved: bool
    warnings: tuple[str, ...]


def plan(
    order: Order, rules: OrderRules, *, released: bool = False, sent: DocumentKind | None = None
) -> Plan:
    """Kind, approval and warnings by the shop's rules. `sent` is the kind of a document that may be on its way already:
    it stays what it is. Raises Skip or NeedsPerson."""
    wanted = sent or document_kinds.kind_of(order, rules)
    decision = flow.decide(order, rules, released=released, kind=wanted)
    if sent is not None:
        return Plan(sent, decision.approved, decision.warnings)
    kind, note = document_kinds.reviewable(wanted, approved=decision.approved)
    return Plan(kind, decision.approved, (*decision.warnings, *([note] if note else ())))


def payload_for(document: SalesDocument, adapter: ErpAdapter, erp: ErpAdapter) -> dict[str, Any]:
    """The exact body that would be sent. Before an account is said to lack something it is asked once more, through
    `erp`, whose requests go into slots. Raises NeedsPerson."""
    try:
        return adapter.document_payload(document)
    except NeedsPerson as lack:
        if lack.code not in NOT_SWITCHED_ON or not erp.relearn():
            raise
    return adapter.document_payload(document)


def kinds_sent(shop: Shop, syncs: Sequence[Sync]) -> dict[int, DocumentKind]:
    """The kind of the document each order may have been written as by a run that heard no answer, by the row's id; one
    query. Another kind would have another external id, which the ERP would not refuse."""
    by_id = {
        external: (sync.pk, kind)
        for sync in syncs
        for external, kind in order_external_ids(shop.key, sync.source_id, sync.order.edition).items()
    }
    sent = Attempt.objects.filter(
        sync__in=syncs, outcome__in=(Outcome.INTENT, Outcome.UNKNOWN), external_id__in=list(by_id)
    )
    return dict(by_id[external] for external in sent.order_by("pk").values_list("external_id", flat=True))

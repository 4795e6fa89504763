"""The dry run of one order."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, field, replace
from typing import Any

from canonical.documents import CustomerDocument, DocumentKind, Ref
from canonical.orders import Order as OrderFacts
from common.errors import Held, HubError, NeedsPerson
from erps.registry import adapter_for
from erps.slots import one_slot
from mappings.batch import Batch
from mappings.links import document_links
from shops.shopify.client import client_for
from shops.shopify.fetching import fetch_orders
from shops.shopify.orders import normalize_order
from syncflows.models import Sync
from syncflows.models.overrides import chosen_for
from syncflows.pipeline.deciding import Plan, kinds_sent, payload_for
from syncflows.pipeline.judging import Judge
from syncflows.pipeline.work import classify


@dataclass(slots=True)
class Preview:
    """A dry run: what would be written, or why it would not be. Nothing is written anywhere."""

    payload: dict[str, Any] = field(default_factory=dict)
    components: dict[str, Any] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    customer: str = ""
    kind: DocumentKind = DocumentKind.SALES_ORDER
    error: HubError | None = None

    @property
    def kind_words(self) -> str:
        """The kind of document in words."""
        return self.kind.words.capitalize()


def preview(sync: Sync) -> Preview:
    """Fetch, decide, map and tie out one order as it is now, without writing. Errors are part of the answer."""
    answer = Preview()
    try:
        _preview(sync, answer)
    except Exception as error:  # noqa: BLE001 - whatever would stop the order is what the preview shows
        answer.error = classify(error)
    return answer


def _plan(judge: Judge, facts: OrderFacts, sync: Sync, sent: DocumentKind | None, answer: Preview) -> Plan:
    """How the order is to be written. What a rule holds is shown as it would be imported, with a word about the hold:
    whoever has to decide looks at the document first."""
    try:
        return judge.plan(facts, sync, sent)
    except Held as held:
        answer.warnings.append(f"{held.message} This is what Import would write.")
        free = copy(sync)
        free.released = True
        return judge.plan(facts, free, sent)


def _preview(sync: Sync, answer: Preview) -> None:
    shop = sync.shop
    raw = fetch_orders(client_for(shop), [sync.source_id])[sync.source_id]
    if isinstance(raw, HubError):
        raise raw
    facts = normalize_order(raw)
    link = document_links(shop, [sync.source_id]).get(sync.source_id)
    if link is not None:
        number = link.erp_number or link.erp_id
        answer.warnings.append(
            f"The order is in the ERP already as {number}; importing it again writes nothing."
        )
    sent = kinds_sent(shop, [sync]).get(sync.pk)
    planned = _plan(Judge.of(shop, [sync.source_id]), facts, sync, sent, answer)
    answer.kind = planned.kind
    answer.warnings.extend(planned.warnings)
    if shop.erp_connection is None:
        raise NeedsPerson("NO_CONNECTION", f"{shop.name} has no active ERP connection.")
    adapter = adapter_for(shop.erp_connection)
    batch = Batch(shop, adapter, chosen_for([sync]))
    batch.keep_currencies([link] if link is not None else [])
    with one_slot(shop.erp_connection):
        batch.prepare([facts])
    customer = batch.customer_for(facts)
    if isinstance(customer, CustomerDocument):
        answer.customer = f"New customer: {customer.name}"
        customer = Ref("new", customer.name)
    else:
        answer.customer = customer.name or customer.id
    mapped = batch.document_for(facts, customer, planned.kind)
    answer.components = mapped.components
    answer.warnings.extend((*mapped.document.warnings, *adapter.fitting_notes(mapped.document)))
    document = replace(mapped.document, approved=planned.approved)
    with one_slot(shop.erp_connection):
        answer.payload = payload_for(document, adapter, adapter)

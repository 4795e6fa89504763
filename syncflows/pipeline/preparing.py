"""From claimed rows to documents ready to be written: fetch, normalize, decide, map, check."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from decimal import Decimal

from canonical.documents import DocumentKind, FoundDocument, Ref
from canonical.external_ids import external_id, order_external_ids
from canonical.fingerprint import fingerprint
from canonical.orders import Order as OrderFacts
from common.errors import HubError, NeedsPerson, Skip
from common.narrow import known
from erps.port import ErpAdapter
from mappings.batch import Batch
from mappings.links import document_links
from shops.models import Shop
from shops.shopify.client import client_for
from shops.shopify.fetching import fetch_orders
from shops.shopify.orders import normalize_order
from syncflows.models import Order
from syncflows.models.overrides import chosen_for
from syncflows.pipeline.amending import fit
from syncflows.pipeline.changing import ask, settle
from syncflows.pipeline.customers import choose_customers
from syncflows.pipeline.deciding import kinds_sent, payload_for
from syncflows.pipeline.judging import Judge
from syncflows.pipeline.owning import look_elsewhere
from syncflows.pipeline.recording import save_columns
from syncflows.pipeline.work import Work, end, guard, payload_hash, save_payloads

ORDER_COLUMNS = [
    "name",
    "created_at",
    "processed_at",
    "updated_at",
    "currency",
    "total",
    "presentment_currency",
    "customer_name",
    "email",
    "country",
    "channel",
    "financial_status",
    "fulfillment_status",
    "risk",
    "tags",
    "test",
    "cancelled_at",
    "line_count",
    "components",
    "books_currency",
    "books_total",
]


def fetch(shop: Shop, works: Sequence[Work]) -> None:
    """Fetch and normalize a chunk; what cannot be read or fetched ends blocked, the raw order kept.

    A failure of the whole call (login, network) ends every order of the chunk with it.
    """
    client = client_for(shop)
    try:
        answers = fetch_orders(client, [work.sync.source_id for work in works])
    except HubError as error:
        for work in works:
            end(work, error)
        return
    for work in works:
        answer = answers[work.sync.source_id]
        if isinstance(answer, HubError):
            end(work, answer)
        else:
            work.raw = answer
    save_payloads(works, client.served_version or "")
    for work in works:
        if work.raw is not None:
            guard(work, lambda work=work: _normalize(work))  # type: ignore[misc]


def _normalize(work: Work) -> None:
    facts = normalize_order(known(work.raw))
    work.facts = facts
    work.fingerprint = fingerprint(facts)
    fill_columns(work.order, facts)


def fill_columns(order: Order, facts: OrderFacts) -> None:
    """Copy what lists and search need from the canonical order onto the row (not saved here)."""
    party = facts.shipping or facts.billing
    order.name = facts.name
    order.created_at = facts.created_at
    order.processed_at = facts.processed_at
    order.updated_at = facts.updated_at
    order.currency = facts.currency
    order.total = facts.totals.current_total.shop.amount
    order.presentment_currency = facts.presentment_currency
    buyer = facts.company.name if facts.company else facts.customer.name if facts.customer else ""
    order.customer_name = buyer or (party.name if party else "") or facts.email
    order.email = facts.email or (facts.customer.email if facts.customer else "")
    order.country = party.country if party else ""
    order.channel = facts.channel or facts.source_name
    order.financial_status = facts.financial_status
    order.fulfillment_status = facts.fulfillment_status
    order.risk = facts.risk
    order.tags = ", ".join(facts.tags)
    order.test = facts.test
    order.cancelled_at = facts.cancelled_at
    order.line_count = len(facts.lines)
    order.fit()


def prepare(shop: Shop, works: Sequence[Work], adapter: ErpAdapter, erp: ErpAdapter) -> list[Work]:
    """Everything up to the write. Returns the orders that are ready, with their intents not yet saved. The others
    have ended (excluded, waiting or blocked) or hold the `link` to the document they have already.

    `erp` is the adapter with every request in a slot, `adapter` the bare one, for what needs no request."""
    fetch(shop, works)
    alive = [work for work in works if not work.ended]
    save_columns([work.order for work in alive], ORDER_COLUMNS)
    ids = [work.sync.source_id for work in alive]
    judge, links = Judge.of(shop, ids), document_links(shop, ids)
    for work in alive:
        work.link = links.get(work.sync.source_id)
    again = settle(shop, [work for work in alive if work.link is not None], judge.rules, erp)
    new = [work for work in alive if work.link is None and not work.ended]
    sent = kinds_sent(shop, [work.sync for work in new])
    fresh = [work for work in new if _decided(work, judge, sent.get(work.sync.pk))]
    fresh += [work for work in again if work.amendment is not None]
    if not fresh:
        return []
    batch = Batch(shop, erp, chosen_for(work.sync for work in fresh))
    batch.keep_currencies(work.link for work in fresh if work.link is not None)
    try:
        look_elsewhere(judge.store, [work for work in fresh if work.amendment is None], erp)
        fresh = [work for work in fresh if not work.ended]
        existing = _existing(shop, fresh, erp)
        batch.prepare([_facts(work) for work in fresh])
    except HubError as error:
        for work in fresh:
            end(work, error)
        return []
    new = [work for work in fresh if work.amendment is None]
    customers = choose_customers(new, batch, erp, guard)
    customers |= {
        work.sync.source_id: Ref(work.amendment.case.state.customer_id) for work in fresh if work.amendment
    }
    ready = []
    for work in fresh:
        if work.ended:
            continue
        found = existing.get(work.sync.source_id, [])
        customer = customers[work.sync.source_id]
        mapped = guard(work, lambda w=work, c=customer, f=found: _map(w, batch, (adapter, erp), c, f))  # type: ignore[misc]
        if mapped and not work.ended:
            ready.append(work)
    save_columns([w.order for w in fresh if w.document], ["components", "books_currency", "books_total"])
    return ready


def _facts(work: Work) -> OrderFacts:
    return known(work.facts)


def _decided(work: Work, judge: Judge, sent: DocumentKind | None) -> bool:
    """True when the rules want a document for an order that has none."""

    def step() -> None:
        planned = judge.plan(_facts(work), work.sync, sent)
        work.warnings.extend(planned.warnings)
        work.approved = planned.approved
        work.kind = planned.kind

    return guard(work, step)


def _existing(shop: Shop, works: Sequence[Work], erp: ErpAdapter) -> dict[str, list[FoundDocument]]:
    """Records of the ERP that already carry an order's external id, or were typed by hand under its number."""
    new = [work for work in works if work.amendment is None]
    by_external = {external: work for work in new for external in _external_ids(shop, work)}
    by_name = {_facts(work).name: work for work in new if work.order.edition == 1}
    found: dict[str, list[FoundDocument]] = {}
    for document in erp.find_documents(list(by_external), list(by_name)):
        owner = by_external.get(document.external_id) or (
            by_name.get(document.other_number) if not document.external_id else None
        )
        if owner is not None:
            found.setdefault(owner.sync.source_id, []).append(document)
    return found


def _external_ids(shop: Shop, work: Work) -> dict[str, DocumentKind]:
    return order_external_ids(shop.key, work.sync.source_id, work.order.edition)


def _external_id(work: Work, kind: DocumentKind) -> str:
    return external_id(work.sync.shop.key, kind, work.sync.source_id, work.order.edition)


def _map(
    work: Work,
    batch: Batch,
    adapters: tuple[ErpAdapter, ErpAdapter],
    customer: Ref,
    existing: Sequence[FoundDocument],
) -> None:
    """Map and tie out one order, then settle what is in the ERP already. `adapters` are the bare one and the one whose
    requests go into slots."""
    try:
        mapped = batch.document_for(_facts(work), customer, work.kind)
    except Skip as nothing:
        if work.amendment is None:
            raise
        ask(work, work.amendment.case, nothing.message)
        return
    document = replace(mapped.document, approved=work.approved, external_id=_external_id(work, work.kind))
    work.document = document
    work.warnings.extend((*document.warnings, *adapters[0].fitting_notes(document)))
    work.payload = payload_for(document, *adapters)
    work.payload_hash = payload_hash(work.payload)
    if work.amendment is not None:
        fit(work, work.amendment, *adapters)
        if work.ended or work.amendment.part is not None:
            return
    work.order.components = mapped.components
    work.order.books_currency = document.currency
    work.order.books_total = document.total
    if work.amendment is not None:
        return
    work.existing = choose_existing(
        _facts(work),
        set(_external_ids(work.sync.shop, work)),
        document.total,
        existing,
        released=work.sync.released,
    )


def choose_existing(
    facts: OrderFacts,
    wanted: Collection[str],
    total: Decimal,
    existing: Sequence[FoundDocument],
    *,
    released: bool = False,
) -> FoundDocument | None:
    """The record that already is this order: ours by external id, or one typed by hand with the same number and
    total. Raises NeedsPerson when a hand-typed one differs or when there are several; once a person has released
    the order, hand-typed ones are taken for other orders."""
    for document in existing:
        if document.external_id in wanted:
            return document
    if released:
        return None
    orders = [document for document in existing if document.kind == DocumentKind.SALES_ORDER]
    existing = orders or existing  # what was billed from a hand-typed order carries its number, too
    if len(existing) > 1:
        numbers = ", ".join(document.number for document in existing)
        raise NeedsPerson(
            "EXISTING_ORDER_AMBIGUOUS",
            f"Order {facts.name} is in the ERP several times already: {numbers}.",
            value=facts.name,
        )
    for document in existing:
        if document.total != total:
            raise NeedsPerson(
                "EXISTING_ORDER_DIFFERS",
                f"{document.number} in the ERP carries the number {facts.name} and comes to {document.total}, "
                f"but the order comes to {total}.",
                value=facts.name,
            )
        return document
    return None

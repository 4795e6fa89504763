"""Field mappings tried on real orders: what the document would be with other mappings. Nothing is written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from canonical.documents import CustomerDocument, DocumentKind, Ref
from canonical.extra import Extra
from canonical.orders import Order as OrderFacts
from common.errors import HubError, NeedsPerson, Skip
from erps.port import ErpAdapter
from erps.registry import adapter_for
from erps.slots import one_slot
from mappings.batch import Batch
from mappings.field_versions import rules_in_use
from mappings.fields.rules import FieldRule
from mappings.links import document_links
from shops.models import Shop
from shops.shopify.client import client_for
from shops.shopify.fetching import fetch_orders
from shops.shopify.orders import normalize_order
from syncflows.models import OrderPayload, OrderRules, Sync
from syncflows.models.overrides import chosen_for
from syncflows.pipeline.deciding import plan
from syncflows.pipeline.staging import rules_of
from syncflows.pipeline.work import classify

LAST = 50
"""Orders tried before publishing."""


@dataclass(slots=True)
class Result:
    """What an order comes to with some mappings: a body that ties out, or why not."""

    payload: dict[str, Any] = field(default_factory=dict)
    line_names: tuple[str, ...] = ()
    components: dict[str, list[str]] = field(default_factory=dict)
    currency: str = ""
    customer: str = ""
    new_customer: Mapping[str, Extra] = field(default_factory=dict)
    error: HubError | None = None

    @property
    def ties(self) -> bool:
        """Whether the order could be written."""
        return self.error is None


@dataclass(frozen=True, slots=True)
class Tried:
    """One order with the mappings in use (`before`) and with those that are tried (`after`)."""

    sync: Sync
    before: Result
    after: Result

    @property
    def newly_failing(self) -> bool:
        """Whether the tried mappings are what stops it."""
        return self.before.ties and not self.after.ties


def last_orders(shop: Shop, most: int = LAST) -> list[Sync]:
    """The shop's newest orders."""
    rows = Sync.objects.filter(shop=shop, order__isnull=False).select_related("order", "shop__erp_connection")
    return list(rows.order_by("-order__created_at", "-pk")[:most])


def try_rules(shop: Shop, syncs: Sequence[Sync], rules: Sequence[FieldRule]) -> list[Tried]:
    """Map and tie out the orders twice: with the shop's published field mappings, and with these.

    Orders come as they were last fetched; those never fetched are fetched now. Raises HubError when Shopify, the ERP
    or the shop's set-up keeps every order from being tried. Nothing is written.
    """
    connection = shop.erp_connection
    if connection is None:
        raise NeedsPerson("NO_CONNECTION", f"{shop.name} has no active ERP connection.")
    facts = _facts(shop, syncs)
    adapter = adapter_for(connection)
    batch = Batch(shop, adapter, chosen_for(syncs))
    batch.keep_currencies(document_links(shop, facts).values())
    known = [each for each in facts.values() if isinstance(each, OrderFacts)]
    if known:
        with one_slot(connection):
            batch.prepare(known)
    order_rules = rules_of(shop)
    results: list[dict[str, Result]] = []
    for used in (rules_in_use(shop), rules):
        batch.try_fields(used)
        results.append({key: _result(batch, adapter, each, order_rules) for key, each in facts.items()})
    before, after = results
    return [Tried(sync, before[sync.source_id], after[sync.source_id]) for sync in syncs]


def _facts(shop: Shop, syncs: Iterable[Sync]) -> dict[str, OrderFacts | HubError]:
    """Orders by Shopify id, from what was stored; the rest is fetched with one call."""
    ids = {sync.pk: sync.source_id for sync in syncs}
    raw: dict[str, Any] = {
        ids[payload.order_id]: payload.document() for payload in OrderPayload.objects.filter(order__in=ids)
    }
    missing = [source_id for source_id in ids.values() if source_id not in raw]
    if missing:
        raw.update(fetch_orders(client_for(shop), missing))
    return {source_id: _normalized(raw[source_id]) for source_id in ids.values()}


def _normalized(raw: Any) -> OrderFacts | HubError:
    if isinstance(raw, HubError):
        return raw
    try:
        return normalize_order(raw)
    except Exception as error:  # noqa: BLE001 - an order that cannot be read is an answer of the trial
        return classify(error)


def _kind(facts: OrderFacts, rules: OrderRules) -> DocumentKind:
    """The kind of document the order would become; a sales order where a rule leaves it out or holds it."""
    try:
        return plan(facts, rules, released=True, sent=None).kind
    except HubError:
        return DocumentKind.SALES_ORDER


def _result(batch: Batch, adapter: ErpAdapter, facts: OrderFacts | HubError, rules: OrderRules) -> Result:
    """One order; whatever would stop it is part of the answer."""
    result = Result()
    if isinstance(facts, HubError):
        result.error = facts
        return result
    try:
        customer = batch.customer_for(facts)
        if isinstance(customer, CustomerDocument):
            result.customer = f"New customer: {customer.name}"
            result.new_customer = customer.extra
            customer = Ref("new", customer.name)
        else:
            result.customer = customer.name or customer.id
        mapped = batch.document_for(facts, customer, _kind(facts, rules))
        result.components, result.currency = mapped.components, mapped.document.currency
        result.line_names = tuple(line.item.name or line.description for line in mapped.document.lines)
        result.payload = adapter.document_payload(mapped.document)
    except Skip as nothing:
        result.error = nothing
    except Exception as error:  # noqa: BLE001 - as above
        result.error = classify(error)
    return result

"""Link to document: a document that is in the ERP already is this order, found by its number."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django import forms
from django.db import transaction

from canonical.documents import SALES_DOCUMENTS, DocumentKind, FoundDocument, RecordRef
from canonical.external_ids import external_id
from canonical.fingerprint import fingerprint
from canonical.money import Money
from common.errors import HubError, NeedsPerson
from common.narrow import known
from erps.models import ErpConnection, ReferenceKind, ReferenceRecord
from erps.registry import adapter_for
from erps.slots import one_slot
from mappings.context import MappingContext
from mappings.links import document_links, record_link
from mappings.models import RecordLink
from shops.shopify.client import client_for
from shops.shopify.fetching import fetch_orders
from shops.shopify.orders import normalize_order
from syncflows.actions.action import OPEN, Answer, Ask, OrderAction
from syncflows.models import Sync
from syncflows.states import State

MAY_DIFFER = "syncflows.link_differing_order"


@dataclass(frozen=True, slots=True)
class Match:
    """A document beside the order it is to be linked to; both totals in the order's booking currency."""

    document: FoundDocument
    total: Decimal
    order: Money
    fingerprint: dict[str, str]

    @property
    def difference(self) -> Decimal:
        """The order's total minus the document's."""
        return self.order.amount - self.total

    @property
    def token(self) -> str:
        """Names exactly what a person was shown."""
        return f"{self.document.kind}:{self.document.id}:{self.total}:{self.order.amount}"


class Link(OrderAction):
    """Link an order to a document that somebody else wrote."""

    kind = "link"
    label = "Link to document"
    icon = "add_link"
    permission = "syncflows.link_order"
    consequence = (
        "The document you name becomes this order's document: the hub writes none of its own, and follows the order's "
        "changes as for any other. You are shown the document beside the order before anything is linked. The "
        "document itself is not changed; its number goes to the Shopify order."
    )
    done = "linked."
    states = OPEN | {State.SKIPPED}
    place = 41
    outside = wakes = True

    def available(self, sync: Sync) -> bool:
        return super().available(sync) and not sync.order.document_number

    def fields(self, sync: Sync | None) -> dict[str, forms.Field]:
        return {
            "number": forms.CharField(
                label="Document number",
                max_length=60,
                help_text="As the ERP shows it on the sales order, invoice or cash sale.",
                error_messages={"required": "Type the number of the document."},
            )
        }

    def question(self, sync: Sync, ask: Ask) -> tuple[str, str]:
        match = _match(sync, str(ask.values["number"]).strip())
        found, currency = match.document, match.order.currency
        kind = DocumentKind(found.kind).words.capitalize()
        lines = [
            f"{kind} {found.number} of {found.date}: {found.customer_name}, {match.total} {currency}.",
            f"Order {sync.name} comes to {match.order.amount} {currency}.",
        ]
        if match.difference:
            lines.append(
                f"They differ by {match.difference} {currency}. The difference stays shown on the order."
            )
            _refuse_difference(sync, ask, match)
        else:
            lines.append("Both are equal.")
        lines.append("Press the button again to link them.")
        return match.token, "\n".join(lines)

    def run(self, sync: Sync, ask: Ask) -> Answer:
        match = _match(sync, str(ask.values["number"]).strip())
        if match.token != ask.values.get("shown"):
            raise NeedsPerson(
                "DOCUMENT_NOT_LINKED",
                f"Order {sync.name} was not linked: order or document changed after you looked at them.",
                value=match.document.number,
            )
        _refuse_difference(sync, ask, match)
        _link(sync, match)
        currency = match.order.currency
        text = f"Order {sync.name} was linked to {match.document.number}."
        if match.difference:
            text += f" The totals differ by {match.difference} {currency}."
        details = {"erp_id": match.document.id, "difference": str(match.difference), "currency": currency}
        return Answer(moved=True, text=text, details=details)


def _match(sync: Sync, number: str) -> Match:
    """The document of that number beside the order as it is in Shopify now. Raises NeedsPerson DOCUMENT_NOT_FOUND,
    DOCUMENT_NOT_LINKED, NO_CONNECTION, and the errors of both clients."""
    shop = sync.shop
    if shop.erp_connection is None:
        raise NeedsPerson("NO_CONNECTION", f"{shop.name} has no active ERP connection.")
    raw = fetch_orders(client_for(shop), [sync.source_id])[sync.source_id]
    if isinstance(raw, HubError):
        raise raw
    facts = normalize_order(raw)
    with one_slot(shop.erp_connection):
        found = adapter_for(shop.erp_connection).find_by_number(number)
    if not found:
        raise NeedsPerson(
            "DOCUMENT_NOT_FOUND",
            f"No sales order, invoice or cash sale {number} is in the ERP.",
            value=number,
        )
    if len(found) > 1:
        kinds = " and ".join(DocumentKind(each.kind).words for each in found)
        raise _refused(sync, number, f"several documents carry that number ({kinds})")
    (document,) = found
    order = facts.totals.current_total.books(MappingContext.load(shop).books(facts))
    _refuse_others(sync, document)
    _refuse_currency(sync, shop.erp_connection, document, order.currency)
    return Match(document, Money.of(document.total or 0, order.currency).amount, order, fingerprint(facts))


def _refused(sync: Sync, number: str, why: str) -> NeedsPerson:
    return NeedsPerson(
        "DOCUMENT_NOT_LINKED", f"{number} cannot be linked to order {sync.name}: {why}.", value=number
    )


def _refuse_others(sync: Sync, document: FoundDocument) -> None:
    """A document is one order's only, whether the hub linked it or its external id says so."""
    other = (
        RecordLink.objects.filter(
            connection=sync.shop.erp_connection,
            erp_id=document.id,
            kind__in=SALES_DOCUMENTS,
            unlinked_at=None,
        )
        .exclude(shop=sync.shop, source_id=sync.source_id)
        .first()
    )
    if other is not None:
        name = Sync.objects.filter(shop=other.shop_id, source_id=other.source_id).values_list(
            "name", flat=True
        )
        raise _refused(sync, document.number, f"it is linked to order {name.first() or other.source_id}")
    own = external_id(sync.shop.key, DocumentKind(document.kind), sync.source_id)
    ours = document.external_id.startswith("shp-")
    if ours and document.external_id != own and not document.external_id.startswith(f"{own}-"):
        raise _refused(
            sync, document.number, f"it was written for another order (external id {document.external_id})"
        )


def _refuse_currency(sync: Sync, connection: ErpConnection, document: FoundDocument, currency: str) -> None:
    row = ReferenceRecord.objects.filter(
        connection=connection, kind=ReferenceKind.CURRENCY, erp_id=document.currency_id
    ).first()
    if row is not None and row.code and row.code != currency:
        raise _refused(sync, document.number, f"it is in {row.code}, the order in {currency}")


def _refuse_difference(sync: Sync, ask: Ask, match: Match) -> None:
    if match.difference and (ask.user is None or not ask.user.has_perm(MAY_DIFFER)):
        currency = match.order.currency
        raise NeedsPerson(
            "LINK_NEEDS_PERMISSION",
            f"{match.document.number} comes to {match.total} {currency}, order {sync.name} to {match.order.amount} "
            f"{currency}: you may link documents with the same total only.",
            value=match.document.number,
        )


def _link(sync: Sync, match: Match) -> None:
    """Link them, one person at a time on a connection, so that no document becomes two orders'."""
    document, order = match.document, sync.order
    with transaction.atomic():
        ErpConnection.objects.select_for_update().get(pk=known(sync.shop.erp_connection).pk)
        _refuse_others(sync, document)
        if document_links(sync.shop, [sync.source_id]):
            raise _refused(sync, document.number, "the order has a document already")
        ref = RecordRef(
            kind=DocumentKind(document.kind), id=document.id, external_id=document.external_id,
            number=document.number, recovered=True,
        )  # fmt: skip
        record_link(
            sync.shop, ref.kind, sync.source_id, ref, total=match.total, currency=match.order.currency
        )
        order.document_number, order.document_total = document.number, match.total
        order.books_total, order.books_currency = match.order.amount, match.order.currency
        order.fingerprint = match.fingerprint
        order.save(
            update_fields=[
                "document_number", "document_total", "books_total", "books_currency", "fingerprint",
            ]
        )  # fmt: skip
        sync.retry()


ACTION = Link()

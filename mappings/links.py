"""Which Shopify record became which ERP record."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from canonical.documents import SALES_DOCUMENTS, DocumentKind, RecordRef, Ref
from canonical.external_ids import external_id
from canonical.money import PRESENTMENT, SHOP, MoneyPolicy
from canonical.orders import Order
from common.clock import now
from common.errors import NeedsPerson
from mappings.models import RecordLink
from shops.models import Shop

CHUNK = 500


def live_links(shop: Shop, kind: DocumentKind, source_ids: Iterable[str]) -> dict[str, RecordLink]:
    """Links that hold, by Shopify id; one query for each 500 ids."""
    wanted = list(dict.fromkeys(source_ids))
    found: dict[str, RecordLink] = {}
    for start in range(0, len(wanted), CHUNK):
        rows = RecordLink.objects.filter(
            shop=shop, kind=kind, source_id__in=wanted[start : start + CHUNK], unlinked_at__isnull=True
        )
        found.update((row.source_id, row) for row in rows)
    return found


def document_links(shop: Shop, source_ids: Iterable[str]) -> dict[str, RecordLink]:
    """The document each order has, of whatever kind, by the order's id; one query for each 500 ids."""
    wanted = list(dict.fromkeys(source_ids))
    found: dict[str, RecordLink] = {}
    for start in range(0, len(wanted), CHUNK):
        rows = RecordLink.objects.filter(
            shop=shop,
            kind__in=SALES_DOCUMENTS,
            source_id__in=wanted[start : start + CHUNK],
            unlinked_at__isnull=True,
        )
        found.update((row.source_id, row) for row in rows.order_by("-created_at", "-pk"))
    return found


def money_of(link: RecordLink, order: Order, shop: Shop) -> MoneyPolicy:
    """The side of amounts a document was written in, by its currency: it keeps it although the shop's books may have
    changed since. Where the currency does not tell (one and the same, or none known), the shop's."""
    sides = {order.currency: SHOP, order.presentment_currency: PRESENTMENT}
    return shop.money_policy if len(sides) == 1 else sides.get(link.currency, shop.money_policy)


def record_link(
    shop: Shop,
    kind: DocumentKind,
    source_id: str,
    ref: RecordRef,
    *,
    total: Decimal | None = None,
    currency: str = "",
    payload_hash: str = "",
) -> RecordLink:
    """Link a Shopify record to the ERP record it became. The same link again is left as it is.

    Raises NeedsPerson LINK_CONFLICT when the record is linked to another ERP record, NO_CONNECTION for a shop without
    a connection.
    """
    if shop.erp_connection is None:
        raise NeedsPerson("NO_CONNECTION", f"{shop.name} has no ERP connection.")
    link = RecordLink(
        shop=shop,
        connection=shop.erp_connection,
        kind=kind,
        source_id=source_id,
        external_id=ref.external_id or external_id(shop.key, kind, source_id),
        erp_id=ref.id,
        erp_number=ref.number,
        total=total,
        currency=currency,
        payload_hash=payload_hash,
        recovered=ref.recovered,
    )
    try:
        with transaction.atomic():
            link.save(force_insert=True)
    except IntegrityError:
        known = live_links(shop, kind, [source_id]).get(source_id)
        if known is None:
            raise
        if known.erp_id != ref.id:
            raise NeedsPerson(
                "LINK_CONFLICT",
                f"{kind.replace('_', ' ').capitalize()} {source_id} is linked to ERP record "
                f"{known.erp_number or known.erp_id} already, but now {ref.number or ref.id} was found.",
                value=known.external_id,
            ) from None
        return known
    return link


def unlink(link: RecordLink, *, by: User | None = None, reason: str = "") -> bool:
    """Break a link; the row stays, with the time, and who did it and why. Breaking it twice changes nothing; returns
    whether it held."""
    at = now()
    rows = RecordLink.objects.filter(pk=link.pk, unlinked_at__isnull=True)
    if not rows.update(unlinked_at=at, unlinked_by=by, unlink_reason=reason):
        return False
    link.unlinked_at = at
    return True


def assign_customer(shop: Shop, source_id: str, ref: Ref, *, by: User | None, reason: str) -> RecordLink:
    """Link a Shopify customer, guest, company or location to the ERP customer a person chose, in place of the one it
    has. Assigning the same one again leaves the link as it is."""
    with transaction.atomic():
        old = live_links(shop, DocumentKind.CUSTOMER, [source_id]).get(source_id)
        if old is not None and old.erp_id == ref.id:
            return old
        if old is not None:
            unlink(old, by=by, reason=reason)
        record = RecordRef(kind=DocumentKind.CUSTOMER, id=ref.id, number=ref.name[:60], recovered=True)
        link = record_link(shop, DocumentKind.CUSTOMER, source_id, record)
        RecordLink.objects.filter(pk=link.pk).update(assigned_by=by)
    return link

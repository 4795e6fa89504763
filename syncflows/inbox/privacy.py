"""The three requests the law has Shopify send: a customer's data, a customer erased, a store erased.

What Shopify sends names customer and orders. Every record of the store is looked through, because the address such
requests go to is one for the whole app. Each request leaves a row with what was done; erasing cannot be undone, so
a store is erased by itself only when Shopify does not let the app in any more.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from common.clock import now
from common.errors import HubError, NeedsPerson
from shops.models import Shop
from shops.shopify.client import client_for
from shops.shopify.standing import is_let_in
from shops.stores import records_of_store
from syncflows.inbox.collecting import collect
from syncflows.inbox.erasing import Counts, blank, erase_orders, orders_of
from syncflows.models import EventState, InboxEvent, Order, PrivacyKind, PrivacyRequest, PrivacyState

SOON = timedelta(minutes=1)
_HAS = {
    PrivacyKind.DATA_REQUEST: "data_request",
    PrivacyKind.CUSTOMER_REDACT: "orders_to_redact",
    PrivacyKind.SHOP_REDACT: "shop_id",
}
"""The key that shows what a body is: the topic stands in a header, which nobody signed."""


def begin(event: InboxEvent, body: Mapping[str, Any]) -> None:
    """Open a request; the work is done by a job of its own. Raises NeedsPerson WEBHOOK_UNREADABLE for a body that is
    not what the topic says, or is about another store."""
    kind = PrivacyKind(event.topic)
    another = str(body.get("shop_domain", "")).lower() != event.shop.domain.lower()
    if _HAS[kind] not in body or another or (kind == PrivacyKind.SHOP_REDACT and "customer" in body):
        raise NeedsPerson(
            "WEBHOOK_UNREADABLE",
            f"Its body is not one of {kind} for {event.shop.domain}, so nothing was done.",
        )
    customer = body.get("customer") or {}
    orders = body.get("orders_to_redact") or body.get("orders_requested") or []
    with transaction.atomic():
        request, _ = PrivacyRequest.objects.get_or_create(
            event=event,
            defaults={
                "shop": event.shop,
                "kind": kind,
                "request_id": str((body.get("data_request") or {}).get("id", ""))[:40],
                "customer_id": str(customer.get("id") or "")[:40],
                "order_ids": [str(each) for each in orders],
            },
        )
        event.settle(
            EventState.DONE, f"Opened as privacy request {request.pk}.", source_id=request.customer_id
        )


def work(request: PrivacyRequest) -> None:
    """Do what an open request asks for; doing it again changes nothing. Raises what the client raises when Shopify
    cannot be asked whether the app is let in."""
    if request.state != PrivacyState.OPEN:
        return
    shops = records_of_store(request.shop)
    if request.kind == PrivacyKind.DATA_REQUEST:
        if not request.report:
            report, counts = collect(request, shops, _email_of(request))
            _save(request, state=PrivacyState.OPEN, report=PrivacyRequest.pack(report), counts=counts,
                  result="Collected. Download it, send it to the store, then mark it as answered.")  # fmt: skip
    elif request.kind == PrivacyKind.CUSTOMER_REDACT:
        _erase_customer(request, shops)
    elif _let_in(request.shop):
        why = "Shopify still lets the app in. Whether a store in use is erased is for a person to say."
        _save(request, state=PrivacyState.CHECK, result=why)
    else:
        erase_store(request, None)


def _let_in(shop: Shop) -> bool:
    try:
        return is_let_in(client_for(shop))
    except HubError as error:
        if error.code in ("SHOP_CREDENTIALS", "API_ADDRESS"):  # nothing to ask with: a person looks at it
            return True
        raise


def _erase_customer(request: PrivacyRequest, shops: list[Shop]) -> None:
    counts, busy = erase_orders(orders_of(shops, request.order_ids), request.kind)
    if request.customer_id:
        theirs = InboxEvent.objects.filter(
            shop__in=shops, topic__startswith="customers/", source_id=request.customer_id
        )
        counts["webhooks"] += blank(theirs, request.kind)
    _ended(request, counts, busy, None)


def erase_store(request: PrivacyRequest, person: User | None) -> None:
    """Erase every customer of every record of the store, and its tokens. A person confirms it where the app is still
    let in."""
    shops = records_of_store(request.shop)
    counts, busy = erase_orders(Order.objects.filter(shop__in=shops), request.kind)
    counts["webhooks"] += blank(InboxEvent.objects.filter(shop__in=shops), request.kind)
    reports = PrivacyRequest.objects.filter(shop__in=shops).exclude(report=b"")
    counts["reports"] += reports.update(report=b"")
    if not busy:
        Shop.objects.filter(pk__in=[shop.pk for shop in shops]).update(access_token="", refresh_token="")
    _ended(request, counts, busy, person)


def _ended(request: PrivacyRequest, counts: Counts, busy: int, person: User | None) -> None:
    """Done; or once more soon, when a worker has some of the orders in its hands."""
    total = Counts(request.counts)
    total.update(counts)
    if busy:
        why = f"{busy} orders are being worked on just now; they are erased in a minute, when they are free."
        _save(request, next_try_at=now() + SOON, result=why)
        return
    said = ", ".join(f"{count:,} {what}" for what, count in total.items() if count) or "nothing was stored"
    _save(
        request,
        state=PrivacyState.DONE,
        counts=dict(total),
        result=f"Erased: {said}.",
        done_at=now(),
        done_by=person,
    )
    if request.event is not None:
        blank(InboxEvent.objects.filter(pk=request.event.pk), request.kind)


def answered(request: PrivacyRequest, person: User) -> bool:
    """A person gave the data to the store: the report is removed again. False when it is not open any more."""
    with transaction.atomic():
        row = (
            PrivacyRequest.objects.select_for_update().filter(pk=request.pk, state=PrivacyState.OPEN).first()
        )
        if row is None or row.kind != PrivacyKind.DATA_REQUEST or not row.report:
            return False
        _save(row, state=PrivacyState.DONE, report=b"", done_at=now(), done_by=person,
              result="Answered. The collected data was removed from the hub again.")  # fmt: skip
        if row.event is not None:
            blank(InboxEvent.objects.filter(pk=row.event.pk), row.kind)
    return True


def _save(request: PrivacyRequest, **values: Any) -> None:
    """Save through the model, so that the change log has it."""
    for name, value in values.items():
        setattr(request, name, value)
    request.save(update_fields=list(values))


def _email_of(request: PrivacyRequest) -> str:
    """The customer's e-mail as the request has it; it is kept nowhere else."""
    if request.event is None or request.event.body.blanked_at is not None:
        return ""
    customer = request.event.body.document().get("customer") or {}
    return str(customer.get("email") or "")

"""Passing events on: each is settled with what became of it, in the transaction in which it was done.

An order's event is a doorbell: the order is asked for anew and staged by the same rules as a search. What it said is
not read beyond the order's id.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from django.db import transaction
from django.db.models import Q

from common.errors import HubError, Retryable
from shops.models import Shop
from shops.shopify.client import client_for
from shops.shopify.discovery import OrderHeader, headers_by_id
from shops.shopify.locations import refresh_locations
from shops.shopify.standing import is_let_in, read_scopes
from syncflows.inbox import privacy
from syncflows.inbox.topics import Kind, rule_of, speaks_of
from syncflows.models import FLOW_ORDERS, EventState, InboxEvent, Sync
from syncflows.retry import next_try

Stage = Callable[[Shop, Iterable[str], Mapping[str, OrderHeader], Container[str]], Mapping[str, str]]
"""How orders are staged (`syncflows.pipeline.staging.stage_news`), given from above: the inbox knows no pipeline."""
SENTENCES: dict[str, tuple[EventState, str]] = {
    "new": (EventState.ROUTED, "New to the hub: the order was staged."),
    "taken up": (EventState.ROUTED, "The order is looked at again."),
    "seen": (EventState.UNCHANGED, "The hub has seen this change already."),
    "too old": (EventState.UNCHANGED, "The order was placed before the day the shop's import begins."),
    "gone": (EventState.UNCHANGED, "The order is not in Shopify any more, and the hub never had it."),
}


@dataclass(slots=True)
class Routed:
    """What a run of routing asks for: whether orders became due, and which shops to search and to watch."""

    orders: bool
    search: set[int]
    watch: set[int]


def route(events: Sequence[InboxEvent], stage: Stage) -> Routed:
    """Settle taken events of one shop; what several of them ask for is done once. Raises nothing the hub knows as an
    error: such events wait, or need a person."""
    routed = Routed(False, set(), set())
    together: dict[Kind, list[InboxEvent]] = {}
    for event in events:
        _route_one(event, together, routed)
    for kind, group in together.items():
        run = partial(_stage, group, stage) if kind == Kind.ORDER else partial(_do, group, kind)
        _guarded(group, partial(run, routed))
    return routed


def _route_one(event: InboxEvent, together: dict[Kind, list[InboxEvent]], routed: Routed) -> None:
    rule = rule_of(event.topic)
    try:
        body = event.body.document()
    except (ValueError, RecursionError):
        why = "was removed" if event.body.blanked_at else "cannot be read"
        event.settle(
            EventState.FAILED, f"Its body {why}, so nothing can be done with it.", code="WEBHOOK_UNREADABLE"
        )
        return
    event.source_id = speaks_of(rule, body)
    if _repeats(event):
        return
    if rule.kind == Kind.PRIVACY:  # the law asks this of a shop that is switched off, too
        _guarded([event], partial(privacy.begin, event, body))
    elif rule.kind == Kind.LATER:
        event.settle(EventState.KEPT, rule.sentence)
    elif rule.kind == Kind.NONE:
        event.settle(
            EventState.NO_RULE, "The hub has no use for this topic. It was stored, nothing was done."
        )
    elif not event.shop.is_active:
        sentence = "The shop is switched off. What changed is found when it is switched on again."
        event.settle(EventState.UNCHANGED, sentence)
    elif rule.kind == Kind.ORDER and not event.source_id:
        routed.search.add(event.shop_id)
        event.settle(EventState.ROUTED, "It names no order, so the shop is searched for what changed.")
    else:
        together.setdefault(rule.kind, []).append(event)


def _repeats(event: InboxEvent) -> bool:
    """Settle a second delivery of what happened once: Shopify's event id and topic are the same."""
    if not event.event_id or event.replays:
        return False
    same = InboxEvent.objects.filter(shop_id=event.shop_id, event_id=event.event_id, topic=event.topic)
    earlier = Q(pk__lt=event.pk) | ~Q(state__in=(EventState.RECEIVED, EventState.DUPLICATE))
    first = (
        same.exclude(pk=event.pk).exclude(state=EventState.DUPLICATE).filter(earlier).order_by("pk").first()
    )
    if first is None:
        return False
    event.settle(EventState.DUPLICATE, "The same event came before.", duplicate_of=first)
    return True


def _stage(orders: Sequence[InboxEvent], stage: Stage, routed: Routed) -> None:
    """Ask for the orders as they are, stage them, and settle their events, in one transaction."""
    shop = orders[0].shop
    ids = list(dict.fromkeys(event.source_id for event in orders))
    headers = headers_by_id(client_for(shop), ids)
    # A child of an order may change without the order's own stamp, and a replay is a person's wish.
    always = {
        event.source_id for event in orders if event.replays or not rule_of(event.topic).is_order_itself
    }
    with transaction.atomic():
        outcome = stage(shop, ids, headers, always)
        known = dict(
            Sync.objects.filter(shop=shop, flow=FLOW_ORDERS, source_id__in=ids).values_list("source_id", "pk")
        )
        for event in orders:
            state, sentence = SENTENCES[outcome[event.source_id]]
            event.settle(state, sentence, sync_id=known.get(event.source_id))
    routed.orders |= any(each in ("new", "taken up") for each in outcome.values())


def _do(events: Sequence[InboxEvent], kind: Kind, routed: Routed) -> None:
    """What is asked of Shopify about the shop itself, once for all these events."""
    client = client_for(events[0].shop)
    state = EventState.DONE
    if kind == Kind.LOCATIONS:
        sentence = f"The store's locations were read again: {refresh_locations(client)}."
    elif kind == Kind.SCOPES:
        sentence = f"The scopes were read again: {len(read_scopes(client))} are granted."
        routed.watch.add(events[0].shop_id)
    elif is_let_in(client):
        state = EventState.UNCHANGED
        sentence = "Shopify still lets the app in (installed again?), so nothing was changed."
    else:
        sentence = "Shopify does not let the app in any more. The shop is not searched until it does."
    for event in events:
        event.settle(state, sentence)


def _guarded(events: Sequence[InboxEvent], run: Callable[[], None]) -> None:
    """Run; when the other side cannot be reached the events wait, when it refuses they need a person."""
    try:
        run()
    except Retryable as error:
        for event in events:
            event.put_off(next_try(error, event.retries + 1), error.message, error.code)
    except HubError as error:
        for event in events:
            event.settle(EventState.FAILED, error.message, code=error.code)

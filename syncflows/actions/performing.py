"""Doing an action to orders: audit entries, chunks, and what came of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import structlog
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet

from common.errors import HubError
from shops.models import Shop
from syncflows.actions.action import Answer, Ask, OrderAction
from syncflows.actions.meanwhile import lock, refuse_overtaken
from syncflows.actions.outside import perform_outside
from syncflows.actions.registry import action_of
from syncflows.jobs import request_discovery
from syncflows.models import Action, Sync

log = structlog.get_logger(__name__)
CHUNK = 500


@dataclass(slots=True)
class Performed:
    """What came of an action: ids of the orders it reached, what to tell by order, errors by order."""

    reached: list[int] = field(default_factory=list)
    texts: dict[int, str] = field(default_factory=dict)
    errors: dict[int, HubError] = field(default_factory=dict)

    def note(self, sync: Sync, answer: Answer) -> None:
        """Keep the answer for one order."""
        if answer.moved:
            self.reached.append(sync.pk)
        if answer.text:
            self.texts[sync.pk] = answer.text


def perform(action: OrderAction, syncs: QuerySet[Sync], ask: Ask) -> Performed:
    """Do it to every order, with an audit entry for each it reached. Raises ValueError without a needed reason."""
    if action.needs_reason and not ask.reason.strip():
        raise ValueError(action.missing_reason)
    done = Performed()
    if action.outside:
        for sync in syncs.select_related("order", "shop__erp_connection").order_by("pk"):
            reach(action, sync, ask, done)
        action.after()
        return done
    pks = list(syncs.order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(pks), CHUNK):
        with transaction.atomic():
            move(action, pks[start : start + CHUNK], ask, done)
    action.after()
    return done


def reach(action: OrderAction, sync: Sync, ask: Ask, done: Performed) -> None:
    """One order by an action that speaks to Shopify or the ERP; its failure is its own."""
    try:
        done.note(sync, perform_outside(action, sync, ask))
    except HubError as error:
        done.errors[sync.pk] = error


def move(action: OrderAction, pks: Iterable[int], ask: Ask, done: Performed) -> None:
    """One chunk within the caller's transaction. Two people who do something to one order at the same moment come one
    after the other, and the second sees what the first did."""
    entries, keys = [], list(pks)
    lock(keys)
    rows = Sync.objects.filter(pk__in=keys).select_related("order", "shop__erp_connection")
    for sync in rows.order_by("pk"):
        try:
            refuse_overtaken(sync, ask)
            answer = action.run(sync, ask)
        except HubError as error:
            done.errors[sync.pk] = error
            continue
        done.note(sync, answer)
        if answer.moved:
            entries.append(_entry(action, sync, ask, answer))
    Action.objects.bulk_create(entries)


def _entry(action: OrderAction, sync: Sync, ask: Ask, answer: Answer) -> Action:
    details: Mapping[str, Any] = answer.details
    return Action(
        sync=sync,
        user=ask.user,
        kind=action.kind,
        reason=ask.reason,
        result=answer.text,
        details=dict(details),
    )


def import_now(user: User | None, syncs: QuerySet[Sync], reason: str = "") -> int:
    """Import orders now, in spite of a hold or a rule that holds such orders; returns how many."""
    return len(perform(action_of("import"), syncs, Ask(user, reason)).reached)


def retry(user: User | None, syncs: QuerySet[Sync], reason: str = "") -> int:
    """Take orders up again now, under the same rules; returns how many."""
    return len(perform(action_of("retry"), syncs, Ask(user, reason)).reached)


def exclude(user: User | None, syncs: QuerySet[Sync], reason: str) -> int:
    """Leave orders out; returns how many. Raises ValueError without a reason."""
    return len(perform(action_of("exclude"), syncs, Ask(user, reason)).reached)


def sync_now(user: User | None, shop: Shop) -> None:
    """Search a shop now rather than at its next time; who asked is in the log."""
    log.info("sync_requested", shop=shop.key, user=user.get_username() if user else "")
    request_discovery(shop)

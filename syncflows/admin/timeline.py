"""The timeline of an order: Shopify, the hub, the ERP and people, in one column, newest first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Q

from canonical.orders import Order as OrderFacts
from canonical.sales import AgreementReason
from common.causes import cause
from mappings.models import RecordLink
from syncflows.actions.registry import label_of
from syncflows.admin.labels import bag, words
from syncflows.models import Action, ActionState, Attempt, Order, OrderPayload, Outcome, Sync

SHOWN_ATTEMPTS = 50
_OUTCOMES = {
    Outcome.INTENT: ("warning", "cut"),
    Outcome.WRITTEN: ("success", "task_alt"),
    Outcome.AMENDED: ("success", "edit_document"),
    Outcome.CLOSED: ("default", "cancel"),
    Outcome.RECOVERED: ("success", "link"),
    Outcome.UNCHANGED: ("default", "done"),
    Outcome.SKIPPED: ("default", "block"),
    Outcome.HELD: ("warning", "pause_circle"),
    Outcome.WAITING: ("warning", "schedule"),
    Outcome.BLOCKED: ("danger", "error"),
    Outcome.UNKNOWN: ("warning", "help"),
}
_CUT_OFF = (
    "The worker stopped between saying what it was about to write and hearing the answer. The next attempt looks in "
    "the ERP for the external id before anything is sent again."
)


@dataclass(slots=True)
class Entry:
    """One thing that happened. `who` is Shopify, the hub, the ERP or a person."""

    at: datetime
    who: str
    title: str
    colour: str = "default"
    icon: str = "circle"
    text: str = ""
    detail: str = ""
    notes: list[str] = field(default_factory=list)
    facts: list[tuple[str, str]] = field(default_factory=list)
    calls_of: int | None = None


def entries(
    sync: Sync,
    order: Order,
    facts: OrderFacts | None,
    payload: OrderPayload | None,
    links: Iterable[RecordLink],
) -> list[Entry]:
    """Everything known about an order, newest first (three queries: attempts, their count, actions)."""
    found = [*_shopify(order, facts), *_attempts(sync), *_people(sync), *_links(links, sync)]
    if payload is not None:
        found.append(
            Entry(
                payload.fetched_at,
                "Hub",
                "Fetched from Shopify",
                icon="download",
                text=f"API version {payload.api_version}" if payload.api_version else "",
            )
        )
    if order.written_back_at is not None:
        found.append(
            Entry(order.written_back_at, "Hub", "ERP number written to the Shopify order", icon="reply")
        )
    return sorted(found, key=lambda entry: entry.at, reverse=True)


def _shopify(order: Order, facts: OrderFacts | None) -> list[Entry]:
    found = [Entry(order.created_at, "Shopify", "Placed", "info", "shopping_cart")]
    if order.cancelled_at is not None:
        why = words(facts.cancel_reason) if facts and facts.cancel_reason else ""
        found.append(Entry(order.cancelled_at, "Shopify", "Cancelled", "warning", "cancel", text=why))
    if facts is None:
        return found
    if facts.closed_at is not None:
        found.append(Entry(facts.closed_at, "Shopify", "Archived", icon="inventory_2"))
    for agreement in facts.agreements:
        if agreement.reason == AgreementReason.ORDER:
            continue
        title = "Edited" if agreement.reason == AgreementReason.ORDER_EDIT else words(agreement.reason)
        found.append(
            Entry(
                agreement.happened_at,
                "Shopify",
                title,
                "info",
                "edit",
                text=f"{len(agreement.sales)} sales in the ledger",
            )
        )
    for payment in facts.transactions:
        if payment.processed_at is None:
            continue
        title = f"{words(payment.kind)} {bag(payment.amount)}"
        colour, text = ("success", payment.gateway_name or payment.gateway)
        if not payment.succeeded:
            colour, text = "warning", f"{text}: {words(payment.status)}"
        found.append(Entry(payment.processed_at, "Shopify", title, colour, "payments", text=text))
    return found


def _attempts(sync: Sync) -> list[Entry]:
    """The latest attempts; requests and answers are loaded when they are opened."""
    rows = Attempt.objects.filter(sync=sync).defer("exchange").annotate(silent=Q(exchange=b""))
    shown = list(rows[:SHOWN_ATTEMPTS])
    found = [_attempt(row, silent=bool(getattr(row, "silent", True))) for row in shown]
    total = rows.count() if len(shown) == SHOWN_ATTEMPTS else len(shown)
    if total > SHOWN_ATTEMPTS:
        found.append(
            Entry(shown[-1].started_at, "Hub", f"{total - SHOWN_ATTEMPTS} earlier attempts", icon="history")
        )
    return found


def _attempt(row: Attempt, *, silent: bool) -> Entry:
    colour, icon = _OUTCOMES[Outcome(row.outcome)]
    entry = Entry(
        row.started_at,
        "Hub",
        f"Attempt {row.number}: {row.get_outcome_display()}",
        colour,
        icon,
        text=row.message,
        detail=row.detail,
        notes=[str(note) for note in row.notes],
        calls_of=None if silent else row.pk,
    )
    if row.outcome == Outcome.INTENT:
        entry.text = _CUT_OFF
    facts = [
        ("Cause", cause(row.code).title if row.code else ""),
        ("Took", _took(row)),
        ("Worker", row.worker),
        ("External id", row.external_id),
        ("Payload", row.payload_hash[:12]),
    ]
    entry.facts = [(name, text) for name, text in facts if text]
    return entry


def _took(row: Attempt) -> str:
    """The duration of an attempt in seconds; empty for one that was cut off."""
    if row.finished_at is None:
        return ""
    return f"{(row.finished_at - row.started_at).total_seconds():.1f} s"


def _people(sync: Sync) -> list[Entry]:
    rows = Action.objects.filter(sync=sync).select_related("user")
    return [
        Entry(
            row.at,
            row.user.get_username() if row.user else "Command line",
            label_of(row.kind)
            if row.state == ActionState.DONE
            else f"{label_of(row.kind)}: {row.get_state_display().lower()}",
            "danger" if row.state == ActionState.FAILED else "info",
            "person",
            text=row.reason,
            notes=[row.result] if row.result else [],
        )
        for row in rows[:SHOWN_ATTEMPTS]
    ]


def _links(links: Iterable[RecordLink], sync: Sync) -> list[Entry]:
    found = []
    for link in links:
        if link.source_id != sync.source_id and link.part_of_id is None:
            continue
        kind, number = link.get_kind_display(), link.erp_number or link.erp_id
        title = f"{kind.capitalize()} {number} {'found and linked' if link.recovered else 'created'}"
        found.append(Entry(link.created_at, "ERP", title, "success", "description", text=link.external_id))
        if link.verified_at is not None:
            found.append(
                Entry(
                    link.verified_at,
                    "ERP",
                    f"{number} read back: total and lines are equal",
                    "success",
                    "verified",
                )
            )
        if link.unlinked_at is not None:
            found.append(Entry(link.unlinked_at, "Hub", f"Link to {number} broken", "warning", "link_off"))
    return found

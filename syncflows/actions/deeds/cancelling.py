"""Cancel: the order is cancelled in Shopify, and its document closed in the ERP where that can be."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from django import forms

from common.errors import HubError
from shops.shopify.client import client_for
from shops.shopify.order_actions import NOTE_LENGTH, CancelRequest, cancel_result, start_cancel
from syncflows.actions.action import Answer, Ask, OrderAction
from syncflows.actions.closing import close_in_erp
from syncflows.actions.refreshing import look_again
from syncflows.models import Sync
from syncflows.states import State

WAITS = (0.2, 0.4, 0.8, 1.6)
"""Seconds between looks at Shopify's job while the person waits; after that it is followed in the background."""
REASONS = (
    ("CUSTOMER", "The customer changed or cancelled it"),
    ("INVENTORY", "Items are not in stock"),
    ("FRAUD", "Fraud"),
    ("DECLINED", "The payment was declined"),
    ("STAFF", "A mistake of ours"),
    ("OTHER", "Something else"),
)
REFUNDS = (
    ("none", "Refund nothing"),
    ("original", "Refund to the original payment methods"),
    ("store_credit", "Refund as store credit"),
)


class Cancel(OrderAction):
    """Cancel an order on both sides, and follow Shopify's job to its end."""

    kind = "cancel"
    label = "Cancel order"
    icon = "cancel"
    permission = "syncflows.cancel_order"
    consequence = (
        "Shopify cancels the whole order, with refund, restock and message as chosen below; this cannot be undone. In "
        "the ERP a document nothing was shipped or billed of is closed; one that was shipped or billed stays as it is "
        "and the order asks what to do. An order that is not in the ERP yet is excluded. Shipped orders cannot be "
        "cancelled."
    )
    done = "cancelled."
    needs_reason = True
    missing_reason = "Say why the order is cancelled."
    states = frozenset(State) - {State.RUNNING}
    place = 80
    outside = in_bulk = wakes = True

    def available(self, sync: Sync) -> bool:
        return super().available(sync) and sync.order.cancelled_at is None

    def fields(self, sync: Sync | None) -> dict[str, forms.Field]:
        return {
            "why": forms.ChoiceField(label="Reason in Shopify", choices=REASONS),
            "refund": forms.ChoiceField(label="Refund", choices=REFUNDS),
            "restock": forms.BooleanField(
                label="Put the items back into stock", required=False, initial=True
            ),
            "notify": forms.BooleanField(label="Send the customer a message", required=False),
            "staff_note": forms.CharField(
                label="Staff note in Shopify (optional)", required=False, max_length=NOTE_LENGTH
            ),
        }

    def run(self, sync: Sync, ask: Ask) -> Answer:
        values = ask.values
        request = CancelRequest(
            reason=str(values["why"]), restock=bool(values["restock"]), refund=str(values["refund"]),
            notify=bool(values["notify"]), note=str(values.get("staff_note") or ""),
        )  # fmt: skip
        details = {"job": start_cancel(client_for(sync.shop), sync.source_id, request)}
        answer = self.follow(sync, details)
        for wait in WAITS:
            if not answer.follow:
                break
            time.sleep(wait)
            answer = self.follow(sync, answer.details)
        return answer

    def follow(self, sync: Sync, details: Mapping[str, Any]) -> Answer:
        if not details.get("cancelled"):
            try:
                result = cancel_result(client_for(sync.shop), sync.source_id, str(details.get("job", "")))
            except HubError as error:
                return Answer(moved=True, text=error.message, details=details, follow=True)
            if not result.done:
                text = f"Shopify is cancelling order {sync.name}. The timeline will say what came of it."
                return Answer(moved=True, text=text, details=details, follow=True)
            if result.problem:
                text = f"Shopify did not cancel order {sync.name}: {result.problem}"
                return Answer(moved=False, text=text, details=details)
        try:
            closed = close_in_erp(sync)
        except HubError as error:
            text = f"Order {sync.name} was cancelled in Shopify. Its document was not closed yet: {error.message}"
            return Answer(moved=True, text=text, details={**details, "cancelled": True}, follow=True)
        look_again(sync)
        text = f"Order {sync.name} was cancelled in Shopify. {closed}"
        return Answer(moved=True, text=text, details={**details, "cancelled": True})


ACTION = Cancel()

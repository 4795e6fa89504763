"""Mark as paid: the money came outside Shopify."""

from __future__ import annotations

from shops.shopify.client import client_for
from shops.shopify.order_actions import mark_as_paid
from syncflows.actions.action import Answer, Ask, OrderAction
from syncflows.actions.refreshing import look_again
from syncflows.models import Sync
from syncflows.states import State

OWED = frozenset({"PENDING", "PARTIALLY_PAID", "EXPIRED"})


class MarkAsPaid(OrderAction):
    """Have Shopify record what is outstanding as paid by hand."""

    kind = "mark_paid"
    label = "Mark as paid"
    icon = "paid"
    permission = "syncflows.pay_order"
    consequence = (
        "Shopify records a manual payment of everything that is outstanding on the order. No money moves, and Shopify "
        "cannot take it back other than by a refund. The hub then looks at the order again: if a rule held it because "
        "it was not paid, it is imported. A document in the ERP is not changed."
    )
    done = "marked as paid."
    needs_reason = True
    missing_reason = "Say how the money came."
    states = frozenset(State) - {State.RUNNING}
    place = 70
    outside = in_bulk = wakes = True

    def available(self, sync: Sync) -> bool:
        order = sync.order
        return super().available(sync) and order.cancelled_at is None and order.financial_status in OWED

    def run(self, sync: Sync, ask: Ask) -> Answer:
        marked = mark_as_paid(client_for(sync.shop), sync.source_id)
        look_again(sync)
        if not marked:
            return Answer(moved=True, text=f"Order {sync.name} was paid already in Shopify.")
        return Answer(moved=True, text=f"Order {sync.name} was marked as paid in Shopify.")


ACTION = MarkAsPaid()

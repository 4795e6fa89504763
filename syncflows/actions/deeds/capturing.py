"""Capture: take the money of an authorization."""

from __future__ import annotations

from decimal import Decimal

from django import forms

from common.errors import NeedsPerson
from shops.shopify.client import client_for
from shops.shopify.order_actions import Authorization, Standing, capture, read_standing
from syncflows.actions.action import Answer, Ask, OrderAction
from syncflows.actions.refreshing import look_again
from syncflows.models import Sync
from syncflows.states import State

AUTHORIZED = frozenset({"AUTHORIZED", "PARTIALLY_PAID"})


class Capture(OrderAction):
    """Capture all or part of what is authorized. A second question shows what is left, and the answer holds for
    exactly that: two people who press at once capture once."""

    kind = "capture"
    label = "Capture payment"
    icon = "credit_score"
    permission = "syncflows.pay_order"
    consequence = (
        "Shopify takes the money from the buyer, as far as it is authorized. You are shown the amount and what is left "
        "before anything happens. A document in the ERP is not changed."
    )
    done = "captured."
    states = frozenset(State) - {State.RUNNING}
    place = 71
    outside = wakes = True

    def available(self, sync: Sync) -> bool:
        order = sync.order
        return super().available(sync) and order.cancelled_at is None and order.financial_status in AUTHORIZED

    def fields(self, sync: Sync | None) -> dict[str, forms.Field]:
        return {
            "amount": forms.DecimalField(
                label="Amount",
                required=False,
                min_value=Decimal("0.001"),
                max_digits=18,
                help_text="In the currency the buyer paid in. Empty: everything that is still authorized.",
            )
        }

    def question(self, sync: Sync, ask: Ask) -> tuple[str, str]:
        standing = read_standing(client_for(sync.shop), sync.source_id)
        found, amount = _chosen(standing, ask)
        rest = found.left - amount
        lines = [
            f"Capture {amount} {found.currency} of {found.left} {found.currency} authorized by {found.gateway}."
        ]
        if rest and found.several:
            lines.append(f"{rest} {found.currency} stay authorized and can be captured later.")
        elif rest:
            lines.append(
                f"This payment can be captured once only: the other {rest} {found.currency} are given up."
            )
        lines.append("Press the button again to do it.")
        return _token(found, amount), "\n".join(lines)

    def run(self, sync: Sync, ask: Ask) -> Answer:
        client = client_for(sync.shop)
        standing = read_standing(client, sync.source_id)
        found, amount = _chosen(standing, ask)
        if _token(found, amount) != ask.values.get("shown"):
            raise NeedsPerson(
                "CAPTURE_REFUSED",
                f"Nothing was captured for order {sync.name}: what is authorized changed after you looked at it.",
                value=sync.name,
            )
        capture(client, sync.source_id, found, amount)
        look_again(sync)
        text = f"{amount} {found.currency} of order {sync.name} were captured."
        return Answer(moved=True, text=text, details={"amount": str(amount), "currency": found.currency})


def _chosen(standing: Standing, ask: Ask) -> tuple[Authorization, Decimal]:
    """The authorization to capture (the largest that is open) and the amount."""
    if not standing.authorizations:
        why = "it is paid already" if standing.paid else standing.status.replace("_", " ").lower()
        raise NeedsPerson(
            "CAPTURE_REFUSED",
            f"Nothing is left to capture on order {standing.name} ({why}).",
            value=standing.name,
        )
    found = max(standing.authorizations, key=lambda each: each.left)
    amount = ask.values.get("amount") or found.left
    if amount > found.left:
        raise NeedsPerson(
            "CAPTURE_REFUSED",
            f"{amount} {found.currency} are more than the {found.left} {found.currency} authorized on order "
            f"{standing.name}.",
            value=standing.name,
        )
    return found, amount


def _token(found: Authorization, amount: Decimal) -> str:
    return f"{found.source_id}:{found.left}:{amount}"


ACTION = Capture()

"""Holds: what keeps an order waiting, until when, and what ends it. Rules only: no database, no HTTP."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from canonical.orders import Order
from common.errors import Held, NeedsPerson, Skip
from syncflows.models.holds import Expired, HoldRules
from syncflows.models.rules import OrderRules, Treatment
from syncflows.patterns import first_match
from syncflows.states import Hold

UNPAID = frozenset({"PENDING", "AUTHORIZED", "EXPIRED", "PARTIALLY_PAID"})


def check_holds(order: Order, rules: OrderRules, holds: HoldRules, *, at: datetime, zone: str) -> None:
    """Raise Held while a reason stands (a tag, a missing payment), and Skip or NeedsPerson PAYMENT_EXPIRED once an
    unpaid order waited too long.

    `at` is now, aware; `zone` the shop's IANA zone, for the day in the sentence. A cancelled order is not held: there
    is nothing to wait for.
    """
    if order.cancelled_at:
        return
    tag = first_match(order.tags, holds.tags)
    if tag:
        raise Held(
            "TAG_HOLD",
            f"Order {order.name} is held while it has the tag {tag} in Shopify.",
            hold=Hold.TAG,
            field="tags",
            value=tag,
        )
    if rules.unpaid_orders == Treatment.HOLD and order.financial_status in UNPAID:
        _wait_for_payment(order, holds, at, zone)


def _wait_for_payment(order: Order, holds: HoldRules, at: datetime, zone: str) -> None:
    status = order.financial_status.replace("_", " ").lower()
    if not holds.unpaid_days:
        raise Held("UNPAID", f"Order {order.name} waits for its payment ({status}).", hold=Hold.PAYMENT)
    until = order.created_at + timedelta(days=holds.unpaid_days)
    exclude = holds.unpaid_then == Expired.EXCLUDE
    if at < until:
        then = "excluded" if exclude else "blocked"
        local = until.astimezone(ZoneInfo(zone))
        raise Held(
            "UNPAID",
            f"Order {order.name} waits for its payment ({status}) until {local:%d %b %Y %H:%M}; then it is {then}.",
            hold=Hold.PAYMENT,
            until=until,
        )
    days = "1 day" if holds.unpaid_days == 1 else f"{holds.unpaid_days} days"
    sentence = f"Order {order.name} was not paid within {days} ({status})."
    raise Skip("PAYMENT_EXPIRED", sentence) if exclude else NeedsPerson("PAYMENT_EXPIRED", sentence)

"""Rows of the middle: what is to be done, what was done, by which rules."""

from syncflows.models.attempts import Action, ActionKind, Attempt, Outcome
from syncflows.models.cursors import Beat, Cursor
from syncflows.models.orders import Order, OrderPayload
from syncflows.models.rules import OrderRules, Treatment
from syncflows.models.sync import FLOW_ORDERS, Sync

__all__ = [
    "FLOW_ORDERS",
    "Action",
    "ActionKind",
    "Attempt",
    "Beat",
    "Cursor",
    "Order",
    "OrderPayload",
    "OrderRules",
    "Outcome",
    "Sync",
    "Treatment",
]

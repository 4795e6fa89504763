"""Rows of the middle: what is to be done, what was done, by which rules."""

from syncflows.models.attempts import Action, ActionState, Attempt, Outcome
from syncflows.models.backfills import Backfill, BackfillState
from syncflows.models.bulk import BulkItem, BulkRun, BulkState, ItemState
from syncflows.models.cursors import Beat, Cursor
from syncflows.models.filters import OrderFilter
from syncflows.models.holds import HoldRules
from syncflows.models.inbox import (
    EventState,
    InboxBody,
    InboxEvent,
    SubscriptionState,
    WebhookEndpoint,
    WebhookSubscription,
)
from syncflows.models.orders import Order, OrderPayload
from syncflows.models.overrides import OrderOverrides
from syncflows.models.privacy import PrivacyKind, PrivacyRequest, PrivacyState
from syncflows.models.rules import CancelPolicy, ChangePolicy, OrderRules, Treatment
from syncflows.models.sweeps import (
    SweepFinding,
    SweepKind,
    SweepOutcome,
    SweepPhase,
    SweepRun,
    SweepState,
    SweepTurn,
)
from syncflows.models.sync import FLOW_ORDERS, Sync
from syncflows.models.written import Wish, WrittenDocument

__all__ = [
    "FLOW_ORDERS",
    "Action",
    "ActionState",
    "Attempt",
    "Backfill",
    "BackfillState",
    "Beat",
    "BulkItem",
    "BulkRun",
    "BulkState",
    "CancelPolicy",
    "ChangePolicy",
    "Cursor",
    "EventState",
    "HoldRules",
    "InboxBody",
    "InboxEvent",
    "ItemState",
    "Order",
    "OrderFilter",
    "OrderOverrides",
    "OrderPayload",
    "OrderRules",
    "Outcome",
    "PrivacyKind",
    "PrivacyRequest",
    "PrivacyState",
    "SubscriptionState",
    "SweepFinding",
    "SweepKind",
    "SweepOutcome",
    "SweepPhase",
    "SweepRun",
    "SweepState",
    "SweepTurn",
    "Sync",
    "Treatment",
    "WebhookEndpoint",
    "WebhookSubscription",
    "Wish",
    "WrittenDocument",
]

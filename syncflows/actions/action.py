"""What an action is: its words, its permission, when it makes sense, what it asks, and what it does to one order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from django import forms
from django.contrib.auth.models import User

from syncflows.jobs import wake
from syncflows.models import Sync
from syncflows.states import State

OPEN = frozenset({State.PENDING, State.WAITING, State.BLOCKED})
"""Not in the ERP, not being worked on, not left out."""


@dataclass(frozen=True, slots=True)
class Ask:
    """Who wants it, why, and what was filled in (cleaned values of the action's own fields). `seen` is the key of the
    last deed on the order when its dialog was opened, 0 for none; None where nobody looked at one order."""

    user: User | None = None
    reason: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    seen: int | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of it for one order: whether anything was done, what to tell people, facts for the audit entry.

    `follow` is True when the other side is still at work: `OrderAction.follow` is asked again until it is not.
    """

    moved: bool
    text: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)
    follow: bool = False


class OrderAction:
    """Something a person can do to an order. Subclass it in a module of `deeds/` and put one instance into `ACTION`.

    `kind` names it in addresses and audit entries; `consequence` is what a person reads before; `done` completes
    "3 orders ...". `outside` actions speak to Shopify or the ERP: one order at a time, their audit entry is written
    first, and nobody else can start one on the same order meanwhile. The others only move rows: many in a transaction.
    """

    kind: ClassVar[str]
    label: ClassVar[str]
    icon: ClassVar[str]
    consequence: ClassVar[str]
    done: ClassVar[str]
    permission: ClassVar[str]
    needs_reason: ClassVar[bool] = False
    missing_reason: ClassVar[str] = "Say why."
    states: ClassVar[frozenset[State]] = OPEN
    place: ClassVar[int] = 50
    in_rows: ClassVar[bool] = False
    in_bulk: ClassVar[bool] = False
    outside: ClassVar[bool] = False
    wakes: ClassVar[bool] = False

    @property
    def name(self) -> str:
        """Its name among admin methods and URL names: `import_order`."""
        return f"{self.kind}_order"

    def available(self, sync: Sync) -> bool:
        """Whether it makes sense for an order now: the button is shown. `sync.order` and `sync.shop` are loaded."""
        return State(sync.state) in self.states

    def fields(self, sync: Sync | None) -> dict[str, forms.Field]:
        """What is asked besides the reason; of many orders at once with None."""
        return {}

    def question(self, sync: Sync, ask: Ask) -> tuple[str, str]:
        """A second question, once the fields are filled in: a token of what is shown, and the text. ("", "") asks
        nothing. The run is given the token as `shown` and must refuse when it no longer stands. May raise HubError."""
        return "", ""

    def run(self, sync: Sync, ask: Ask) -> Answer:
        """Do it to one order. Raises HubError, before anything was done, with the sentence people read."""
        raise NotImplementedError

    def follow(self, sync: Sync, details: Mapping[str, Any]) -> Answer:
        """Ask again how it stands with something that was still at work (`Answer.follow`)."""
        raise NotImplementedError

    def after(self) -> None:
        """Once after all orders: wake the workers when there is work for them."""
        if self.wakes:
            wake()

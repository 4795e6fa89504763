"""States of a Sync: allowed moves, labels and colours, in one place."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import models


class State(models.TextChoices):
    """What a Sync is doing."""

    PENDING = "pending", "Pending"
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    SKIPPED = "skipped", "Excluded"
    WAITING = "waiting", "Waiting"
    BLOCKED = "blocked", "Blocked"


class Hold(models.TextChoices):
    """Why a pending Sync is not started by itself."""

    NONE = "", "Not held"
    REVIEW = "review", "To be reviewed"
    MANUAL = "manual", "Held by a person"
    PAYMENT = "payment", "Waits for payment"
    TAG = "tag", "Held by a tag"


class Lane(models.IntegerChoices):
    """Which orders are taken first: news before history."""

    FRESH = 0, "Fresh"
    BACKFILL = 1, "Backfilled"


MOVES: dict[State, frozenset[State]] = {
    State.PENDING: frozenset({State.RUNNING, State.SKIPPED, State.BLOCKED}),
    State.RUNNING: frozenset({State.PENDING, State.DONE, State.SKIPPED, State.WAITING, State.BLOCKED}),
    State.DONE: frozenset({State.PENDING, State.SKIPPED, State.BLOCKED}),
    State.SKIPPED: frozenset({State.PENDING}),
    State.WAITING: frozenset({State.PENDING, State.RUNNING, State.SKIPPED, State.BLOCKED}),
    State.BLOCKED: frozenset({State.PENDING, State.SKIPPED}),
}


@dataclass(frozen=True, slots=True)
class Look:
    """How a state is shown: unfold's label colour and one sentence of help."""

    colour: str
    help: str


LOOKS: dict[State, Look] = {
    State.PENDING: Look("info", "Will be worked on by the next free worker."),
    State.RUNNING: Look("info", "A worker is on it now."),
    State.DONE: Look("success", "In the ERP, equal to the cent."),
    State.SKIPPED: Look("default", "Left out by a rule or by a person, with the reason."),
    State.WAITING: Look("warning", "Will try again by itself."),
    State.BLOCKED: Look("danger", "Needs a person; the cause says who and what."),
}
BY_PERSON = ("EXCLUDED_BY_PERSON", "UNLINKED_BY_PERSON", "HANDLED_ELSEWHERE")
"""Reasons a person gave for leaving an order out: only a person brings it back."""
HOLD_HELP: dict[Hold, str] = {
    Hold.REVIEW: "Waits for a person to import or exclude it.",
    Hold.MANUAL: "Waits for a person to import or exclude it.",
    Hold.PAYMENT: "Goes on by itself when the payment arrives.",
    Hold.TAG: "Goes on by itself when the tag is taken off in Shopify.",
}
RULE_HOLDS = (Hold.REVIEW, Hold.PAYMENT, Hold.TAG)
"""Holds a rule set: news from Shopify has the rules look again. What a person holds, a person lets go."""
DUE_STATES = (State.PENDING, State.WAITING)


class MoveError(RuntimeError):
    """A state change that is not allowed, or a lease that is no longer held."""


def check_move(old: str, new: str) -> None:
    """Raise MoveError unless the move is in the table."""
    if State(new) not in MOVES[State(old)]:
        raise MoveError(f"A sync cannot go from {old} to {new}.")

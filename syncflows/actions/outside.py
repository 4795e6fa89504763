"""Actions that speak to Shopify or the ERP: one at a time on an order, with an audit entry that is there before."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from common.clock import now
from common.errors import HubError, NeedsPerson
from syncflows.actions.action import Answer, Ask, OrderAction
from syncflows.actions.meanwhile import lock, refuse_overtaken
from syncflows.actions.registry import action_of, label_of, registered
from syncflows.models import Action, ActionState, Sync

CUT_OFF = timedelta(minutes=5)
"""After this long an action that is still being done was cut off: no request takes so long."""
PATIENCE = timedelta(hours=6)
"""How long the other side is asked for the end of something before a person is told to look."""
_CUT = "The hub stopped in the middle of this. Look in Shopify and the ERP whether it was done."


def perform_outside(action: OrderAction, sync: Sync, ask: Ask) -> Answer:
    """Do it to one order. The audit entry is committed first, and ends with what came of it.

    Raises HubError: ACTION_RUNNING while somebody else does something to the order, ACTION_OVERTAKEN when somebody did
    since it was looked at, ACTION_NOT_NOW in a state where it makes no sense, and what the action raises.
    """
    if not action.available(sync):
        raise NeedsPerson(
            "ACTION_NOT_NOW",
            f"{action.label}: order {sync.name} is not in a state where this can be done.",
            value=sync.name,
        )
    entry = _begin(action, sync, ask)
    try:
        answer = action.run(sync, ask)
    except HubError as error:
        _end(entry, ActionState.FAILED, error.message)
        raise
    except Exception:
        _end(entry, ActionState.FAILED, _CUT)
        raise
    _settle(entry, answer)
    return answer


def _begin(action: OrderAction, sync: Sync, ask: Ask) -> Action:
    """The audit entry, which is also the lock: one open entry for an order, by constraint."""
    entry = Action(sync=sync, user=ask.user, kind=action.kind, reason=ask.reason, state=ActionState.RUNNING)
    for _ in range(2):
        try:
            with transaction.atomic():
                lock([sync.pk])
                refuse_overtaken(sync, ask)
                entry.save(force_insert=True)
        except IntegrityError:
            if not _free(sync):
                raise _busy(sync) from None
        else:
            return entry
    raise _busy(sync)


def _free(sync: Sync) -> bool:
    """Close an entry whose worker must be dead."""
    old = Action.objects.filter(sync=sync, state=ActionState.RUNNING, at__lt=now() - CUT_OFF)
    return bool(old.update(state=ActionState.FAILED, result=_CUT))


def _busy(sync: Sync) -> NeedsPerson:
    running = Action.objects.filter(
        sync=sync, state__in=(ActionState.RUNNING, ActionState.FOLLOWED)
    ).select_related("user")
    first = running.first()
    who = first.user.get_username() if first and first.user else "Somebody"
    what = label_of(first.kind) if first else "something"
    return NeedsPerson(
        "ACTION_RUNNING",
        f"{who} has begun '{what}' on order {sync.name}, and it is not finished yet.",
        value=sync.name,
    )


def _settle(entry: Action, answer: Answer) -> None:
    entry.details = dict(answer.details)
    done = ActionState.DONE if answer.moved else ActionState.FAILED
    state = ActionState.FOLLOWED if answer.follow else done
    _end(entry, state, answer.text)


def _end(entry: Action, state: ActionState, result: str) -> None:
    entry.state, entry.result = state, result
    entry.save(update_fields=["state", "result", "details"])


def follow_open(before: datetime | None = None) -> int:
    """Ask how everything stands that the other side was still at work with; returns how many came to their end."""
    ended = 0
    rows = Action.objects.filter(state=ActionState.FOLLOWED, kind__in=list(registered()))
    for entry in rows.select_related("sync__order", "sync__shop__erp_connection").order_by("at"):
        ended += _follow(entry, before or now())
    return ended


def _follow(entry: Action, at: datetime) -> bool:
    try:
        answer = action_of(entry.kind).follow(entry.sync, entry.details)
    except HubError as error:
        answer = Answer(moved=False, text=error.message, details=entry.details, follow=True)
    if answer.follow and at - entry.at > PATIENCE:
        said = (
            f"It did not come to its end within {PATIENCE.seconds // 3600} hours: look there. {answer.text}"
        )
        _end(entry, ActionState.FAILED, said.strip())
        return True
    if answer.follow:
        entry.details = dict(answer.details) or entry.details
        _end(entry, ActionState.FOLLOWED, answer.text or entry.result)
        return False
    entry.details = {**entry.details, **answer.details}
    _end(entry, ActionState.DONE if answer.moved else ActionState.FAILED, answer.text)
    action_of(entry.kind).after()
    return True

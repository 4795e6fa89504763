"""Two people at one order: who acts on what he saw before somebody else acted is told so, and nothing is done."""

from __future__ import annotations

from common.errors import NeedsPerson
from syncflows.actions.action import Ask
from syncflows.actions.registry import label_of
from syncflows.models import Action, Sync

HARMLESS = ("note",)
"""Kinds of deeds that change nothing anybody decides by."""


def last_deed(sync: Sync) -> Action | None:
    """The newest deed of a person on an order that changed anything (one query)."""
    return sync.actions.exclude(kind__in=HARMLESS).select_related("user").order_by("-pk").first()


def in_words(deed: Action) -> str:
    """`piet chose 'Exclude' (Fraud)` for people; without a user it was the command line."""
    who = deed.user.get_username() if deed.user else "The command line"
    reason = f" ({deed.reason.strip()})" if deed.reason.strip() else ""
    return f"{who} chose '{label_of(deed.kind)}'{reason}"


def lock(pks: list[int]) -> None:
    """Keep everybody else's deeds on these orders waiting until the transaction ends."""
    list(Sync.objects.select_for_update().filter(pk__in=pks).order_by("pk").values_list("pk"))


def refuse_overtaken(sync: Sync, ask: Ask) -> None:
    """Raise NeedsPerson ACTION_OVERTAKEN when somebody did something to the order after the dialog was opened."""
    if ask.seen is None:
        return
    deed = last_deed(sync)
    if deed is not None and deed.pk != ask.seen:
        raise NeedsPerson(
            "ACTION_OVERTAKEN",
            f"Nothing was done to order {sync.name}: {in_words(deed)} after you opened the dialog. Look at the order "
            "as it is now, and choose again if you still want it.",
            value=sync.name,
        )

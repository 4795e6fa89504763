"""All actions: every module of `deeds/` that has an `ACTION`."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from syncflows.actions import deeds
from syncflows.actions.action import OrderAction


@cache
def registered() -> dict[str, OrderAction]:
    """Every action by its kind, in the order of the buttons. A new file in `deeds/` is all it takes."""
    modules = [import_module(f"{deeds.__name__}.{found.name}") for found in iter_modules(deeds.__path__)]
    actions = [module.ACTION for module in modules if hasattr(module, "ACTION")]
    return {action.kind: action for action in sorted(actions, key=lambda a: (a.place, a.kind))}


def action_of(kind: str) -> OrderAction:
    """One action; KeyError when there is none of that kind."""
    return registered()[kind]


def label_of(kind: str) -> str:
    """What an audit entry of this kind is called; kinds of actions that are gone are called by their name."""
    known = registered().get(kind)
    return known.label if known else kind.replace("_", " ").capitalize()

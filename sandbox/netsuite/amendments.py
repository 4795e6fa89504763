"""What may no longer be changed on a sales order: the account refuses, as it does on its own pages.

Lines are locked once they were fulfilled or billed (they cannot go below that, nor change item or price), and an
order that is billed, closed or cancelled takes no changes of its contents (composed wordings).
"""

from __future__ import annotations

from decimal import Decimal

from sandbox.netsuite.errors import user_error
from sandbox.netsuite.store import Doc

_LOCKED = {"C": "cancelled", "G": "billed", "H": "closed"}
_FREE = frozenset({"memo"})
ZERO = Decimal(0)


def check(rectype: str, old: Doc, changes: Doc, doc: Doc) -> None:
    """Raise RestError when a change of a stored sales order touches what is settled."""
    if rectype != "salesOrder":
        return
    letter = old.get("statusLetter") or ""
    custom = {name for name in changes if name.startswith("custbody_")}
    if letter in _LOCKED and set(changes) - _FREE - custom:
        raise user_error(f"This order is {_LOCKED[letter]} and cannot be edited.")
    kept = {row.get("line"): row for row in doc["item"]["items"]}
    for line in old["item"]["items"]:
        used = max(line.get("quantityFulfilled") or ZERO, line.get("quantityBilled") or ZERO)
        if used:
            _check_line(line, kept.get(line["line"]), used)


def _check_line(before: Doc, after: Doc | None, used: Decimal) -> None:
    path = f"item.items[{before['line']}]"
    if after is None:
        raise user_error("You cannot remove lines that have been fulfilled or billed.", "item")
    if after["item"]["id"] != before["item"]["id"]:
        raise user_error(
            "The item of a line that has been fulfilled or billed cannot be changed.", f"{path}.item"
        )
    quantity = after.get("quantity")
    if quantity is not None and quantity < used:
        raise user_error(
            f"The quantity cannot be lower than the quantity already fulfilled or billed ({used}).",
            f"{path}.quantity",
        )
    if after.get("rate") is not None and before.get("rate") is not None and after["rate"] != before["rate"]:
        raise user_error(
            "The rate of a line that has been fulfilled or billed cannot be changed.", f"{path}.rate"
        )

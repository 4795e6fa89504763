"""What a person chose for one order instead of what the maps say."""

from __future__ import annotations

from dataclasses import dataclass

from canonical.documents import Ref


@dataclass(frozen=True, slots=True)
class Chosen:
    """Records of the ERP chosen for one order by hand; None leaves it to the rules. `location_by` and
    `ship_method_by` say who, for the notes."""

    customer: Ref | None = None
    location: Ref | None = None
    ship_method: Ref | None = None
    location_by: str = ""
    ship_method_by: str = ""


def note(what: str, ref: Ref, by: str) -> str:
    """The sentence about a choice on the document's timeline."""
    who = f" by {by}" if by else ""
    return f"{what} {ref.name or ref.id} was chosen{who} for this order."


NOTHING = Chosen()

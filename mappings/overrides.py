"""What a person chose for one order instead of what the maps say."""

from __future__ import annotations

from dataclasses import dataclass

from canonical.documents import Ref
from canonical.money import MoneyPolicy


@dataclass(frozen=True, slots=True)
class Chosen:
    """Records of the ERP chosen for one order by hand; None leaves it to the rules. `by` says who, for its notes.
    `money` is the side of amounts a document that is there was written in, which the shop's books may differ from by
    now."""

    customer: Ref | None = None
    location: Ref | None = None
    ship_method: Ref | None = None
    by: str = ""
    money: MoneyPolicy = ""

    def note(self, what: str, ref: Ref) -> str:
        """The sentence on the document's timeline."""
        who = f" by {self.by}" if self.by else ""
        return f"{what} {ref.name or ref.id} was chosen{who} for this order."


NOTHING = Chosen()

"""What a person chose for one order instead of what the maps say."""

from __future__ import annotations

from dataclasses import dataclass

from canonical.documents import Ref


@dataclass(frozen=True, slots=True)
class Chosen:
    """Records of the ERP chosen for one order by hand; None leaves it to the rules. `by` says who, for its notes."""

    customer: Ref | None = None
    location: Ref | None = None
    ship_method: Ref | None = None
    by: str = ""

    def note(self, what: str, ref: Ref) -> str:
        """The sentence on the document's timeline."""
        who = f" by {self.by}" if self.by else ""
        return f"{what} {ref.name or ref.id} was chosen{who} for this order."


NOTHING = Chosen()

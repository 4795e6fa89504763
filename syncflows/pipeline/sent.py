"""What a write came to."""

from __future__ import annotations

from dataclasses import dataclass

from canonical.documents import RecordRef
from common.errors import HubError
from common.http import Call


@dataclass(frozen=True, slots=True)
class Sent:
    """What a write came to: a record or an error, with the masked calls."""

    ref: RecordRef | None
    error: HubError | None
    calls: tuple[Call, ...]

"""After something was done to an order in Shopify: the hub looks at it again."""

from __future__ import annotations

from syncflows.models import Sync
from syncflows.states import Hold, State


def look_again(sync: Sync) -> None:
    """Have the order fetched and judged anew. What a person left out or holds stays as it is."""
    if State(sync.state) is not State.SKIPPED and sync.hold != Hold.MANUAL:
        sync.retry()

"""What a running sandbox Shopify keeps: its stores with their documents, tokens, points, faults and deliveries."""

from __future__ import annotations

import threading
from pathlib import Path

from werkzeug.exceptions import NotFound

from sandbox.faults import FaultPlan
from sandbox.serving import RequestStats
from sandbox.shopify.auth import Tokens
from sandbox.shopify.documents import Documents
from sandbox.shopify.shop_state import ShopState, prepare
from sandbox.shopify.throttle import Bucket
from sandbox.shopify.webhooks import Deliveries


class Stores:
    """All stores of one state directory, and what is shared between them.

    `bucket` is (maximum points, points restored per second); `allow_loopback_webhooks` lets a subscription
    name http://127.0.0.1; `webhook_delays` are the seconds between delivery attempts.
    """

    def __init__(
        self,
        state_dir: Path,
        *,
        bucket: tuple[int, int] = (2000, 100),
        allow_loopback_webhooks: bool = True,
        webhook_delays: tuple[float, ...] = (1.0, 5.0, 30.0),
    ) -> None:
        self.documents = Documents(state_dir)
        prepare(self.documents)
        self.tokens = Tokens(self.documents)
        self.faults = FaultPlan()
        self.stats = RequestStats()
        self.deliveries = Deliveries(self.tokens, webhook_delays)
        self.allow_loopback_webhooks = allow_loopback_webhooks
        self.bucket_size = bucket
        self._buckets: dict[str, Bucket] = {}
        self._shops: dict[str, ShopState] = {}
        self._lock = threading.Lock()

    def shop(self, store: str) -> ShopState:
        """The store with this handle. NotFound when the sandbox has none."""
        with self._lock:
            found = self._shops.get(store)
            if found is None:
                if not self.documents.summaries(store, "Shop"):
                    raise NotFound(f"The sandbox has no store {store}.")
                found = self._shops[store] = ShopState(self.documents, store, self.deliveries.announce)
            return found

    def stores(self) -> list[str]:
        """Handles of all stores."""
        return [store for store in self.documents.stores() if self.documents.summaries(store, "Shop")]

    def bucket(self, store: str) -> Bucket:
        """The points bucket of the app on a store."""
        with self._lock:
            return self._buckets.setdefault(store, Bucket(*self.bucket_size))

    def set_bucket(self, maximum: int, restore_rate: int) -> None:
        """Change the size of every bucket; all start full again."""
        with self._lock:
            self.bucket_size = (maximum, restore_rate)
            self._buckets.clear()

    def forget_shops(self) -> None:
        """Drop what is kept in memory of the stores, after their documents were replaced."""
        with self._lock:
            self._shops.clear()
            self._buckets.clear()

    def close(self) -> None:
        """Stop deliveries and close the state file."""
        self.deliveries.stop()
        self.documents.close()

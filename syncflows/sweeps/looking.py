"""What is asked while a sweep runs: Shopify with points others leave, the ERP within one of its request slots."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import TypeVar

from canonical.documents import FoundDocument
from canonical.external_ids import order_prefixes
from erps.models import ErpConnection
from erps.registry import adapter_for
from erps.slots import one_slot
from shops.models import Shop
from shops.shopify.client import ShopifyClient
from shops.shopify.discovery import OrderHeader, headers_by_id

AT_ONCE = 250
T = TypeVar("T")


def parts(rows: Iterable[T], size: int = AT_ONCE) -> Iterator[list[T]]:
    """The rows, `size` at a time."""
    source = iter(rows)
    while part := list(islice(source, size)):
        yield part


class Sight:
    """Both sides of a shop for one turn of a sweep, and what was asked of them. `connection` is None for a shop whose
    ERP cannot be asked: then only Shopify is compared."""

    def __init__(self, shop: Shop, client: ShopifyClient) -> None:
        self.shop = shop
        self.client = client
        connection = shop.erp_connection
        self.connection: ErpConnection | None = connection if connection and connection.is_active else None
        self.erp_requests = 0

    def shown(self, ids: Sequence[str]) -> list[OrderHeader]:
        """Those of the orders that Shopify shows, asked by id: its search may not know the youngest yet."""
        return list(headers_by_id(self.client, ids).values())

    def there(self, erp_ids: Iterable[str]) -> frozenset[str]:
        """Those of the documents the ERP has."""
        ids = list(dict.fromkeys(erp_ids))
        if not ids or self.connection is None:
            return frozenset()
        with one_slot(self.connection):
            self.erp_requests += 1
            return adapter_for(self.connection).existing(ids)

    def page(self, since: datetime | None, after: str) -> tuple[list[FoundDocument], str]:
        """A page of the documents of this shop's orders."""
        if self.connection is None:
            return [], ""
        with one_slot(self.connection):
            self.erp_requests += 1
            prefixes = order_prefixes(self.shop.key)
            return adapter_for(self.connection).list_documents(prefixes, since=since, after=after)

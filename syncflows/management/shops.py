"""What commands about one shop share: the shop by its key, and instants as people type them."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from django.core.management.base import CommandError

from shops.models import Shop


def shop_by_key(key: str) -> Shop:
    """The shop. Raises CommandError that names the shops there are."""
    shop = Shop.objects.select_related("erp_connection").filter(key=key).first()
    if shop is None:
        keys = ", ".join(Shop.objects.values_list("key", flat=True)) or "none yet"
        raise CommandError(f"There is no shop '{key}'. Shops: {keys}.")
    return shop


def instant_in(shop: Shop, text: str) -> datetime:
    """A day or an instant; without a zone of its own it is in the shop's. Raises CommandError."""
    try:
        instant = datetime.fromisoformat(text)
    except ValueError as error:
        raise CommandError(f"'{text}' is no date. Write it like 2026-01-31.") from error
    return instant if instant.tzinfo else instant.replace(tzinfo=ZoneInfo(shop.iana_timezone))

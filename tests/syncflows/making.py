"""Small canonical orders and rows for tests of the middle."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from canonical.money import MoneyBag, PresentmentMoney, ShopMoney
from canonical.orders import Order, OrderTotals
from shops.models import Shop
from syncflows.models import Order as OrderRow
from syncflows.models import Sync

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def usd(amount: str) -> MoneyBag:
    return MoneyBag(ShopMoney.of(amount, "USD"), PresentmentMoney.of(amount, "USD"))


def order_facts(**changes: Any) -> Order:
    none = usd("0.00")
    totals = OrderTotals(
        original_total=none,
        total=none,
        tax=none,
        shipping=none,
        discounts=none,
        tip=none,
        current_total=none,
        current_subtotal=none,
        current_tax=none,
        current_shipping=none,
        current_discounts=none,
        received=none,
        refunded=none,
        outstanding=none,
        cash_rounding=none,
    )
    values: dict[str, Any] = {
        "source_id": "5001",
        "name": "#1001",
        "created_at": NOON,
        "processed_at": NOON,
        "updated_at": NOON,
        "currency": "USD",
        "presentment_currency": "USD",
        "totals": totals,
        "financial_status": "PAID",
        "fulfillment_status": "UNFULFILLED",
    }
    return Order(**{**values, **changes})


def make_shop(key: str = "demo", **values: Any) -> Shop:
    return Shop.objects.create(key=key, name=key.title(), domain=f"{key}.myshopify.com", **values)


def make_sync(shop: Shop, number: int = 1, **values: Any) -> Sync:
    sync = Sync.objects.create(
        shop=shop, source_id=str(5000 + number), name=f"#{1000 + number}", source_updated_at=NOON, **values
    )
    OrderRow.objects.create(
        sync=sync,
        shop=shop,
        source_id=sync.source_id,
        name=sync.name,
        created_at=NOON,
        updated_at=NOON,
        currency="USD",
        total=Decimal("69.27"),
    )
    return sync

"""Rows for tests of the people's pages: shops, people, and orders staged in every state."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import Permission, User

from erps.models import ErpConnection
from mappings.models import RecordLink
from shops.models import Shop
from syncflows.models import Attempt, Order, OrderPayload, Outcome, Sync
from tests.raw_orders import raw_order

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
ALL_DEEDS = (
    "view_order", "import_order", "exclude_order", "retry_order", "hold_order", "note_order", "override_order",
    "link_order", "link_differing_order", "pay_order", "cancel_order",
    "answer_change_order",
    "assign_customer", "create_customer",
)  # fmt: skip


def make_connection(key: str = "ns") -> ErpConnection:
    """A NetSuite connection without credentials."""
    return ErpConnection.objects.create(key=key, name=f"NetSuite {key}", account_id="1234567")


def make_shop(key: str = "demo", **values: Any) -> Shop:
    """A shop in New York time."""
    defaults = {"name": key.title(), "domain": f"{key}.myshopify.com", "iana_timezone": "America/New_York"}
    return Shop.objects.create(key=key, **{**defaults, **values})


def make_person(name: str, *permissions: str) -> User:
    """Somebody who may sign in to the admin and holds these permissions of `syncflows`."""
    user = User.objects.create_user(name, password="only-for-tests", is_staff=True)
    rows = Permission.objects.filter(content_type__app_label="syncflows", codename__in=permissions)
    assert len(rows) == len(set(permissions))
    user.user_permissions.set(rows)
    return user


def stage(shop: Shop, number: int, *, total: str = "69.27", currency: str = "USD", **values: Any) -> Sync:
    """A staged order `#<number>`. What the Sync has goes to it, the rest to the Order row."""
    ours = {field.name for field in Sync._meta.fields}
    created = values.pop("created_at", NOON)
    given = {name: values.pop(name) for name in list(values) if name in ours}
    sync = Sync.objects.create(
        shop=shop, source_id=str(5_000_000_000_000 + number), source_updated_at=created,
        **{"name": f"#{number}", "changed_at": created, **given},
    )  # fmt: skip
    Order.objects.create(
        sync=sync, shop=shop, source_id=sync.source_id, name=sync.name, created_at=created, updated_at=created,
        total=Decimal(total), currency=currency,
        **{"customer_name": "Ada Lovelace", "email": "ada@example.com", "financial_status": "PAID",
           "fulfillment_status": "UNFULFILLED", **values},
    )  # fmt: skip
    return sync


def blocked(
    shop: Shop, number: int, code: str = "UNKNOWN_SKU", value: str = "TEE-RED-XL", **values: Any
) -> Sync:
    """An order a person has to look at."""
    reason = values.pop("reason", f"Item {value} is not in NetSuite.")
    return stage(
        shop,
        number,
        state="blocked",
        reason_code=code,
        reason_value=value,
        reason=reason,
        reason_field="sku",
        **values,
    )


def written(
    shop: Shop, number: int, *, total: str = "69.27", erp_total: str = "69.27", **values: Any
) -> Sync:
    """An order in the ERP: with link, attempt, payload and components."""
    currency = values.pop("currency", "USD")
    sync = stage(
        shop, number, state="done", done_at=NOON, total=total, currency=currency, books_currency=currency,
        books_total=Decimal(total), document_total=Decimal(erp_total), document_number=f"SO-{number}",
        components={"total": [total, erp_total], "tax": ["4.82", "4.82"], "shipping": ["5.95", "5.95"],
                    "discount": ["-6.50", "-6.50"], "goods": ["65.00", "65.00"]},
        **values,
    )  # fmt: skip
    if shop.erp_connection is not None:
        RecordLink.objects.create(
            shop=shop, connection=shop.erp_connection, kind="sales_order", source_id=sync.source_id,
            external_id=f"shp-{shop.key}-so-{sync.source_id}", erp_id=str(900 + number), erp_number=f"SO-{number}",
            total=Decimal(erp_total), currency=currency, created_at=NOON, verified_at=NOON,
        )  # fmt: skip
    attempt(sync, Outcome.WRITTEN, external_id=f"shp-{shop.key}-so-{sync.source_id}", payload_hash="ab" * 32)
    keep(sync, raw_order(name=sync.name, source_id=sync.source_id))
    return sync


def attempt(sync: Sync, outcome: Outcome, *, number: int = 1, **values: Any) -> Attempt:
    """An attempt of two seconds."""
    calls = values.pop("calls", [{
        "system": "NetSuite", "method": "POST", "url": "https://1234567.suitetalk.api.netsuite.com/record/v1/salesOrder",
        "status": 204, "milliseconds": 812, "request": '{"total": 69.27}', "response": "", "error": "",
    }])  # fmt: skip
    start = values.pop("started_at", NOON)
    end = None if outcome == Outcome.INTENT else start + timedelta(seconds=2)
    return Attempt.objects.create(
        sync=sync, number=number, outcome=outcome, worker="worker-1:42", started_at=start, finished_at=end,
        exchange=Attempt.pack(calls), **values,
    )  # fmt: skip


def keep(sync: Sync, document: dict[str, Any]) -> OrderPayload:
    """The raw order of a Sync."""
    return OrderPayload.objects.create(
        order=sync.order, body=OrderPayload.pack(document), content_hash="cd" * 32, api_version="2026-10",
        fetched_at=NOON,
    )  # fmt: skip

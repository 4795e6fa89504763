"""A shop, a connection with cached reference data, and a person per role."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from erps.models import ErpConnection, ReferenceKind, ReferenceRecord
from shops.models import Shop
from syncflows.models import Order, OrderRules, Sync
from syncflows.states import State

AT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.fixture
def connection(db: None) -> ErpConnection:
    connection = ErpConnection.objects.create(
        key="netsuite",
        name="NetSuite",
        account_id="1234567",
        client_id="client",
        certificate_id="certificate",
        private_key="-----BEGIN PRIVATE KEY-----\nPEM-OF-THE-CONNECTION\n-----END PRIVATE KEY-----",
        consumer_secret="CONSUMER-SECRET-OF-THE-CONNECTION",
        token_secret="TOKEN-SECRET-OF-THE-CONNECTION",
        access_token="ACCESS-TOKEN-OF-THE-CONNECTION",
    )
    for kind, erp_id, name in (
        (ReferenceKind.LOCATION, "7", "Warehouse East"),
        (ReferenceKind.LOCATION, "8", "Warehouse West"),
        (ReferenceKind.SHIP_METHOD, "21", "UPS Ground"),
        (ReferenceKind.ITEM, "301", "Shipping"),
        (ReferenceKind.ACCOUNT, "301", "4000 Sales"),
        (ReferenceKind.ACCOUNT, "54", "4900 Rounding"),
        (ReferenceKind.TERM, "5", "Net 30"),
    ):
        ReferenceRecord.objects.create(
            connection=connection, kind=kind, erp_id=erp_id, name=name, fetched_at=AT
        )
    return connection


@pytest.fixture
def shop(connection: ErpConnection) -> Shop:
    shop = Shop.objects.create(
        key="main-store",
        name="Main store",
        domain="main-store.myshopify.com",
        erp_connection=connection,
        client_id="client-id",
        client_secret="CLIENT-SECRET-OF-THE-SHOP",
        access_token="ACCESS-TOKEN-OF-THE-SHOP",
        refresh_token="REFRESH-TOKEN-OF-THE-SHOP",
    )
    OrderRules.objects.create(shop=shop)
    return shop


@pytest.fixture
def boss(db: None) -> Client:
    """Somebody who may do everything."""
    client = Client()
    client.force_login(User.objects.create_superuser("boss", "boss@example.com", "a long enough word"))
    return client


@pytest.fixture
def client_of(db: None) -> Callable[[str], Client]:
    """Sign in as somebody with one role."""

    def sign_in(role: str) -> Client:
        user = User.objects.create_user(f"{role}-person", is_staff=True)
        user.groups.add(Group.objects.get(name=role))
        client = Client()
        client.force_login(user)
        return client

    return sign_in


@pytest.fixture
def block(shop: Shop) -> Callable[..., Sync]:
    """Stage an order that is blocked for a value."""

    def blocked(number: int, code: str, value: str, total: str = "69.27", currency: str = "USD") -> Sync:
        sync = Sync.objects.create(
            shop=shop,
            source_id=str(5000 + number),
            name=f"#{number}",
            state=State.BLOCKED,
            reason_code=code,
            reason_value=value,
        )
        Order.objects.create(
            sync=sync,
            shop=shop,
            source_id=sync.source_id,
            name=sync.name,
            created_at=AT,
            updated_at=AT,
            currency=currency,
            total=Decimal(total),
            channel="Online Store",
        )
        return sync

    return blocked


SECRETS = (
    "PEM-OF-THE-CONNECTION",
    "CONSUMER-SECRET-OF-THE-CONNECTION",
    "TOKEN-SECRET-OF-THE-CONNECTION",
    "ACCESS-TOKEN-OF-THE-CONNECTION",
    "CLIENT-SECRET-OF-THE-SHOP",
    "ACCESS-TOKEN-OF-THE-SHOP",
    "REFRESH-TOKEN-OF-THE-SHOP",
)


@pytest.fixture
def secrets() -> tuple[str, ...]:
    """Every secret stored above."""
    return SECRETS

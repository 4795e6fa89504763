"""Documents to write: order #1001 of two lines with a discount, shipping and tax, in variations."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from canonical.documents import (
    CustomerDocument,
    DocumentLine,
    DocumentTax,
    LineKind,
    Ref,
    SalesDocument,
    TaxStrategy,
)
from canonical.parties import Address

ADA = Address(
    first_name="Ada",
    last_name="Example",
    address1="1 Main St",
    address2="Apt 2",
    city="Boston",
    province="MA",
    province_name="Massachusetts",
    zip="02110",
    country="US",
    phone="+16175550100",
)
NY = Ref("902", "NY 8.25%")
SALES_TAX = Ref("1", "US Sales Tax")


def tax(basis: str, amount: str) -> DocumentTax:
    return DocumentTax(
        code=NY,
        tax_type=SALES_TAX,
        rate=Decimal("8.250"),
        basis=Decimal(basis),
        amount=Decimal(amount),
        title="NY",
    )


def goods(amount: str = "50.00", **changes: Any) -> DocumentLine:
    values: dict[str, Any] = {
        "kind": LineKind.GOODS,
        "item": Ref("501", "TEE"),
        "amount": Decimal(amount),
        "description": "T-shirt M",
        "quantity": Decimal(2),
        "rate": Decimal("25.00"),
        "location": Ref("6", "Main warehouse"),
        "source_id": "14455667788990",
    }
    return DocumentLine(**{**values, **changes})


def discount(amount: str = "-5.00", **changes: Any) -> DocumentLine:
    values: dict[str, Any] = {
        "kind": LineKind.DISCOUNT,
        "item": Ref("702", "Shopify discount"),
        "amount": Decimal(amount),
        "description": "WELCOME5",
        "source_id": "discount:1",
    }
    return DocumentLine(**{**values, **changes})


def charge(kind: LineKind, item: str, amount: str) -> DocumentLine:
    return DocumentLine(
        kind=kind, item=Ref(item), amount=Decimal(amount), quantity=Decimal(1), rate=Decimal(amount)
    )


def sales_order(**changes: Any) -> SalesDocument:
    """50.00 - 5.00 + 5.95 shipping + 3.71 tax (as a line) = 54.66."""
    values: dict[str, Any] = {
        "external_id": "shp-main-so-6123456789012",
        "source_id": "6123456789012",
        "order_name": "#1001",
        "customer": Ref("2001"),
        "currency": "USD",
        "date": date(2026, 11, 20),
        "lines": (
            goods(),
            discount(),
            charge(LineKind.SHIPPING, "701", "5.95"),
            charge(LineKind.TAX, "711", "3.71"),
        ),
        "total": Decimal("54.66"),
        "tax_strategy": TaxStrategy.TAX_LINE,
        "source_url": "https://admin.shopify.com/store/main/orders/6123456789012",
        "billing": ADA,
        "shipping": ADA,
    }
    return SalesDocument(**{**values, **changes})


def customer(**changes: Any) -> CustomerDocument:
    values: dict[str, Any] = {
        "external_id": "shp-main-cust-7788990011",
        "source_id": "7788990011",
        "name": "Ada Example",
        "is_person": True,
        "first_name": "Ada",
        "last_name": "Example",
        "email": "ada@example.com",
        "phone": "+16175550100",
        "currency": "USD",
        "subsidiary": Ref("1", "Demo Inc."),
        "billing": ADA,
        "shipping": ADA,
    }
    return CustomerDocument(**{**values, **changes})

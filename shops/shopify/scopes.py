"""The access scopes the hub asks for, and what each is for."""

from __future__ import annotations

from collections.abc import Iterable

LOCATION_SCOPE = "read_merchant_managed_fulfillment_orders"
"""Reads the fulfillment orders at the locations the shop runs itself (requiredAccess of FulfillmentOrder)."""

MARKET_SCOPE = "read_markets"

NEEDED: dict[str, str] = {
    "read_orders": "find orders and read them with their ledger and transactions",
    "write_orders": "write the ERP's document number onto the order",
    "read_customers": "read who bought: customers, companies and their tax settings",
    "read_products": "read which product and variant a line sells",
    "read_locations": "offer the store's locations in the location mapping",
    LOCATION_SCOPE: (
        "know which location an order is to be shipped from. Without it orders are still imported, but none can be "
        "assigned a location: their documents get the location of the store's till, or the default of the mapping"
    ),
    "read_payment_terms": "read the payment terms of B2B orders",
    "read_returns": "read sales that come from returns in the order's ledger",
}
"""Without one of these, orders cannot be read in full or assigned a location, or the number cannot be written back."""

USEFUL: dict[str, str] = {
    "read_all_orders": "see orders older than 60 days",
    MARKET_SCOPE: "offer the store's markets in the mappings of subsidiary, department and class",
    "read_users": "know which staff member took an order, for the sales representative (only on some plans)",
    "read_fulfillments": "hear of shipments by webhook, at once",
    "read_third_party_fulfillment_orders": "know the location of orders that a fulfillment service ships",
}
"""The hub works without these."""


def granted_with_implied(granted: Iterable[str]) -> frozenset[str]:
    """Granted scopes with what they include: `write_x` includes `read_x`."""
    found = {scope.strip() for scope in granted if scope.strip()}
    return frozenset(found | {f"read_{scope[6:]}" for scope in found if scope.startswith("write_")})


def missing(granted: Iterable[str], wanted: Iterable[str]) -> list[str]:
    """The wanted scopes that were not granted, in the order they are listed."""
    found = granted_with_implied(granted)
    return [scope for scope in wanted if scope not in found]

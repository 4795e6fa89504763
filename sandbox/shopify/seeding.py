"""The stores a fresh sandbox has, and the demo orders in them (`demo/*.json`)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from sandbox.shopify.building import OrderBuilder
from sandbox.shopify.catalog import CATALOG, LOCATIONS, product_ids
from sandbox.shopify.markets import market_object
from sandbox.shopify.shop_state import ShopState
from sandbox.shopify.stores import Stores

Json = dict[str, Any]

DEMO_DIR = Path(__file__).parent / "demo"
OPENED = "2025-06-01T08:00:00Z"
_LOCATION_PLACES = {
    71001: ("12 Dock Road", "Newark", "New Jersey", "NJ", "07105"),
    71002: ("88 Newbury Street", "Boston", "Massachusetts", "MA", "02116"),
}
_TERMS = [
    (1, "Due on receipt", None, "RECEIPT"),
    (2, "Due on fulfillment", None, "FULFILLMENT"),
    (3, "Within 7 days", 7, "NET"),
    (4, "Within 15 days", 15, "NET"),
    (5, "Within 30 days", 30, "NET"),
    (6, "Within 60 days", 60, "NET"),
]


def read_demo(name: str) -> Any:
    """One of the demo's JSON files."""
    return json.loads((DEMO_DIR / f"{name}.json").read_text(encoding="utf-8"))


def order_files() -> list[str]:
    """Names of the demo's order files, in order."""
    return sorted(path.stem for path in DEMO_DIR.glob("orders_*.json"))


def shop_object(store: str, given: Json) -> Json:
    """A Shop object from the demo's short form."""
    domain = f"{store}.myshopify.com"
    address = given["address"]
    return {
        "id": f"gid://shopify/Shop/{given['number']}", "name": given["name"], "email": f"owner@{store}.example",
        "contactEmail": f"hello@{store}.example", "myshopifyDomain": domain, "url": f"https://{domain}",
        "primaryDomain": {"host": domain, "url": f"https://{domain}"}, "currencyCode": given["currency"],
        "currencyFormats": {
            "moneyFormat": "{{amount}}", "moneyWithCurrencyFormat": f"{{{{amount}}}} {given['currency']}"},
        "currencySettings": {"nodes": [
            {"currencyCode": code, "currencyName": code, "enabled": True, "manualRate": None, "rateUpdatedAt": None}
            for code in given["presentment"]]},
        "enabledPresentmentCurrencies": given["presentment"], "ianaTimezone": given["timezone"],
        "timezoneAbbreviation": given["abbreviation"], "timezoneOffset": given["offset"],
        "timezoneOffsetMinutes": given["offset_minutes"], "weightUnit": "KILOGRAMS", "unitSystem": "METRIC_SYSTEM",
        "taxesIncluded": given["taxes_included"], "taxShipping": given["taxes_included"],
        "orderNumberFormatPrefix": given.get("prefix", "#"), "orderNumberFormatSuffix": "", "createdAt": OPENED,
        "updatedAt": OPENED, "description": None, "shopOwnerName": "Demo Owner", "setupRequired": False,
        "plan": {"publicDisplayName": "Development", "partnerDevelopment": True, "shopifyPlus": False},
        "features": {"sellsSubscriptions": False}, "metafields": [],
        "shopAddress": {**address, "company": given["name"], "address2": None, "phone": None},
    }  # fmt: skip


def location_object(number: int) -> Json:
    """A Location object."""
    street, city, province, code, postal = _LOCATION_PLACES[number]
    return {
        "id": f"gid://shopify/Location/{number}", "legacyResourceId": str(number), "name": LOCATIONS[number],
        "isActive": True, "shipsInventory": True, "fulfillsOnlineOrders": True, "isFulfillmentService": False,
        "fulfillmentService": None, "addressVerified": True, "createdAt": OPENED, "updatedAt": OPENED,
        "metafields": [],
        "address": {
            "address1": street, "address2": None, "city": city, "province": province, "provinceCode": code,
            "zip": postal, "country": "United States", "countryCode": "US", "phone": None},
    }  # fmt: skip


def customer_object(number: int, given: Json, currency: str) -> Json:
    """A Customer object from the demo's short form; `_addresses` maps a key to each address."""
    addresses = {}
    for index, (key, address) in enumerate((given.get("addresses") or {}).items(), start=1):
        first, last = address.get("first", given.get("first")), address.get("last", given.get("last"))
        addresses[key] = {
            "id": f"gid://shopify/MailingAddress/{number * 10 + index}?model_name=CustomerAddress",
            "firstName": first, "lastName": last, "name": " ".join(filter(None, (first, last))) or None,
            "company": address.get("company"), "address1": address.get("address1"),
            "address2": address.get("address2"), "city": address.get("city"), "province": address.get("province"),
            "provinceCode": address.get("province_code"), "zip": address.get("zip"),
            "country": address.get("country"), "countryCodeV2": address.get("country_code"),
            "phone": address.get("phone"), "formattedArea": None, "coordinatesValidated": False, "timeZone": None,
        }  # fmt: skip
    name = " ".join(filter(None, (given.get("first"), given.get("last"))))
    email, phone = given.get("email"), given.get("phone")
    return {
        "id": f"gid://shopify/Customer/{number}", "legacyResourceId": str(number), "firstName": given.get("first"),
        "lastName": given.get("last"), "displayName": name or email or "Customer",
        "locale": given.get("locale", "en"), "note": given.get("note"), "state": "DISABLED",
        "tags": given.get("tags") or [], "taxExempt": bool(given.get("exempt")), "taxExemptions": [],
        "taxSettings": {"taxId": given.get("tax_id")}, "createdAt": OPENED, "updatedAt": OPENED,
        "numberOfOrders": "0", "amountSpent": {"amount": "0.0", "currencyCode": currency}, "metafields": [],
        "defaultEmailAddress": {"emailAddress": email, "marketingState": "NOT_SUBSCRIBED"} if email else None,
        "defaultPhoneNumber": {"phoneNumber": phone} if phone else None,
        "defaultAddress": next(iter(addresses.values()), None), "addressesV2": {"nodes": list(addresses.values())},
        "companyContactProfiles": [], "verifiedEmail": bool(email), "dataSaleOptOut": False,
        "_addresses": addresses,
    }  # fmt: skip


def company_object(number: int, given: Json) -> Json:
    """A company with its one location and contact."""
    base = {"createdAt": OPENED, "updatedAt": OPENED, "note": None}
    return {
        "company": {
            "id": f"gid://shopify/Company/{number}", "name": given["name"],
            "externalId": given.get("external"), **base},
        "location": {
            "id": f"gid://shopify/CompanyLocation/{number}", "name": given["location"],
            "externalId": given.get("location_external"),
            "taxSettings": {
                "taxExempt": bool(given.get("exempt")), "taxExemptions": [],
                "taxRegistrationId": given.get("tax_id")}},
        "contact": {"id": f"gid://shopify/CompanyContact/{number}", "title": "Buyer", "isMainContact": True},
    }  # fmt: skip


def builder_for(store: str) -> OrderBuilder:
    """A builder with the demo's customers and companies for one demo store."""
    given = read_demo("stores")[store]
    shop = shop_object(store, given)
    people = {}
    for index, (key, person) in enumerate(read_demo("people").items(), start=1):
        people[key] = customer_object(given["first_customer"] + index, person, given["currency"])
    companies = {
        key: company_object(2000 + n, each) for n, (key, each) in enumerate(read_demo("companies").items())
    }
    return OrderBuilder(shop, people, companies, given["first_id"])


def demo_orders(store: str) -> list[Json]:
    """All demo orders of a store, built."""
    builder = builder_for(store)
    found = []
    for name in order_files():
        content = read_demo(name)
        if content["store"] == store:
            found += [builder.build(spec) for spec in content["orders"]]
    return found


def seed_stores(sandbox: Stores) -> None:
    """Create the demo stores with their locations, terms, goods and app, unless they are there."""
    for store, given in read_demo("stores").items():
        if sandbox.documents.summaries(store, "Shop"):
            continue
        with sandbox.documents.batch():
            sandbox.documents.put(store, "Shop", shop_object(store, given))
            for number in LOCATIONS:
                sandbox.documents.put(store, "Location", location_object(number))
            for at, market in enumerate(given.get("markets", ()), start=1):
                sandbox.documents.put(store, "Market", market_object(given["number"] * 100 + at, market))
            for number, name, days, kind in _TERMS:
                gid = f"gid://shopify/PaymentTermsTemplate/{number}"
                row = {
                    "id": gid,
                    "name": name,
                    "description": name,
                    "dueInDays": days,
                    "paymentTermsType": kind,
                }
                sandbox.documents.put(store, "PaymentTermsTemplate", row)
            for sku in CATALOG:
                goods = product_ids(sku) or {}
                sandbox.documents.put(store, "Product", goods["product"])
                sandbox.documents.put(store, "ProductVariant", goods["variant"])
            sandbox.tokens.seed(store)


def seed_demo(sandbox: Stores) -> int:
    """Put the demo orders into stores that have none; how many were put."""
    count = 0
    for store in read_demo("stores"):
        if not sandbox.documents.summaries(store, "Order"):
            count += _seed_orders(sandbox.shop(store), builder_for(store), demo_orders(store))
    return count


def _seed_orders(shop: ShopState, builder: OrderBuilder, orders: list[Json]) -> int:
    used = {(order["customer"] or {}).get("id") for order in orders}
    with shop.documents.batch():
        for person in builder.people.values():
            if person["id"] in used:
                mine = [order for order in orders if (order["customer"] or {}).get("id") == person["id"]]
                shop.put("Customer", {**person, "numberOfOrders": str(len(mine))})
        for order in orders:
            shop.put("Order", order)
    return len(orders)

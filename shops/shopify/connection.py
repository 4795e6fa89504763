"""*Test connection* of a shop: tries everything the hub needs, one line each, and saves what it learns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from common.causes import cause
from common.checks import Check
from common.errors import HubError
from shops.models import ApiBudget, Shop
from shops.shopify.answers import Json
from shops.shopify.client import ShopifyClient, client_for
from shops.shopify.fetching import PAGES
from shops.shopify.locations import refresh_locations
from shops.shopify.markets import refresh_markets
from shops.shopify.scopes import LOCATION_SCOPE, MARKET_SCOPE, NEEDED, USEFUL, missing
from shops.shopify.standing import read_scopes
from shops.shopify.version import API_VERSION

NO_ORDER = "gid://shopify/Order/1"
"""An id no order of a real store has: asking for it shows that the query is allowed, and returns nothing."""


@dataclass(slots=True)
class _Report:
    """Collects the lines; a step that fails becomes a line with its remedy."""

    client: ShopifyClient
    checks: list[Check] = field(default_factory=list)

    def step(self, name: str, run: Callable[[ShopifyClient], str]) -> bool:
        try:
            self.checks.append(Check(name=name, ok=True, detail=run(self.client)))
        except HubError as error:
            self.checks.append(Check(name=name, ok=False, detail=error.message, fix=cause(error.code).fix))
            return False
        except (KeyError, TypeError, IndexError) as error:
            detail = f"The answer lacks a part the hub needs: {error!r}."
            self.checks.append(Check(name=name, ok=False, detail=detail, fix=cause("SHOPIFY_ANSWER").fix))
            return False
        return True


def check_shop(shop: Shop) -> list[Check]:
    """Try sign-in, version, scopes, every query, locations and budget. Raises nothing the hub knows as an error.

    Saves the shop's currency, time zone, scopes, locations and markets when they could be read.
    """
    client = client_for(shop)
    report = _Report(client)
    granted: list[str] = []
    if not report.step("Sign-in", lambda c: _sign_in(c, shop, granted)):
        return report.checks
    report.checks.append(_version(client))
    report.step("Store", lambda c: _store(c, shop))
    report.checks.extend(_scopes(granted))
    report.step("Find orders", _find)
    report.step("Count orders", _count)
    report.step("Read orders with ledger and transactions", lambda c: _read(c, granted))
    report.step("Locations", lambda c: f"{refresh_locations(c)} locations read.")
    if not missing(granted, [MARKET_SCOPE]):
        report.step("Markets", lambda c: refresh_markets(c).words)
    report.checks.append(_budget(client))
    return report.checks


def _sign_in(client: ShopifyClient, shop: Shop, granted: list[str]) -> str:
    """That Shopify lets the app in ends a disconnection, too."""
    granted.extend(read_scopes(client))
    return f"Shopify accepts the credentials of {shop.domain}."


def _version(client: ShopifyClient) -> Check:
    served = client.served_version
    if served in {"", API_VERSION}:
        return Check(name="API version", ok=True, detail=f"{API_VERSION} is served.")
    return Check(
        name="API version",
        ok=False,
        detail=f"The hub asks for {API_VERSION}, Shopify serves {served}.",
        fix="Install a newer version of the hub: Shopify has retired the API version this one was written for.",
    )


def _store(client: ShopifyClient, shop: Shop) -> str:
    found = client.execute("shop")["shop"]
    shop.currency, shop.iana_timezone = found["currencyCode"], found["ianaTimezone"]
    Shop.objects.filter(pk=shop.pk).update(currency=shop.currency, iana_timezone=shop.iana_timezone)
    return f"{found['name']} ({found['myshopifyDomain']}), books in {shop.currency}, time zone {shop.iana_timezone}."


def _scopes(granted: list[str]) -> list[Check]:
    absent = missing(granted, NEEDED)
    checks = [
        Check(
            name=f"Scope {scope}",
            ok=False,
            detail=f"Not granted. It is needed to {NEEDED[scope]}.",
            fix=f"Add {scope} to the app's scopes in Shopify, release its new version and approve it in the store.",
        )
        for scope in absent
    ]
    if not absent:
        checks.append(
            Check(name="Scopes", ok=True, detail=f"All {len(NEEDED)} scopes the hub needs are granted.")
        )
    checks += [
        Check(name=f"Scope {scope}", ok=True, detail=f"Not granted; with it the hub could {USEFUL[scope]}.")
        for scope in missing(granted, USEFUL)
    ]
    return checks


def _find(client: ShopifyClient) -> str:
    found: Json = client.execute("order_headers", {"first": 1, "after": None, "query": ""})
    nodes = found["orders"]["nodes"]
    return f"The order changed longest ago is {nodes[0]['name']}." if nodes else "The store shows no orders."


def _count(client: ShopifyClient) -> str:
    found: Json = client.execute("orders_count", {"query": ""})
    return f"The store shows {found['ordersCount']['count']} orders."


def _read(client: ShopifyClient, granted: list[str]) -> str:
    found: Json = client.execute("order_headers", {"first": 1, "after": None, "query": ""})
    nodes = found["orders"]["nodes"]
    ids = [nodes[0]["id"]] if nodes else [NO_ORDER]
    locations = not missing(
        granted, [LOCATION_SCOPE]
    )  # the lack of it has its own line, and keeps no order out
    order = client.execute("orders_full", {"ids": ids, "locations": locations, "staff": False, **PAGES})[
        "nodes"
    ][0]
    return (
        f"Order {order['name']} was read in full."
        if order
        else "The query is allowed; there is no order to read."
    )


def _budget(client: ShopifyClient) -> Check:
    row = ApiBudget.objects.filter(key=client.budget.key).first()
    if row is None:
        return Check(
            name="API budget", ok=False, detail="No points were seen.", fix="Test the connection again."
        )
    return Check(
        name="API budget",
        ok=True,
        detail=f"{row.available:.0f} of {row.maximum:.0f} points, {row.restore_rate:.0f} come back per second.",
    )

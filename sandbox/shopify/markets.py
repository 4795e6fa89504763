"""The markets of a store: which regions they hold, and reading them."""

from __future__ import annotations

from typing import Any

from graphql import GraphQLResolveInfo

from sandbox.shopify import paging
from sandbox.shopify.documents import number_of
from sandbox.shopify.resolvers import read_object, shop_of

Json = dict[str, Any]
_SORTS = {"NAME": "name", "STATUS": "status", "MARKET_TYPE": "type"}


def market_object(number: int, given: Json) -> Json:
    """A Market from the demo's short form: `regions` are countries (`DE`), parts of one (`CA-ON`), or `*` for all;
    without regions it is for companies."""
    regions = given.get("regions")
    conditions: Json = {
        "conditionTypes": ["REGION" if regions else "COMPANY_LOCATION"],
        "regionsCondition": None,
    }
    if regions:
        everywhere = regions == ["*"]
        conditions["regionsCondition"] = {
            "applicationLevel": "ALL" if everywhere else "SPECIFIED",
            "regions": {
                "nodes": [] if everywhere else [_region(number, n, code) for n, code in enumerate(regions)]
            },
        }
    return {
        "id": f"gid://shopify/Market/{number}", "handle": given["handle"], "name": given["name"],
        "status": given.get("status", "ACTIVE"), "type": conditions["conditionTypes"][0], "conditions": conditions,
    }  # fmt: skip


def _region(market: int, index: int, code: str) -> Json:
    country, _, part = code.partition("-")
    kind = "MarketRegionSubdivision" if part else "MarketRegionCountry"
    found: Json = {
        "__typename": kind, "id": f"gid://shopify/{kind}/{market * 1000 + index}", "name": code,
        "code": code if part else country,
    }  # fmt: skip
    return found | ({"country": {"code": country, "name": country}} if part else {})


def _markets(_: Any, info: GraphQLResolveInfo, **args: Any) -> Json:
    rows = shop_of(info).documents.all(shop_of(info).name, "Market")
    rows = [row for row in rows if args.get("type") in (None, row["type"])]
    key = _SORTS.get(args.get("sortKey") or "NAME")
    rows.sort(key=lambda row: (row[key] if key else "", number_of(row["id"])))
    return paging.list_connection(rows, args, "markets")


def _market(_: Any, info: GraphQLResolveInfo, **args: Any) -> Json | None:
    return read_object(info, args["id"], "Market")


ROOTS: dict[str, Any] = {"markets": _markets, "market": _market}
"""Resolvers of QueryRoot about markets, by field."""

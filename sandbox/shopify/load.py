"""Pouring recorded orders into a store: `python -m sandbox.shopify.load FILE --url http://127.0.0.1:PORT/STORE`.

Accepts one order, a list of orders, or an API answer ({"data": {"order": ...}} or {"data": {"orders": ...}})
in the Admin GraphQL shape. What the recording did not select is completed sensibly and reported: a ledger
from the lines, totals from the ledger, empty lists, a place in the store's order numbers.
"""

from __future__ import annotations

import argparse
import copy
import json
import sys
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sandbox.shopify.documents import number_of
from sandbox.shopify.ledger import Amounts, agreement, line_type, new_id, opening_sales, sale
from sandbox.shopify.linking import nodes
from sandbox.shopify.money import ZERO, currencies_of, money_bag, read_bag
from sandbox.shopify.shop_state import ShopState, utc_now
from sandbox.shopify.totals import recompute

Json = dict[str, Any]


class LoadError(ValueError):
    """A file or body that holds no usable order; the message says where and what to do."""


@dataclass
class Report:
    """What was poured in, and which parts of which order had to be completed."""

    orders: list[Json] = field(default_factory=list)
    completed: dict[str, list[str]] = field(default_factory=dict)


def load_file(path: Path | str) -> list[Json]:
    """The orders of a JSON file, connections as {"nodes": [...]}. LoadError when there are none."""
    try:
        value = json.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise LoadError(f"Cannot read {path}: {error.strerror}.") from error
    except ValueError as error:
        raise LoadError(f"{path} is not JSON: {error}.") from error
    return orders_in(value)


def orders_in(value: Any) -> list[Json]:
    """The orders inside a decoded JSON value. LoadError when there are none or one lacks its lines."""
    if isinstance(value, dict) and isinstance(value.get("data"), dict):
        value = value["data"]
    if isinstance(value, dict) and "orders" in value:
        value = value["orders"]
    elif isinstance(value, dict) and "order" in value:
        value = value["order"]
    value = _plain(value)
    if isinstance(value, dict) and "nodes" in value:
        value = value["nodes"]
    rows = value if isinstance(value, list) else [value]
    for index, row in enumerate(rows):
        _check(index, row)
    if not rows:
        raise LoadError("There is no order in it.")
    return rows


def _check(index: int, row: Any) -> None:
    if not isinstance(row, dict):
        raise LoadError(
            f"Order {index + 1} is {type(row).__name__}, not an object in the Admin GraphQL shape."
        )
    label = row.get("name") or row.get("id") or f"number {index + 1}"
    if "line_items" in row or "admin_graphql_api_id" in row:
        raise LoadError(
            f"Order {label} is in the REST or webhook shape. Load the answer of a GraphQL query instead."
        )
    lines = row.get("lineItems")
    if lines is None:
        raise LoadError(f"Order {label} has no lineItems. Query it with its line items and load that.")
    for number, line in enumerate(nodes(lines), start=1):
        if not line.get("originalUnitPriceSet"):
            raise LoadError(
                f"Order {label}, line {number}: originalUnitPriceSet is missing. Select it in the query."
            )


def _plain(value: Any) -> Any:
    """The value with every `edges` turned into `nodes`."""
    if isinstance(value, list):
        return [_plain(row) for row in value]
    if not isinstance(value, dict):
        return value
    if "edges" in value and "nodes" not in value:
        return {"nodes": [_plain(edge["node"]) for edge in value["edges"]]}
    return {key: _plain(inner) for key, inner in value.items() if key not in ("pageInfo", "edges")}


def pour(shop: ShopState, orders: list[Json], touch: bool = True) -> Report:
    """Complete the orders and store them; with `touch` they count as updated now and are announced."""
    report = Report()
    with shop.documents.batch():
        for given in orders:
            order, missing = complete(shop, copy.deepcopy(given))
            _customer(shop, order)
            new = shop.get(order["id"]) is None
            if touch:
                shop.save_order(order, ("orders/create",) if new else ("orders/updated",))
            else:
                shop.put("Order", order)
            report.orders.append({"id": order["id"], "name": order["name"]})
            if missing:
                report.completed[order["name"]] = missing
    return report


_LINE_DEFAULTS: Json = {
    "quantity": 1, "sku": None, "variantTitle": None, "vendor": None, "isGiftCard": False, "taxable": True,
    "requiresShipping": True, "restockable": True, "merchantEditable": True, "product": None, "variant": None,
    "discountAllocations": [], "taxLines": [], "duties": [], "customAttributes": [], "lineItemGroup": None,
    "sellingPlan": None, "weight": None,
}  # fmt: skip
_SHIPPING_DEFAULTS: Json = {
    "title": "Shipping", "code": None, "source": None, "phone": None, "carrierIdentifier": None,
    "deliveryCategory": None, "shippingRateHandle": None, "custom": False, "isRemoved": False,
    "discountAllocations": [], "taxLines": [],
}  # fmt: skip
_TRANSACTION_DEFAULTS: Json = {
    "kind": "SALE", "status": "SUCCESS", "gateway": "manual", "test": False, "manualPaymentGateway": False,
    "manuallyCapturable": False, "multiCapturable": False, "fees": [], "parentTransaction": None,
}  # fmt: skip
_TAX_DEFAULTS: Json = {
    "title": "Tax",
    "rate": None,
    "ratePercentage": None,
    "channelLiable": False,
    "source": None,
}
_LISTS = (
    "tags",
    "customAttributes",
    "additionalFees",
    "refunds",
    "fulfillments",
    "disputes",
    "metafields",
    "discountCodes",
)
_CONNECTIONS = ("shippingLines", "discountApplications", "returns", "localizedFields")


def complete(shop: ShopState, order: Json) -> tuple[Json, list[str]]:
    """The order with every part the sandbox serves, and the names of the parts that were missing."""
    missing: list[str] = []
    given = set(order)
    _identity(shop, order)
    for key in _LISTS:
        if isinstance(order.get(key), dict):
            order[key] = nodes(order[key])
        order.setdefault(key, [])
    for key in _CONNECTIONS:
        order[key] = {"nodes": nodes(order.get(key))}
    order["transactions"] = nodes(order.get("transactions"))
    order["lineItems"] = {"nodes": nodes(order["lineItems"])}
    _fill_parts(order)
    _both_moneys(order)
    if not nodes(order.get("agreements")):
        _ledger(order)
        missing.append("agreements")
    derived = copy.deepcopy(order)
    recompute(derived)
    order.update({key: value for key, value in derived.items() if order.get(key) is None})
    for name in ("lineItems", "shippingLines"):
        for line, full in zip(nodes(order[name]), nodes(derived[name]), strict=True):
            line.update({key: value for key, value in full.items() if key not in line})
    missing += sorted(
        key for key in order if key not in given and not key.startswith("_") and key != "agreements"
    )
    return order, missing


def _fill_parts(order: Json) -> None:
    for line in nodes(order["lineItems"]):
        _fill(order, line, "LineItem", {**_LINE_DEFAULTS, "title": line.get("name") or "Untitled"})
        line.setdefault("name", line["title"])
        line.setdefault("currentQuantity", line["quantity"])
        line["taxLines"] = [{**_TAX_DEFAULTS, **row} for row in line["taxLines"]]
    nothing = money_bag(ZERO, currencies_of(order))
    for line in nodes(order["shippingLines"]):
        price = line.get("discountedPriceSet") or nothing
        _fill(order, line, "ShippingLine", {**_SHIPPING_DEFAULTS, "originalPriceSet": price})
    for row in nodes(order.get("fulfillmentOrders")):
        _fill(order, row, "FulfillmentOrder", {"status": "OPEN", "assignedLocation": {"location": None}})
    for row in order["transactions"]:
        _fill(order, row, "OrderTransaction", {**_TRANSACTION_DEFAULTS, "createdAt": order["createdAt"]})
        row.setdefault("processedAt", row["createdAt"])
        row.setdefault("amountSet", nothing)


def _identity(shop: ShopState, order: Json) -> None:
    shown = shop.shop
    if not str(order.get("id", "")).startswith("gid://shopify/Order/"):
        order["id"] = shop.next_id("Order")
    name = order.setdefault("name", shop.next_order_name())
    digits = "".join(char for char in name if char.isdigit())
    now = utc_now()
    created = order.setdefault("createdAt", now)
    number = int(digits) if digits else number_of(order["id"]) % 10**6
    defaults: Json = {
        "legacyResourceId": str(number_of(order["id"])), "number": number, "processedAt": created,
        "updatedAt": created, "currencyCode": shown["currencyCode"], "taxesIncluded": shown["taxesIncluded"],
        "test": False, "confirmed": True, "closed": bool(order.get("closedAt")), "edited": False,
        "cancelledAt": None, "cancelReason": None, "taxExempt": False, "estimatedTaxes": False,
        "dutiesIncluded": False, "returnStatus": "NO_RETURN", "sourceName": "web", "customer": None,
        "billingAddressMatchesShippingAddress": True, "totalWeight": "0", "currentTotalWeight": "0",
        "statusPageUrl": f"https://{shop.domain}/orders/{number_of(order['id'])}", "canNotifyCustomer": True,
        "customerAcceptsMarketing": False, "merchantEditable": True, "merchantEditableErrors": [],
        "restockable": True, "productNetwork": False, "hasTimelineComment": False,
        "risk": {"recommendation": "NONE", "assessments": []},
        "merchantBusinessEntity": {
            "id": "gid://shopify/BusinessEntity/4401", "displayName": shown["name"], "primary": True},
    }  # fmt: skip
    for key, value in defaults.items():
        if order.get(key) is None:
            order[key] = value
    order.setdefault("presentmentCurrencyCode", order["currencyCode"])


def _fill(order: Json, row: Json, kind: str, defaults: Json) -> None:
    if not row.get("id"):
        row["id"] = new_id(order, kind)
    for key, value in defaults.items():
        if row.get(key) is None:
            row[key] = copy.deepcopy(value)


def _both_moneys(value: Any) -> None:
    """Where a recording selected only shop money, presentment money is the same."""
    if isinstance(value, list):
        for row in value:
            _both_moneys(row)
    elif isinstance(value, dict):
        if "shopMoney" in value:
            value.setdefault("presentmentMoney", value["shopMoney"])
        for inner in value.values():
            _both_moneys(inner)


def _ledger(order: Json) -> None:
    """A ledger from the lines as ordered and the refunds recorded."""
    agreement(order, "ORDER", order["processedAt"], opening_sales(order))
    by_id = {line["id"]: line for line in nodes(order["lineItems"])}
    for row in order["refunds"]:
        if not row.get("id"):
            row["id"] = new_id(order, "Refund")
        sales = []
        for part in nodes(row.get("refundLineItems")):
            line = by_id.get((part.get("lineItem") or {}).get("id", ""))
            if line is None:
                continue
            tax_line = line["taxLines"][0] if line["taxLines"] else None
            taxes = [(tax_line, read_bag(part.get("totalTaxSet")))] if tax_line else []
            amounts = Amounts(read_bag(part.get("subtotalSet")), ZERO, taxes)
            sales.append(sale(order, line_type(line), "RETURN", line, int(part["quantity"]), amounts))
        agreement(
            order, "REFUND", row.get("createdAt") or order["updatedAt"], sales, refund={"id": row["id"]}
        )


def _customer(shop: ShopState, order: Json) -> None:
    customer = order.get("customer")
    if not customer:
        return
    if not customer.get("id"):
        customer["id"] = shop.next_id("Customer")
    if shop.get(customer["id"]) is None:
        defaults: Json = {
            "legacyResourceId": str(number_of(customer["id"])), "firstName": None, "lastName": None,
            "locale": "en", "state": "DISABLED", "tags": [], "taxExempt": False, "taxExemptions": [],
            "taxSettings": {"taxId": None}, "createdAt": order["createdAt"], "updatedAt": order["createdAt"],
            "numberOfOrders": "1", "amountSpent": {"amount": "0.0", "currencyCode": order["currencyCode"]},
            "companyContactProfiles": [], "addressesV2": {"nodes": []}, "metafields": [], "verifiedEmail": False,
            "dataSaleOptOut": False,
        }  # fmt: skip
        name = " ".join(filter(None, (customer.get("firstName"), customer.get("lastName"))))
        defaults["displayName"] = name or order.get("email") or "Customer"
        shop.put(
            "Customer", {**defaults, **{key: value for key, value in customer.items() if value is not None}}
        )
    order["customer"] = {"id": customer["id"]}


def main(arguments: list[str] | None = None) -> int:
    """The command line; 0 when all orders were taken."""
    parser = argparse.ArgumentParser(
        prog="python -m sandbox.shopify.load", description="Pour orders into the sandbox."
    )
    parser.add_argument("file", type=Path, help="JSON in the Admin GraphQL shape")
    parser.add_argument(
        "--url", required=True, help="the store's address, e.g. http://127.0.0.1:8100/demo-store"
    )
    options = parser.parse_args(arguments)
    try:
        body = json.dumps(load_file(options.file)).encode()
    except LoadError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    url = options.url.rstrip("/") + "/_sandbox/orders"
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})  # noqa: S310 - the address is the user's own
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310 - the same
            report = json.load(answer)
    except urllib.error.HTTPError as error:
        sys.stderr.write(error.read().decode() + "\n")
        return 1
    except urllib.error.URLError as error:
        sys.stderr.write(f"The sandbox does not answer at {options.url}: {error.reason}. Is it running?\n")
        return 1
    for name in report["loaded"]:
        parts = report["completed"].get(name)
        sys.stdout.write(f"{name}{': completed ' + ', '.join(parts) if parts else ''}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

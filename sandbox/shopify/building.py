"""From a compact specification to a complete order object with its ledger, payments and life.

The specification gives every amount as a fact (line prices, allocated discounts, tax per line); nothing of
it is computed but sums. `demo/README.md` describes its fields; `demo/*.json` are examples.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from sandbox.shopify import changes, parts
from sandbox.shopify.catalog import LOCATIONS
from sandbox.shopify.ledger import agreement, opening_sales
from sandbox.shopify.linking import nodes
from sandbox.shopify.money import given, money, read_bag
from sandbox.shopify.parts import SpecError
from sandbox.shopify.search import moment
from sandbox.shopify.shop_state import iso
from sandbox.shopify.totals import recompute

Json = dict[str, Any]

_SOURCES = {
    "web": ("gid://shopify/OrderApp/580111", "Online Store", "online_store"),
    "pos": ("gid://shopify/OrderApp/129785", "Point of Sale", "pos"),
    "shopify_draft_order": ("gid://shopify/OrderApp/1354745", "Draft Orders", "draft_orders"),
    "subscription_contract": ("gid://shopify/OrderApp/1662707", "Subscriptions", "subscriptions"),
}
_KNOWN = set(
    """
    name case created processed customer email phone lines taxes discounts shipping payments
    fees presentment note tags attributes test confirmed source source_identifier location company po
    terms ship_to bill_to risk exempt taxes_included then locale expect financial_status closed
    """.split()  # noqa: SIM905 - a list of words
)


class OrderBuilder:
    """Builds orders of one store.

    `shop` is the Shop object; `people` maps a key to a customer with addresses; `companies` maps a key to a
    company with its location; `first_id` is added to an order's number to make its id.
    """

    def __init__(
        self, shop: Json, people: Json | None = None, companies: Json | None = None, first_id: int = 0
    ) -> None:
        self.shop = shop
        self.people = people or {}
        self.companies = companies or {}
        self.first_id = first_id

    def build(self, spec: Json) -> Json:
        """The order object. SpecError when the specification names something unknown or lacks something."""
        if unknown := sorted(set(spec) - _KNOWN):
            raise SpecError(
                f"Order {spec.get('name')}: unknown field {', '.join(unknown)} in the specification."
            )
        order = self._header(spec)
        self._buyer(order, spec)
        order["_taxes"] = spec.get("taxes") or []
        order["discountApplications"] = {"nodes": []}
        for index, discount in enumerate(spec.get("discounts") or ()):
            order["discountApplications"]["nodes"].append(parts.discount_application(order, index, discount))
        codes = [row["code"] for row in nodes(order["discountApplications"]) if "code" in row]
        order |= {"discountCodes": codes, "discountCode": codes[0] if codes else None}
        order["lineItems"] = {"nodes": [parts.line_item(order, line) for line in _repeated(spec["lines"])]}
        order["shippingLines"] = {
            "nodes": [parts.shipping_line(order, each) for each in spec.get("shipping") or ()]
        }
        order["additionalFees"] = [parts.additional_fee(order, fee) for fee in spec.get("fees") or ()]
        weight = sum(
            200 * int(line["quantity"]) for line in nodes(order["lineItems"]) if line["requiresShipping"]
        )
        order |= {"totalWeight": str(weight), "currentTotalWeight": str(weight)}
        agreement(order, "ORDER", order["processedAt"], opening_sales(order))
        for payment in spec.get("payments") or ():
            changes.pay(order, payment, payment.get("at", order["processedAt"]))
        self._terms(order, spec)
        recompute(order)
        for step in spec.get("then") or ():
            self._step(order, step)
        if "financial_status" in spec:
            order["displayFinancialStatus"] = spec["financial_status"]
        del order["_taxes"]
        return order

    def _step(self, order: Json, step: Json) -> None:
        (kind, details), *rest = step.items()
        if rest:
            raise SpecError(f"Order {order['name']}: one step has one name, not {', '.join(step)}.")
        run = changes.STEPS.get(kind)
        if run is None:
            raise SpecError(
                f"Order {order['name']}: unknown step {kind}; choose one of {', '.join(changes.STEPS)}."
            )
        at = details.get("at") or iso(moment(order["updatedAt"]) + timedelta(hours=1))
        run(order, details, at)
        order["updatedAt"] = at
        recompute(order)

    def _header(self, spec: Json) -> Json:
        number = int("".join(char for char in spec["name"] if char.isdigit()))
        created = spec["created"]
        app_id, app_name, handle = _SOURCES[spec.get("source", "web")]
        identity = self.first_id + number
        location = spec.get("location")
        seen = spec.get("presentment", self.shop["currencyCode"])
        return {
            "id": f"gid://shopify/Order/{identity}", "legacyResourceId": str(identity), "name": spec["name"],
            "number": number, "confirmationNumber": f"DEMO{number:05d}", "poNumber": spec.get("po"),
            "note": spec.get("note"), "tags": spec.get("tags") or [], "test": bool(spec.get("test")),
            "confirmed": spec.get("confirmed", True), "closed": False, "closedAt": None, "edited": False,
            "customerLocale": spec.get("locale", "en-US"), "createdAt": created,
            "processedAt": spec.get("processed", created), "updatedAt": created, "cancelledAt": None,
            "cancelReason": None, "cancellation": None, "currencyCode": self.shop["currencyCode"],
            "presentmentCurrencyCode": seen,
            "taxesIncluded": spec.get("taxes_included", self.shop["taxesIncluded"]),
            "taxExempt": bool(spec.get("exempt")), "estimatedTaxes": False, "dutiesIncluded": False,
            "returnStatus": "NO_RETURN",
            "statusPageUrl": f"https://{self.shop['myshopifyDomain']}/orders/{identity}/authenticate?key=demo",
            "sourceName": spec.get("source", "web"), "sourceIdentifier": spec.get("source_identifier"),
            "registeredSourceUrl": None, "clientIp": None if handle == "pos" else "203.0.113.7",
            "app": {"id": app_id, "name": app_name}, "attribution": {"handle": handle, "displayName": app_name},
            "publication": None, "merchantBusinessEntity": {
                "id": "gid://shopify/BusinessEntity/4401", "displayName": self.shop["name"], "primary": True},
            "retailLocation": {"id": f"gid://shopify/Location/{location}", "name": LOCATIONS[location]}
            if location else None,
            "customAttributes": [{"key": k, "value": v} for k, v in (spec.get("attributes") or {}).items()],
            "metafields": [], "localizedFields": {"nodes": []}, "risk": _risk(spec.get("risk")), "disputes": [],
            "transactions": [], "refunds": [], "fulfillments": [], "returns": {"nodes": []}, "paymentTerms": None,
            "customerAcceptsMarketing": False, "canNotifyCustomer": bool(spec.get("customer")),
            "merchantEditable": True, "merchantEditableErrors": [], "restockable": True, "productNetwork": False,
            "hasTimelineComment": False,
        }  # fmt: skip

    def _buyer(self, order: Json, spec: Json) -> None:
        key = spec.get("customer")
        person = self._person(order, key) if key else {}
        order["customer"] = {"id": person["id"]} if person else None
        order["email"] = spec.get("email", (person.get("defaultEmailAddress") or {}).get("emailAddress"))
        order["phone"] = spec.get("phone")
        addresses = person.get("_addresses") or {}
        order["shippingAddress"] = self._address(order, spec.get("ship_to", "home"), addresses)
        order["billingAddress"] = self._address(
            order, spec.get("bill_to", spec.get("ship_to", "home")), addresses
        )
        order["displayAddress"] = order["shippingAddress"] or order["billingAddress"]
        order["billingAddressMatchesShippingAddress"] = order["shippingAddress"] == order["billingAddress"]
        order["purchasingEntity"] = {"__typename": "Customer", "id": person["id"]} if person else None
        company = spec.get("company")
        if company:
            found = self.companies.get(company)
            if found is None:
                raise SpecError(f"Order {order['name']}: no company {company} among the demo companies.")
            contact = {
                **found["contact"],
                "company": {"id": found["company"]["id"]},
                "customer": {"id": person["id"]},
            }
            order["purchasingEntity"] = {
                "__typename": "PurchasingCompany",
                "company": found["company"],
                "location": {**found["location"], "company": {"id": found["company"]["id"]}},
                "contact": contact,
            }

    def _person(self, order: Json, key: str) -> Json:
        found = self.people.get(key)
        if found is None:
            raise SpecError(f"Order {order['name']}: no customer {key} among the demo customers.")
        return dict(found)

    def _address(self, order: Json, key: Any, addresses: Json) -> Json | None:
        if key is None or not addresses:
            return None
        if key not in addresses:
            raise SpecError(f"Order {order['name']}: the customer has no address {key}.")
        return dict(addresses[key])

    def _terms(self, order: Json, spec: Json) -> None:
        days = spec.get("terms")
        if days is None:
            return
        due = iso(moment(order["processedAt"]) + timedelta(days=int(days)))
        paid = bool(spec.get("payments"))
        whole = order_total(order)
        schedule = {
            "id": f"gid://shopify/PaymentSchedule/{order['number']}", "issuedAt": order["processedAt"], "dueAt": due,
            "due": False, "completedAt": order["processedAt"] if paid else None,
            "balanceDue": money(given("0").presentment if paid else whole, order["presentmentCurrencyCode"]),
            "totalBalance": money(given("0").presentment if paid else whole, order["presentmentCurrencyCode"]),
        }  # fmt: skip
        order["paymentTerms"] = {
            "id": f"gid://shopify/PaymentTerms/{order['number']}", "paymentTermsName": f"Net {days}",
            "paymentTermsType": "NET", "dueInDays": int(days), "due": False, "overdue": False,
            "paymentSchedules": {"nodes": [schedule]},
        }  # fmt: skip


def _repeated(lines: list[Json]) -> Iterator[Json]:
    """The lines, one with `repeat` as many times as it says."""
    for line in lines:
        for _ in range(int(line.get("repeat", 1))):
            yield line


def order_total(order: Json) -> Any:
    """The order's total in presentment money, by its first agreement."""
    recompute(order)
    return read_bag(order["totalPriceSet"]).presentment


def _risk(level: str | None) -> Json:
    if level is None:
        return {"recommendation": "NONE", "assessments": []}
    facts = {
        "HIGH": [("Billing address country does not match the card's country", "NEGATIVE")],
        "MEDIUM": [("The IP address is far from the shipping address", "NEGATIVE")],
        "LOW": [("Characteristics of this order are similar to non-fraudulent orders", "POSITIVE")],
    }[level]
    assessment = {
        "riskLevel": level,
        "provider": None,
        "facts": [{"description": text, "sentiment": sentiment} for text, sentiment in facts],
    }
    recommendation = {"HIGH": "CANCEL", "MEDIUM": "INVESTIGATE", "LOW": "ACCEPT"}[level]
    return {"recommendation": recommendation, "assessments": [assessment]}

"""What the hub does about each topic, and which topics it asks Shopify for.

A topic without an entry is stored all the same and says "no rule". Scopes are those of the published metadata
(shopify.md, section 6).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """What is done about an event."""

    ORDER = "order"
    LOCATIONS = "locations"
    UNINSTALLED = "uninstalled"
    SCOPES = "scopes"
    PRIVACY = "privacy"
    LATER = "later"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Rule:
    """What is done. `sentence` is for LATER: which part of the product will read it. `within` says where the body has
    the id of the record it speaks of (for ORDER the order's), first match first."""

    kind: Kind
    sentence: str = ""
    within: tuple[str, ...] = ()

    @property
    def is_order_itself(self) -> bool:
        """Whether the body is the order, whose own stamp moves with every change, and not a part of it."""
        return self.kind == Kind.ORDER and self.within == ("id",)


_ITSELF = Rule(Kind.ORDER, within=("id",))
_CHILD = Rule(Kind.ORDER, within=("order_id", "order.id"))


def _later(sentence: str, *within: str) -> Rule:
    return Rule(Kind.LATER, sentence, within or ("id",))


_CUSTOMERS = _later("Kept for the customer sync. Until then customers are read with their orders.")
_COMPANIES = _later("Kept for the company sync. Until then companies are read with their orders.")
_PRODUCTS = _later("Kept for the product sync. Until then products are read with the orders that sell them.")
_STOCK = _later("Kept for the stock sync; the hub writes no stock yet.", "inventory_item_id", "id")
_MONEY = _later("Kept for payouts and disputes; the hub books neither yet.")
_BULK = _later("Nothing in the hub waits for a bulk operation yet.")
_NO_RULE = Rule(Kind.NONE)

EXACT: dict[str, Rule] = {
    "orders/edited": Rule(Kind.ORDER, within=("order_edit.order_id",)),
    "refunds/create": _CHILD,
    "order_transactions/create": _CHILD,
    "app/uninstalled": Rule(Kind.UNINSTALLED),
    "app/scopes_update": Rule(Kind.SCOPES),
    "customers/data_request": Rule(Kind.PRIVACY),
    "customers/redact": Rule(Kind.PRIVACY),
    "shop/redact": Rule(Kind.PRIVACY),
    "bulk_operations/finish": _BULK,
}
FAMILIES: dict[str, Rule] = {
    "orders": _ITSELF,
    "fulfillments": _CHILD,
    "returns": _CHILD,
    "locations": Rule(Kind.LOCATIONS),
    "customers": _CUSTOMERS,
    "companies": _COMPANIES,
    "company_contacts": _COMPANIES,
    "company_locations": _COMPANIES,
    "products": _PRODUCTS,
    "variants": _PRODUCTS,
    "inventory_items": _STOCK,
    "inventory_levels": _STOCK,
    "disputes": _MONEY,
    "payouts": _MONEY,
}

NEEDS: dict[str, str] = {
    "orders/create": "read_orders",
    "orders/updated": "read_orders",
    "orders/cancelled": "read_orders",
    "orders/edited": "read_orders",
    "orders/delete": "read_orders",
    "refunds/create": "read_orders",
    "order_transactions/create": "read_orders",
    "fulfillments/create": "read_fulfillments",
    "fulfillments/update": "read_fulfillments",
    "returns/request": "read_returns",
    "returns/approve": "read_returns",
    "returns/decline": "read_returns",
    "returns/cancel": "read_returns",
    "returns/close": "read_returns",
    "returns/reopen": "read_returns",
    "returns/update": "read_returns",
    "returns/process": "read_returns",
    "locations/create": "read_locations",
    "locations/update": "read_locations",
    "locations/delete": "read_locations",
    "locations/activate": "read_locations",
    "locations/deactivate": "read_locations",
    "app/uninstalled": "",
    "app/scopes_update": "",
}
"""The topics the hub registers for, and the scope each needs. Only what something reads; orders/updated speaks for
payments, shipments and tags too. The three compliance topics cannot be registered by the API (shopify.md, section 6).
"""


def rule_of(topic: str) -> Rule:
    """What is done about a topic."""
    return EXACT.get(topic) or FAMILIES.get(topic.partition("/")[0], _NO_RULE)


def speaks_of(rule: Rule, body: Mapping[str, Any]) -> str:
    """The numeric id, as text, of the record the body speaks of; "" when it names none."""
    for path in rule.within:
        found: Any = body
        for part in path.split("."):
            found = found.get(part) if isinstance(found, Mapping) else None
        if isinstance(found, (int, str)) and not isinstance(found, bool) and str(found).isdecimal():
            return str(found)[:40]
    return ""

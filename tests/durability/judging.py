"""What must hold after every storm."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import Any

from tests.durability.installation import Installation, wait_until

Json = dict[str, Any]
FINAL = {"done", "skipped", "blocked"}
OPEN = ("pending", "running", "waiting")


def settle(installation: Installation, since: str, *, impatient: bool = True) -> None:
    """Wait until every shop was searched and no order has anything left to do. `impatient`: a person presses retry
    where the hub would wait half a minute before it looks what became of an unanswered write."""

    def settled() -> bool:
        console = installation.console
        counts = console("counts")
        if impatient and counts["waiting"] and not counts["pending"] and not counts["running"]:
            console("retry", states=["waiting"])
            return False
        return not any(counts[state] for state in OPEN) and console("searched", since=since)

    def stuck() -> str:
        reasons = Counter((o["state"], o["code"]) for o in installation.console("orders"))
        return f"the end of the import; {installation.console('counts')}, {dict(reasons)}"

    wait_until(settled, stuck, pause=0.3)


def external_id_of(order: Json) -> str:
    """The external id a sales order must have, spelled out."""
    return f"shp-{order['shop']}-so-{order['id']}"


def by_currency(pairs: list[tuple[str, str]]) -> dict[str, Decimal]:
    """Sums of (currency, total)."""
    sums: dict[str, Decimal] = {}
    for currency, total in pairs:
        sums[currency] = sums.get(currency, Decimal(0)) + Decimal(total)
    return sums


def exactly_once(installation: Installation, *, orders: int, written: int) -> Json:
    """Every order in a final state with its reason, one sales order for each written one, none besides, equal totals,
    no customer twice. Returns what NetSuite has."""
    hub = installation.console("orders")
    there: Json = installation.console("documents", **installation.addresses)
    assert len(hub) == orders
    assert {order["state"] for order in hub} <= FINAL
    assert not [o for o in hub if o["state"] != "done" and not (o["code"] and o["reason"])]
    done = [order for order in hub if order["state"] == "done"]
    assert len(done) == written
    ours = [row for row in there["sales_orders"] if row["external_id"].startswith("shp-")]
    assert Counter(row["external_id"] for row in ours) == Counter(external_id_of(order) for order in done)
    assert by_currency([(row["currency"], row["total"]) for row in ours]) == by_currency(
        [(order["currency"], order["total"]) for order in done]
    )
    assert max(Counter(there["customers"]).values()) == 1
    assert there["problems"] == []
    return there

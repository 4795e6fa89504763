"""*Test connection*: sign-in, clock, limits, every query and field the hub needs, each with what to do about it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from common.causes import cause
from common.checks import Check
from common.clock import now, parse_instant
from common.errors import HubError
from erps.models import ReferenceKind
from erps.netsuite import lookups
from erps.netsuite.client import NetSuiteClient
from erps.netsuite.customer_lookups import CustomerSearch, customers_query
from erps.netsuite.errors import Subject
from erps.netsuite.metadata import FEATURE_RECORDS, Features, features_of, read_fields
from erps.netsuite.reference_data import LISTINGS

MAX_CLOCK_SECONDS = 60
"""TBA refuses timestamps five minutes off; a token's assertion is judged by NetSuite's clock, too."""
_NEEDED = {
    "Sales orders (search)": ("transaction", "Sales Order and Find Transaction"),
    "Order lines (search)": ("transactionline", "Sales Order and Find Transaction"),
    "Customers (search)": ("customer", "Customers"),
    "Items (search)": ("item", "Items"),
}


_RECORDS = (
    ("salesOrder", "Sales orders (records)", "Sales Order"),
    ("customer", "Customers (records)", "Customers"),
)


@dataclass(slots=True)
class Result:
    """Lines for a person and what the hub keeps in `ErpConnection.capabilities` (empty when nobody got in)."""

    checks: list[Check] = field(default_factory=list)
    capabilities: dict[str, Any] = field(default_factory=dict)

    def add(self, name: str, ok: bool, detail: str = "", fix: str = "") -> None:
        """Append a line."""
        self.checks.append(Check(name=name, ok=ok, detail=detail, fix="" if ok else fix))

    def fail(self, name: str, error: HubError, fix: str = "") -> None:
        """Append the line of something that did not work."""
        self.add(name, False, error.message, fix or cause(error.code).fix)


def run(client: NetSuiteClient) -> Result:
    """Try everything. Raises nothing: whatever fails is a line. Without a sign-in nothing else is tried."""
    result = Result()
    try:
        _clock(client, result)
    except HubError as error:
        result.fail("Sign in", error)
        return result
    _limits(client, result)
    features = _fields(client, result)
    for record, name, permission in _RECORDS:
        _record(client, result, record, name, permission)
    for line in _searches(features):
        _search(client, result, line)
    return result


def _clock(client: NetSuiteClient, result: Result) -> None:
    """Server time needs no permission, so it shows that the sign-in works; then the clocks are compared."""
    body = client.get("/system/v1/serverTime", Subject("server time"))
    result.add("Sign in", True, f"Signed in to account {client.account.account_id}.")
    try:
        skew = round((now() - parse_instant(str(body["serverTime"]))).total_seconds())
    except (KeyError, TypeError, ValueError):
        result.add("Clock", False, "NetSuite's answer about its time cannot be read.", "Try again later.")
        return
    result.capabilities["clock_skew_seconds"] = skew
    result.add(
        "Clock",
        abs(skew) <= MAX_CLOCK_SECONDS,
        f"This machine and NetSuite differ by {abs(skew)} s.",
        "Set the clock of this machine by a time server (NTP): sign-ins fail when it is wrong.",
    )


def _limits(client: NetSuiteClient, result: Result) -> None:
    """The concurrency the account grants, as a suggestion for the connection's own limit."""
    name = "Requests at once"
    try:
        body = client.get("/system/v1/governanceLimits", Subject("governance limits"))
        own, free = body.get("integrationConcurrencyLimit"), body.get("accountUnallocatedConcurrencyLimit")
        granted = own or (int(free) if free else body.get("accountConcurrencyLimit"))
        suggestion = max(1, int(granted) - (0 if own else 1))
    except HubError as error:
        result.add(name, True, f"Not readable with this role ({error.message}) Four at once is a safe limit.")
        return
    except (AttributeError, TypeError, ValueError):
        result.add(name, True, "NetSuite did not say. Four at once is a safe limit.")
        return
    result.capabilities["suggested_concurrency"] = suggestion
    result.add(
        name,
        True,
        f"NetSuite grants this account {body.get('accountConcurrencyLimit', '?')} requests at once; the limit of "
        f"this connection can be {suggestion}.",
    )


def _fields(client: NetSuiteClient, result: Result) -> Features | None:
    """Tax engine, subsidiaries and the custom fields named in the connection's settings."""
    try:
        fields = read_fields(client, *FEATURE_RECORDS)
    except HubError as error:
        result.fail(
            "Record fields", error, "Give the integration's role the permission REST Web Services (Full)."
        )
        return None
    if not fields["salesOrder"].own or not fields["customer"].own:
        result.add(
            "Record fields", False, "The catalog does not show sales orders or customers to this role.",
            "Add Sales Order (Full) and Customers (Full) to the integration's role.",
        )  # fmt: skip
        return None
    features = features_of(fields)
    result.capabilities.update(asdict(features))
    result.add(
        "Tax engine", True, "SuiteTax (tax details)" if features.suitetax else "Tax codes (no SuiteTax)"
    )
    result.add("Subsidiaries", True, "OneWorld" if features.oneworld else "One company, no subsidiaries")
    account = client.account
    for label, name, place in (
        ("Field for the Shopify order id", account.order_id_field, "transaction body field"),
        ("Field for the link to Shopify", account.order_url_field, "transaction body field"),
        ("Field for the Shopify line id", account.line_id_field, "transaction line field"),
    ):
        if name:
            result.add(
                label,
                name.lower() in fields["salesOrder"].all,
                name,
                f"Create the {place} {name} in NetSuite (free-form text, applied to sales), let the role see it, "
                "or empty this setting of the connection.",
            )
    return features


@dataclass(frozen=True, slots=True)
class _Search:
    name: str
    query: str
    permission: str
    required: bool


def _searches(features: Features | None) -> Iterable[_Search]:
    oneworld = features is None or features.oneworld
    one = " FETCH FIRST 1 ROWS ONLY"
    queries = {
        "transaction": lookups.documents_query(["shp-connection-test"], ["shp-connection-test"]),
        "transactionline": lookups.read_back_query(["0"]),
        "customer": customers_query(
            CustomerSearch(("shp-connection-test",), ("connection@test",), ("0000000",), ("0",)), oneworld=oneworld
        ),
        "item": lookups.items_query(["shp-connection-test"]),
    }  # fmt: skip
    for name, (table, permission) in _NEEDED.items():
        yield _Search(name, queries[table] + one, permission, required=True)
    yield _Search("Charge items (search)", lookups.charge_items_query(["0"]) + one, "Items", required=True)
    for kind, spec in LISTINGS.items():
        if spec.oneworld and not oneworld:
            continue
        label = f"List: {ReferenceKind(kind).label}"
        text = spec.query(oneworld=oneworld).format(after=0) + one
        yield _Search(label, text, spec.permission, required=spec.required)


def _record(client: NetSuiteClient, result: Result, record: str, name: str, permission: str) -> None:
    """Ask the record service for a record that is not there: shows that the role reaches the record type."""
    try:
        client.get(f"/record/v1/{record}?q=id%20EQUAL%200", Subject(record))
    except HubError as error:
        result.fail(name, error, f"Add {permission} (Full) to the integration's role.")
        return
    result.add(name, True, f"Reachable. To create them the role needs {permission} (Full).")


def _search(client: NetSuiteClient, result: Result, line: _Search) -> None:
    try:
        client.page(line.query, Subject(line.name))
    except HubError as error:
        fix = f"Add {line.permission} (View) and SuiteAnalytics Workbook to the integration's role."
        if line.required:
            result.fail(line.name, error, fix)
        else:
            result.add(line.name, True, f"Not available, so not offered in forms. If you use it: {fix}")
        return
    result.add(line.name, True)

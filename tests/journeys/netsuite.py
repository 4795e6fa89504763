"""What the sandbox NetSuite has, read the way one of its own users would: records and SuiteQL over HTTP."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from common.http import Client
from erps.models import ErpConnection


@dataclass(frozen=True, slots=True)
class Tax:
    """One row of the tax details, or what a tax code came to."""

    code: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a document: its item by name, `amount` net of tax."""

    item: str
    quantity: Decimal | None
    rate: Decimal
    amount: Decimal
    taxes: tuple[Tax, ...]
    description: str
    location: str
    source_id: str


@dataclass(frozen=True, slots=True)
class Document:
    """A sales order, invoice or cash sale as NetSuite shows it; references by name, "" for what is empty. `status` is
    the approval of a sales order, and the status of the others."""

    id: str
    number: str
    external_id: str
    total: Decimal
    tax: Decimal
    currency: str
    date: str
    customer: str
    other_number: str
    memo: str
    status: str
    ship_method: str
    payment_method: str
    terms: str
    subsidiary: str
    location: str
    department: str
    classification: str
    email: str
    shipping_cost: Decimal
    order_id: str
    order_url: str
    billing: dict[str, Any]
    shipping: dict[str, Any]
    lines: tuple[Line, ...]
    due: str = ""
    body: dict[str, Any] = field(default_factory=dict)


class Books:
    """The account over HTTP, with the hub's own token."""

    def __init__(self, base_url: str, http: Client) -> None:
        self.base_url = base_url
        self._http = http

    def send(self, method: str, path: str, body: Any = None) -> Any:
        """One request to the REST services; the answer must be a good one. Returns the body, or for a created
        record its id."""
        token = ErpConnection.objects.get().access_token
        headers = {
            "Authorization": f"Bearer {token}", "Content-Type": "application/json", "Prefer": "transient",
        }  # fmt: skip
        answer = self._http.send(
            method,
            f"{self.base_url}/services/rest{path}",
            headers=headers,
            body=None if body is None else json.dumps(body),
        )
        assert answer.status < 300, answer.text
        if answer.text:
            return json.loads(answer.text, parse_float=Decimal, parse_int=Decimal)
        return answer.headers.get("Location", "").rsplit("/", 1)[-1]

    def query(self, sql: str) -> list[dict[str, str]]:
        """All rows of a SuiteQL query."""
        rows: list[dict[str, str]] = []
        while True:
            found = self.send("POST", f"/query/v1/suiteql?limit=1000&offset={len(rows)}", {"q": sql})
            rows += found["items"]
            if not found["hasMore"]:
                return rows

    def balances(self, *accounts: str) -> dict[str, Decimal]:
        """What accounts stand at, by name; debit positive."""
        rows = [row for each in accounts for row in self._told(f"balances?account={each}")["accounts"]]
        return {row["name"]: Decimal(row["balance"]) for row in rows}

    def book(self, record_id: str) -> dict[str, Decimal]:
        """What one record posted: account name to amount, debit positive."""
        rows = self._told(f"ledger?record={record_id}")["entries"]
        return {row["name"]: Decimal(row["debit"]) - Decimal(row["credit"]) for row in rows}

    def _told(self, what: str) -> Any:
        return self._http.send("GET", f"{self.base_url}/_sandbox/{what}").json()

    def create(self, record: str, body: dict[str, Any]) -> str:
        """Make a record by hand; returns its id."""
        return str(self.send("POST", f"/record/v1/{record}", body))

    def totals(self) -> dict[str, list[Decimal]]:
        """What each sales order comes to, by external id ("" for those typed by hand)."""
        found: dict[str, list[Decimal]] = {}
        for row in self.query(
            "SELECT externalid, foreigntotal FROM transaction WHERE type = 'SalesOrd' ORDER BY id"
        ):
            found.setdefault(row.get("externalid", ""), []).append(Decimal(row["foreigntotal"]))
        return found

    def count(self) -> int:
        """How many sales orders there are."""
        return sum(map(len, self.totals().values()))

    def kinds(self) -> dict[str, str]:
        """The type of every transaction by its external id."""
        rows = self.query("SELECT externalid, type FROM transaction ORDER BY id")
        return {row.get("externalid", ""): row["type"] for row in rows}

    def document(self, external_id: str, record: str = "salesOrder") -> Document:
        """One document in full."""
        body = self.send("GET", f"/record/v1/{record}/eid:{external_id}?expandSubResources=true")
        taxes: dict[str, list[Tax]] = {}
        for row in (body.get("taxDetails") or {"items": []})["items"]:
            key = _text(row["taxDetailsReference"])
            taxes.setdefault(key, []).append(Tax(_name(row["taxCode"]), row["taxAmount"]))
        (customer,) = self.query(f"SELECT altname FROM customer WHERE id = {body['entity']['id']}")
        return Document(
            id=body["id"], number=body["tranId"], external_id=body["externalId"], total=body["total"],
            tax=body.get("taxTotal", Decimal(0)), currency=_name(body["currency"]), date=body["tranDate"],
            customer=customer["altname"], other_number=body.get("otherRefNum", ""), memo=body.get("memo", ""),
            status=_status(body), ship_method=_name(body.get("shipMethod")),
            payment_method=_name(body.get("paymentOption")), terms=_name(body.get("terms")),
            subsidiary=_name(body["subsidiary"]), location=_name(body.get("location")),
            department=_name(body.get("department")), classification=_name(body.get("class")),
            email=body.get("email", ""), shipping_cost=body.get("shippingCost", Decimal(0)),
            order_id=body.get("custbody_shp_order_id", ""), order_url=body.get("custbody_shp_order_url", ""),
            billing=body.get("billingAddress", {}), shipping=body.get("shippingAddress", {}),
            lines=tuple(_line(row, taxes) for row in body["item"]["items"]),
            due=body.get("dueDate", ""), body=body,
        )  # fmt: skip


def _line(row: dict[str, Any], taxes: dict[str, list[Tax]]) -> Line:
    own = taxes.get(_text(row.get("taxDetailsReference")), [])
    if row.get("taxCode"):
        own = [Tax(_name(row["taxCode"]), row["tax1Amt"])]
    return Line(
        item=_name(row["item"]), quantity=row.get("quantity"), rate=row.get("rate", Decimal(0)), amount=row["amount"],
        taxes=tuple(own), description=row.get("description", ""), location=_name(row.get("location")),
        source_id=row.get("custcol_shp_line_id", ""),
    )  # fmt: skip


def _status(body: dict[str, Any]) -> str:
    return str(body["orderStatus"]["id"]) if "orderStatus" in body else _name(body["status"])


def _name(reference: dict[str, Any] | None) -> str:
    return str(reference.get("refName", "")) if reference else ""


def _text(reference: Any) -> str:
    return str(reference["id"]) if isinstance(reference, dict) else str(reference or "")

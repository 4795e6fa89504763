"""What the demo asks of the sandbox over HTTP, apart from what the hub's own clients ask."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from common.http import Answer, Client
from integration_hub.demo.failures import SandboxRefused

WRITTEN = (
    "SELECT t.externalid, t.tranid, t.foreigntotal, c.symbol FROM transaction t "
    "JOIN currency c ON c.id = t.currency WHERE t.type IN ('SalesOrd', 'CustInvc', 'CashSale') "
    "ORDER BY t.id"
)
PAGE = 1000


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """A document as NetSuite has it: `total` in its own currency, tax and shipping included."""

    external_id: str
    number: str
    currency: str
    total: Decimal


class SandboxLink:
    """Both systems of a running sandbox. Addresses have no slash at the end."""

    def __init__(self, shopify: str, netsuite: str) -> None:
        self.shopify = shopify.rstrip("/")
        self.netsuite = netsuite.rstrip("/")
        self._http = Client("The sandbox", connect_timeout=3, read_timeout=20)

    def close(self) -> None:
        """Close its connections."""
        self._http.close()

    def stores(self) -> dict[str, str]:
        """Name and myshopify.com domain of every store."""
        found = _json(self._http.send("GET", f"{self.shopify}/_sandbox/stores"))
        return {row["store"]: row["domain"] for row in found["stores"]}

    def register_certificate(self, certificate_id: str, client_id: str, public_key_pem: str) -> None:
        """Make NetSuite accept what the private key signs, as its administrator would under Set-up."""
        body = {"certificate_id": certificate_id, "client_id": client_id, "public_key_pem": public_key_pem}
        self._post(f"{self.netsuite}/_sandbox/certificates", body)

    def sales_documents(self, token: str) -> list[LedgerRow]:
        """Every sales document NetSuite has, asked by SuiteQL with an access token."""
        rows: list[LedgerRow] = []
        while True:
            url = f"{self.netsuite}/services/rest/query/v1/suiteql?limit={PAGE}&offset={len(rows)}"
            headers = {"Authorization": f"Bearer {token}", "Prefer": "transient"}
            found = self._post(url, {"q": WRITTEN}, headers)
            rows += [
                LedgerRow(
                    row.get("externalid", ""), row["tranid"], row["symbol"], Decimal(row["foreigntotal"])
                )
                for row in found["items"]
            ]
            if not found["hasMore"]:
                return rows

    def _post(self, url: str, body: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> Any:
        sent = {"Content-Type": "application/json", **(headers or {})}
        return _json(self._http.send("POST", url, headers=sent, body=json.dumps(body)))


def _json(answer: Answer) -> Any:
    try:
        found = answer.json() if answer.text else None
    except ValueError:
        found = None
    if answer.status >= 300:
        raise SandboxRefused(f"The sandbox answered {answer.status}: {answer.text[:500]}")
    return found

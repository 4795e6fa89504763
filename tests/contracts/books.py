"""What the contract needs to know and do about an ERP behind the port; one class per kind of account."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from requests_oauthlib import OAuth1

from canonical.documents import CustomerDocument, DocumentLine, LineKind, Ref, SalesDocument, TaxStrategy
from common.http import Client
from erps.models import ErpConnection
from erps.port import ErpAdapter
from erps.registry import adapter_for
from tests.contracts.sandbox_account import SandboxAccount
from tests.erps.making import charge, customer, discount, goods, sales_order, tax


class SandboxNetSuite:
    """A NetSuite account of the sandbox, in one of its shapes."""

    customer_id = "2001"
    inactive_customer_id = "2005"
    item_id = "501"
    inactive_item_id = "514"
    charge_account_id = "402"
    charge_item_id = "701"
    twice_emailed = "twin@example.com"

    def __init__(
        self, account: SandboxAccount, connection: ErpConnection, strategy: TaxStrategy, tax_mode: str
    ) -> None:
        self.account = account
        self.connection = connection
        self.strategy = strategy
        account.settings(tax_mode=tax_mode)

    @property
    def adapter(self) -> ErpAdapter:
        return adapter_for(self.connection)

    def order(self, external_id: str, **changes: Any) -> SalesDocument:
        """50.00 - 5.00 + 5.95 + tax 3.71 = 54.66, the tax as this account takes it."""
        goods_line, discount_line = goods(), discount()
        lines: list[DocumentLine] = [goods_line, discount_line, charge(LineKind.SHIPPING, "701", "5.95")]
        if self.strategy is TaxStrategy.TAX_DETAILS:
            lines[0] = goods(taxes=(tax("45.00", "3.71"),))
        elif self.strategy is TaxStrategy.TAX_LINE:
            lines.append(charge(LineKind.TAX, "711", "3.71"))
        else:  # the account rounds each line: 50.00 -> 4.13, -5.00 -> -0.41; 0.01 too much goes to the variance
            code = Ref("902")
            lines[0], lines[1] = goods(tax_code=code), discount(tax_code=code)
            lines.append(charge(LineKind.TAX_VARIANCE, "712", "-0.01"))
        values: dict[str, Any] = {
            "external_id": external_id,
            "customer": Ref(self.customer_id),
            "lines": tuple(lines),
            "total": Decimal("54.66"),
            "tax_strategy": self.strategy,
        }
        return sales_order(**{**values, **changes})

    def customer(self, external_id: str, **changes: Any) -> CustomerDocument:
        return customer(external_id=external_id, source_id=external_id.rpartition("-")[2], **changes)

    def type_by_hand(self, body: dict[str, Any]) -> None:
        """Create an order past the adapter, as a person or another connector would."""
        self._by_hand("POST", "salesOrder", body)

    def make_from(self, order_id: str, target: str, body: dict[str, Any] | None = None) -> None:
        """Ship (`itemFulfillment`) or bill (`invoice`) an order, all that is left of it or what the body says."""
        self._by_hand("POST", f"salesOrder/{order_id}/!transform/{target}", body or {})

    def change(self, order_id: str, body: dict[str, Any]) -> None:
        """Change an order, as a person would."""
        self._by_hand("PATCH", f"salesOrder/{order_id}", body)

    def delete(self, order_id: str) -> None:
        """Delete an order, as a person would."""
        self._by_hand("DELETE", f"salesOrder/{order_id}", {})

    def _by_hand(self, method: str, path: str, body: dict[str, Any]) -> None:
        http = Client("by hand")
        try:
            answer = http.send(
                method,
                f"{self.account.base_url}/services/rest/record/v1/{path}",
                headers={"Content-Type": "application/json"},
                body=json.dumps(body, default=float),
                auth=OAuth1(
                    "demo-consumer-key",
                    "demo-consumer-secret-do-not-use",
                    "demo-token",
                    "demo-token-secret-do-not-use",
                    realm="TSTDRV0000001",
                    signature_method="HMAC-SHA256",
                ),
            )
        finally:
            http.close()
        assert answer.status == 204, answer.text

    def book(self, record_id: str) -> dict[str, Decimal]:
        """What a record posted: account name to amount, debit positive."""
        entries = self.account.control(f"ledger?record={record_id}", method="GET")["entries"]
        return {row["name"]: Decimal(row["debit"]) - Decimal(row["credit"]) for row in entries}

    # ------------------------------------------------------------------------------------ what goes wrong

    def drop_the_next_answer(self) -> None:
        self.account.fault("drop_after_commit", match={"method": "POST", "path": "/record/v1/"})

    def drop_the_next_change(self) -> None:
        self.account.fault("drop_after_commit", match={"method": "PATCH", "path": "/record/v1/"})

    def commit_late(self, seconds: float) -> None:
        self.account.fault(
            "commit_late", after_s=seconds, status=0, match={"method": "POST", "path": "/record/v1/"}
        )

    def fail_before(self, path: str, status: int = 500) -> None:
        self.account.fault("status_500", status=status, match={"path": path})

    def be_busy(self, times: int) -> None:
        self.account.control("faults", {"action": "status_429", "times": times})

    def expire_token(self) -> None:
        self.account.control("tokens/expire")

    def refuse_sign_in(self) -> None:
        ErpConnection.objects.filter(pk=self.connection.pk).update(
            client_id="nobody", certificate_id="nobody"
        )
        self.connection.refresh_from_db()
        self.account.control("tokens/expire")

    def deny(self, records: list[str], tables: list[str]) -> None:
        self.account.settings(denied_records=records, hidden_tables=tables)

    def close_periods(self) -> None:
        self.account.settings(closed_period_blocks_all=True)

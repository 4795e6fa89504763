"""What *Test connection* says when an account answers oddly; the ordinary cases are in the adapter contract."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
import responses
import time_machine

from common.checks import Check
from common.http import Client
from erps.netsuite.account import Account
from erps.netsuite.auth import ClientCredentials, Token
from erps.netsuite.client import NetSuiteClient
from erps.netsuite.connection_check import Result, run
from tests.erps.netsuite.given import BASE, Store, data

SERVER_TIME = datetime(2026, 11, 20, 19, 4, tzinfo=UTC)
LIMITS = data("governance_limits_200.json")["response"]["body"]
DENIED = {"o:errorDetails": [{"detail": "Permission Violation", "o:errorCode": "INSUFFICIENT_PERMISSION"}]}


def _catalog(
    *own: str, customer: tuple[str, ...] = ("subsidiary",), lines: tuple[str, ...] = ()
) -> dict[str, Any]:
    schemas: dict[str, Any] = {
        "salesOrder": {"properties": {name: {} for name in own}},
        "salesOrder-itemElement": {"properties": {name: {} for name in lines}},
        "customer": {"properties": {name: {} for name in customer}},
    }
    return {"openapi": "3.0.1", "components": {"schemas": schemas}}


CUSTOM = ("custbody_shp_order_id", "custbody_shp_order_url")
GOOD = _catalog("taxDetailsOverride", "subsidiary", *CUSTOM, lines=("custcol_shp_line_id",))
Try = Callable[..., tuple[Result, dict[str, Check]]]


@pytest.fixture
def check(account: Account, netsuite: responses.RequestsMock) -> Try:
    """Run the test against an account that answers as told; everything else is good."""

    def tried(
        *, clock: Any = None, limits: Any = None, catalog: Any = None, account: Account = account
    ) -> tuple[Result, dict[str, Check]]:
        for path, told, good in (
            ("/system/v1/serverTime", clock, data("server_time_200.json")["response"]["body"]),
            ("/system/v1/governanceLimits", limits, LIMITS),
            ("/record/v1/metadata-catalog", catalog, GOOD),
        ):
            answer = good if told is None else told
            if isinstance(answer, str | Exception):
                netsuite.add("GET", BASE + path, body=answer)
            else:
                netsuite.add("GET", BASE + path, json=answer, status=403 if answer is DENIED else 200)
        netsuite.add("GET", f"{BASE}/record/v1/salesOrder", json={"items": []})
        netsuite.add("GET", f"{BASE}/record/v1/customer", json={"items": []})
        netsuite.add("POST", f"{BASE}/query/v1/suiteql", json={"items": [], "hasMore": False})
        http = Client("NetSuite")
        store = Store(Token("t", SERVER_TIME + timedelta(hours=1)))
        with time_machine.travel(SERVER_TIME, tick=False):
            result = run(NetSuiteClient(account, ClientCredentials(account, http, store), http))
        return result, {line.name: line for line in result.checks}

    return tried


def test_a_good_account(check: Try) -> None:
    result, lines = check()
    assert [line for line in result.checks if not line.ok] == []
    assert result.capabilities == {
        "clock_skew_seconds": 0,
        "suggested_concurrency": 5,
        "suitetax": True,
        "oneworld": True,
        "taxable_flag": False,
        "invoice_approval": False,
        "promotions": False,
    }
    assert lines["Requests at once"].detail == (
        "NetSuite grants this account 15 requests at once; the limit of this connection can be 5."
    )


@pytest.mark.parametrize(
    ("limits", "suggested"),
    [
        ({"accountConcurrencyLimit": 15, "accountUnallocatedConcurrencyLimit": 10}, 9),
        ({"accountConcurrencyLimit": 5}, 4),
        ({"accountConcurrencyLimit": 1}, 1),
    ],
)
def test_without_a_share_of_its_own_one_request_is_left_to_others(
    check: Try, limits: Any, suggested: int
) -> None:
    assert check(limits=limits)[0].capabilities["suggested_concurrency"] == suggested


@pytest.mark.parametrize("limits", [DENIED, {}, [], "<html>"])
def test_limits_nobody_tells_are_no_failure(check: Try, limits: Any) -> None:
    result, lines = check(limits=limits)
    assert lines["Requests at once"].ok
    assert "Four at once is a safe limit." in lines["Requests at once"].detail
    assert "suggested_concurrency" not in result.capabilities


def test_a_clock_that_is_wrong_is_said_so(check: Try) -> None:
    result, lines = check(clock={"serverTime": "2026-11-20T19:02:00.000Z"})
    assert not lines["Clock"].ok
    assert lines["Clock"].detail == "This machine and NetSuite differ by 120 s."
    assert "NTP" in lines["Clock"].fix
    assert result.capabilities["clock_skew_seconds"] == 120


@pytest.mark.parametrize("clock", [{}, {"serverTime": "noon"}, []])
def test_a_clock_nobody_can_read_is_said_so(check: Try, clock: Any) -> None:
    assert not check(clock=clock)[1]["Clock"].ok


def test_an_account_that_cannot_be_reached_gets_one_line(check: Try) -> None:
    result, _ = check(clock=requests.ConnectTimeout("no route"))
    assert [(line.name, line.ok) for line in result.checks] == [("Sign in", False)]
    assert result.capabilities == {}


def test_an_account_with_the_older_tax_codes_and_one_company(check: Try) -> None:
    catalog = _catalog("isTaxable", *CUSTOM, customer=("email",), lines=("custcol_shp_line_id",))
    result, lines = check(catalog=catalog)
    assert {name: result.capabilities[name] for name in ("suitetax", "oneworld", "taxable_flag")} == {
        "suitetax": False,
        "oneworld": False,
        "taxable_flag": True,
    }
    assert lines["Subsidiaries"].detail == "One company, no subsidiaries"
    assert "List: Subsidiary" not in lines


@pytest.mark.parametrize("catalog", [DENIED, _catalog(), {"components": {}}, []])
def test_a_catalog_that_shows_nothing_is_said_so(check: Try, catalog: Any) -> None:
    result, lines = check(catalog=catalog)
    assert not lines["Record fields"].ok
    assert lines["Record fields"].fix
    assert "suitetax" not in result.capabilities
    assert lines["Items (search)"].ok


def test_missing_custom_fields_are_named_unless_they_are_not_used(check: Try, account: Account) -> None:
    _, lines = check(catalog=_catalog("taxDetailsOverride"))
    missing = [line.detail for line in lines.values() if not line.ok]
    assert missing == [*CUSTOM, "custcol_shp_line_id"]
    unused = replace(account, order_id_field="", order_url_field="", line_id_field="")
    assert all(line.ok for line in check(catalog=_catalog("taxDetailsOverride"), account=unused)[1].values())

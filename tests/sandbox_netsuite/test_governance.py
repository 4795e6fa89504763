"""Concurrency, latency, faults, permissions, metadata, the page and the state that survives."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest
import requests

from sandbox.netsuite.app import create_app
from sandbox.netsuite.settings import SettingsError
from sandbox.serving import serve
from tests.sandbox_netsuite.talk import Client, order_1001, recorded

ORDERS = "/record/v1/salesOrder"
TIME = "/system/v1/serverTime"


def fault(client: Client, action: str, **more: object) -> None:
    client.control(
        "faults", {"match": {"method": "POST", "record_type": "salesOrder"}, "action": action, **more}
    )


def count(client: Client) -> str:
    return client.rows("SELECT COUNT(*) AS n FROM transaction")[0]["n"]


def test_above_the_limit_a_request_is_429_and_not_executed(client: Client) -> None:
    client.control("settings", {"concurrency_limit": 2, "latency_write": 400})
    answers: list[requests.Response] = []

    def send(number: int) -> None:
        headers = dict(client.session.headers)
        url = f"{client.base_url}/services/rest{ORDERS}"
        answers.append(
            requests.post(url, json=order_1001(externalId=f"o-{number}"), headers=headers, timeout=10)
        )

    threads = [threading.Thread(target=send, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    refused = [answer for answer in answers if answer.status_code == 429]
    expected = next(case for case in recorded("errors_catalogue")["cases"] if case["name"] == "concurrency")
    assert len(refused) == 2
    assert refused[0].json() == expected["body"]
    assert "Retry-After" not in refused[0].headers
    assert count(client) == "2"
    stats = client.control("stats", method="GET")
    assert (stats["peak_concurrency"], stats["status_429"]) == (2, 2)
    limits = client.call("GET", "/system/v1/governanceLimits").json()
    assert set(limits) == {"accountConcurrencyLimit", "accountUnallocatedConcurrencyLimit",
                           "integrationConcurrencyLimit", "integrationLimitType"}  # fmt: skip
    assert limits["accountConcurrencyLimit"] == 2


def test_a_drawn_latency_is_the_same_for_the_same_seed(client: Client) -> None:
    client.control("settings", {"latency_query": {"median_ms": 60, "sigma": 0, "seed": 1}})
    started = time.monotonic()
    client.rows("SELECT id FROM currency")
    assert time.monotonic() - started >= 0.06


def test_an_answer_dropped_after_commit_leaves_the_order(client: Client) -> None:
    fault(client, "drop_after_commit", times=1)
    with pytest.raises(requests.ConnectionError):
        client.call("POST", ORDERS, order_1001())
    assert count(client) == "1"
    assert "already exists" in client.call("POST", ORDERS, order_1001()).text


def test_a_timeout_before_and_a_500_execute_nothing(client: Client) -> None:
    fault(client, "timeout_before", times=1)
    with pytest.raises(requests.ConnectionError):
        client.call("POST", ORDERS, order_1001())
    client.control("faults", method="DELETE")
    fault(client, "status_500", times=1)
    answer = client.call("POST", ORDERS, order_1001())
    assert (answer.status_code, answer.json()["o:errorDetails"][0]["o:errorCode"]) == (
        500,
        "UNEXPECTED_ERROR",
    )
    client.control("faults", method="DELETE")
    fault(client, "status_429", times=1)
    assert client.call("POST", ORDERS, order_1001()).status_code == 429
    assert count(client) == "0"


def test_a_late_commit_appears_after_the_client_gave_up(client: Client) -> None:
    fault(client, "commit_late", times=1, after_s=0.4, status=504)
    assert client.call("POST", ORDERS, order_1001()).status_code == 504
    assert count(client) == "0"
    deadline = time.monotonic() + 5
    while count(client) == "0" and time.monotonic() < deadline:
        time.sleep(0.05)
    assert count(client) == "1"


def test_a_token_can_expire_in_the_middle(client: Client) -> None:
    fault(client, "expire_token", times=1)
    assert client.call("POST", ORDERS, order_1001()).status_code == 401
    assert client.call("GET", TIME).status_code == 401
    client.sign_in()
    assert client.call("POST", ORDERS, order_1001()).status_code == 204


def test_a_role_without_the_permission_gets_403(client: Client) -> None:
    client.control("settings", {"denied_records": ["salesOrder"]})
    answer = client.call("POST", ORDERS, order_1001())
    assert (answer.status_code, answer.json()["o:errorDetails"][0]["o:errorCode"]) == (
        403,
        "INSUFFICIENT_PERMISSION",
    )


def test_metadata_tells_the_tax_feature_and_the_custom_fields(client: Client) -> None:
    path = "/record/v1/metadata-catalog?select=salesOrder"
    fields = client.call("GET", path).json()["components"]["schemas"]["salesOrder"]["properties"]
    assert "taxDetailsOverride" in fields
    assert "taxItem" not in fields
    assert fields["custbody_shp_order_id"]["x-ns-custom-field"] is True
    client.control("settings", {"tax_mode": "legacy", "custom_fields": []})
    fields = client.call("GET", path).json()["components"]["schemas"]["salesOrder"]["properties"]
    assert "taxItem" in fields
    assert "taxDetailsOverride" not in fields
    assert not [name for name in fields if name.startswith("custbody_")]


def test_state_survives_a_restart_and_a_reset_empties_it(tmp_path: Path) -> None:
    with serve(create_app(tmp_path)) as base_url:
        client = Client(base_url)
        client.register()
        client.sign_in()
        client.create("salesOrder", order_1001())
        header = client.session.headers["Authorization"]
    with serve(create_app(tmp_path, tax_mode="legacy")) as base_url:
        again = Client(base_url)
        again.session.headers["Authorization"] = header
        assert count(again) == "1"
        assert again.control("settings", method="GET")["settings"]["tax_mode"] == "legacy"
        again.control("reset", {})
        assert count(again) == "0"
        again.session.close()
    client.session.close()


def test_an_unknown_or_impossible_setting_is_refused(client: Client, tmp_path: Path) -> None:
    answer = requests.post(f"{client.base_url}/_sandbox/settings", json={"tax_mode": "none"}, timeout=10)
    assert (answer.status_code, answer.json()) == (
        400,
        {"error": "tax_mode must be one of suitetax, legacy, not 'none'."},
    )
    with pytest.raises(SettingsError, match="There is no setting 'colour'"):
        create_app(tmp_path / "x", colour="red")


def test_the_page_shows_the_order_and_escapes_it(client: Client) -> None:
    client.create("salesOrder", order_1001(otherRefNum="<b>#1001</b>"))
    page = requests.get(client.base_url + "/", timeout=10)
    assert page.status_code == 200
    assert "SO10001" in page.text
    assert "69.27" in page.text
    assert "&lt;b&gt;#1001" in page.text
    assert "<b>#1001" not in page.text

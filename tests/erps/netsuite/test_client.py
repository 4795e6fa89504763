from __future__ import annotations

import json
from decimal import Decimal

import pytest
import requests
import responses

from common.errors import AlreadyExists, NeedsPerson, NotExecuted, Retryable, UnknownOutcome
from common.http import recording
from erps.netsuite.client import NetSuiteClient
from erps.netsuite.errors import Subject
from tests.erps.netsuite.given import BASE, TOKEN_URL, data

ORDERS = f"{BASE}/record/v1/salesOrder"
QUERY = f"{BASE}/query/v1/suiteql"
ORDER = Subject("sales order", "#1001")
LOGIN = next(case for case in data("errors_catalogue.json")["cases"] if case["name"] == "invalid_login")[
    "body"
]


def _sent(netsuite: responses.RequestsMock, url: str) -> list[requests.PreparedRequest]:
    return [call.request for call in netsuite.calls if (call.request.url or "").startswith(url)]


def test_a_create_is_what_netsuite_documents(
    client: NetSuiteClient, netsuite: responses.RequestsMock
) -> None:
    known = data("sales_order_create.json")
    netsuite.add("POST", ORDERS, status=204, headers=known["response"]["headers"])
    body = {"externalId": "shp-main-so-1", "shippingCost": Decimal("7.90")}
    assert client.create("salesOrder", body, ORDER) == "91001"
    (request,) = _sent(netsuite, ORDERS)
    for name, value in known["request"]["headers"].items():
        assert request.headers[name] == value
    assert request.headers["Authorization"] == "Bearer <JWT>"
    assert request.body == b'{"externalId":"shp-main-so-1","shippingCost":7.90}'


def test_a_create_without_an_id_is_in_doubt(client: NetSuiteClient, netsuite: responses.RequestsMock) -> None:
    netsuite.add("POST", ORDERS, status=204)
    with pytest.raises(UnknownOutcome, match="did not say which record the sales order for #1001 became"):
        client.create("salesOrder", {}, ORDER)


def test_a_refused_token_is_renewed_once(client: NetSuiteClient, netsuite: responses.RequestsMock) -> None:
    netsuite.add("POST", ORDERS, status=401, json=LOGIN)
    netsuite.add("POST", TOKEN_URL, json={"access_token": "second", "expires_in": "3600"})
    netsuite.add("POST", ORDERS, status=204, headers={"Location": f"{ORDERS}/7"})
    assert client.create("salesOrder", {}, ORDER) == "7"
    assert [r.headers["Authorization"] for r in _sent(netsuite, ORDERS)] == ["Bearer <JWT>", "Bearer second"]


def test_refused_twice_means_a_person_must_sign_in_again(
    client: NetSuiteClient, netsuite: responses.RequestsMock
) -> None:
    netsuite.add("POST", ORDERS, status=401, json=LOGIN)
    with pytest.raises(NeedsPerson) as caught:
        client.create("salesOrder", {}, ORDER)
    assert caught.value.code == "ERP_LOGIN"
    assert len(_sent(netsuite, ORDERS)) == 2


def test_a_429_is_sent_again_in_place_and_then_later(
    client: NetSuiteClient, netsuite: responses.RequestsMock
) -> None:
    netsuite.add("POST", ORDERS, status=429)
    with pytest.raises(NotExecuted) as caught:
        client.create("salesOrder", {}, ORDER)
    assert caught.value.code == "ERP_BUSY"
    assert len(_sent(netsuite, ORDERS)) == 4


def test_a_429_that_passes_is_not_noticed(client: NetSuiteClient, netsuite: responses.RequestsMock) -> None:
    netsuite.add("POST", ORDERS, status=429)
    netsuite.add("POST", ORDERS, status=204, headers={"Location": f"{ORDERS}/8"})
    assert client.create("salesOrder", {}, ORDER) == "8"


@pytest.mark.parametrize("failure", [requests.ReadTimeout("slow"), requests.ConnectionError("reset")])
def test_a_lost_answer_leaves_a_create_in_doubt_and_a_read_to_be_repeated(
    client: NetSuiteClient, netsuite: responses.RequestsMock, failure: Exception
) -> None:
    netsuite.add("POST", ORDERS, body=failure)
    netsuite.add("POST", QUERY, body=failure)
    with pytest.raises(UnknownOutcome) as doubt:
        client.create("salesOrder", {}, ORDER)
    assert doubt.value.message == (
        "NetSuite did not answer while it created the sales order for #1001. It may be there all the same."
    )
    with pytest.raises(Retryable) as again:
        client.query("SELECT id FROM item", Subject("item"))
    assert not isinstance(again.value, UnknownOutcome)
    assert len(_sent(netsuite, ORDERS)) == 1


def test_a_server_error_leaves_a_create_in_doubt(
    client: NetSuiteClient, netsuite: responses.RequestsMock
) -> None:
    netsuite.add("POST", ORDERS, status=500, body="oops")
    with pytest.raises(UnknownOutcome):
        client.create("salesOrder", {}, ORDER)
    assert len(_sent(netsuite, ORDERS)) == 1


def test_a_repeat_is_told_apart(client: NetSuiteClient, netsuite: responses.RequestsMock) -> None:
    cases = {case["name"]: case["body"] for case in data("errors_catalogue.json")["cases"]}
    netsuite.add("POST", ORDERS, status=400, json=cases["duplicate_external_id_transaction"])
    with pytest.raises(AlreadyExists):
        client.create("salesOrder", {}, ORDER)


def test_a_recorded_suiteql_answer_is_read(client: NetSuiteClient, netsuite: responses.RequestsMock) -> None:
    known = data("suiteql_200.json")
    netsuite.add("POST", QUERY, json=known["response"]["body"])
    rows = client.query(known["request"]["body"]["q"], Subject("vendor"))
    assert [row["id"] for row in rows] == ["-3", "1001", "1002", "1003", "1004"]
    assert "companyname" not in rows[0]
    (request,) = _sent(netsuite, QUERY)
    assert request.url == QUERY + "?limit=1000&offset=0"
    assert request.headers["Prefer"] == known["request"]["headers"]["Prefer"]
    assert json.loads(request.body or b"") == known["request"]["body"]


def _page(ids: range, *, more: bool) -> dict[str, object]:
    return {"items": [{"links": [], "id": str(number)} for number in ids], "hasMore": more, "count": len(ids)}


def test_pages_follow_by_offset(client: NetSuiteClient, netsuite: responses.RequestsMock) -> None:
    netsuite.add("POST", QUERY + "?limit=1000&offset=0", json=_page(range(1000), more=True))
    netsuite.add("POST", QUERY + "?limit=1000&offset=1000", json=_page(range(1000, 1400), more=False))
    rows = client.query("SELECT id FROM item ORDER BY id", Subject("item"))
    assert len(rows) == 1400
    assert [r.url for r in _sent(netsuite, QUERY)] == [
        QUERY + "?limit=1000&offset=0",
        QUERY + "?limit=1000&offset=1000",
    ]


def test_a_query_beyond_what_suiteql_gives_says_so(
    client: NetSuiteClient, netsuite: responses.RequestsMock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("erps.netsuite.client.MAX_OFFSET_ROWS", 3000)
    netsuite.add("POST", QUERY, json=_page(range(1), more=True))
    with pytest.raises(NeedsPerson) as caught:
        client.query("SELECT id FROM item", Subject("item"))
    assert caught.value.code == "ERP_TOO_MANY_ROWS"
    assert len(_sent(netsuite, QUERY)) == 3


def test_paging_by_key_goes_on_after_the_highest_key(
    client: NetSuiteClient, netsuite: responses.RequestsMock
) -> None:
    netsuite.add("POST", QUERY, json=_page(range(5, 8), more=True))
    netsuite.add("POST", QUERY, json=_page(range(8, 9), more=False))
    rows = list(client.query_by_key("SELECT id FROM item WHERE id > {after} ORDER BY id", Subject("item")))
    assert [row["id"] for row in rows] == ["5", "6", "7", "8"]
    asked = [json.loads(r.body or b"")["q"] for r in _sent(netsuite, QUERY)]
    assert asked == [
        "SELECT id FROM item WHERE id > -1000000000 ORDER BY id",
        "SELECT id FROM item WHERE id > 7 ORDER BY id",
    ]
    assert all((r.url or "").endswith("offset=0") for r in _sent(netsuite, QUERY))


def test_an_answer_that_is_no_json_is_read_again_later(
    client: NetSuiteClient, netsuite: responses.RequestsMock
) -> None:
    netsuite.add("POST", QUERY, body="<html>maintenance</html>")
    with pytest.raises(Retryable, match="cannot be read"):
        client.query("SELECT id FROM item", Subject("item"))


def test_nothing_secret_is_in_the_log(client: NetSuiteClient, netsuite: responses.RequestsMock) -> None:
    netsuite.add("POST", ORDERS, status=204, headers={"Location": f"{ORDERS}/7"})
    with recording() as log:
        client.create("salesOrder", {"externalId": "x"}, ORDER)
    assert [call.url for call in log.calls] == [TOKEN_URL, ORDERS]
    text = json.dumps([[call.request, call.response, call.error] for call in log.calls])
    assert "<JWT>" not in text
    assert "eyJ" not in text
    assert "externalId" in text

"""Failures on demand, and the server they happen on."""

from __future__ import annotations

import http.client
import time
from typing import Any

import pytest
import requests

from sandbox.faults import FaultError, FaultPlan, RequestInfo
from sandbox.serving import RequestStats

from .conftest import Client

TAG = 'mutation Tag($id: ID!) { tagsAdd(id: $id, tags: ["x"]) { userErrors { message } } }'
TAGS = "query Tags($id: ID!) { order(id: $id) { tags } }"


def _fault(client: Client, **rule: Any) -> None:
    answer = requests.post(f"{client.base_url}/_sandbox/faults", json=rule, timeout=10)
    assert answer.status_code == 200, answer.text


def _tags(client: Client, gid: str) -> Any:
    return client.run(TAGS, id=gid)["order"]["tags"]


def test_rules_fire_on_every_nth_match_up_to_a_number_of_times() -> None:
    plan = FaultPlan()
    plan.add(
        {"match": {"operation": "Tag", "method": "POST"}, "action": "status_500", "every": 2, "times": 2}
    )
    hits = [plan.decide(RequestInfo("/x", "POST", "Tag")) is not None for _ in range(8)]
    assert hits == [False, True, False, True, False, False, False, False]
    assert plan.decide(RequestInfo("/x", "GET", "Tag")) is None
    assert plan.as_json()[0]["hits"] == 2


def test_chance_is_repeatable_and_delays_add_to_the_next_rule() -> None:
    def run() -> list[bool]:
        plan = FaultPlan()
        plan.add({"action": "status_429", "probability": 0.3, "seed": 7})
        return [plan.decide(RequestInfo("/")) is not None for _ in range(50)]

    assert run() == run()
    assert 5 < sum(run()) < 25
    plan = FaultPlan()
    plan.add({"action": "delay_ms", "delay_ms": 20})
    plan.add({"action": "delay_ms", "delay_ms": {"median": 100, "sigma": 0}})
    plan.add({"action": "status_500", "status": 503})
    fault = plan.decide(RequestInfo("/"))
    assert fault is not None
    assert (fault.action, fault.status, round(fault.delay_s, 6)) == ("status_500", 503, 0.12)


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ({"action": "explode"}, "Unknown action 'explode'"),
        ({"action": "status_429", "colour": 1}, "no field colour"),
        ({"action": "status_429", "every": 0}, "must be 1 or more"),
        ({"action": "status_429", "match": {"path": "("}}, "not a regular expression"),
    ],
)
def test_bad_rules_are_refused_with_a_sentence(rule: Any, message: str) -> None:
    with pytest.raises(FaultError, match=message):
        FaultPlan().add(rule)


def test_answer_dropped_after_commit(demo: Client) -> None:
    gid = demo.order_id("1005")
    _fault(demo, match={"operation": "Tag"}, action="drop_after_commit", times=1)
    with pytest.raises(requests.ConnectionError):
        demo.post(TAG, {"id": gid})
    assert _tags(demo, gid) == ["x"]


def test_dropped_before_doing_anything(demo: Client) -> None:
    gid = demo.order_id("1005")
    _fault(demo, match={"operation": "Tag"}, action="timeout_before", times=1)
    with pytest.raises(requests.ConnectionError):
        demo.post(TAG, {"id": gid})
    assert _tags(demo, gid) == []
    demo.run(TAG, id=gid)
    assert _tags(demo, gid) == ["x"]


def test_committed_late(demo: Client) -> None:
    gid = demo.order_id("1005")
    _fault(demo, match={"operation": "Tag"}, action="commit_late", status=504, after_s=0.3)
    assert demo.post(TAG, {"id": gid}).status_code == 504
    assert _tags(demo, gid) == []
    deadline = time.monotonic() + 10
    while not _tags(demo, gid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert _tags(demo, gid) == ["x"]


def test_throttling_statuses_and_expired_tokens(demo: Client) -> None:
    _fault(demo, action="status_429", retry_after=2.5, times=1)
    refused = demo.post("{ shop { id } }")
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "2.5")
    _fault(demo, action="throttled_body", times=1)
    assert demo.post("{ shop { id } }").json()["errors"][0]["extensions"]["code"] == "THROTTLED"
    _fault(demo, action="status_500", status=502, times=1)
    assert demo.post("{ shop { id } }").status_code == 502
    _fault(demo, action="expire_token", times=1)
    assert demo.post("{ shop { id } }").status_code == 401
    assert demo.post("{ shop { id } }").status_code == 401
    form = {
        "grant_type": "client_credentials",
        "client_id": "demo-client",
        "client_secret": "demo-secret-do-not-use",
    }
    demo.token = requests.post(f"{demo.url}/admin/oauth/access_token", data=form, timeout=10).json()[
        "access_token"
    ]
    assert demo.post("{ shop { id } }").status_code == 200


def test_figures_reset_and_clearing(demo: Client) -> None:
    demo.run("query Named { shop { id } }")
    demo.run("query Named { shop { id } }")
    stats = requests.get(f"{demo.base_url}/_sandbox/stats", timeout=10).json()
    assert (stats["operations"], stats["points_used"], stats["peak_concurrency"]) == ({"Named": 2}, 2, 1)
    _fault(demo, action="status_500")
    requests.delete(f"{demo.base_url}/_sandbox/faults", timeout=10)
    demo.run("{ shop { id } }")
    demo.run(TAG, id=demo.order_id("1005"))
    requests.post(f"{demo.base_url}/_sandbox/reset", json={"orders": "demo"}, timeout=30)
    assert _tags(demo, demo.order_id("1005")) == []
    requests.post(f"{demo.base_url}/_sandbox/reset", json={"orders": "none"}, timeout=30)
    assert demo.run("{ ordersCount { count } }") == {"ordersCount": {"count": 0}}


def test_peak_concurrency_is_counted() -> None:
    stats = RequestStats()
    with stats.track("a"), stats.track("b") as now:
        assert now == 2
    assert stats.as_json()["peak_concurrency"] == 2


def test_connections_stay_open_between_requests(demo: Client) -> None:
    connection = http.client.HTTPConnection(demo.base_url.removeprefix("http://"), timeout=10)
    sockets = []
    for _ in range(3):
        connection.request("GET", "/_sandbox/stats")
        connection.getresponse().read()
        sockets.append(connection.sock)
    assert sockets[0] is not None
    assert sockets[0] is sockets[1] is sockets[2]
    connection.close()


def test_answer_twice_executes_twice(demo: Client) -> None:
    gid = demo.order_id("1030")
    paid = "mutation Pay($id: ID!) { orderMarkAsPaid(input: {id: $id}) { userErrors { message } } }"
    _fault(demo, match={"operation": "Pay"}, action="answer_twice", times=1)
    refused = demo.run(paid, id=gid)["orderMarkAsPaid"]["userErrors"]
    assert refused == [{"message": "Order cannot be marked as paid."}]

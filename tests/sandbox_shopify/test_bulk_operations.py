"""Bulk operations of the sandbox: they run, fail, are cancelled, and their results expire, as recorded."""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests

from tests.sandbox_shopify.conftest import Client

RUN = """mutation Run($query: String!) { bulkOperationRunQuery(query: $query) {
  bulkOperation { id status type objectCount url } userErrors { field message code } } }"""
LOOK = """query Look($id: ID!) { bulkOperation(id: $id) {
  id status errorCode objectCount rootObjectCount fileSize url partialDataUrl query } }"""
CANCEL = """mutation Stop($id: ID!) { bulkOperationCancel(id: $id) {
  bulkOperation { id status } userErrors { field message } } }"""
WITH_NODES = (
    "All connection fields in a bulk query must select their contents using 'edges' > 'node', e.g: "
    "'orders { edges { node {'. Selecting via 'nodes' is not supported. Invalid connection fields: 'orders'."
)
WITHOUT_ID = (
    "The parent 'node' field for a nested connection must select the 'id' field without an alias and must be of 'ID' "
    "return type. Connection fields without 'id': orders."
)
ORDERS = "{ orders { edges { node { id name lineItems { edges { node { id sku } } } } } } }"


@pytest.fixture
def store(demo: Client) -> Client:
    return demo


def set_to(client: Client, **values: Any) -> None:
    requests.post(f"{client.url}/_sandbox/bulk", json=values, timeout=10).raise_for_status()


def begin(client: Client, query: str = ORDERS) -> Any:
    return client.run(RUN, query=query)["bulkOperationRunQuery"]


def look(client: Client, gid: str) -> Any:
    return client.run(LOOK, id=gid)["bulkOperation"]


def test_rows_come_as_lines_with_their_parents(store: Client) -> None:
    begun = begin(store)
    assert begun["userErrors"] == []
    assert (begun["bulkOperation"]["status"], begun["bulkOperation"]["url"]) == ("CREATED", None)
    done = look(store, begun["bulkOperation"]["id"])
    assert (done["status"], done["errorCode"], done["partialDataUrl"]) == ("COMPLETED", None, None)
    answer = requests.get(done["url"], timeout=10)
    rows = [json.loads(line) for line in answer.text.splitlines()]
    assert (str(len(rows)), str(len(answer.content))) == (done["objectCount"], done["fileSize"])
    orders = [row for row in rows if "__parentId" not in row]
    count = store.run("{ ordersCount { count } }")["ordersCount"]["count"]
    assert (len(orders), done["rootObjectCount"]) == (count, str(count))
    assert rows[1]["__parentId"] == rows[0]["id"]
    assert set(rows[0]) == {"id", "name"}


def test_a_range_of_the_file(store: Client) -> None:
    url = look(store, begin(store)["bulkOperation"]["id"])["url"]
    whole = requests.get(url, timeout=10).content
    part = requests.get(url, headers={"Range": "bytes=100-"}, timeout=10)
    assert (part.status_code, part.content) == (206, whole[100:])
    assert part.headers["Content-Range"] == f"bytes 100-{len(whole) - 1}/{len(whole)}"


def test_addresses_are_signed_and_end(store: Client) -> None:
    gid = begin(store)["bulkOperation"]["id"]
    url = look(store, gid)["url"]
    assert requests.get(url[:-1] + "x", timeout=10).status_code == 403
    set_to(store, expire_addresses=True)
    answer = requests.get(url, timeout=10)
    assert (answer.status_code, "ExpiredToken" in answer.text) == (403, True)
    assert requests.get(look(store, gid)["url"], timeout=10).status_code == 200


def test_a_failed_one_gives_the_rows_it_had(store: Client) -> None:
    set_to(store, fail_after=3)
    failed = look(store, begin(store)["bulkOperation"]["id"])
    assert (failed["status"], failed["errorCode"], failed["url"]) == ("FAILED", "INTERNAL_SERVER_ERROR", None)
    assert len(requests.get(failed["partialDataUrl"], timeout=10).text.splitlines()) == 3


def test_five_at_once_and_cancelling(store: Client) -> None:
    set_to(store, seconds=1000)
    ids = [begin(store)["bulkOperation"]["id"] for _ in range(5)]
    refused = begin(store)
    assert refused["bulkOperation"] is None
    (error,) = refused["userErrors"]
    assert error == {
        "field": None, "code": "OPERATION_IN_PROGRESS",
        "message": f"A bulk query operation for this app and shop is already in progress: {', '.join(ids)}.",
    }  # fmt: skip
    stopped = store.run(CANCEL, id=ids[0])["bulkOperationCancel"]
    assert (stopped["bulkOperation"]["status"], stopped["userErrors"]) == ("CANCELING", [])
    assert look(store, ids[0])["status"] == "CANCELED"
    assert store.run(CANCEL, id=ids[0])["bulkOperationCancel"]["userErrors"][0]["message"] == (
        "A bulk operation cannot be canceled when it is canceled"
    )
    going = store.run('{ bulkOperations(first: 10, query: "status:CREATED") { nodes { id } } }')
    assert [row["id"] for row in going["bulkOperations"]["nodes"]] == ids[1:]
    assert begin(store)["userErrors"] == []


@pytest.mark.parametrize(
    ("query", "messages"),
    [
        ("{ shop { id } }", ["Bulk queries must contain at least one connection."]),
        ("", ["Invalid bulk query: syntax error, unexpected end of file"]),
        (
            '{ node(id: "gid://shopify/Order/0") { id } }',
            [
                "Bulk queries cannot contain a top level `node` field.",
                "Bulk queries must contain at least one connection.",
            ],
        ),
        ("{ orders { nodes { id } } }", [WITH_NODES]),
        ("{ orders { edges { node { name lineItems { edges { node { id } } } } } } }", [WITHOUT_ID]),
        (
            "mutation { orderClose { order { id } } }",
            ["Invalid operation type. Only `query` operations are supported."],
        ),
    ],
)
def test_what_cannot_run_in_bulk(store: Client, query: str, messages: list[str]) -> None:
    refused = begin(store, query)
    assert [(error["message"], error["code"]) for error in refused["userErrors"]] == [
        (message, "INVALID") for message in messages
    ]

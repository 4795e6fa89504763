"""Query cost: as recorded from real stores, charged by what came back, and paid from a bucket."""

from __future__ import annotations

import gzip
import json
from typing import Any

from graphql import FragmentDefinitionNode, GraphQLSchema, OperationDefinitionNode, parse, validate

from sandbox.shopify.cost import CostModel, Plan, actual_cost, requested_cost, rows_weight
from sandbox.shopify.throttle import Bucket

from .conftest import DATA, Client

ORDERS = "query($n: Int!) { orders(first: $n) { nodes { id lineItems(first: 10) { nodes { id } } } } }"


def _plan(schema: GraphQLSchema, query: str, variables: dict[str, Any]) -> Plan:
    document = parse(query)
    assert validate(schema, document) == []
    [operation] = [each for each in document.definitions if isinstance(each, OperationDefinitionNode)]
    fragments = {
        each.name.value: each for each in document.definitions if isinstance(each, FragmentDefinitionNode)
    }
    return CostModel(schema).plan(operation, fragments, variables)


def test_page_weights_are_the_recorded_ones() -> None:
    recorded = {0: 0, 1: 1, 2: 1, 3: 2, 5: 3, 10: 4, 20: 5, 50: 7, 100: 9, 200: 10, 250: 11}
    assert {count: rows_weight(count) for count in recorded} == recorded


def test_requested_cost_equals_the_recorded_one_for_at_least_nine_in_ten(served: GraphQLSchema) -> None:
    samples = json.loads(gzip.decompress((DATA / "shopify_cost_samples.json.gz").read_bytes()))
    wrong = []
    for sample in samples:
        plan = _plan(served, sample["query"], dict(sample["int_vars"]))
        if requested_cost(plan) != sample["requested"]:
            wrong.append((requested_cost(plan), sample["requested"], sample["query"][:80]))
    assert len(samples) == 111
    assert len(wrong) <= 11, wrong


def test_actual_cost_charges_returned_rows_but_the_whole_empty_page(served: GraphQLSchema) -> None:
    plan = _plan(served, ORDERS, {"n": 50})
    assert requested_cost(plan) == 2 + 7 * (1 + 2 + 4 * 1)
    assert actual_cost(plan, {"orders": {"nodes": []}}) == 2 + 7
    five = {"nodes": [{"id": "1", "lineItems": {"nodes": [{"id": "2"}] * 10}}] * 5}
    assert actual_cost(plan, {"orders": five}) == 7  # 2 + 7 * 5/50 * (1 + 2 + 4) = 6.9
    assert actual_cost(plan, {"orders": None}) == 2


def test_answers_carry_cost_and_the_unused_points_come_back(empty: Client) -> None:
    answer = empty.post(ORDERS, {"n": 50}).json()
    cost = answer["extensions"]["cost"]
    assert (cost["requestedQueryCost"], cost["actualQueryCost"]) == (51, 9)
    status = cost["throttleStatus"]
    assert (status["maximumAvailable"], status["restoreRate"]) == (2000, 100)
    assert 1991 <= status["currentlyAvailable"] <= 2000


def test_a_query_the_bucket_cannot_pay_is_throttled_inside_a_200(empty: Client) -> None:
    empty.sandbox.set_bucket(50, 1)
    answer = empty.post(ORDERS, {"n": 50})
    assert answer.status_code == 200
    body = answer.json()
    assert "data" not in body
    assert body["errors"][0]["message"] == "Throttled"
    assert body["errors"][0]["extensions"]["code"] == "THROTTLED"
    assert body["extensions"]["cost"]["actualQueryCost"] is None
    assert empty.sandbox.stats.as_json()["throttled"] == 1


def test_a_query_above_the_limit_is_refused_whatever_is_in_the_bucket(demo: Client) -> None:
    inner = "lineItems(first: 250) { nodes { id duties { id } taxLines { title } } }"
    deep = f"{{ orders(first: 250) {{ nodes {{ a: {inner} b: {inner} c: {inner} }} }} }}"
    error = demo.post(deep).json()["errors"][0]
    cost = 2 + 11 * (1 + 3 * (2 + 11 * (1 + 1 + 1)))
    assert cost == 1168
    assert error["extensions"] == {"code": "MAX_COST_EXCEEDED", "cost": cost, "maxCost": 1000}


def test_cost_debug_lists_the_charged_fields(demo: Client) -> None:
    answer = demo.post(
        "{ shop { id plan { publicDisplayName } } }", **{"Shopify-GraphQL-Cost-Debug": "1"}
    ).json()
    fields = answer["extensions"]["cost"]["fields"]
    assert [(row["path"], row["requestedTotalCost"]) for row in fields] == [
        (["shop"], 2),
        (["shop", "plan"], 1),
    ]


def test_bucket_refills_with_time_and_never_overflows() -> None:
    now = [0.0]
    bucket = Bucket(100, 10, clock=lambda: now[0])
    assert bucket.take(80)
    assert not bucket.take(30)
    now[0] = 1.0
    assert bucket.take(30)
    bucket.give_back(500)
    assert bucket.status() == {"maximumAvailable": 100, "currentlyAvailable": 100, "restoreRate": 10}

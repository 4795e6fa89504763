"""Shipping that changes in Shopify after the order was written: the open document follows, to the cent, once."""

from __future__ import annotations

import json
from typing import Any

from shops.shopify.client import client_for
from shops.shopify.version import API_VERSION
from syncflows.models import Attempt, ChangePolicy, Outcome
from tests.journeys.changing import D, bought, by_rule, lines, notes
from tests.journeys.world import STORE, World

BEGIN = """mutation($id: ID!) { orderEditBegin(id: $id) {
  calculatedOrder { id shippingLines { id title } } userErrors { message } } }"""
REMOVE = """mutation($id: ID!, $line: ID!) { orderEditRemoveShippingLine(id: $id, shippingLineId: $line) {
  userErrors { message } } }"""
ADD = """mutation($id: ID!, $line: OrderEditAddShippingLineInput!) {
  orderEditAddShippingLine(id: $id, shippingLine: $line) { userErrors { message } } }"""
COMMIT = "mutation($id: ID!) { orderEditCommit(id: $id) { order { name } userErrors { message } } }"


def shopify(world: World, query: str, **variables: Any) -> Any:
    """The answer of one mutation, sent as an app of the store would."""
    token = client_for(world.shops[STORE]).tokens.token()
    answer = world.http.send(
        "POST",
        f"{world.link.shopify}/{STORE}/admin/api/{API_VERSION}/graphql.json",
        headers={"Content-Type": "application/json", "X-Shopify-Access-Token": token},
        body=json.dumps({"query": query, "variables": variables}),
    ).json()
    [payload] = answer["data"].values()
    assert payload["userErrors"] == []
    return payload


def amended(world: World, name: str) -> int:
    return Attempt.objects.filter(sync__name=name, outcome=Outcome.AMENDED).count()


def test_another_shipping_line_is_another_amount_and_ship_method(world: World) -> None:
    by_rule(ChangePolicy.AMEND)
    order_id, name = bought(world)  # 25.00 + 2.06 + 5.95 = 33.01
    before = world.document(name)
    begun = shopify(world, BEGIN, id=f"gid://shopify/Order/{order_id}")["calculatedOrder"]
    shopify(world, REMOVE, id=begun["id"], line=begun["shippingLines"][0]["id"])
    price = {"amount": "12.50", "currencyCode": "USD"}
    shopify(world, ADD, id=begun["id"], line={"title": "Express", "price": price})
    world.run()
    assert amended(world, name) == 0  # nothing happened before the commit
    shopify(world, COMMIT, id=begun["id"])
    world.run()
    assert world.outcome(name) == ("done", "")
    assert lines(world, name) == [
        ("TEE", D(1), D("25.00"), D("2.06")),
        ("Shopify shipping", D(1), D("12.50"), D(0)),
    ]
    document = world.document(name)
    assert (document.id, document.total) == (before.id, D("39.56"))  # 33.01 - 5.95 + 12.50
    assert document.ship_method != before.ship_method
    assert any("(+12.50 USD)" in note for note in notes(world, name))
    world.again()
    assert (amended(world, name), world.books.count()) == (1, 1)


def test_a_second_shipping_line_comes_and_all_shipping_goes(world: World) -> None:
    by_rule(ChangePolicy.AMEND)
    order_id, name = bought(world)
    world.do(order_id, "shipping", title="Express", price="3.20")
    world.run()
    assert world.outcome(name) == ("done", "")
    assert lines(world, name) == [
        ("TEE", D(1), D("25.00"), D("2.06")),
        ("Shopify shipping", D(1), D("5.95"), D(0)),
        ("Shopify shipping", D(1), D("3.20"), D(0)),
    ]
    assert world.document(name).total == D("36.21")  # 33.01 + 3.20
    world.do(order_id, "shipping", place="0")
    world.do(order_id, "shipping", place="1")
    world.run()
    assert world.outcome(name) == ("done", "")
    assert lines(world, name) == [("TEE", D(1), D("25.00"), D("2.06"))]
    assert world.document(name).total == D("27.06")
    world.again()
    assert amended(world, name) == 2


def test_without_a_policy_the_change_is_asked_with_its_amount(world: World) -> None:
    order_id, name = bought(world)
    world.do(order_id, "shipping", place="0", title="Express", price="7.95")
    world.run()
    sync = world.sync(name)
    assert (sync.state, sync.reason_code) == ("blocked", "ORDER_CHANGED")
    assert "shipping" in sync.reason.lower()
    assert world.document(name).total == D("33.01")

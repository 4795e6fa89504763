"""Reading: paging, searching, sorting, batches by id, and errors in Shopify's shape."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import IN_DEMO_STORE, Client

PAGE = """query($first: Int, $after: String, $query: String, $key: OrderSortKeys, $reverse: Boolean) {
  orders(first: $first, after: $after, query: $query, sortKey: $key, reverse: $reverse) {
    nodes { id name updatedAt } pageInfo { hasNextPage hasPreviousPage endCursor } } }"""


def _names(client: Client, query: str) -> list[str]:
    found = client.run(PAGE, first=250, query=query, key="ID")
    return [row["name"] for row in found["orders"]["nodes"]]


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("key", ["UPDATED_AT", "CREATED_AT", "PROCESSED_AT", "ID"])
def test_pages_give_every_order_once_in_order(demo: Client, key: str, reverse: bool) -> None:
    seen: list[Any] = []
    after = None
    while True:
        page = demo.run(PAGE, first=7, after=after, key=key, reverse=reverse)["orders"]
        seen += page["nodes"]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert len(seen) == len({row["id"] for row in seen}) == len(IN_DEMO_STORE)
    if key == "UPDATED_AT":
        times = [row["updatedAt"] for row in seen]
        assert times == sorted(times, reverse=reverse)


def test_three_hundred_lines_come_in_pages(demo: Client) -> None:
    gid = demo.order_id("1035")
    query = """query($id: ID!, $after: String) { order(id: $id) { lineItems(first: 120, after: $after) {
      nodes { id sku } pageInfo { hasNextPage endCursor } } } }"""
    sizes, ids, after = [], [], None
    while True:
        page = demo.run(query, id=gid, after=after)["order"]["lineItems"]
        sizes.append(len(page["nodes"]))
        ids += [row["id"] for row in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert sizes == [120, 120, 60]
    assert len(set(ids)) == 300
    assert int(ids[0].rsplit("/", 1)[1]) > 2**53


def test_last_and_edges(demo: Client) -> None:
    gid = demo.order_id("1006")
    query = """query($id: ID!, $before: String) { order(id: $id) { lineItems(last: 2, before: $before) {
      edges { cursor node { sku } } pageInfo { hasPreviousPage startCursor } } } }"""
    page = demo.run(query, id=gid)["order"]["lineItems"]
    assert [edge["node"]["sku"] for edge in page["edges"]] == ["POSTER", "STICKER"]
    assert page["pageInfo"]["hasPreviousPage"] is True
    before = demo.run(query, id=gid, before=page["pageInfo"]["startCursor"])["order"]["lineItems"]
    assert [edge["node"]["sku"] for edge in before["edges"]] == ["TEE", "CAP"]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("name:#1001", ["#1001"]),
        ('name:"#1001" OR name:1003', ["#1001", "#1003"]),
        ("test:true", ["#1019"]),
        ("status:cancelled", ["#1020", "#1021"]),
        ("status:closed", ["#1040"]),
        ("financial_status:authorized", ["#1029"]),
        ("fulfillment_status:partial id:<6100000002000", ["#1027"]),
        ("tag:vip", ["#1044"]),
        ("tag:'Gift wrap please!'", ["#1044"]),
        ("source_identifier:D-17", ["#1050"]),
        ("po_number:PO-77", ["#1031"]),
        ("created_at:>='2026-11-02T09:00:00Z' AND created_at:<'2026-11-02T15:00:00Z'", ["#1001", "#1002"]),
        ("sku:DUP-1 -test:true id:<6100000002000", ["#1038"]),
        ("(test:true OR po_number:PO-77) AND financial_status:pending", ["#1031"]),
        ("id:>6100000001053 AND id:<6100000002000", ["#1054"]),
        ("NOT status:open", ["#1020", "#1021", "#1040"]),
    ],
)
def test_search(demo: Client, query: str, names: list[str]) -> None:
    assert _names(demo, query) == names


def test_an_unknown_search_field_is_ignored_with_a_warning(demo: Client) -> None:
    answer = demo.post(PAGE, {"first": 250, "query": "colour:red"}).json()
    assert len(answer["data"]["orders"]["nodes"]) == len(IN_DEMO_STORE)
    [found] = answer["extensions"]["search"]
    assert found["warnings"] == [{"field": "colour", "message": "Invalid search field for this query."}]


def test_nodes_keep_their_places_and_know_children(demo: Client) -> None:
    gid = demo.order_id("1025")
    refund = demo.run("query($id: ID!) { order(id: $id) { refunds { id } } }", id=gid)["order"]["refunds"][0][
        "id"
    ]
    query = """query($ids: [ID!]!) { nodes(ids: $ids) { __typename id
      ... on Order { name } ... on Refund { order { name } } } }"""
    found = demo.run(query, ids=["gid://shopify/Order/1", gid, refund])["nodes"]
    assert found[0] is None
    assert found[1] == {"__typename": "Order", "id": gid, "name": "#1025"}
    assert found[2] == {"__typename": "Refund", "id": refund, "order": {"name": "#1025"}}


def test_references_inside_an_order_can_be_followed(demo: Client) -> None:
    query = """query($id: ID!) { order(id: $id) { customer { displayName numberOfOrders }
      refunds { refundLineItems(first: 5) { nodes { lineItem { sku taxLines { rate } } location { name isActive } } }
        transactions(first: 5) { nodes { kind parentTransaction { kind } } } }
      agreements(first: 5) { nodes { reason
        sales(first: 5) { nodes { ... on ProductSale { lineItem { title } } } } } } } }"""
    found = demo.run(query, id=demo.order_id("1025"))["order"]
    [row] = found["refunds"][0]["refundLineItems"]["nodes"]
    assert row == {
        "lineItem": {"sku": "TEE", "taxLines": [{"rate": 0.0825}]},
        "location": {"name": "Main warehouse", "isActive": True},
    }
    assert found["refunds"][0]["transactions"]["nodes"] == [
        {"kind": "REFUND", "parentTransaction": {"kind": "SALE"}}
    ]
    sales = found["agreements"]["nodes"][1]["sales"]["nodes"]
    assert sales == [{"lineItem": {"title": "Cotton tee"}}]
    assert found["customer"]["displayName"] == "Ada Lovelace"


@pytest.mark.parametrize(
    ("query", "variables", "code", "message"),
    [
        (
            "{ orders(first: 1) { nodes { colour } } }",
            {},
            "undefinedField",
            "Field 'colour' doesn't exist on type 'Order'",
        ),
        ("{ orders(", {}, "PARSE_ERROR", "syntax error"),
        ("{ order { id } }", {}, "missingRequiredArguments", "missing required arguments: id"),
        ("{ shop(x: 1) { id } }", {}, "argumentNotAccepted", "doesn't accept argument 'x'"),
        ("query Q($x: Int) { shop { id } }", {}, "variableNotUsed", "declared by Q but not used"),
        ("query($id: ID!) { order(id: $id) { id } }", {}, "INVALID_VARIABLE", "was provided invalid value"),
        ("{ orders(first: 251) { nodes { id } } }", {}, "BAD_REQUEST", "first cannot exceed 250"),
        ("{ orders { nodes { id } } }", {}, "BAD_REQUEST", "you must provide one of first or last"),
        ('{ order(id: "1001") { id } }', {}, "argumentLiteralsIncompatible", "Invalid global id '1001'"),
        (
            "query($ids: [ID!]!) { nodes(ids: $ids) { id } }",
            {"ids": ["gid://shopify/Order/1"] * 251},
            "MAX_INPUT_SIZE_EXCEEDED",
            "The input array size of 251 is greater than the maximum allowed of 250.",
        ),
    ],
)
def test_errors_in_shopifys_shape(demo: Client, query: str, variables: Any, code: str, message: str) -> None:
    answer = demo.post(query, variables)
    assert answer.status_code == 200
    error = answer.json()["errors"][0]
    assert error["extensions"]["code"] == code
    assert message in error["message"]


def test_versions_fall_forward_silently(demo: Client) -> None:
    assert demo.post("{ shop { id } }").headers["X-Shopify-API-Version"] == "2026-10"
    demo.version = "2024-04"
    answer = demo.post("{ shop { id } }")
    assert answer.status_code == 200
    assert answer.headers["X-Shopify-API-Version"] == "2026-01"
    assert answer.headers["X-Request-ID"]


def test_currencies_of_each_store(demo: Client) -> None:
    totals = {}
    for store, name in (("demo-jp", "JP1001"), ("demo-kw", "KW1001"), ("demo-uk", "UK1001")):
        demo.store = store
        query = """query($id: ID!) { order(id: $id) {
          taxesIncluded totalPriceSet { shopMoney { amount currencyCode } } } }"""
        found = demo.run(query, id=demo.order_id(name))["order"]
        totals[store] = (found["taxesIncluded"], *found["totalPriceSet"]["shopMoney"].values())
    assert totals == {
        "demo-jp": (True, "6380.0", "JPY"),
        "demo-kw": (False, "14.225", "KWD"),
        "demo-uk": (True, "29.97", "GBP"),
    }


def test_line_totals_with_and_without_discounts_by_code(demo: Client) -> None:
    query = """query($id: ID!) { order(id: $id) { lineItems(first: 2) { nodes {
      plain: discountedTotalSet { shopMoney { amount } }
      coded: discountedTotalSet(withCodeDiscounts: true) { shopMoney { amount } }
      totalDiscountSet { shopMoney { amount } } } } } }"""

    def amounts(name: str) -> list[str]:
        line = demo.run(query, id=demo.order_id(name))["order"]["lineItems"]["nodes"][0]
        return [line[key]["shopMoney"]["amount"] for key in ("plain", "coded", "totalDiscountSet")]

    assert amounts("1010") == ["50.0", "45.0", "5.0"], "a code on chosen goods"
    assert amounts("1009") == ["36.0", "36.0", "4.0"], "a manual line discount; the order's code is left out"
    assert amounts("1001") == ["50.0", "50.0", "0.0"], "a code on the whole order"


def test_shipping_taken_back_does_not_name_its_line(demo: Client) -> None:
    """#2046: 5.95 added again, then the first 5.95 removed; both with 0.49 of tax."""
    query = """query($id: ID!) { order(id: $id) {
      shippingLines(first: 5) { nodes { title } }
      removed: shippingLines(first: 5, includeRemovals: true) { nodes { isRemoved } }
      agreements(first: 5) { nodes { sales(first: 5) { nodes {
        actionType totalAmount { shopMoney { amount } }
        ... on ShippingLineSale { shippingLine { title } } } } } } } }"""
    order = demo.run(query, id=demo.order_id("2046"))["order"]
    added, back = order["agreements"]["nodes"][1]["sales"]["nodes"]
    assert (added["actionType"], added["totalAmount"]["shopMoney"]["amount"]) == ("ORDER", "6.44")
    assert added["shippingLine"] == {"title": "Standard"}
    assert (back["actionType"], back["totalAmount"]["shopMoney"]["amount"]) == ("RETURN", "-6.44")
    assert back["shippingLine"] is None
    assert len(order["shippingLines"]["nodes"]) == 1
    assert [row["isRemoved"] for row in order["removed"]["nodes"]] == [True, False]

"""Order edits of shipping lines: staged, refused with the recorded words, committed with their sales."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from .conftest import Client

CALCULATED = """calculatedOrder {
  id originalOrder { name } totalPriceSet { shopMoney { amount } }
  shippingLines { id title stagedStatus price { shopMoney { amount } } }
} userErrors { field message }"""
BEGIN = f"mutation($id: ID!) {{ orderEditBegin(id: $id) {{ orderEditSession {{ id }} {CALCULATED} }} }}"
ADD = f"""mutation($id: ID!, $line: OrderEditAddShippingLineInput!) {{
  orderEditAddShippingLine(id: $id, shippingLine: $line) {{ calculatedShippingLine {{ id title }} {CALCULATED} }} }}"""
UPDATE = f"""mutation($id: ID!, $line: ID!, $new: OrderEditUpdateShippingLineInput!) {{
  orderEditUpdateShippingLine(id: $id, shippingLineId: $line, shippingLine: $new) {{ {CALCULATED} }} }}"""
REMOVE = f"""mutation($id: ID!, $line: ID!) {{
  orderEditRemoveShippingLine(id: $id, shippingLineId: $line) {{ {CALCULATED} }} }}"""
COMMIT = """mutation($id: ID!) { orderEditCommit(id: $id) {
  order { name edited } successMessages userErrors { field message } } }"""
ORDER = """query($id: ID!) { order(id: $id) {
  currentTotalPriceSet { shopMoney { amount } } currentShippingPriceSet { shopMoney { amount } }
  currentTotalTaxSet { shopMoney { amount } }
  shippingLines(first: 9, includeRemovals: true) { nodes { title custom isRemoved } }
  agreements(first: 9) { nodes { reason sales(first: 9) { nodes {
    actionType lineType quantity totalAmount { shopMoney { amount } } totalTaxAmount { shopMoney { amount } }
    ... on ShippingLineSale { shippingLine { title } } } } } } } }"""


def usd(amount: str, currency: str = "USD") -> dict[str, str]:
    return {"amount": amount, "currencyCode": currency}


class Edit:
    """One edit of one order."""

    def __init__(self, client: Client, name: str) -> None:
        self.client, self.order_id = client, client.order_id(name)
        self.begun = client.run(BEGIN, id=self.order_id)["orderEditBegin"]
        self.id = self.begun["calculatedOrder"]["id"]

    def run(self, query: str, **variables: Any) -> Any:
        [answer] = self.client.run(query, id=self.id, **variables).values()
        return answer

    def order(self) -> Any:
        return self.client.run(ORDER, id=self.order_id)["order"]


def shown(answer: Any) -> list[tuple[str, str, str]]:
    return [
        (line["title"], line["stagedStatus"], line["price"]["shopMoney"]["amount"])
        for line in answer["calculatedOrder"]["shippingLines"]
    ]


def total(answer: Any) -> str:
    return str(answer["calculatedOrder"]["totalPriceSet"]["shopMoney"]["amount"])


def test_another_shipping_line_for_the_one_there_is(demo: Client) -> None:
    edit = Edit(demo, "#1001")  # 69.27 with Standard at 5.95, no tax on shipping
    assert shown(edit.begun) == [("Standard", "NONE", "5.95")]
    first = edit.begun["calculatedOrder"]["shippingLines"][0]["id"]
    removed = edit.run(REMOVE, line=first)
    assert (shown(removed), total(removed)) == ([("Standard", "REMOVED", "5.95")], "63.32")
    added = edit.run(ADD, line={"title": "Van", "price": usd("4.00")})
    assert (added["calculatedShippingLine"]["title"], total(added)) == ("Van", "67.32")
    new = added["calculatedShippingLine"]["id"]
    updated = edit.run(UPDATE, line=new, new={"title": "Express van", "price": usd("12.50")})
    assert shown(updated) == [("Standard", "REMOVED", "5.95"), ("Express van", "ADDED", "12.5")]
    assert edit.order()["currentTotalPriceSet"]["shopMoney"]["amount"] == "69.27"  # nothing is done yet
    done = edit.run(COMMIT)
    assert done == {
        "order": {"name": "#1001", "edited": True},
        "successMessages": ["Order updated"],
        "userErrors": [],
    }
    order = edit.order()
    assert order["currentTotalPriceSet"]["shopMoney"]["amount"] == "75.82"
    assert order["currentShippingPriceSet"]["shopMoney"]["amount"] == "12.5"
    assert [(row["title"], row["custom"], row["isRemoved"]) for row in order["shippingLines"]["nodes"]] == [
        ("Standard", False, True), ("Express van", True, False),
    ]  # fmt: skip
    agreement = order["agreements"]["nodes"][-1]
    sales = [
        (
            s["actionType"],
            s["lineType"],
            s["quantity"],
            s["totalAmount"]["shopMoney"]["amount"],
            s["shippingLine"],
        )
        for s in agreement["sales"]["nodes"]
    ]
    # A sale that takes shipping back does not name its line, as the published schema says.
    assert (agreement["reason"], sales) == (
        "ORDER_EDIT",
        [
            ("RETURN", "SHIPPING", None, "-5.95", None),
            ("ORDER", "SHIPPING", None, "12.5", {"title": "Express van"}),
        ],
    )


def test_an_added_line_is_taxed_like_the_shipping_there_is_and_one_taken_back_leaves_nothing(
    demo: Client,
) -> None:
    demo.store = "demo-uk"
    edit = Edit(demo, "UK1002")
    before = edit.order()
    first = edit.run(ADD, line={"title": "Courier", "price": usd("12.00", "GBP")})
    gone = edit.run(REMOVE, line=first["calculatedShippingLine"]["id"])
    assert total(gone) == before["currentTotalPriceSet"]["shopMoney"]["amount"]
    assert edit.run(ADD, line={"title": "Courier", "price": usd("12.00", "GBP")})["userErrors"] == []
    edit.run(COMMIT)
    [sale] = edit.order()["agreements"]["nodes"][-1]["sales"]["nodes"]
    # 20 % VAT inside 12.00: 12.00 x 0.2 / 1.2
    assert sale["totalAmount"]["shopMoney"]["amount"] == "12.0"
    assert sale["totalTaxAmount"]["shopMoney"]["amount"] == "2.0"


def test_a_price_is_in_the_customers_currency_at_the_rate_of_the_order(demo: Client) -> None:
    demo.store = "demo-uk"
    edit = Edit(demo, "UK2102")  # 41.95 GBP, for which the customer paid 49.08 EUR
    [problem] = edit.run(ADD, line={"title": "Van", "price": usd("7.00", "GBP")})["userErrors"]
    assert problem["message"] == "The price must be in EUR."
    edit.run(ADD, line={"title": "Van", "price": usd("8.19", "EUR")})
    edit.run(COMMIT)
    [sale] = edit.order()["agreements"]["nodes"][-1]["sales"]["nodes"]
    # 8.19 x 41.95 / 49.08 = 7.0002; 20 % VAT inside it is 7.00 / 6 = 1.1667
    assert sale["totalAmount"]["shopMoney"]["amount"] == "7.0"
    assert sale["totalTaxAmount"]["shopMoney"]["amount"] == "1.17"


def test_refusals_are_in_the_recorded_words(demo: Client) -> None:
    edit = Edit(demo, "#1001")
    line = {"title": "Van", "price": usd("4.00")}
    unknown = "gid://shopify/CalculatedShippingLine/999999999999"
    existing = edit.begun["calculatedOrder"]["shippingLines"][0]["id"]

    def problem(answer: Any) -> tuple[list[str], str]:
        [found] = answer["userErrors"]
        return found["field"], found["message"]

    assert problem(edit.run(ADD, line={**line, "price": usd("4.00", "CAD")})) == (
        ["shippingLine", "price"], "The price must be in USD.",
    )  # fmt: skip
    no_update = (
        "The shipping line can't be updated because it doesn't exist or wasn't added during this edit."
    )
    assert problem(edit.run(UPDATE, line=unknown, new=line)) == (["shippingLineId"], no_update)
    assert problem(edit.run(UPDATE, line=existing, new=line)) == (["shippingLineId"], no_update)
    no_removal = "The shipping line can't be removed because it doesn't exist or has already been removed."
    assert problem(edit.run(REMOVE, line=unknown)) == (["shippingLineId"], no_removal)
    edit.run(REMOVE, line=existing)
    assert problem(edit.run(REMOVE, line=existing)) == (["shippingLineId"], no_removal)
    edit.run(COMMIT)
    edit.id = edit.id.rsplit("/", 1)[0] + "/999999999999"
    gone = (["id"], "The calculated order does not exist.")
    assert [problem(edit.run(ADD, line=line)), problem(edit.run(COMMIT))] == [gone, gone]
    assert (
        problem(edit.run(REMOVE, line=unknown)) == problem(edit.run(UPDATE, line=unknown, new=line)) == gone
    )


def test_a_committed_edit_is_over_and_one_without_changes_does_nothing(demo: Client) -> None:
    edit = Edit(demo, "#1001")
    assert edit.run(COMMIT)["userErrors"] == []
    assert len(edit.order()["agreements"]["nodes"]) == 1
    assert edit.run(COMMIT)["userErrors"][0]["field"] == ["id"]


def test_edits_need_their_scope_and_an_order_that_may_be_edited(demo: Client) -> None:
    missing = demo.run(BEGIN, id="gid://shopify/Order/1")["orderEditBegin"]
    assert missing["userErrors"] == [{"field": ["id"], "message": "The order does not exist."}]
    scopes = demo.sandbox.tokens.app(demo.store)["scopes"]
    demo.sandbox.tokens.set_scopes(demo.store, [each for each in scopes if each != "write_order_edits"])
    answer = demo.post(BEGIN, {"id": demo.order_id("#1001")}).json()
    assert answer["errors"][0]["extensions"]["code"] == "ACCESS_DENIED"


@pytest.mark.parametrize(
    ("form", "total", "lines"),
    [
        ({"place": "0", "title": "Van", "price": "7"}, "70.32", [("Standard", True), ("Van", False)]),
        ({"place": "0"}, "63.32", [("Standard", True)]),
        ({"title": "Van", "price": "2.50"}, "71.77", [("Standard", False), ("Van", False)]),
    ],
)
def test_the_page_edits_shipping(demo: Client, form: dict[str, str], total: str, lines: list[Any]) -> None:
    order_id = demo.order_id("#1001")
    page = f"{demo.url}/orders/{order_id.rsplit('/', 1)[1]}"
    answer = requests.post(page, data={"action": "shipping", **form}, timeout=30)
    assert (answer.status_code, "new shipping line" in answer.text) == (200, True)
    order = demo.run(ORDER, id=order_id)["order"]
    assert order["currentTotalPriceSet"]["shopMoney"]["amount"] == total
    assert [(row["title"], row["isRemoved"]) for row in order["shippingLines"]["nodes"]] == lines


@pytest.mark.parametrize("form", [{"title": "Van"}, {"price": "cheap"}, {"place": "7"}])
def test_the_page_says_what_is_wrong(demo: Client, form: dict[str, str]) -> None:
    page = f"{demo.url}/orders/{demo.order_id('#1001').rsplit('/', 1)[1]}"
    assert requests.post(page, data={"action": "shipping", **form}, timeout=30).status_code == 400

"""Mutations change the order, its ledger, its money and its time, and refuse what Shopify refuses."""

from __future__ import annotations

import time
from typing import Any

from .conftest import Client

STATE = """query($id: ID!) { order(id: $id) { updatedAt displayFinancialStatus closed cancelledAt note tags poNumber
  currentTotalPriceSet { shopMoney { amount } } totalOutstandingSet { shopMoney { amount } }
  totalReceivedSet { shopMoney { amount } } totalRefundedSet { shopMoney { amount } }
  transactions { kind status gateway amountSet { shopMoney { amount } } }
  agreements(first: 10) { nodes { reason
    sales(first: 10) { nodes { actionType totalAmount { shopMoney { amount } } } } } }
} }"""
MARK_PAID = """mutation($id: ID!) { orderMarkAsPaid(input: {id: $id}) {
  order { displayFinancialStatus } userErrors { field message } } }"""
CAPTURE = """mutation($input: OrderCaptureInput!) { orderCapture(input: $input) {
  transaction { kind parentTransaction { id } amountSet { shopMoney { amount } } } userErrors { field message } } }"""
CANCEL = """mutation($id: ID!, $note: String) { orderCancel(orderId: $id, reason: CUSTOMER, restock: true,
  refundMethod: {originalPaymentMethodsRefund: true}, staffNote: $note) {
  job { id done } jobResult { id status } orderCancelUserErrors { code field message } } }"""
METAFIELDS = """mutation($m: [MetafieldsSetInput!]!) { metafieldsSet(metafields: $m) {
  metafields { value compareDigest } userErrors { code field message elementIndex } } }"""


def _state(client: Client, gid: str) -> Any:
    return client.run(STATE, id=gid)["order"]


def _amount(value: Any) -> str:
    return str(value["shopMoney"]["amount"])


def test_mark_as_paid_adds_a_manual_payment_once(demo: Client) -> None:
    gid = demo.order_id("1030")
    before = _state(demo, gid)
    done = demo.run(MARK_PAID, id=gid)["orderMarkAsPaid"]
    assert done == {"order": {"displayFinancialStatus": "PAID"}, "userErrors": []}
    after = _state(demo, gid)
    assert _amount(after["totalOutstandingSet"]) == "0.0"
    paid = [(row["kind"], row["gateway"], _amount(row["amountSet"])) for row in after["transactions"]]
    assert paid == [("SALE", "manual", "37.34")]
    assert after["updatedAt"] > before["updatedAt"]
    again = demo.run(MARK_PAID, id=gid)["orderMarkAsPaid"]
    assert again["userErrors"] == [{"field": ["id"], "message": "Order cannot be marked as paid."}]
    missing = demo.run(MARK_PAID, id="gid://shopify/Order/1")["orderMarkAsPaid"]
    assert missing == {"order": None, "userErrors": [{"field": ["id"], "message": "Order does not exist"}]}


def test_capture_in_two_parts_and_never_too_much(demo: Client) -> None:
    gid = demo.order_id("1029")
    found = demo.run("query($id: ID!) { order(id: $id) { transactions { id } } }", id=gid)["order"]
    parent = found["transactions"][0]["id"]

    def capture(amount: str, **more: Any) -> Any:
        wanted = {"id": gid, "parentTransactionId": parent, "amount": amount, **more}
        return demo.run(CAPTURE, input=wanted)["orderCapture"]

    too_much = capture("38.44")
    message = "Cannot capture more than the authorized 38.43 for this payment."
    assert too_much == {"transaction": None, "userErrors": [{"field": None, "message": message}]}
    first = capture("20.00")["transaction"]
    assert first["kind"] == "CAPTURE"
    assert first["parentTransaction"] == {"id": parent}
    assert _state(demo, gid)["displayFinancialStatus"] == "PARTIALLY_PAID"
    assert capture("18.43")["userErrors"] == []
    assert _state(demo, gid)["displayFinancialStatus"] == "PAID"
    assert capture("1.00", currency="EUR")["userErrors"][0]["message"].endswith(
        "must match parent transaction USD"
    )


def test_cancel_is_asynchronous_and_books_everything_back(demo: Client) -> None:
    gid = demo.order_id("1001")
    started = demo.run(CANCEL, id=gid)["orderCancel"]
    assert started["orderCancelUserErrors"] == []
    assert started["jobResult"]["status"] == "STARTED"
    assert started["job"]["done"] is False
    second = demo.run(CANCEL, id=gid)["orderCancel"]["orderCancelUserErrors"]
    assert second == [
        {"code": "INVALID", "field": ["orderId"], "message": "Cancellation is already in progress"}
    ]
    poll = """query($id: ID!) { node(id: $id) { ... on OrderCancelJobResult { done status order { cancelledAt } } } }"""
    deadline = time.monotonic() + 10
    result = demo.run(poll, id=started["jobResult"]["id"])["node"]
    while not result["done"] and time.monotonic() < deadline:
        time.sleep(0.05)
        result = demo.run(poll, id=started["jobResult"]["id"])["node"]
    assert result["status"] == "SUCCEEDED"
    assert result["order"]["cancelledAt"]
    assert demo.run("query($id: ID!) { job(id: $id) { done } }", id=started["job"]["id"]) == {
        "job": {"done": True}
    }
    after = _state(demo, gid)
    assert (after["displayFinancialStatus"], after["closed"]) == ("REFUNDED", True)
    assert (_amount(after["currentTotalPriceSet"]), _amount(after["totalRefundedSet"])) == ("0.0", "69.27")
    sales = after["agreements"]["nodes"][1]["sales"]["nodes"]
    assert [(row["actionType"], _amount(row["totalAmount"])) for row in sales] == [
        ("RETURN", "-48.71"),
        ("RETURN", "-14.61"),
        ("RETURN", "-5.95"),
    ]
    refused = demo.run(CANCEL, id=gid)["orderCancel"]["orderCancelUserErrors"]
    assert refused[0]["message"] == "Cannot cancel an order that has already been canceled"


def test_cancel_refuses_shipped_orders_and_long_notes(demo: Client) -> None:
    shipped = demo.run(CANCEL, id=demo.order_id("1028"))["orderCancel"]["orderCancelUserErrors"]
    assert shipped[0]["message"] == "Cannot cancel an order that has outstanding fulfillments"
    long = demo.run(CANCEL, id=demo.order_id("1005"), note="x" * 256)["orderCancel"]["orderCancelUserErrors"]
    message = "Staff note is too long. Maximum length is 255 characters."
    assert long == [{"code": "INVALID", "field": ["staffNote"], "message": message}]


def test_update_close_open_and_tags(demo: Client) -> None:
    gid = demo.order_id("1044")
    update = """mutation($i: OrderInput!) { orderUpdate(input: $i) {
      order { note tags poNumber customAttributes { key } } userErrors { field message } } }"""
    attributes = [{"key": "ERP", "value": "SO1"}]
    changed = demo.run(update, i={"id": gid, "note": "n", "tags": ["b", "a"], "customAttributes": attributes})
    assert changed["orderUpdate"]["order"] == {
        "note": "n", "tags": ["a", "b"], "poNumber": None, "customAttributes": [{"key": "ERP"}],
    }  # fmt: skip
    nothing = demo.run(update, i={"id": gid})["orderUpdate"]["userErrors"]
    assert nothing == [{"field": None, "message": "No valid update parameters have been provided"}]
    tags = (
        "mutation($id: ID!, $t: [String!]!) { %s(id: $id, tags: $t) { node { id } userErrors { message } } }"
    )
    demo.run(tags % "tagsAdd", id=gid, t=["A", "erp:sent"])
    assert _state(demo, gid)["tags"] == ["a", "b", "erp:sent"]
    demo.run(tags % "tagsRemove", id=gid, t=["B"])
    assert _state(demo, gid)["tags"] == ["a", "erp:sent"]
    close = "mutation($id: ID!) { %s(input: {id: $id}) { order { closed } userErrors { message } } }"
    assert demo.run(close % "orderClose", id=gid)["orderClose"]["order"] == {"closed": True}
    assert demo.run(close % "orderOpen", id=gid)["orderOpen"]["order"] == {"closed": False}


def test_metafields_compare_and_set_is_all_or_nothing(demo: Client) -> None:
    gid = demo.order_id("1001")
    field = {"ownerId": gid, "namespace": "$app:erp", "key": "document_no", "type": "single_line_text_field"}

    def write(*rows: Any) -> Any:
        return demo.run(METAFIELDS, m=list(rows))["metafieldsSet"]

    first = write({**field, "value": "SO1", "compareDigest": None})
    assert first["userErrors"] == []
    digest = first["metafields"][0]["compareDigest"]
    taken = write({**field, "value": "SO2", "compareDigest": None})["userErrors"]
    assert [(row["code"], row["field"]) for row in taken] == [("STALE_OBJECT", ["metafields", "0"])]
    bad = write({**field, "value": "SO2", "compareDigest": "zzz"})["userErrors"]
    assert [row["code"] for row in bad] == ["INVALID_COMPARE_DIGEST"]
    mixed = write(
        {**field, "value": "SO3", "compareDigest": digest},
        {**field, "key": "total", "type": "number_integer", "value": "x"},
    )
    assert [(row["message"], row["elementIndex"]) for row in mixed["userErrors"]] == [
        ("Value must be an integer.", 1)
    ]
    query = """query($id: ID!) { order(id: $id) { metafield(namespace: "$app:erp", key: "document_no") { value } } }"""
    assert demo.run(query, id=gid)["order"]["metafield"] == {"value": "SO1"}
    assert write({**field, "value": "SO3", "compareDigest": digest})["userErrors"] == []
    assert demo.run(query, id=gid)["order"]["metafield"] == {"value": "SO3"}
    many = write(*[{**field, "key": f"key{n}", "value": "v"} for n in range(26)])["userErrors"]
    assert many[0]["message"] == "Exceeded the maximum metafields input limit of 25."
    nobody = write({**field, "ownerId": "gid://shopify/Order/1", "value": "v"})["userErrors"]
    assert [(row["field"], row["message"]) for row in nobody] == [
        (["metafields", "0", "ownerId"], "Owner does not exist.")
    ]

"""The sales order: amounts, references, external ids, sublists and tax."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox_netsuite.talk import Client, detail, discount, line, order_1001, recorded, tax

ORDERS = "/record/v1/salesOrder"
PREFIX = "Error while accessing a resource. "
INVALID = "You have entered an Invalid Field Value "


def test_an_order_is_kept_to_the_cent_and_numbered(client: Client) -> None:
    number = client.create("salesOrder", order_1001())
    doc = client.get("salesOrder", "eid:shp-1-so-1001")
    assert number == doc["id"] == "91001"
    assert doc["tranId"] == "SO10001"
    assert (doc["subtotal"], doc["shippingCost"], doc["taxTotal"], doc["total"]) == (58.5, 5.95, 4.82, 69.27)
    assert doc["status"]["refName"] == "Pending Fulfillment"
    assert [row["line"] for row in doc["item"]["items"]] == [1, 2, 3, 4]


def test_a_read_has_the_shape_of_the_example(client: Client) -> None:
    client.create("salesOrder", order_1001())
    example = recorded("sales_order_get_200")["response"]["body"]
    doc = client.get("salesOrder", "91001")
    assert set(example) <= set(doc)
    assert set(example["item"]) == set(doc["item"])
    assert set(example["entity"]) == set(doc["entity"])
    assert set(example["item"]["items"][0]) <= set(doc["item"]["items"][0])
    closed = client.call("GET", f"{ORDERS}/91001").json()
    assert set(closed["item"]) == {"links"}
    assert client.call("GET", f"{ORDERS}/91001/item").json()["totalResults"] == 4


def test_a_used_external_id_gets_the_recorded_answer_whatever_the_record_type_or_case(client: Client) -> None:
    expected = next(
        c for c in recorded("errors_catalogue")["cases"] if c["name"] == "duplicate_external_id_transaction"
    )
    client.create("salesOrder", order_1001())
    again = client.call("POST", ORDERS, order_1001())
    assert (again.status_code, again.json()) == (400, expected["body"])
    deposit = {"externalId": "SHP-1-SO-1001", "customer": {"id": "2002"}, "payment": 5}
    assert client.call("POST", "/record/v1/customerDeposit", deposit).json() == expected["body"]
    assert client.rows("SELECT COUNT(*) AS n FROM transaction") == [{"n": "1"}]


def test_the_idempotency_key_is_ignored(client: Client) -> None:
    for external in ("a-1", "a-2"):
        answer = client.call(
            "POST", ORDERS, order_1001(externalId=external), **{"X-NetSuite-Idempotency-Key": "k"}
        )
        assert answer.status_code == 204


def test_missing_records_answer_as_recorded(client: Client) -> None:
    cases = {
        case["request"]["path"].split("/")[5]: case["body"]
        for case in recorded("errors_observed_2026_03")["cases"]
    }
    assert client.call("GET", f"{ORDERS}/999999").json() == cases["vendorBill"]
    missing = client.call("GET", "/record/v1/customer/999999")
    assert (missing.status_code, missing.json()) == (404, cases["employee"])
    assert client.call("GET", "/record/v1/file").json() == cases["file"]
    client.create("customerDeposit", {"customer": {"id": "2002"}, "payment": 5})
    assert client.call("GET", f"{ORDERS}/91001").json() == cases["vendorBill"]


def test_unknown_fields_are_an_error_or_dropped_by_the_header(client: Client) -> None:
    body = order_1001(custbody_nope="x")
    body["item"]["items"][0]["colour"] = "red"
    answer = client.call("POST", ORDERS, body)
    assert answer.status_code == 400
    assert answer.json()["o:errorDetails"][0]["o:errorPath"] in ("item.items[0].colour", "custbody_nope")
    dropped = client.call("POST", ORDERS, body, **{"X-NetSuite-PropertyNameValidation": "Warning"})
    assert dropped.status_code == 204
    assert "custbody_nope" in dropped.headers["X-NetSuite-PropertyValidation"]


@pytest.mark.parametrize(
    ("change", "status", "sentence"),
    [
        ({"entity": None}, 400, "Please enter value(s) for: Customer."),
        ({"item": {"items": []}}, 400, "You must enter at least one line item for this transaction."),
        ({"entity": {"id": "2005"}}, 400, INVALID + "2005 for the following field: entity."),
        ({"location": {"id": "8"}}, 400, INVALID + "8 for the following field: location."),
        ({"location": {"id": "10"}}, 400, INVALID + "10 for the following field: location."),
        ({"currency": {"id": "4"}}, 400, INVALID + "4 for the following field: currency."),
        ({"shipMethod": {"id": "804"}}, 400, INVALID + "804 for the following field: shipMethod."),
        ({"terms": {"id": "99"}}, 400, INVALID + "99 for the following field: terms."),
        ({"tranId": "MINE"}, 400, "You do not have permission to set the transaction number (tranId)."),
        ({"tranDate": "20/11/2026"}, 400,
         "Invalid value for the resource or sub-resource field 'tranDate'. Provide a valid value."),
    ],
)  # fmt: skip
def test_a_bad_body_is_refused_with_a_sentence(
    client: Client, change: dict[str, Any], status: int, sentence: str
) -> None:
    answer = client.call("POST", ORDERS, order_1001(**change))
    assert (answer.status_code, detail(answer)[2]) == (status, PREFIX + sentence)
    assert client.rows("SELECT id FROM transaction") == []


@pytest.mark.parametrize("item", [514, 9999, 512])
def test_inactive_unknown_and_parent_items_are_invalid_references(client: Client, item: int) -> None:
    answer = client.call(
        "POST", ORDERS, order_1001(item={"items": [line(501, 1, 1, 1), line(item, 1, 1, 1)]})
    )
    body = answer.json()["o:errorDetails"][0]
    assert (
        body["detail"]
        == f"{PREFIX}You have entered an Invalid Field Value {item} for the following field: item."
    )
    assert (body["o:errorCode"], body["o:errorPath"]) == ("INVALID_CONTENT", "item.items[1].item")


def test_an_item_must_be_sold_by_the_subsidiary(client: Client) -> None:
    body = {"entity": {"id": "2008"}, "item": {"items": [line(516, 1, 10, 10)]}}
    assert "Invalid Field Value 516" in detail(client.call("POST", ORDERS, body))[2]


def plain(**more: Any) -> dict[str, Any]:
    return {"entity": {"id": "2002"}, "taxDetailsOverride": True, **more}


def test_without_the_custom_price_level_the_items_price_wins(client: Client) -> None:
    rows = [{"item": {"id": "501"}, "quantity": 2, "rate": 19.5, "amount": 39}]
    answer = client.call("POST", ORDERS, plain(item={"items": rows}))
    assert "19.5 was replaced" in answer.headers["X-NetSuite-Warning"]
    assert client.get("salesOrder", "91001")["total"] == 50.0


def test_an_amount_that_disagrees_with_its_rate_is_kept_with_a_warning(client: Client) -> None:
    answer = client.call("POST", ORDERS, plain(item={"items": [line(505, 3, 8.33, 24.98)]}))
    assert "amount 24.98 is not quantity 3 x rate 8.33" in answer.headers["X-NetSuite-Warning"]
    assert client.get("salesOrder", "91001")["total"] == 24.98


def test_a_ship_method_without_a_cost_brings_its_own(client: Client) -> None:
    client.create("salesOrder", plain(item={"items": [line(501, 1, 25, 25)]}, shipMethod={"id": "802"}))
    assert client.get("salesOrder", "91001")["total"] == 40.0


@pytest.mark.parametrize(("currency", "amount", "expected"), [("4", 100.5, 101.0), ("5", 1.2345, 1.235)])
def test_amounts_have_the_decimals_of_the_currency(
    client: Client, currency: str, amount: float, expected: float
) -> None:
    row = {"item": {"id": "713"}, "quantity": 1, "price": {"id": "-1"}, "rate": amount}
    client.create(
        "salesOrder", plain(entity={"id": "2001"}, currency={"id": currency}, item={"items": [row]})
    )
    assert client.get("salesOrder", "91001")["total"] == expected


@pytest.mark.parametrize(
    ("promotions", "total"), [([], 69.27), ([43], 69.27), ([41], 63.42), ([42], 64.27), ([41, 42], 58.42)]
)
def test_a_promotion_takes_off_what_its_own_rate_says(
    client: Client, promotions: list[int], total: float
) -> None:
    """10 % of the items' 58.50 is 5.85; 5.00 flat; 43 has a rate of 0."""
    rows = [{"promoCode": {"id": str(number)}} for number in promotions]
    body = order_1001(promotions={"items": rows})
    client.create("salesOrder", body)
    doc = client.get("salesOrder", "91001")
    assert (doc["subtotal"], doc["total"]) == (58.5, total)
    assert len(doc["promotions"]["items"]) == len(promotions)


def test_an_unknown_promotion_is_refused(client: Client) -> None:
    answer = client.call("POST", ORDERS, order_1001(promotions={"items": [{"promoCode": {"id": "999"}}]}))
    assert answer.status_code == 400
    assert answer.json()["o:errorDetails"][0]["o:errorPath"] == "promotions.items[0].promoCode"


def test_without_override_the_tax_engine_computes_on_the_sum_and_loses_the_cent(client: Client) -> None:
    body = order_1001()
    del body["taxDetailsOverride"]
    answer = client.call("POST", ORDERS, body)
    assert "taxDetails were ignored" in answer.headers["X-NetSuite-Warning"]
    doc = client.get("salesOrder", "91001")
    assert (doc["taxTotal"], doc["total"]) == (4.83, 69.28)


def test_a_tax_row_must_belong_to_a_line(client: Client) -> None:
    body = order_1001(taxDetails={"items": [tax("L9", 45, 3.71)]})
    error = client.call("POST", ORDERS, body).json()["o:errorDetails"][0]
    assert error["o:errorPath"] == "taxDetails.items[0].taxDetailsReference"


def test_legacy_tax_is_the_lines_code_rounded_per_line(client: Client) -> None:
    client.control("settings", {"tax_mode": "legacy"})
    rows = [
        line(501, 2, 25, 50, taxCode={"id": "902"}),
        line(502, 1, 15, 15, taxCode={"id": "902"}),
        line(706, 1, 5, 5),
    ]
    client.create("salesOrder", {"entity": {"id": "2002"}, "item": {"items": rows}})
    doc = client.get("salesOrder", "91001")
    assert (doc["taxTotal"], doc["total"]) == (5.37, 75.37)  # 4.13 (4.125) + 1.24 (1.2375)
    refused = client.call("POST", ORDERS, order_1001())
    assert refused.json()["o:errorDetails"][0]["o:errorPath"] == "taxDetailsOverride"


def test_a_patch_merges_lines_with_a_key_and_appends_the_others(client: Client) -> None:
    client.create("salesOrder", order_1001())
    rows = [{"line": 3, "quantity": 2}, line(506, 1, 8, 8)]
    assert client.call("PATCH", f"{ORDERS}/91001", {"memo": "hi", "item": {"items": rows}}).status_code == 204
    doc = client.get("salesOrder", "91001")
    assert [row["amount"] for row in doc["item"]["items"]] == [50.0, -5.0, 30.0, -1.5, 8.0]
    assert (doc["memo"], doc["total"]) == ("hi", 92.27)  # 81.50 + 5.95 + 4.82
    client.call("PATCH", f"{ORDERS}/91001", {"memo": None})
    assert "memo" not in client.get("salesOrder", "91001")


def test_an_upsert_repeated_appends_the_lines_unless_they_are_replaced(client: Client) -> None:
    body = order_1001()
    del body["externalId"]
    assert client.call("PUT", f"{ORDERS}/eid:up-1", body).status_code == 204
    assert client.call("PUT", f"{ORDERS}/eid:up-1", body).status_code == 204
    assert len(client.get("salesOrder", "eid:up-1")["item"]["items"]) == 8
    assert client.call("PUT", f"{ORDERS}/eid:up-1?replace=item", body).status_code == 204
    assert client.get("salesOrder", "eid:up-1")["total"] == 69.27


def test_a_deleted_order_frees_its_external_id_and_leaves_a_trace(client: Client) -> None:
    client.create("salesOrder", order_1001())
    assert client.call("DELETE", f"{ORDERS}/91001").status_code == 204
    assert client.rows("SELECT recordid, recordtypeid FROM deletedrecord") == [
        {"recordid": "91001", "recordtypeid": "SalesOrd"}
    ]
    assert client.create("salesOrder", order_1001()) == "91002"


def test_closed_periods_stop_postings_and_by_setting_orders_too(client: Client) -> None:
    assert client.create("salesOrder", order_1001(tranDate="2025-12-31")) == "91001"
    deposit = {"customer": {"id": "2002"}, "payment": 5, "tranDate": "2025-12-31"}
    answer = client.call("POST", "/record/v1/customerDeposit", deposit)
    assert "accounting period" in detail(answer)[2]
    client.control("settings", {"closed_period_blocks_all": True})
    blocked = client.call("POST", ORDERS, order_1001(externalId="b", tranDate="2025-12-31"))
    assert "accounting period" in detail(blocked)[2]


def test_an_order_of_300_lines_is_whole(client: Client) -> None:
    rows = [line(508, 1, 2, 2) for _ in range(299)] + [discount(-98)]
    client.create("salesOrder", plain(item={"items": rows}))
    assert client.rows("SELECT COUNT(*) AS n, SUM(foreignamount) AS s FROM transactionline "
                       "WHERE transaction = 91001 AND mainline = 'F'") == [{"n": "300", "s": "-500"}]  # fmt: skip

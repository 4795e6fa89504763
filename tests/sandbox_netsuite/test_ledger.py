"""What each record books, case by case, with the amounts of the worked example worked out by hand."""

from __future__ import annotations

import pytest

from tests.sandbox_netsuite.talk import Client, detail, line, order_1001

CLEARING, RECEIVABLE, DEPOSITS = "122", "119", "201"


@pytest.fixture
def order(client: Client) -> str:
    return client.create("salesOrder", order_1001())


def deposit(client: Client, order: str, amount: float, **more: object) -> str:
    body = {
        "customer": {"id": "2002"},
        "payment": amount,
        "salesOrder": {"id": order},
        "tranDate": "2026-11-20",
    }
    return client.create("customerDeposit", {**body, **more})


def test_a_sales_order_posts_nothing(client: Client, order: str) -> None:
    assert client.book(order) == {}


def test_paid_shipped_and_billed_leaves_receivable_and_deposits_at_zero(client: Client, order: str) -> None:
    paid = deposit(client, order, 69.27)
    assert client.book(paid) == {"Undeposited Funds": "69.27", "Customer deposits": "-69.27"}
    shipped = client.transform(f"salesOrder/{order}", "itemFulfillment")
    assert client.book(shipped) == {"Cost of goods sold": "26.00", "Inventory": "-26.00"}
    assert client.get("salesOrder", order)["status"]["refName"] == "Pending Billing"
    billed = client.transform(f"salesOrder/{order}", "invoice")
    assert client.book(billed) == {
        "Accounts receivable": "69.27", "Discounts given": "6.50", "Product revenue": "-65.00",
        "Shipping revenue": "-5.95", "Sales tax payable": "-4.82",
    }  # fmt: skip
    assert (client.balance(RECEIVABLE), client.balance(DEPOSITS), client.balance(CLEARING)) == (
        "0.00",
        "0.00",
        "69.27",
    )
    assert client.get("salesOrder", order)["status"]["refName"] == "Billed"
    assert client.get("invoice", billed)["status"]["refName"] == "Paid In Full"


def test_a_deposit_is_applied_by_hand_where_the_account_does_not(client: Client, order: str) -> None:
    client.control("settings", {"auto_apply_deposits": False})
    paid = deposit(client, order, 69.27)
    client.transform(f"salesOrder/{order}", "invoice")
    assert client.balance(RECEIVABLE) == "69.27"
    applied = client.transform(f"customerDeposit/{paid}", "depositApplication")
    assert client.book(applied) == {"Customer deposits": "69.27", "Accounts receivable": "-69.27"}
    again = client.call("POST", f"/record/v1/customerDeposit/{paid}/!transform/depositApplication", {})
    assert again.status_code == 400


def test_two_shipments_are_billed_in_parts_that_add_up_to_the_cent(client: Client, order: str) -> None:
    first = client.transform(f"salesOrder/{order}", "invoice", {"item": {"items": [
        {"orderLine": 1, "quantity": 1}, {"orderLine": 2, "amount": -2.5}, {"orderLine": 3, "quantity": 0},
        {"orderLine": 4, "amount": 0}]}})  # fmt: skip
    assert client.book(first) == {
        "Accounts receivable": "30.31", "Discounts given": "2.50", "Product revenue": "-25.00",
        "Shipping revenue": "-5.95", "Sales tax payable": "-1.86",
    }  # fmt: skip
    second = client.transform(f"salesOrder/{order}", "invoice")
    assert client.book(second) == {
        "Accounts receivable": "38.96", "Discounts given": "4.00", "Product revenue": "-40.00",
        "Sales tax payable": "-2.96",
    }  # fmt: skip
    assert client.call("POST", f"/record/v1/salesOrder/{order}/!transform/invoice", {}).status_code == 400


def test_a_cash_sale_and_its_refund(client: Client, order: str) -> None:
    sale = client.transform(
        f"salesOrder/{order}", "cashSale", {"paymentOption": {"id": "1"}, "undepFunds": {"id": True}}
    )
    assert client.book(sale)["Undeposited Funds"] == "69.27"
    refund = client.transform(f"cashSale/{sale}", "cashRefund", {
        "shippingCost": 0, "taxDetailsOverride": True,
        "taxDetails": {"items": [{"taxDetailsReference": {"id": "L1"}, "taxCode": {"id": "902"}, "taxAmount": 1.86}]},
        "item": {"items": [{"line": 1, "quantity": 1}, {"line": 2, "amount": -2.5}, {"line": 3, "quantity": 0},
                           {"line": 4, "amount": 0}]}})  # fmt: skip
    assert client.book(refund) == {
        "Returns & allowances": "25.00", "Sales tax payable": "1.86", "Discounts given": "-2.50",
        "Undeposited Funds": "-24.36",
    }  # fmt: skip


def test_a_return_is_received_credited_and_paid_back(client: Client, order: str) -> None:
    client.transform(f"salesOrder/{order}", "itemFulfillment")
    billed = client.transform(f"salesOrder/{order}", "invoice")
    rows = [{"orderLine": 1, "quantity": 1}, {"orderLine": 2, "amount": -2.5}, {"orderLine": 3, "quantity": 0},
            {"orderLine": 4, "amount": 0}]  # fmt: skip
    returned = client.transform(f"salesOrder/{order}", "returnAuthorization", {"item": {"items": rows}})
    received = client.transform(f"returnAuthorization/{returned}", "itemReceipt")
    assert client.book(received) == {"Inventory": "10.00", "Cost of goods sold": "-10.00"}
    memo = client.transform(f"returnAuthorization/{returned}", "creditMemo")
    assert client.book(memo) == {
        "Returns & allowances": "25.00", "Sales tax payable": "1.86", "Discounts given": "-2.50",
        "Accounts receivable": "-24.36",
    }  # fmt: skip
    assert client.get("returnAuthorization", returned)["status"]["refName"] == "Refunded"
    refund = client.transform(f"creditMemo/{memo}", "customerRefund", {"account": {"id": CLEARING}})
    assert client.book(refund) == {"Accounts receivable": "24.36", "Undeposited Funds": "-24.36"}
    assert client.get("creditMemo", memo)["status"]["refName"] == "Fully Applied"
    assert client.get("invoice", billed)["amountRemaining"] == 69.27


def test_a_credit_made_from_an_invoice_settles_it_as_far_as_it_says(client: Client, order: str) -> None:
    billed = client.transform(f"salesOrder/{order}", "invoice")
    rows = [{"orderLine": 1, "quantity": 1, "amount": 25}, {"orderLine": 2, "amount": -2.5},
            {"orderLine": 3, "quantity": 0}, {"orderLine": 4, "amount": 0}]  # fmt: skip
    body = {
        "externalId": "shp-1-cm-e7001", "shippingCost": 0, "item": {"items": rows}, "taxDetailsOverride": True,
        "taxDetails": {"items": [{"taxDetailsReference": {"id": "L1"}, "taxCode": {"id": "902"}, "taxAmount": 1.86}]},
        "apply": {"items": [{"doc": {"id": billed}, "line": 0, "apply": True, "amount": 20}]},
    }  # fmt: skip
    path = f"/record/v1/invoice/{billed}/!transform/creditMemo"
    assert detail(client.call("POST", path, {**body, "creditAmount": 20}))[0] == 400
    memo = client.transform(f"invoice/{billed}", "creditMemo", body)
    assert client.book(memo) == {
        "Returns & allowances": "25.00", "Sales tax payable": "1.86", "Discounts given": "-2.50",
        "Accounts receivable": "-24.36",
    }  # fmt: skip
    shown = client.get("creditMemo", memo)
    assert (shown["total"], shown["unapplied"], shown["status"]["refName"]) == (24.36, 4.36, "Open")
    assert client.get("invoice", billed)["amountRemaining"] == 49.27
    assert client.balance(RECEIVABLE) == "44.91"
    assert client.call("POST", path, body).status_code == 400


def test_a_bill_is_taxed_as_its_order_is(client: Client) -> None:
    client.control("settings", {"tax_mode": "legacy"})
    body = {"entity": {"id": "2002"}, "isTaxable": True, "taxItem": {"id": "902"}, "orderStatus": {"id": "B"},
            "location": {"id": "6"}, "item": {"items": [line(501, 1, 25, 25)]}}  # fmt: skip
    order = client.create("salesOrder", body)
    billed = client.transform(f"salesOrder/{order}", "invoice")
    assert client.book(billed) == {
        "Accounts receivable": "27.06", "Product revenue": "-25.00", "Sales tax payable": "-2.06",
    }  # fmt: skip
    memo = client.transform(f"invoice/{billed}", "creditMemo")
    assert client.book(memo) == {
        "Returns & allowances": "25.00", "Sales tax payable": "2.06", "Accounts receivable": "-27.06",
    }  # fmt: skip


def test_a_cancelled_order_is_refunded_from_its_deposit(client: Client, order: str) -> None:
    paid = deposit(client, order, 69.27)
    body = {"customer": {"id": "2002"}, "account": {"id": CLEARING},
            "deposit": {"items": [{"doc": {"id": paid}, "apply": True, "amount": 69.27}]}}  # fmt: skip
    refund = client.create("customerRefund", body)
    assert client.book(refund) == {"Customer deposits": "69.27", "Undeposited Funds": "-69.27"}
    lines = [{"line": number, "isClosed": True} for number in (1, 2, 3, 4)]
    assert (
        client.call("PATCH", f"/record/v1/salesOrder/{order}", {"item": {"items": lines}}).status_code == 204
    )
    assert client.get("salesOrder", order)["status"]["refName"] == "Closed"


def test_a_gift_card_is_a_liability_when_sold_and_a_tender_when_used(client: Client) -> None:
    body = {"entity": {"id": "2002"}, "taxDetailsOverride": True, "item": {"items": [line(708, 1, 50, 50)]},
            "location": {"id": "6"}, "tranDate": "2026-11-20"}  # fmt: skip
    sold = client.create("invoice", body)
    assert client.book(sold) == {"Accounts receivable": "50.00", "Gift card liability": "-50.00"}
    used = client.create(
        "customerDeposit", {"customer": {"id": "2002"}, "payment": 50, "paymentOption": {"id": "5"}}
    )
    assert client.book(used) == {"Gift card liability": "50.00", "Customer deposits": "-50.00"}


def test_tips_and_duties_are_liabilities(client: Client) -> None:
    rows = [line(713, 1, 95, 95), line(706, 1, 5, 5), line(707, 1, 8, 8)]
    sold = client.create(
        "invoice", {"entity": {"id": "2002"}, "taxDetailsOverride": True, "item": {"items": rows}}
    )
    assert client.book(sold) == {
        "Accounts receivable": "108.00", "Product revenue": "-95.00", "Tips payable": "-5.00",
        "Import duties payable": "-8.00",
    }  # fmt: skip


def test_a_payout_moves_the_payments_to_the_bank_less_fees(client: Client) -> None:
    first = client.create("customerDeposit", {"customer": {"id": "2002"}, "payment": 69.27})
    second = client.create("customerDeposit", {"customer": {"id": "2002"}, "payment": 152.91})
    body = {
        "account": {"id": "111"}, "externalId": "shp-1-dep-1", "tranDate": "2026-11-21",
        "payment": {"items": [{"id": int(first), "deposit": True}, {"id": int(second), "deposit": True}]},
        "cashback": {"items": [{"account": {"id": "620"}, "amount": 8.35}, {"account": {"id": "128"}, "amount": 40},
                               {"account": {"id": "621"}, "amount": 15}]},
    }  # fmt: skip
    payout = client.create("deposit", body)
    assert client.book(payout) == {
        "Bank": "158.83", "Payment processing fees": "8.35", "Disputes receivable": "40.00", "Dispute fees": "15.00",
        "Undeposited Funds": "-222.18",
    }  # fmt: skip
    assert client.balance(CLEARING) == "0.00"
    again = client.call("POST", "/record/v1/deposit", {**body, "externalId": "shp-1-dep-2"})
    assert again.json()["o:errorDetails"][0]["o:errorPath"] == "payment.items[0].id"


def test_a_journal_must_balance(client: Client) -> None:
    rows = [{"account": {"id": "204"}, "debit": 12.0}, {"account": {"id": "407"}, "credit": 12.0}]
    entry = client.create("journalEntry", {"subsidiary": {"id": "1"}, "line": {"items": rows}})
    assert client.book(entry) == {"Gift card liability": "12.00", "Breakage income": "-12.00"}
    rows[1]["credit"] = 11.0
    answer = client.call(
        "POST", "/record/v1/journalEntry", {"subsidiary": {"id": "1"}, "line": {"items": rows}}
    )
    assert "must balance" in detail(answer)[2]


def test_foreign_money_is_booked_in_base_money_at_the_stamped_rate(client: Client) -> None:
    body = {"customer": {"id": "2007"}, "payment": 100, "currency": {"id": "3"}, "exchangeRate": 1.1}
    assert client.book(client.create("customerDeposit", body)) == {
        "Undeposited Funds": "110.00",
        "Customer deposits": "-110.00",
    }


def test_more_than_is_left_cannot_be_shipped(client: Client, order: str) -> None:
    path = f"/record/v1/salesOrder/{order}/!transform/itemFulfillment"
    assert (
        client.call("POST", path, {"item": {"items": [{"orderLine": 1, "quantity": 3}]}}).status_code == 400
    )
    only = {"item": {"items": [{"orderLine": 1, "itemreceive": False}, {"orderLine": 3, "quantity": 1}]}}
    client.transform(f"salesOrder/{order}", "itemFulfillment", only)
    doc = client.get("salesOrder", order)
    assert [row["quantityFulfilled"] for row in doc["item"]["items"]] == [0, 0, 1, 0]
    assert doc["status"]["refName"] == "Pending Billing/Partially Fulfilled"
    assert "dependent records" in detail(client.call("DELETE", f"/record/v1/salesOrder/{order}"))[2]

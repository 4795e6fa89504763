"""An order that changes after it was billed: what went is credited, what came is added, to the cent."""

from __future__ import annotations

import pytest

from erps.models import ErpConnection, ShippingChoice
from syncflows.models import ChangePolicy, OrderRules, WrittenDocument
from tests.journeys.changing import (
    MUG,
    D,
    answer,
    bought,
    by_rule,
    edit,
    line_gid,
    lines,
    notes,
    ship_and_bill,
)
from tests.journeys.crediting import RECEIVABLE, TAX, bill, figures, lower, memo_lines, parts
from tests.journeys.pressing import Person
from tests.journeys.test_tax_strategies import VARIANTS, choose
from tests.journeys.world import STORE, World

# ------------------------------------------------------------------------------------------------ what is credited


def test_a_quantity_lowered_after_billing_is_credited_to_the_cent_and_once(world: World) -> None:
    """60.08 billed; one TEE of 25.00 + 2.07 goes: 33.01 is left."""
    by_rule(ChangePolicy.ADD)
    order_id, name = bought(world, 2)
    invoice = bill(world, name)
    before = world.document(name)
    opening = world.books.balances(RECEIVABLE)
    lower(world, order_id, name)
    world.run()
    assert world.outcome(name) == ("done", "")
    (memo,) = parts(world, name).values()
    assert memo.external_id == f"shp-{STORE}-cm-e{_edits(world, name)[0]}"
    assert (memo.total, memo.tax, memo.other_number) == (D("27.07"), D("2.07"), name)
    assert memo_lines(memo) == [("TEE", D(1), D("25.00"), D("2.07"))]
    assert memo.body["createdFrom"]["id"] == invoice.id
    assert world.document(name).total == before.total == D("60.08")
    assert figures(world, name) == (D("33.01"), D("33.01"))
    assert world.books.book(memo.id) == {
        "Accounts receivable": D("-27.07"), "Returns & allowances": D("25.00"), "Sales tax payable": D("2.07"),
    }  # fmt: skip
    assert opening == {"Accounts receivable": D("60.08")}
    assert world.books.balances(RECEIVABLE, TAX) == {
        "Accounts receivable": D("33.01"), "Sales tax payable": D("-2.06"),
    }  # fmt: skip
    paid = world.books.document("bill-1", "invoice").body["amountRemaining"]
    assert (paid, memo.status) == (D("33.01"), "Fully Applied")
    assert any("Credit memo over 27.07 USD, made from" in note for note in notes(world, name))
    assert world.sync(name).warnings == [
        f"{before.number} still lists 1 of 'Cotton tee - Navy / M' that are no longer sold to be shipped."
    ]

    world.again()
    assert world.outcome(name) == ("done", "")
    assert list(parts(world, name).values()) == [memo]
    assert len(world.books.query("SELECT id FROM transaction WHERE type = 'CustCred'")) == 1


def _edits(world: World, name: str) -> list[str]:
    return [row["agreement"] for row in WrittenDocument.objects.get().parts]


def test_a_line_that_went_and_one_that_came_after_billing(world: World) -> None:
    """TEE 25.00 + 2.06, two MUGs 30.00 + 2.48, shipping 5.95: 65.49, billed. A MUG of 15.00 + 1.24 goes, a TEE comes as
    a line of its own: 25.00 + 2.06. 65.49 - 16.24 + 27.06 = 76.31."""
    by_rule(ChangePolicy.ADD)
    order_id, name = world.buy({"TEE": 1, "MUG": 2})
    world.run()
    first = world.document(name)
    bill(world, name)
    mug = f"gid://shopify/LineItem/{first.lines[1].source_id}"
    tee = {"sku": "TEE", "price": "25.00", "tax": ["2.06"]}
    edit(world, order_id, {"remove": {mug: 1}, "add": [tee]})
    world.run()
    assert world.outcome(name) == ("done", ""), world.sync(name).reason
    (memo,) = parts(world, name).values()
    assert memo_lines(memo) == [("MUG", D(1), D("15.00"), D("1.24"))]
    assert lines(world, name)[3:] == [("TEE", D(1), D("25.00"), D("2.06"))]
    assert world.document(name).total == first.total + D("27.06")
    assert figures(world, name) == (D("76.31"), D("76.31"))
    assert world.books.balances(RECEIVABLE) == {
        "Accounts receivable": D("49.25")
    }  # the new line is not billed yet
    world.again()
    assert world.outcome(name) == ("done", "")
    assert (len(parts(world, name)), len(world.document(name).lines)) == (1, 4)


def test_what_comes_after_everything_was_billed_is_a_further_order(world: World) -> None:
    """60.08 shipped and billed. Both TEEs go, a MUG comes: 60.08 - 54.13 + 16.24 = 22.19."""
    by_rule(ChangePolicy.ADD)
    order_id, name = bought(world, 2)
    ship_and_bill(world, name, "itemFulfillment", "invoice")
    first = world.document(name)
    edit(world, order_id, {**MUG, "remove": {line_gid(world, name): 2}})
    world.run()
    assert world.outcome(name) == ("done", ""), world.sync(name).reason
    found = parts(world, name)
    memo, further = found["credit_memo"], found["sales_order"]
    assert memo_lines(memo) == [("TEE", D(2), D("50.00"), D("4.13"))]
    assert memo_lines(further) == [("MUG", D(1), D("15.00"), D("1.24"))]
    (edited,) = set(_edits(world, name))
    assert further.external_id == f"shp-{STORE}-so-e{edited}"
    assert (further.total, further.customer, further.status) == (D("16.24"), first.customer, "B")
    assert world.document(name) == first
    assert figures(world, name) == (D("22.19"), D("22.19"))
    shipped = "2 of 'Cotton tee - Navy / M' that are no longer sold were shipped: see to their return."
    assert world.sync(name).warnings == [shipped]
    world.again()
    assert world.books.count() == 2
    assert parts(world, name) == found


def test_one_change_after_another_is_told_from_what_is_there(world: World) -> None:
    """60.08; one TEE goes (27.07), comes back as a further order (25.00 + 2.06), and goes again: nobody credits the
    further order by itself."""
    by_rule(ChangePolicy.ADD)
    order_id, name = bought(world, 2)
    ship_and_bill(world, name, "itemFulfillment", "invoice")
    lower(world, order_id, name)
    world.run()
    gid = line_gid(world, name)
    edit(world, order_id, {"raise": {gid: {"by": 1, "price": "25.00", "tax": ["2.06"]}}})
    world.run()
    assert world.outcome(name) == ("done", ""), world.sync(name).reason
    assert {kind: each.total for kind, each in parts(world, name).items()} == {
        "credit_memo": D("27.07"), "sales_order": D("27.06"),
    }  # fmt: skip
    assert figures(world, name) == (D("60.07"), D("60.07"))
    edit(world, order_id, {"remove": {gid: 2}})
    world.run()
    assert world.outcome(name) == ("blocked", "ORDER_CHANGED")
    assert len(parts(world, name)) == 2


def test_an_invoice_of_the_hub_is_credited_itself(world: World) -> None:
    by_rule(ChangePolicy.ADD)
    OrderRules.objects.update(fulfilled_document="invoice")
    order_id, name = world.buy({"TEE": 2})
    world.do(order_id, "ship")
    world.run()
    own = world.books.document(f"shp-{STORE}-inv-o{order_id}", "invoice")
    gid = f"gid://shopify/LineItem/{own.lines[0].source_id}"
    edit(world, order_id, {**MUG, "remove": {gid: 1}})
    world.run()
    assert world.outcome(name) == ("done", ""), world.sync(name).reason
    found = parts(world, name)
    assert {kind: each.total for kind, each in found.items()} == {
        "credit_memo": D("27.07"), "invoice": D("16.24"),
    }  # fmt: skip
    assert found["invoice"].external_id == f"shp-{STORE}-inv-e{_edits(world, name)[0]}"
    assert figures(world, name) == (D("49.25"), D("49.25"))
    assert world.books.balances(RECEIVABLE) == {"Accounts receivable": D("49.25")}


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("shipping", ShippingChoice)
def test_credited_whatever_carries_the_tax(world: World, variant: str, shipping: ShippingChoice) -> None:
    """60.08 - 27.07 = 33.01, of which the invoice keeps as much."""
    strategy, tax_mode, _ = VARIANTS[variant]
    choose(world, strategy, tax_mode)
    ErpConnection.objects.update(shipping_as=shipping)
    by_rule(ChangePolicy.ADD)
    order_id, name = bought(world, 2)
    bill(world, name)
    lower(world, order_id, name)
    world.run()
    sync = world.sync(name)
    if variant == "tax codes, legacy tax":  # 25.00 x 8.25 % is 2.06, and Shopify took 2.07 off
        assert (sync.state, sync.reason_code) == ("blocked", "ORDER_CHANGED")
        assert parts(world, name) == {}
        return
    assert world.outcome(name) == ("done", ""), sync.reason
    (memo,) = parts(world, name).values()
    assert (memo.total, figures(world, name)) == (D("27.07"), (D("33.01"), D("33.01")))
    assert world.books.balances(RECEIVABLE) == {"Accounts receivable": D("33.01")}


def test_the_discount_of_what_goes_goes_with_it(world: World) -> None:
    """2 TEE 50.00 - 5.00, tax 3.71 (1.86 and 1.85), shipping 5.95: 54.66. One goes: 25.00 - 2.50 + 1.86 = 24.36."""
    by_rule(ChangePolicy.ADD)
    order_id, name = world.buy({"TEE": 2}, code="SAVE10")
    world.run()
    assert world.document(name).total == D("54.66")
    bill(world, name)
    lower(world, order_id, name)
    world.run()
    assert world.outcome(name) == ("done", ""), world.sync(name).reason
    (memo,) = parts(world, name).values()
    assert [line.amount for line in memo.lines] == [D("25.00"), D("-2.50")]
    assert world.books.book(memo.id) == {
        "Accounts receivable": D("-24.36"), "Returns & allowances": D("25.00"), "Discounts given": D("-2.50"),
        "Sales tax payable": D("1.86"),
    }  # fmt: skip
    assert figures(world, name) == (D("30.30"), D("30.30"))


def test_the_invoice_that_holds_what_went_is_credited(world: World) -> None:
    """A TEE and two MUGs on an invoice each; a MUG of 15.00 + 1.24 goes."""
    by_rule(ChangePolicy.ADD)
    order_id, name = world.buy({"TEE": 1, "MUG": 2})
    world.run()
    first = world.document(name)
    rows = [{"orderLine": n, "quantity": 0} for n in (1, 3)]
    ship_and_bill(world, name, "invoice", item={"items": rows}, externalId="mugs")
    bill(world, name)
    edit(world, order_id, {"remove": {f"gid://shopify/LineItem/{first.lines[1].source_id}": 1}})
    world.run()
    assert world.outcome(name) == ("done", ""), world.sync(name).reason
    (memo,) = parts(world, name).values()
    mugs = world.books.document("mugs", "invoice")
    assert (memo.body["createdFrom"]["id"], memo.total) == (mugs.id, D("16.24"))
    assert mugs.body["amountRemaining"] == D("16.24")  # 30.00 + 2.48 - 16.24
    assert world.books.document("bill-1", "invoice").body["amountRemaining"] == D("33.01")


def test_a_paid_invoice_leaves_the_credit_open(world: World) -> None:
    by_rule(ChangePolicy.ADD)
    order_id, name = bought(world, 2)
    invoice = bill(world, name)
    world.books.send("POST", f"/record/v1/invoice/{invoice.id}/!transform/customerPayment", {})
    lower(world, order_id, name)
    world.run()
    assert world.outcome(name) == ("done", ""), world.sync(name).reason
    (memo,) = parts(world, name).values()
    assert (memo.status, memo.body["amountRemaining"]) == ("Open", D("27.07"))
    assert world.books.balances(RECEIVABLE) == {"Accounts receivable": D("-27.07")}


def test_tax_by_code_is_credited_where_it_comes_to_the_same(world: World) -> None:
    """TEE 25.00 + 2.06, MUG 15.00 + 1.24, shipping 5.95: 49.25; the MUG goes, 15.00 x 8.25 % = 1.24."""
    choose(world, *VARIANTS["tax codes, legacy tax"][:2])
    by_rule(ChangePolicy.ADD)
    order_id, name = world.buy({"TEE": 1, "MUG": 1})
    world.run()
    first = world.document(name)
    bill(world, name)
    edit(world, order_id, {"remove": {f"gid://shopify/LineItem/{first.lines[1].source_id}": 1}})
    world.run()
    assert world.outcome(name) == ("done", ""), world.sync(name).reason
    (memo,) = parts(world, name).values()
    assert memo_lines(memo) == [("MUG", D(1), D("15.00"), D("1.24"))]
    assert figures(world, name) == (D("33.01"), D("33.01"))


# ------------------------------------------------------------------------------------------------ a person


def test_a_person_sees_what_comes_of_it_and_applies_it(world: World) -> None:
    order_id, name = bought(world, 2)
    bill(world, name)
    lower(world, order_id, name)
    world.run()
    assert world.outcome(name) == ("blocked", "ORDER_CHANGED")
    person, sync = Person(), world.sync(name)
    asked = person.press(sync, "apply_change", reason="agreed")
    number = world.document(name).number
    assert f"{number} comes to 60.08 USD now and to 33.01 USD then." in asked
    assert "27.07 USD is credited from its invoice, or closed where it was not billed." in asked
    answer(world, name, "apply_change")
    assert world.outcome(name) == ("done", "")
    (memo,) = parts(world, name).values()
    page = person.client.get(f"/admin/syncflows/order/{sync.pk}/change/").content.decode()
    assert "-27.07\u00a0USD" in page
    assert f"{memo.number}: -27.07" in page
    assert f"{number}: 60.08" in page
    assert f"custcred.nl?id={memo.id}" in page
    assert f"Credit memo {memo.number} created" in page
    assert f"{memo.number} read back" in page

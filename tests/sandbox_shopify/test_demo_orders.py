"""The demo orders come out at the amounts worked out by hand, and their ledgers explain their totals."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from sandbox.shopify.linking import nodes
from sandbox.shopify.money import read_bag
from sandbox.shopify.parts import SpecError
from sandbox.shopify.seeding import DEMO_DIR, builder_for, order_files, read_demo

FIGURES = {
    "subtotal": "subtotalPriceSet",
    "discounts": "totalDiscountsSet",
    "shipping": "totalShippingPriceSet",
    "tax": "totalTaxSet",
    "total": "totalPriceSet",
    "original": "originalTotalPriceSet",
    "current": "currentTotalPriceSet",
    "current_tax": "currentTotalTaxSet",
    "received": "totalReceivedSet",
    "refunded": "totalRefundedSet",
    "tip": "totalTipReceivedSet",
    "duties": "currentTotalDutiesSet",
    "fees": "currentTotalAdditionalFeesSet",
}
STATES = {"financial": "displayFinancialStatus", "fulfillment": "displayFulfillmentStatus"}


def _specs() -> list[Any]:
    rows = []
    for name in order_files():
        content = read_demo(name)
        rows += [pytest.param(content["store"], spec, id=spec["name"]) for spec in content["orders"]]
    return rows


def _shop(value: Any) -> Decimal:
    return read_bag(value).shop


def _sum(rows: list[Any], key: str) -> Decimal:
    return sum((_shop(row[key]) for row in rows), Decimal(0))


@pytest.mark.parametrize(("store", "spec"), _specs())
def test_totals_are_those_worked_out_by_hand(store: str, spec: Any) -> None:
    order = builder_for(store).build(spec)
    expect = dict(spec["expect"])
    if "presentment_total" in expect:
        assert read_bag(order["totalPriceSet"]).presentment == Decimal(expect.pop("presentment_total"))
    if "rounding" in expect:
        paid = order["totalCashRoundingAdjustment"]["paymentSet"]
        assert _shop(paid) == Decimal(expect.pop("rounding"))
    for name in set(expect) & set(STATES):
        assert order[STATES[name]] == expect.pop(name)
    assert {name: _shop(order[FIGURES[name]]) for name in expect} == {
        name: Decimal(value) for name, value in expect.items()
    }


@pytest.mark.parametrize(("store", "spec"), _specs())
def test_the_ledger_explains_the_order(store: str, spec: Any) -> None:
    order = builder_for(store).build(spec)
    agreements = nodes(order["agreements"])
    assert [each["reason"] for each in agreements].count("ORDER") == 1
    sales = [row for each in agreements for row in nodes(each["sales"])]
    adjustments = _sum([row for row in sales if row["lineType"] == "ADJUSTMENT"], "totalAmount")
    assert _sum(nodes(agreements[0]["sales"]), "totalAmount") == _shop(order["originalTotalPriceSet"])
    assert _sum(sales, "totalAmount") == _shop(order["currentTotalPriceSet"]) + adjustments
    assert _sum(sales, "totalTaxAmount") == _shop(order["currentTotalTaxSet"])
    for line in nodes(order["lineItems"]):
        mine = [row for row in sales if (row.get("lineItem") or {}).get("id") == line["id"]]
        assert sum(row["quantity"] for row in mine) == line["currentQuantity"]
        ordered = [row for row in mine if row["actionType"] != "RETURN"]
        allocated = sum(
            (_shop(each["allocatedAmountSet"]) for each in line["discountAllocations"]), Decimal(0)
        )
        if not order["taxesIncluded"]:
            assert _sum(ordered, "totalDiscountAmountBeforeTaxes") == allocated
        net = _sum(ordered, "totalAmount") - _sum(ordered, "totalTaxAmount")
        if not order["taxesIncluded"]:
            assert net + allocated == _shop(line["originalUnitPriceSet"]) * line["quantity"]
    for row in sales:
        if row["lineType"] in ("SHIPPING", "ADJUSTMENT"):
            assert row["quantity"] is None
        if row["actionType"] == "RETURN":
            assert _shop(row["totalAmount"]) <= 0


def test_accounting_orders_1001_to_1004_to_the_cent() -> None:
    builder = builder_for("demo-store")
    first, second, third, fourth = [
        builder.build(spec) for spec in read_demo("orders_1_everyday")["orders"][:4]
    ]
    tee, mug = nodes(first["lineItems"])
    assert [line["taxLines"][0]["priceSet"]["shopMoney"]["amount"] for line in (tee, mug)] == ["3.71", "1.11"]
    assert tee["discountAllocations"][0]["allocatedAmountSet"]["shopMoney"]["amount"] == "5.0"
    assert mug["discountAllocations"][0]["allocatedAmountSet"]["shopMoney"]["amount"] == "1.5"
    assert first["totalPriceSet"]["shopMoney"] == {"amount": "69.27", "currencyCode": "USD"}
    paid = [(row["gateway"], row["amountSet"]["shopMoney"]["amount"]) for row in second["transactions"]]
    assert paid == [("gift_card", "50.0"), ("shopify_payments", "19.27")]
    kinds = [row["__typename"] for row in nodes(nodes(third["agreements"])[0]["sales"])]
    assert kinds == ["ProductSale", "DutySale", "ProductSale", "DutySale", "TipSale"]
    assert third["totalPriceSet"]["shopMoney"]["amount"] == "108.0"
    assert nodes(nodes(fourth["agreements"])[0]["sales"])[0]["lineType"] == "GIFT_CARD"


def test_partial_refund_takes_the_first_units_pennies() -> None:
    spec = next(row for row in read_demo("orders_2_lives")["orders"] if row["name"] == "#1025")
    order = builder_for("demo-store").build(spec)
    [row] = nodes(order["refunds"][0]["refundLineItems"])
    assert (row["subtotalSet"]["shopMoney"]["amount"], row["totalTaxSet"]["shopMoney"]["amount"]) == (
        "22.5",
        "1.86",
    )
    assert order["refunds"][0]["totalRefundedSet"]["shopMoney"]["amount"] == "24.36"
    sale = nodes(nodes(order["agreements"])[1]["sales"])[0]
    assert (sale["quantity"], sale["totalAmount"]["shopMoney"]["amount"]) == (-1, "-24.36")
    assert sale["totalDiscountAmountBeforeTaxes"]["shopMoney"]["amount"] == "-2.5"


def test_goodwill_is_an_adjustment_sale_and_leaves_the_current_total() -> None:
    spec = next(row for row in read_demo("orders_2_lives")["orders"] if row["name"] == "#1026")
    order = builder_for("demo-store").build(spec)
    sales = nodes(nodes(order["agreements"])[1]["sales"])
    assert [(row["lineType"], row["totalAmount"]["shopMoney"]["amount"]) for row in sales] == [
        ("SHIPPING", "-5.95"),
        ("ADJUSTMENT", "-5.0"),
    ]
    assert order["totalOutstandingSet"]["shopMoney"]["amount"] == "0.0"


def test_a_specification_that_says_nonsense_names_order_and_part() -> None:
    builder = builder_for("demo-store")
    line = {"sku": "TEE", "disc": {"GHOST": "1.00"}}
    with pytest.raises(SpecError, match="Order #9: discount GHOST is allocated but not among the discounts"):
        builder.build({"name": "#9", "created": "2026-11-02T14:05:00Z", "lines": [line]})
    again = {
        "name": "#9",
        "created": "2026-11-02T14:05:00Z",
        "lines": [{"sku": "TEE"}],
        "shipping": [{"code": "standard"}],
    }
    for gone in ([1], [0, 0]):
        step = {"edit": {"shipping": [{"remove": place} for place in gone]}}
        with pytest.raises(SpecError, match=f"Order #9: there is no shipping line {gone[-1]} to remove"):
            builder.build({**again, "then": [step]})
    with pytest.raises(SpecError, match="unknown field colour"):
        builder.build({"name": "#9", "created": "2026-11-02T14:05:00Z", "lines": [], "colour": "red"})


def test_the_table_of_the_readme_shows_every_order_with_its_total() -> None:
    text = (DEMO_DIR / "README.md").read_text(encoding="utf-8")
    for name in order_files():
        content = read_demo(name)
        for spec in content["orders"]:
            row = next(line for line in text.splitlines() if line.startswith(f"| {spec['name']} |"))
            assert f"| {content['store']} | {spec['case']} |" in row
            assert f"| {spec['expect']['tax']} | {spec['expect']['total']} |" in row

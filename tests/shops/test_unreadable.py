from __future__ import annotations

import copy
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from common.errors import NeedsPerson
from sandbox.shopify.seeding import builder_for
from shops.shopify.orders import normalize_order

Json = dict[str, Any]


@pytest.fixture(scope="module")
def raw() -> Json:
    return builder_for("demo-store").build(
        {
            "name": "#5001",
            "created": "2026-11-01T10:00:00Z",
            "customer": "ada",
            "taxes": [{"title": "Tax", "rate": 0.04}],
            "lines": [{"sku": "TEE", "qty": 2, "tax": ["2.00"]}, {"sku": "MUG", "tax": ["0.60"]}],
            "shipping": [{"code": "standard"}],
            "payments": [{"amount": "73.55"}],
        }
    )


@pytest.mark.parametrize(
    ("spoil", "field", "shown"),
    [
        (lambda o: o.pop("name"), "name", "nothing"),
        (lambda o: o.update(createdAt="yesterday"), "createdAt", "'yesterday'"),
        (lambda o: o.update(updatedAt="2026-11-01T10:00:00"), "updatedAt", "'2026-11-01T10:00:00'"),
        (lambda o: o.update(test="no"), "test", "'no'"),
        (lambda o: o.update(number="x"), "number", "'x'"),
        (lambda o: o.update(tags="vip"), "tags", "'vip'"),
        (lambda o: o.update(id="5001"), "id", "'5001'"),
        (lambda o: o["totalPriceSet"]["shopMoney"].update(amount="abc"), "totalPriceSet", "abc"),
        (lambda o: o["totalPriceSet"]["shopMoney"].update(amount="1.005"), "totalPriceSet", "1.005"),
        (lambda o: o["totalPriceSet"]["shopMoney"].update(amount="NaN"), "totalPriceSet", "NaN"),
        (lambda o: o.update(originalTotalPriceSet=None), "originalTotalPriceSet", "nothing"),
        (lambda o: o["lineItems"]["nodes"][1].update(quantity=1.5), "lineItems.1.quantity", "'1.5'"),
        (
            lambda o: o["lineItems"]["nodes"][1].update(currentQuantity=True),
            "lineItems.1.currentQuantity",
            "'True'",
        ),
        (
            lambda o: o["lineItems"]["nodes"][0]["taxLines"][0].update(rate="x"),
            "lineItems.0.taxLines.0.rate",
            "'x'",
        ),
        (lambda o: o["lineItems"]["nodes"].append("x"), "lineItems.2", "'x'"),
        (lambda o: o.update(lineItems={"nodes": None}), "lineItems", "None"),
        (
            lambda o: o["agreements"]["nodes"][0]["sales"]["nodes"][1].update(totalAmount={"shopMoney": {}}),
            "agreements.0.sales.1.totalAmount",
            "shopMoney",
        ),
        (
            lambda o: o["agreements"]["nodes"][0]["sales"]["nodes"][0].update(lineItem={"id": 7}),
            "agreements.0.sales.0.lineItem.id",
            "'7'",
        ),
        (
            lambda o: o["agreements"]["nodes"][0]["sales"]["nodes"][0]["taxes"][0].update(taxLine=None),
            "agreements.0.sales.0.taxes.0.taxLine",
            "nothing",
        ),
        (lambda o: o["transactions"][0].update(kind=None), "transactions.0.kind", "nothing"),
        (lambda o: o["customer"].update(tags=[1]), "customer.tags", "'[1]'"),
        (
            lambda o: o.update(purchasingEntity={"__typename": "PurchasingCompany", "company": None}),
            "purchasingEntity.company",
            "nothing",
        ),
    ],
)
def test_what_cannot_be_read_is_named_by_path_and_value(
    raw: Json, spoil: Callable[[Json], object], field: str, shown: str
) -> None:
    spoiled = copy.deepcopy(raw)
    spoil(spoiled)
    with pytest.raises(NeedsPerson) as caught:
        normalize_order(spoiled)
    error = caught.value
    assert (error.code, error.field) == ("UNREADABLE_ORDER", field)
    assert field in error.message
    assert shown in error.message


def test_a_spoiled_order_is_still_named(raw: Json) -> None:
    with pytest.raises(NeedsPerson, match="Order #5001 cannot be read"):
        normalize_order({**raw, "processedAt": 3})
    with pytest.raises(NeedsPerson, match="Order gid://shopify/Order/6100000005001 cannot be read"):
        normalize_order({**raw, "name": None})


def test_words_shopify_may_add_are_kept(raw: Json) -> None:
    order = copy.deepcopy(raw)
    order["displayFulfillmentStatus"] = "TELEPORTED"
    sale = order["agreements"]["nodes"][0]["sales"]["nodes"][0]
    sale.update(lineType="SUBSCRIPTION_FEE", actionType="RENEWAL")
    order["agreements"]["nodes"][0]["reason"] = "RENEWAL"
    order["transactions"][0]["kind"] = "MANDATE"
    read = normalize_order(order)
    assert read.fulfillment_status == "TELEPORTED"
    assert read.agreements[0].reason == "RENEWAL"
    assert (read.agreements[0].sales[0].kind, read.agreements[0].sales[0].action) == (
        "SUBSCRIPTION_FEE",
        "RENEWAL",
    )
    assert read.agreements[0].sales[0].object_id == ""
    assert read.transactions[0].kind == "MANDATE"


@pytest.mark.parametrize(
    ("given", "read"),
    [
        (Decimal("0.0825"), "0.0825"),
        (0.2, "0.2"),
        ("0.0500", "0.05"),
        (0, "0"),
        (None, "0"),
        (1e-05, "0.00001"),
    ],
)
def test_rates_are_plain_decimal_fractions(raw: Json, given: object, read: str) -> None:
    order = copy.deepcopy(raw)
    order["lineItems"]["nodes"][0]["taxLines"][0]["rate"] = given
    assert normalize_order(order).lines[0].taxes[0].rate == read


def test_what_shopify_leaves_out_is_empty(raw: Json) -> None:
    order = {
        **raw, "customer": None, "shippingAddress": None, "billingAddress": None, "totalTaxSet": None, "note": None,
        "currentTotalDutiesSet": None, "totalDiscountsSet": None, "attribution": None, "displayFinancialStatus": None,
    }  # fmt: skip
    read = normalize_order(order)
    assert (read.customer, read.shipping, read.billing, read.note) == (None, None, None, "")
    assert str(read.totals.tax.shop) == "0.00 USD"
    assert read.totals.current_duties is None
    assert read.channel == "Online Store"  # the app's name
    assert read.financial_status == ""

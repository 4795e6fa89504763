"""Parts of an order that Shopify may leave out or give several of: what they mean then."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from sandbox.shopify.seeding import builder_for
from shops.shopify.orders import normalize_order


def order(**values: Any) -> dict[str, Any]:
    built: dict[str, Any] = builder_for("demo-store").build({
        "name": "#5001", "created": "2026-11-01T10:00:00Z", "customer": "ada",
        "taxes": [{"title": "Tax", "rate": 0.04}], "lines": [{"sku": "TEE", "tax": ["1.00"]}],
        "payments": [{"amount": "26.00"}],
    })  # fmt: skip
    return built | values


@pytest.mark.parametrize(
    ("recommendation", "levels", "risk"),
    [
        ("NONE", ["LOW", "MEDIUM", "HIGH"], "HIGH"),
        ("NONE", ["LOW", "MEDIUM"], "NONE"),
        ("NONE", ["LOW"], "NONE"),
        ("NONE", ["HIGH"], "HIGH"),
        ("CANCEL", ["LOW"], "CANCEL"),
        ("ACCEPT", ["HIGH"], "ACCEPT"),
        ("NONE", [], "NONE"),
    ],
)
def test_shopifys_recommendation_counts_and_else_the_gravest_assessment(
    recommendation: str, levels: list[str], risk: str
) -> None:
    raw = order(
        risk={"recommendation": recommendation, "assessments": [{"riskLevel": level} for level in levels]}
    )
    assert normalize_order(raw).risk == risk


@pytest.mark.parametrize(
    ("said", "liable"), [(True, True), (False, False), (None, False), ("missing", False)]
)
def test_a_tax_that_does_not_say_who_owes_it_is_the_merchants(said: object, liable: bool) -> None:
    raw = order()
    (line,) = raw["lineItems"]["nodes"]
    for tax in line["taxLines"]:
        if said == "missing":
            tax.pop("channelLiable", None)
        else:
            tax["channelLiable"] = said
    (read,) = normalize_order(raw).lines
    assert [tax.channel_liable for tax in read.taxes] == [liable]


@pytest.mark.parametrize(
    ("said", "liable"), [(True, True), (False, False), (None, False), ("missing", False)]
)
def test_a_tax_on_shipping_keeps_its_words_both_amounts_and_who_owes_it(said: object, liable: bool) -> None:
    raw = order()
    tax = {"title": "TAX1", "rate": 0.1, "priceSet": both("5.00", "6.00"), "channelLiable": said}
    if said == "missing":
        del tax["channelLiable"]
    raw["shippingLines"] = {"nodes": [parcel(1, tax)]}
    (read,) = normalize_order(raw).shipping_lines
    assert [
        (t.title, t.rate, str(t.amount.shop), str(t.amount.presentment), t.channel_liable) for t in read.taxes
    ] == [("TAX1", "0.1", "5.00 USD", "6.00 EUR", liable)]


def test_taxes_of_several_shipping_lines_are_not_mixed_up() -> None:
    """Two on the first parcel, one on the second; read again with one instead of two, one is left."""
    state, city = ({"title": title, "rate": 0.05, "priceSet": both("1.00", "1.00")} for title in ("A", "B"))
    raw = order(shippingLines={"nodes": [parcel(1, state, city), parcel(2, state)]})
    assert shipping_taxes(raw) == [["A", "B"], ["A"]]
    raw["shippingLines"] = {"nodes": [parcel(1, state), parcel(2, state)]}
    assert shipping_taxes(raw) == [["A"], ["A"]]
    raw["shippingLines"] = {"nodes": [parcel(2, state)]}
    assert shipping_taxes(raw) == [["A"]]


def test_lines_without_tax_have_none_that_anybody_owes() -> None:
    raw = order()
    raw["lineItems"]["nodes"][0]["taxLines"] = []
    (read,) = normalize_order(raw).lines
    assert read.taxes == ()


@pytest.mark.parametrize(
    ("schedules", "due"),
    [
        ([{"dueAt": "2026-12-09T15:30:00Z"}], datetime(2026, 12, 9, 15, 30, tzinfo=UTC)),
        ([{"dueAt": None}], None),
        ([], None),
    ],
)
def test_terms_are_due_when_their_schedule_says_so(schedules: list[Any], due: datetime | None) -> None:
    terms = {"paymentTermsName": "Net 30", "paymentTermsType": "NET", "dueInDays": 30,
             "paymentSchedules": {"nodes": schedules}}  # fmt: skip
    read = normalize_order(order(paymentTerms=terms)).payment_terms
    assert read is not None
    assert (read.name, read.kind, read.due_in_days, read.due_at) == ("Net 30", "NET", 30, due)


def test_an_order_without_terms_has_none() -> None:
    assert normalize_order(order(paymentTerms=None)).payment_terms is None


def both(shop: str, presentment: str) -> dict[str, Any]:
    """An amount in dollars that was paid in euros."""
    return {
        "shopMoney": {"amount": shop, "currencyCode": "USD"},
        "presentmentMoney": {"amount": presentment, "currencyCode": "EUR"},
    }


def parcel(number: int, *taxes: dict[str, Any]) -> dict[str, Any]:
    price = both("10.00", "9.00")
    return {
        "id": f"gid://shopify/ShippingLine/{number}", "title": f"Parcel {number}", "code": "", "isRemoved": False,
        "originalPriceSet": price, "discountedPriceSet": price, "discountAllocations": [], "taxLines": list(taxes),
    }  # fmt: skip


def shipping_taxes(raw: dict[str, Any]) -> list[list[str]]:
    return [[tax.title for tax in line.taxes] for line in normalize_order(raw).shipping_lines]

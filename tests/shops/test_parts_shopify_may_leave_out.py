"""Parts of an order that Shopify may leave out or give several of: what they mean then."""

from __future__ import annotations

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

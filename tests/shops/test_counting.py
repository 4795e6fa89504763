from __future__ import annotations

import copy
from collections.abc import Callable

import pytest

from common.errors import Retryable
from shops.shopify.answers import Json
from shops.shopify.counting import check_counts

ORDER: Json = {
    "name": "#1",
    "subtotalLineItemsQuantity": 3,
    "currentSubtotalLineItemsQuantity": 2,
    "transactionsCount": {"count": 1, "precision": "EXACT"},
    "transactions": [{"id": "t1"}],
    "refunds": [{"id": "r1"}],
    "lineItems": {
        "nodes": [
            {"id": "l1", "quantity": 2, "currentQuantity": 1},
            {"id": "l2", "quantity": 1, "currentQuantity": 1},
        ]
    },
    "agreements": {
        "nodes": [
            {
                "id": "a1",
                "sales": {
                    "nodes": [{"id": "s1", "lineItem": {"id": "l1"}}, {"id": "s2", "lineItem": {"id": "l2"}}]
                },
            },
            {
                "id": "a2",
                "refund": {"id": "r1"},
                "sales": {"nodes": [{"id": "s3", "lineItem": {"id": "l1"}}]},
            },
        ]
    },
}


def test_an_order_that_came_whole_passes() -> None:
    check_counts(ORDER)


def test_tips_and_gift_cards_are_lines_outside_the_count() -> None:
    order = copy.deepcopy(ORDER)
    order["lineItems"]["nodes"].append({"id": "tip", "quantity": 1, "currentQuantity": 1})
    check_counts(order)


def test_a_sale_whose_line_was_deleted_passes() -> None:
    order = copy.deepcopy(ORDER)
    order["agreements"]["nodes"][0]["sales"]["nodes"][0]["lineItem"] = None
    check_counts(order)


def test_a_count_shopify_only_gives_as_at_least_may_be_passed() -> None:
    order = copy.deepcopy(ORDER)
    order["transactionsCount"] = {"count": 0, "precision": "AT_LEAST"}
    check_counts(order)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda o: o["lineItems"]["nodes"].pop(), "2 pieces (quantity) of 3"),
        (lambda o: o["lineItems"]["nodes"][0].update(currentQuantity=0), "1 pieces (currentQuantity) of 2"),
        (lambda o: o["lineItems"]["nodes"].append(o["lineItems"]["nodes"][0]), "2 different lines of 3"),
        (lambda o: o["transactions"].clear(), "0 transactions of 1"),
        (lambda o: o["transactions"].append({"id": "t2"}), "2 transactions of 1"),
        (lambda o: o["refunds"].clear(), "0 refunds the ledger names of 1"),
        (lambda o: o["agreements"]["nodes"].clear(), "0 agreements of 1"),
        (lambda o: o["agreements"]["nodes"].append(o["agreements"]["nodes"][0]), "2 different agreements of 3"),
        (lambda o: o["agreements"]["nodes"][1]["sales"]["nodes"][0].update(id="s1"), "2 different sales of 3"),
        (
            lambda o: o["agreements"]["nodes"][1]["sales"]["nodes"][0].update(lineItem={"id": "l9"}),
            "2 lines the ledger names of 3",
        ),
    ],
)  # fmt: skip
def test_a_missing_or_doubled_part_is_found(spoil: Callable[[Json], object], said: str) -> None:
    order = copy.deepcopy(ORDER)
    spoil(order)
    with pytest.raises(Retryable) as caught:
        check_counts(order)
    assert caught.value.code == "ORDER_INCOMPLETE"
    assert said in caught.value.message

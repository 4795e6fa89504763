"""The account refuses what it would refuse on its own pages: changes of what was shipped, billed or closed."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox_netsuite.talk import Client, detail, order_1001

ORDERS = "/record/v1/salesOrder"

PATH = f"{ORDERS}/91001"


def rows(*items: dict[str, Any]) -> dict[str, Any]:
    return {"item": {"items": list(items)}}


def one_billed(client: Client) -> None:
    """#1001 with one of two pieces of line 1 billed."""
    client.create("salesOrder", order_1001())
    client.transform(
        "salesOrder/91001", "invoice", rows({"orderLine": 1, "quantity": 1}, {"orderLine": 3, "quantity": 0})
    )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"line": 1, "quantity": 0}, "cannot be lower"),
        ({"line": 1, "item": {"id": "502"}}, "item of a line"),
        ({"line": 1, "rate": 20, "amount": 40}, "rate of a line"),
    ],
)
def test_a_billed_line_cannot_be_lowered_or_repriced(
    client: Client, change: dict[str, Any], words: str
) -> None:
    one_billed(client)
    answer = client.call("PATCH", PATH, rows(change))
    assert answer.status_code == 400
    assert words in detail(answer)[2]
    assert client.get("salesOrder", "91001")["total"] == 69.27


def test_a_billed_line_can_be_raised_and_its_rest_closed(client: Client) -> None:
    one_billed(client)
    assert client.call("PATCH", PATH, rows({"line": 1, "quantity": 3})).status_code == 204
    assert client.call("PATCH", PATH, rows({"line": 1, "isClosed": True})).status_code == 204
    assert client.call("PATCH", f"{PATH}?replace=item", rows({"item": {"id": "501"}})).status_code == 400


def test_a_billed_order_takes_no_changes_but_its_memo(client: Client) -> None:
    client.create("salesOrder", order_1001())
    client.transform("salesOrder/91001", "itemFulfillment", {})
    client.transform("salesOrder/91001", "invoice", {})
    assert client.get("salesOrder", "91001")["status"]["id"] == "Billed"
    for change in (
        rows({"line": 3, "quantity": 2}),
        {"otherRefNum": "x"},
        {"shippingAddress": {"city": "Rome"}},
    ):
        answer = client.call("PATCH", PATH, change)
        assert "is billed and cannot be edited" in detail(answer)[2]
    assert client.call("PATCH", PATH, {"memo": "asked for a copy"}).status_code == 204


def test_a_closed_order_takes_no_changes(client: Client) -> None:
    client.create("salesOrder", order_1001())
    lines = client.get("salesOrder", "91001")["item"]["items"]
    closing = rows(*({"line": line["line"], "isClosed": True} for line in lines))
    assert client.call("PATCH", PATH, closing).status_code == 204
    assert client.get("salesOrder", "91001")["status"]["id"] == "Closed"
    answer = client.call("PATCH", PATH, rows({"line": 1, "quantity": 3}))
    assert "is closed and cannot be edited" in detail(answer)[2]

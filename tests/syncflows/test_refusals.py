"""What the ERP refuses, has already, or cannot say: the order blocks or waits with its own cause, nothing doubles."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from common.clock import now
from erps.models import ErpConnection
from mappings.models import RecordLink
from syncflows import actions
from syncflows.models import Sync
from syncflows.pipeline.run import drain
from syncflows.states import State
from tests.syncflows.conftest import World

EXTERNAL_ID = "shp-demo-store-so-6100000001001"


def as_netsuite_user(world: World, path: str, body: dict[str, Any]) -> str:
    """Do something in NetSuite by hand; returns the new record's id."""
    token = ErpConnection.objects.get().access_token
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    url = f"{world.link.netsuite}/services/rest/record/v1/{path}"
    answer = world.http.send("POST", url, headers=headers, body=json.dumps(body))
    assert answer.status == 204, answer.text
    return answer.headers["Location"].rsplit("/", 1)[1]


def typed_order(amount: float, **fields: Any) -> dict[str, Any]:
    line = {"item": {"id": "501"}, "quantity": 1, "rate": amount, "amount": amount, "price": {"id": "-1"}}
    return {
        "entity": {"id": "2001"}, "subsidiary": {"id": "1"}, "currency": {"id": "1"}, "tranDate": "2026-11-02",
        "taxDetailsOverride": True, "item": {"items": [line]}, **fields,
    }  # fmt: skip


def test_an_order_typed_by_hand_is_linked_when_it_is_equal(world: World) -> None:
    record = as_netsuite_user(world, "salesOrder", typed_order(69.27, otherRefNum="#1001"))
    world.place("#1001")
    world.run()
    link = RecordLink.objects.get(kind="sales_order")
    assert (link.erp_id, link.recovered) == (record, True)
    assert len(world.written()) == 1
    assert world.sync("#1001").state == State.DONE


def test_a_hand_typed_order_with_another_total_blocks_until_a_person_decides(world: World) -> None:
    as_netsuite_user(world, "salesOrder", typed_order(70.00, otherRefNum="#1001"))
    world.place("#1001")
    world.run()
    sync = world.sync("#1001")
    assert sync.reason_code == "EXISTING_ORDER_DIFFERS"
    assert "comes to 70" in sync.reason
    assert "the order comes to 69.27" in sync.reason
    actions.import_now(None, Sync.objects.filter(pk=sync.pk))
    drain(seconds=30)
    assert world.sync("#1001").state == State.DONE
    assert sorted(row.total for row in world.written()) == [Decimal("69.27"), Decimal("70.00")]


def test_two_hand_typed_orders_are_ambiguous(world: World) -> None:
    for _ in range(2):
        as_netsuite_user(world, "salesOrder", typed_order(69.27, otherRefNum="#1001"))
    world.place("#1001")
    world.run()
    assert world.sync("#1001").reason_code == "EXISTING_ORDER_AMBIGUOUS"
    assert len(world.written()) == 2


def test_an_id_that_is_taken_but_not_to_be_found(world: World) -> None:
    # NetSuite compares external ids without case, SuiteQL with case.
    as_netsuite_user(world, "salesOrder", typed_order(69.27, externalId=EXTERNAL_ID.upper()))
    world.place("#1001")
    world.run()
    sync = world.sync("#1001")
    assert (sync.state, sync.reason_code, sync.reason_value) == (State.BLOCKED, "ID_TAKEN", EXTERNAL_ID)


def test_a_customer_whose_answer_was_lost_is_found_and_not_made_twice(world: World) -> None:
    world.place("#1006", "#1009")
    world.fault(
        "netsuite", match={"method": "POST", "record_type": "customer"}, action="drop_after_commit", times=1
    )
    world.run()
    assert set(Sync.objects.values_list("reason_code", flat=True)) <= {"NO_ANSWER", ""}
    Sync.objects.update(due_at=now())
    drain(seconds=30)
    assert set(Sync.objects.values_list("state", flat=True)) == {State.DONE}
    ids = list(RecordLink.objects.filter(kind="customer").values_list("external_id", flat=True))
    assert len(ids) == len(set(ids))


def test_a_closed_period_has_its_own_cause(world: World) -> None:
    settings = {"closed_through": "2026-11-30", "closed_period_blocks_all": True}
    world.post(f"{world.link.netsuite}/_sandbox/settings", settings)
    world.place("#1001")
    try:
        world.run()
    finally:
        reopened = {"closed_through": "2025-12-31", "closed_period_blocks_all": False}
        world.post(f"{world.link.netsuite}/_sandbox/settings", reopened)
    sync = world.sync("#1001")
    assert (sync.state, sync.reason_code) == (State.BLOCKED, "ERP_PERIOD_CLOSED")
    sync.retry()
    drain(seconds=30)
    assert world.sync("#1001").state == State.DONE


@pytest.mark.parametrize("action", ["status_500", "status_429"])
def test_look_ups_that_fail_leave_the_orders_waiting(world: World, action: str) -> None:
    world.place("#1001")
    world.fault("netsuite", match={"operation": "suiteql"}, action=action, times=40)
    world.run()
    assert world.sync("#1001").state == State.WAITING
    world.clear_faults()
    Sync.objects.update(due_at=now())
    drain(seconds=30)
    assert world.sync("#1001").state == State.DONE
    assert len(world.written()) == 1


def test_a_number_shopify_refuses_is_kept_with_its_reason(world: World) -> None:
    world.place("#1001")
    world.post(
        f"{world.link.shopify}/demo-store/_sandbox/scopes",
        {"scopes": ["read_orders", "read_customers", "read_locations", "read_products", "read_payment_terms",
                    "read_merchant_managed_fulfillment_orders", "read_returns"]},
    )  # fmt: skip
    world.run()
    sync = world.sync("#1001")
    assert sync.state == State.DONE
    assert sync.order.written_back_at is None

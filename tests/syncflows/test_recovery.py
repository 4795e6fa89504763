"""What a lost answer, a lost memory or a foreign hand leaves behind: one document, and the truth about it."""

from __future__ import annotations

from decimal import Decimal

from common.clock import now
from erps.models import ErpConnection, RequestSlot
from mappings.models import RecordLink
from shops.models import Shop
from syncflows.models import Attempt, Order, Outcome, Sync
from syncflows.pipeline.run import drain
from syncflows.states import State
from tests.syncflows.conftest import World

CREATE = {"method": "POST", "record_type": "salesOrder"}


def test_an_order_goes_the_whole_way_once(world: World) -> None:
    world.place("#1001")
    world.run()
    sync = world.sync("#1001")
    assert sync.state == State.DONE
    (row,) = world.written()
    assert (row.external_id, row.total, row.currency) == (
        "shp-demo-store-so-6100000001001",
        Decimal("69.27"),
        "USD",
    )
    order = sync.order
    assert (order.document_total, order.document_number) == (Decimal("69.27"), row.number)
    assert order.written_back_at is not None
    attempt = Attempt.objects.get(sync=sync)
    assert attempt.outcome == Outcome.WRITTEN
    assert attempt.calls()[0]["status"] == 204
    (note,) = attempt.notes
    assert note == (
        "Tax: SuiteTax: tax details given line by line (override). "
        "Shipping: A line on the shipping item (keeps discounts apart). Sales order released at once."
    )
    assert "Bearer" not in str(attempt.calls())
    assert not RequestSlot.objects.exclude(token="").exists()
    world.run()
    world.run()
    assert len(world.written()) == 1
    assert world.sync("#1001").state == State.DONE


def test_an_answer_lost_after_the_save_is_found_again(world: World) -> None:
    world.place("#1001", "#1005")
    world.fault("netsuite", match=CREATE, action="drop_after_commit", times=2)
    world.run()
    for name in ("#1001", "#1005"):
        sync = world.sync(name)
        assert (sync.state, sync.reason_code) == (State.WAITING, "NO_ANSWER")
        assert (sync.due_at - now()).total_seconds() > 25
        assert Attempt.objects.get(sync=sync).outcome == Outcome.UNKNOWN
    Sync.objects.update(due_at=now())
    drain(seconds=30)
    assert len(world.written()) == 2
    for name in ("#1001", "#1005"):
        sync = world.sync(name)
        assert sync.state == State.DONE
        assert Attempt.objects.filter(sync=sync).first().outcome == Outcome.RECOVERED  # type: ignore[union-attr]
        assert RecordLink.objects.get(source_id=sync.source_id, kind="sales_order").recovered is True


def test_a_hub_that_forgot_everything_links_what_is_there(world: World) -> None:
    world.place("#1001")
    world.run()
    RecordLink.objects.all().delete()
    Order.objects.all().delete()
    Sync.objects.all().delete()
    world.shop.cursors.all().delete()
    world.run()
    assert len(world.written()) == 1
    assert world.sync("#1001").state == State.DONE
    assert RecordLink.objects.get(kind="sales_order").recovered is True


def test_an_order_that_changed_while_its_answer_was_lost_is_not_called_done(world: World) -> None:
    world.place("#1001")
    world.fault("netsuite", match=CREATE, action="drop_after_commit", times=1)
    world.run()
    sync = world.sync("#1001")
    Attempt.objects.filter(sync=sync).update(payload_hash="what was sent then")
    Sync.objects.update(due_at=now())
    drain(seconds=30)
    sync = world.sync("#1001")
    assert (sync.state, sync.reason_code) == (State.BLOCKED, "ORDER_CHANGED")
    assert len(world.written()) == 1


def test_a_document_that_somebody_changed_or_deleted_is_never_written_again(world: World) -> None:
    world.place("#1001")
    world.run()
    link = RecordLink.objects.get(kind="sales_order")
    address = f"{world.link.netsuite}/services/rest/record/v1/salesOrder/{link.erp_id}"
    token = ErpConnection.objects.get().access_token
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    body = '{"item": {"items": [{"line": 1, "quantity": 1, "amount": 1.00}]}}'
    assert world.http.send("PATCH", address, headers=headers, body=body).status == 204
    RecordLink.objects.update(verified_at=None)
    world.sync("#1001").retry()
    drain(seconds=30)
    sync = world.sync("#1001")
    assert (sync.state, sync.reason_code) == (State.BLOCKED, "READBACK_DIFFERS")
    assert sync.differences[0]["shopify"] == "69.27"
    assert world.http.send("DELETE", address, headers=headers).status == 204
    sync.retry()
    drain(seconds=30)
    sync = world.sync("#1001")
    assert (sync.state, sync.reason_code) == (State.BLOCKED, "READBACK_MISSING")
    assert sync.order.document_total is None, "no figure of a document that is not there"
    assert world.written() == []


def test_shopify_away_leaves_the_orders_waiting_and_the_cursor_where_it_was(world: World) -> None:
    world.place("#1005")
    world.fault("shopify", match={"operation": "OrdersFull"}, action="status_500", times=50)
    world.run()
    waiting = Sync.objects.filter(state=State.WAITING)
    assert [sync.name for sync in waiting] == ["#1005"]
    assert world.written() == []
    world.clear_faults()
    waiting.update(due_at=now())
    drain(seconds=30)
    assert world.sync("#1005").state == State.DONE


def test_a_shop_without_a_connection_says_so(world: World) -> None:
    world.place("#1001")
    Shop.objects.update(erp_connection=None)
    world.run()
    assert world.sync("#1001").reason_code == "NO_CONNECTION"
    assert world.written() == []


def test_no_free_slot_leaves_the_orders_for_later(world: World) -> None:
    world.place("#1001")
    connection = ErpConnection.objects.get()
    for number in range(1, connection.concurrency_limit + 1):
        RequestSlot.objects.update_or_create(
            connection=connection,
            number=number,
            defaults={"token": "another worker", "leased_until": now().replace(year=2099)},
        )
    world.run()
    assert world.sync("#1001").state == State.PENDING
    RequestSlot.objects.update(token="", leased_until=None)
    drain(seconds=30)
    assert world.sync("#1001").state == State.DONE

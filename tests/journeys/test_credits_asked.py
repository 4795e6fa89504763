"""What an order that changed after it was billed is asked about, because no credit can be exact."""

from __future__ import annotations

from typing import Any

from mappings.models import RecordLink
from syncflows.models import ChangePolicy
from tests.journeys.changing import D, answer, bought, by_rule, edit, line_gid, ship_and_bill
from tests.journeys.crediting import bill, lower, parts
from tests.journeys.pressing import Person
from tests.journeys.test_tax_strategies import VARIANTS, choose
from tests.journeys.world import World


def refused(world: World, name: str, words: str) -> None:
    sync = world.sync(name)
    assert (sync.state, sync.reason_code) == ("blocked", "ORDER_CHANGED")
    assert words in sync.reason
    assert parts(world, name) == {}


def test_pieces_that_are_not_billed_yet_are_not_credited(world: World) -> None:
    by_rule(ChangePolicy.ADD)
    order_id, name = bought(world, 2)
    rows = [{"orderLine": 1, "quantity": 1}, {"orderLine": 2, "quantity": 0}]
    ship_and_bill(world, name, "invoice", item={"items": rows})
    lower(world, order_id, name)
    world.run()
    refused(world, name, "of 2 pieces of 'Cotton tee - Navy / M' 1 were billed")


def test_a_price_that_was_lowered_asks(world: World) -> None:
    by_rule(ChangePolicy.ADD)
    order_id, name = bought(world, 2)
    bill(world, name)
    less = {"title": "Sorry", "amount": "5.00", "tax": ["0.41"]}
    edit(world, order_id, {"discount": {line_gid(world, name): less}})
    world.run()
    refused(world, name, "Discount")


def test_an_invoice_somebody_credited_asks(world: World) -> None:
    by_rule(ChangePolicy.ADD)
    order_id, name = bought(world, 2)
    invoice = bill(world, name)
    rows: list[dict[str, Any]] = [{"orderLine": 1, "quantity": 1}, {"orderLine": 2, "quantity": 0}]
    path = f"/record/v1/invoice/{invoice.id}/!transform/creditMemo"
    world.books.send("POST", path, {"item": {"items": rows}})
    lower(world, order_id, name)
    world.run()
    refused(world, name, f"somebody credited {invoice.number} in the ERP already")


def test_an_order_billed_by_cash_sale_asks(world: World) -> None:
    by_rule(ChangePolicy.ADD)
    order_id, name = bought(world, 2)
    ship_and_bill(world, name, "cashSale")
    lower(world, order_id, name)
    world.run()
    refused(world, name, "is a cash sale")


def test_a_closed_period_asks_and_can_be_kept(world: World) -> None:
    by_rule(ChangePolicy.ADD)
    order_id, name = bought(world, 2)
    bill(world, name)
    world.account(closed_through="2027-12-31")
    lower(world, order_id, name)
    world.run()
    refused(world, name, "period")
    assert "keep_document" in Person().buttons(world.sync(name))
    answer(world, name, "keep_document")
    assert world.outcome(name) == ("done", "")
    assert world.sync(name).order.components["goods"] == ["25.00", "50.00"]


def test_a_tax_line_is_credited_once_from_an_invoice(world: World) -> None:
    choose(world, *VARIANTS["one tax line, legacy tax"][:2])
    by_rule(ChangePolicy.ADD)
    order_id, name = bought(world, 3)
    bill(world, name)
    lower(world, order_id, name, "2")
    world.run()
    assert world.outcome(name) == ("done", "")
    lower(world, order_id, name, "1")
    world.run()
    assert "no longer, on one invoice as a whole" in world.sync(name).reason
    assert len(parts(world, name)) == 1
    answer(world, name, "keep_document")
    assert world.outcome(name) == ("done", "")
    order = world.sync(name).order
    assert (order.books_total, order.document_total) == (D("33.01"), D("60.07"))  # 87.14 - 27.07; 27.06 stays


def test_a_document_with_a_credit_beside_it_stays_linked(world: World) -> None:
    by_rule(ChangePolicy.ADD)
    order_id, name = bought(world, 2)
    bill(world, name)
    lower(world, order_id, name)
    world.run()
    assert not answer(world, name, "unlink", "not this one")
    assert RecordLink.objects.filter(kind="sales_order", unlinked_at=None).exists()


def test_money_that_went_back_asks(world: World) -> None:
    by_rule(ChangePolicy.ADD)
    order_id, name = bought(world, 2)
    bill(world, name)
    world.do(order_id, "refund", quantity="1", line=line_gid(world, name))
    world.run()
    refused(world, name, "Refund or return")

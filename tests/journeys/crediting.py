"""What the journeys of orders that change after billing have in common.

TEE 25.00 with tax 2.07 and 2.06 for the first and the second piece, MUG 15.00 + 1.24, shipping 5.95 untaxed.
"""

from __future__ import annotations

from decimal import Decimal

from mappings.models import RecordLink
from tests.journeys.changing import D, line_gid
from tests.journeys.netsuite import Document
from tests.journeys.world import World

RECEIVABLE, TAX = "119", "202"


def parts(world: World, name: str) -> dict[str, Document]:
    """The documents beside the order's own, by kind."""
    rows = RecordLink.objects.filter(part_of__source_id=world.names()[name])
    records = {"credit_memo": "creditMemo", "sales_order": "salesOrder", "invoice": "invoice"}
    return {row.kind: world.books.document(row.external_id, records[row.kind]) for row in rows}


def figures(world: World, name: str) -> tuple[Decimal, Decimal | None]:
    order = world.sync(name).order
    assert [D(side) for side in order.components["total"]] == [order.books_total] * 2
    return order.total, order.document_total


def memo_lines(document: Document) -> list[tuple[str, Decimal | None, Decimal, Decimal]]:
    return [
        (line.item, line.quantity, line.amount, sum((tax.amount for tax in line.taxes), D(0)))
        for line in document.lines
    ]


def bill(world: World, name: str) -> Document:
    """Bill the whole order; the invoice."""
    order = world.document(name)
    key = world.books.send(
        "POST", f"/record/v1/salesOrder/{order.id}/!transform/invoice", {"externalId": "bill-1"}
    )
    document = world.books.document("bill-1", "invoice")
    assert document.id == key
    return document


def lower(world: World, order_id: str, name: str, quantity: str = "1") -> None:
    world.do(order_id, "quantity", line=line_gid(world, name), quantity=quantity)

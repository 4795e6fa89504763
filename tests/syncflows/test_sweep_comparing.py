"""What a sweep says of orders and documents, without asking anybody."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from canonical.documents import FoundDocument
from canonical.external_ids import order_of, order_prefixes
from shops.shopify.discovery import Instant, OrderHeader
from syncflows.sweeps.comparing import Here, Links, document_outcome, outcome_of, spans

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def minutes(number: int) -> datetime:
    return NOON + timedelta(minutes=number)


def header(number: int, created: datetime = NOON, updated: datetime | None = None) -> OrderHeader:
    return OrderHeader(
        source_id=str(number), name=f"#{number}", created_at=created, updated_at=updated or created, test=False,
        cancelled_at=None, closed_at=None, currency="USD", total=Decimal("1.00"), financial_status="PAID",
        fulfillment_status="", source_name="web",
    )  # fmt: skip


def cut(pages: list[list[OrderHeader]], start: datetime | None = None) -> list[tuple[Any, Any, list[str]]]:
    return [
        (span.start, span.end, [one.source_id for one in span.orders])
        for span in spans(pages, Instant.CREATED, start)
    ]


def test_the_last_second_of_a_page_waits_for_the_next_page() -> None:
    pages = [
        [header(1, minutes(0)), header(2, minutes(1)), header(3, minutes(2))],
        [header(4, minutes(2)), header(5, minutes(3))],
    ]
    assert cut(pages) == [
        (None, minutes(2), ["1", "2"]),
        (minutes(2), minutes(3), ["3", "4"]),
        (minutes(3), None, ["5"]),
    ]


def test_a_whole_page_of_one_second_is_kept_until_the_second_is_over() -> None:
    pages = [[header(1), header(2)], [header(3), header(4, minutes(1))]]
    assert cut(pages, minutes(-5)) == [(minutes(-5), minutes(1), ["1", "2", "3"]), (minutes(1), None, ["4"])]


def test_without_orders_there_is_one_empty_span() -> None:
    assert cut([], NOON) == [(NOON, None, [])]


def test_fifty_thousand_orders_are_cut_without_being_kept() -> None:
    read = 0

    def pages() -> Iterator[list[OrderHeader]]:
        nonlocal read
        for page in range(200):
            read += 250
            yield [header(n, NOON + timedelta(seconds=n)) for n in range(page * 250, page * 250 + 250)]

    seen = most = 0
    for span in spans(pages(), Instant.CREATED, None):
        seen += len(span.orders)
        most = max(most, read - seen)
    assert (seen, most) == (50_000, 1)


@pytest.mark.parametrize(
    ("created", "updated", "here", "outcome"),
    [
        (minutes(-60), minutes(-60), None, "missing"),
        (minutes(-60), minutes(5), None, "missing"),
        (minutes(1), minutes(1), None, "fresh"),
        (minutes(-60), minutes(-30), minutes(-30), "in_order"),
        (minutes(-60), minutes(-30), minutes(-31), "stale"),
        (minutes(-60), minutes(1), minutes(-31), "fresh"),
        (minutes(-60), minutes(-30), minutes(-29), "in_order"),
    ],
)
def test_the_outcome_of_an_order(
    created: datetime, updated: datetime, here: datetime | None, outcome: str
) -> None:
    row = Here(1, "done", here) if here else None
    assert outcome_of(header(1, created, updated), row, mark=NOON) == outcome


NONE = Links(frozenset(), {}, frozenset())


@pytest.mark.parametrize(
    ("here", "links", "outcome"),
    [
        (None, NONE, None),
        (Here(1, "done", NOON), Links(frozenset({"900"}), {"5": "900"}, frozenset()), "in_order"),
        (
            Here(1, "skipped", NOON, "UNLINKED_BY_PERSON"),
            Links(frozenset(), {}, frozenset({"900"})),
            "in_order",
        ),
        (Here(1, "done", NOON), Links(frozenset(), {"5": "901"}, frozenset()), "second"),
        (Here(1, "pending", NOON), NONE, "in_order"),
        (Here(1, "running", NOON), NONE, "in_order"),
        (Here(1, "pending", NOON, hold="review"), NONE, "relinked"),
        (Here(1, "blocked", NOON, "UNKNOWN_SKU"), NONE, "relinked"),
        (Here(1, "done", NOON), NONE, "relinked"),
        (Here(1, "skipped", NOON, "TEST_ORDER"), NONE, "relinked"),
        (Here(1, "skipped", NOON, "EXCLUDED_BY_PERSON"), NONE, "in_order"),
    ],
)
def test_the_outcome_of_a_document(here: Here | None, links: Links, outcome: str | None) -> None:
    document = FoundDocument(
        id="900", kind="sales_order", external_id="shp-demo-so-5", number="SO900", other_number="#5", status="B",
        total=Decimal("1.00"),
    )  # fmt: skip
    assert document_outcome(document, "5", here, links) == outcome


@pytest.mark.parametrize(
    ("external_id", "order"),
    [
        ("shp-main-so-6100000000001", "6100000000001"),
        ("shp-main-so-61-2", "61"),
        ("shp-main-inv-o61", "61"),
        ("shp-main-cs-o61", "61"),
        ("shp-main-2-so-61", ""),
        ("shp-main-cust-61", ""),
        ("shp-main-inv-61", ""),
        ("shp-mainxso-61", ""),
    ],
)
def test_the_order_of_an_external_id(external_id: str, order: str) -> None:
    assert order_of("main", external_id) == order


def test_the_beginnings_of_external_ids() -> None:
    assert set(order_prefixes("main")) == {"shp-main-so-", "shp-main-inv-o", "shp-main-cs-o"}

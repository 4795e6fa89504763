from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from pytest_django import DjangoAssertNumQueries

from canonical.documents import FoundItem, ReferenceData
from common.errors import HubError, NeedsPerson, NotExecuted, Retryable
from erps import reference
from erps.models import ErpConnection, ReferenceKind, ReferenceRecord, RequestSlot
from erps.reference import choices, fetched_at, known_items, refresh, remember_items
from erps.slots import SlotPool

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


class Books:
    """An ERP whose reference data the test decides; stands behind the port."""

    def __init__(self, **rows: list[ReferenceData] | HubError) -> None:
        self.rows = rows

    def reference(self, kind: str) -> Iterable[ReferenceData]:
        assert RequestSlot.objects.exclude(token="").count() == 1, "a read without a slot"
        rows = self.rows.get(kind, [])
        if isinstance(rows, HubError):
            raise rows
        return iter(rows)


def _place(number: int, name: str, **more: object) -> ReferenceData:
    return ReferenceData(kind="location", id=str(number), name=name, **more)  # type: ignore[arg-type]


@pytest.fixture
def connection(db: None) -> ErpConnection:
    return ErpConnection.objects.create(key="books", name="Demo books", account_id="1", concurrency_limit=2)


def _refresh(connection: ErpConnection, books: Books, *kinds: str) -> reference.Refreshed:
    return refresh(connection, books, kinds or ["location"])  # type: ignore[arg-type]


def test_rows_are_stored_changed_and_marked_when_gone(connection: ErpConnection) -> None:
    books = Books(
        location=[
            _place(6, "Main", extra={"subsidiary": "1"}),
            _place(7, "Boston"),
            _place(9, "Old", inactive=True),
        ]
    )
    with time_machine.travel(NOON, tick=False) as clock:
        assert _refresh(connection, books) == {"location": 3}
        assert [(row.erp_id, row.name) for row in choices(connection, "location")] == [
            ("7", "Boston"),
            ("6", "Main"),
        ]
        clock.shift(timedelta(hours=1))
        books.rows = {"location": [_place(6, "Main warehouse"), _place(9, "Old")]}
        assert _refresh(connection, books) == {"location": 2}
        assert fetched_at(connection, "location") == NOON + timedelta(hours=1)
    assert [(row.erp_id, row.name) for row in choices(connection, "location")] == [
        ("6", "Main warehouse"),
        ("9", "Old"),
    ]
    assert ReferenceRecord.objects.get(erp_id="7").is_inactive
    assert ReferenceRecord.objects.count() == 3


def test_one_kind_that_fails_does_not_hold_up_the_others(connection: ErpConnection) -> None:
    denied = NeedsPerson("ERP_PERMISSION", "No.")
    result = _refresh(connection, Books(location=denied, term=[ReferenceData(kind="term", id="2", name="Net 30")]),
                      "location", "term")  # fmt: skip
    assert result == {"term": 1}
    assert result.problems == {"location": denied}
    assert fetched_at(connection, "location") is None


@pytest.mark.parametrize(
    "error",
    [NeedsPerson("ERP_LOGIN", "No."), NeedsPerson("ERP_KEY", "No."), Retryable("UNREACHABLE", "No.")],
    ids=lambda error: error.code,
)
def test_what_concerns_every_kind_ends_the_refresh_and_gives_the_slot_back(
    connection: ErpConnection, error: HubError
) -> None:
    with pytest.raises(type(error)):
        _refresh(connection, Books(location=error))
    assert SlotPool(connection).acquire(2) == 2


def test_all_kinds_are_read_when_none_is_named(connection: ErpConnection) -> None:
    result = refresh(connection, Books())  # type: ignore[arg-type]
    assert set(result) == set(ReferenceKind.values)


def test_a_kind_with_too_many_rows_is_kept_in_part_and_nothing_is_taken_for_gone(
    connection: ErpConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reference, "MAX_ROWS", 2)
    _refresh(connection, Books(location=[_place(1, "One")]))
    result = _refresh(connection, Books(location=[_place(n, str(n)) for n in range(2, 6)]))
    assert result == {"location": 2}
    assert set(choices(connection, "location").values_list("erp_id", flat=True)) == {"1", "2", "3"}


def test_a_refresh_waits_for_no_one_for_long(
    connection: ErpConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    SlotPool(connection).acquire(2)
    monkeypatch.setattr("erps.slots.WAIT_SECONDS", 0.1)
    with pytest.raises(NotExecuted):
        _refresh(connection, Books())


def test_choices_can_be_searched(connection: ErpConnection) -> None:
    _refresh(connection, Books(location=[_place(6, "Main warehouse", code="MW"), _place(7, "Boston")]))
    assert [row.erp_id for row in choices(connection, "location", search="ware")] == ["6"]
    assert [row.erp_id for row in choices(connection, "location", search="mw")] == ["6"]


# ------------------------------------------------------------------------------------------------ items


def _item(number: int, sku: str, *, inactive: bool = False) -> FoundItem:
    return FoundItem(id=str(number), sku=sku, name=f"Item {number}", kind="InvtPart", inactive=inactive)


def test_settled_items_are_known_whatever_case_and_blanks(
    connection: ErpConnection, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(1):
        remember_items(connection, [_item(501, "TEE"), _item(502, "Mug ")])
    with django_assert_num_queries(1):
        found = known_items(connection, [" tee", "TEE", "MUG", "CAP"])
    assert {sku: item.id for sku, item in found.items()} == {" tee": "501", "TEE": "501", "MUG": "502"}
    assert found[" tee"].sku == " tee"
    assert found["TEE"].kind == "InvtPart"
    assert found["TEE"].name == "Item 501"


def test_what_is_ambiguous_or_inactive_is_asked_again(
    connection: ErpConnection, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        remember_items(
            connection, [_item(511, "DUP-1"), _item(513, "dup-1"), _item(514, "OLD-1", inactive=True)]
        )
    assert known_items(connection, ["DUP-1", "OLD-1"]) == {}


def test_an_item_is_known_for_a_day(connection: ErpConnection) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        remember_items(connection, [_item(501, "TEE")])
        clock.shift(timedelta(hours=23, minutes=59))
        assert "TEE" in known_items(connection, ["TEE"])
        clock.shift(timedelta(minutes=2))
        assert known_items(connection, ["TEE"]) == {}


def test_a_listed_item_is_a_choice_but_not_a_settled_answer(connection: ErpConnection) -> None:
    row = ReferenceData(kind="item", id="501", name="TEE", code="TEE", extra={"itemtype": "InvtPart"})
    _refresh(connection, Books(item=[row]), "item")
    assert choices(connection, "item").count() == 1
    assert known_items(connection, ["TEE"]) == {}


def test_connections_do_not_share_items(connection: ErpConnection) -> None:
    other = ErpConnection.objects.create(key="other", name="Other", account_id="2")
    remember_items(connection, [_item(501, "TEE")])
    assert known_items(other, ["TEE"]) == {}

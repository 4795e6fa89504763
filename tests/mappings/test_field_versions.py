"""Two people at one draft at the same moment, on a real PostgreSQL."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from django.db import connection

from mappings.field_sets import FieldMapping, FieldMappingSet
from mappings.field_versions import ChangedMeanwhile, publish, save_draft, start_draft
from tests.factories import make_shop

pytestmark = [pytest.mark.pg, pytest.mark.django_db(transaction=True)]


def together(*deeds: Callable[[], object]) -> list[str]:
    """Run all at once; `done`, or what each was told."""
    start, outcomes = threading.Barrier(len(deeds)), [""] * len(deeds)

    def run(number: int) -> None:
        start.wait()
        try:
            deeds[number]()
            outcomes[number] = "done"
        except ChangedMeanwhile:
            outcomes[number] = "told"
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(deeds))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    return sorted(outcomes)


def a_row(name: str) -> FieldMapping:
    return FieldMapping(name=name, level="header", target="custbody_a", source="order.note")


def test_one_save_wins_and_the_other_is_told() -> None:
    draft = start_draft(make_shop(), None)
    saves = [lambda name=name: save_draft(draft, 1, [a_row(name)], None) for name in ("Hers", "His")]
    assert together(*saves) == ["done", "told"]
    assert draft.rows.count() == 1
    assert FieldMappingSet.objects.get().revision == 2


def test_two_who_begin_a_draft_get_the_same_one() -> None:
    shop = make_shop()
    assert together(*[lambda: start_draft(shop, None)] * 3) == ["done", "done", "done"]
    assert FieldMappingSet.objects.count() == 1


def test_two_who_publish_one_draft_make_one_version() -> None:
    shop = make_shop()
    draft = start_draft(shop, None)
    assert together(*[lambda: publish(draft, 1, None, "now")] * 2) == ["done", "told"]
    assert list(FieldMappingSet.objects.values_list("number", "is_current")) == [(1, True)]

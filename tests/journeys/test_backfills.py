"""The history of a shop by bulk operation: estimated, exported, staged behind fresh orders, whatever goes wrong."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db.models import F

from common.clock import now
from common.errors import NeedsPerson
from shops.models import Shop
from shops.shopify import bulk as exports
from shops.shopify.client import patient_client
from syncflows.backfills import working
from syncflows.backfills.estimating import plan
from syncflows.models import Backfill, BackfillState, OrderRules, Sync
from syncflows.pipeline.run import drain
from syncflows.pipeline.staging import discover, stage_orders
from syncflows.states import Lane
from tests.journeys.test_sweeps import ordered, shop_of
from tests.journeys.world import STORE, World

DAY = timedelta(days=1)


def bulk(world: World, **values: Any) -> None:
    """How Shopify's bulk operations go."""
    world.post(f"{world.link.shopify}/{STORE}/_sandbox/bulk", values)


def history(world: World, count: int, **more: Any) -> tuple[Shop, Backfill]:
    """Orders in the store that no search looked for, and a backfill of them, started."""
    shop = shop_of(world)
    ordered(world, count)
    row = plan(shop, now() - DAY, **more)
    assert row.state == "estimated"
    assert row.move((BackfillState.ESTIMATED,), BackfillState.RUNNING)
    return shop, row


def to_its_end(row: Backfill, turns: int = 12) -> Backfill:
    for _ in range(turns):
        Backfill.objects.filter(pk=row.pk).update(due_at=now())
        if working.work(row.pk, seconds=60):
            break
    row.refresh_from_db()
    return row


def figures(row: Backfill) -> tuple[str, int, int, int]:
    return row.state, row.staged, row.known, row.excluded


def test_history_is_staged_once_behind_fresh_orders(world: World) -> None:
    """Seven orders, one here already, two older than Import since: 4 staged, 1 known, 2 excluded with the reason."""
    shop = shop_of(world)
    made = ordered(world, 7)
    OrderRules.objects.update(import_since=made[2]["createdAt"])
    row = plan(shop, now() - DAY)
    assert {name: row.estimate[name] for name in ("orders", "here", "excluded", "new", "points", "exact")} == {
        "orders": 7, "here": 0, "excluded": 2, "new": 5, "points": 26, "exact": True,
    }  # fmt: skip
    discover(shop)
    Sync.objects.exclude(name="#5007").delete()
    assert working.start(row)
    assert figures(to_its_end(row)) == ("done", 4, 1, 2)
    assert (row.exported, row.offset) == (7, row.size)
    lanes = dict(Sync.objects.values_list("name", "lane"))
    assert lanes["#5007"] == 0
    assert {lanes[f"#500{n}"] for n in (3, 4, 5, 6)} == {1}
    assert world.outcome("#5001") == ("skipped", "BEFORE_IMPORT_SINCE")
    drain(seconds=60)
    assert world.books.count() == 5
    again = plan(shop, now() - DAY)
    working.start(again)
    assert figures(to_its_end(again)) == ("done", 0, 7, 0)
    assert world.books.count() == 5


def test_no_more_than_the_limit(world: World) -> None:
    _, row = history(world, 6, cap=4)
    assert row.estimate["new"] == 4
    assert figures(to_its_end(row))[:2] == ("done", 4)
    assert row.note == "Ended at the limit of 4 orders."
    assert Sync.objects.count() == 4


def test_a_worker_killed_anywhere_loses_and_doubles_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nine orders in chunks of two. The worker dies in the n-th transaction; the next one goes on where it was."""
    monkeypatch.setattr(working, "CHUNK", 2)
    shop = shop_of(world)
    ordered(world, 9)
    save, died = Backfill.save, 0
    for killed_in in range(1, 12):
        Sync.objects.all().delete()
        Backfill.objects.all().delete()
        row = plan(shop, now() - DAY)
        row.move((BackfillState.ESTIMATED,), BackfillState.RUNNING)
        calls = 0

        def dies(self: Backfill, *args: Any, killed_in: int = killed_in, **kwargs: Any) -> None:
            nonlocal calls
            calls += 1
            save(self, *args, **kwargs)
            if calls == killed_in:
                raise KeyboardInterrupt  # no except of the product catches it

        monkeypatch.setattr(Backfill, "save", dies)
        try:
            for _ in range(3):
                Backfill.objects.update(due_at=now())
                working.work(row.pk, seconds=60)
        except KeyboardInterrupt:
            died += 1
        monkeypatch.setattr(Backfill, "save", save)
        assert figures(to_its_end(row)) == ("done", 9, 0, 0), killed_in
        assert row.round == 1  # the export that was begun was found again
        assert Sync.objects.count() == 9
    assert died > 7


def test_a_file_that_breaks_off_is_read_on_from_there(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(working, "CHUNK", 2)
    _, row = history(world, 9)
    bulk(world, cut=1500)
    to_its_end(row, turns=2)
    assert (row.state, row.error_code) == ("running", "BULK_FILE")
    assert 0 < row.staged < 9
    assert row.due_at > now()
    before = row.offset
    assert figures(to_its_end(row)) == ("done", 9, 0, 0)
    assert row.offset > before > 0


def test_an_address_that_ended_is_asked_for_anew(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    _, row = history(world, 5)
    read, looks = exports.read_orders, 0

    def late(*args: Any) -> Any:
        nonlocal looks
        looks += 1
        if looks == 1:
            bulk(world, expire_addresses=True)
        return read(*args)

    monkeypatch.setattr(exports, "read_orders", late)
    assert figures(to_its_end(row)) == ("done", 5, 0, 0)
    assert (looks, row.round) == (2, 1)


def test_an_export_that_failed_is_used_and_begun_again(world: World) -> None:
    """Three rows came before Shopify failed: they are staged, the second export brings the other four."""
    _, row = history(world, 7)
    bulk(world, fail_after=3)
    to_its_end(row, turns=2)
    assert (row.state, row.staged, row.round) == ("running", 3, 2)
    assert "begun again" in row.note
    assert figures(to_its_end(row)) == ("done", 7, 3, 0)


def test_an_app_that_may_not_export_is_told_so(world: World) -> None:
    _, row = history(world, 2)
    bulk(world, fail_after=0, error="ACCESS_DENIED")
    to_its_end(row)
    assert (row.state, row.error_code) == ("failed", "BULK_DENIED")
    bulk(world, fail_after=None, error="INTERNAL_SERVER_ERROR")
    Backfill.objects.update(operation="", round=2)
    assert working.start(row)
    assert to_its_end(row).state == "done"


def test_pause_goes_on_and_stop_ends_the_export(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(working, "CHUNK", 2)
    _, row = history(world, 6)
    stage = stage_orders

    def paused(*args: Any, **kwargs: Any) -> Any:
        if kwargs.get("most", 0) is None and Sync.objects.count() == 2:
            working.pause(row, "lunch")
        return stage(*args, **kwargs)

    monkeypatch.setattr(working, "stage_orders", paused)
    to_its_end(row, turns=2)
    assert (row.state, row.note) == ("paused", "lunch")
    monkeypatch.setattr(working, "stage_orders", stage)
    assert working.work(row.pk) is True
    assert Sync.objects.count() in {2, 4}
    assert working.start(row)
    assert to_its_end(row).state == "done"
    assert Sync.objects.count() == 6
    bulk(world, seconds=1000)
    other = plan(row.shop, now() - DAY)
    working.start(other)
    working.work(other.pk)
    other.refresh_from_db()
    assert (other.state, other.operation != "") == ("running", True)
    assert working.stop(other, "not today")
    bulk(world, seconds=0)
    other.refresh_from_db()
    assert other.state == "stopped"
    found = exports.look(patient_client(row.shop), other.operation)
    assert found is not None
    assert found.status == "CANCELED"


def test_old_history_needs_its_scope(world: World) -> None:
    shop = shop_of(world)
    Shop.objects.update(scopes="read_orders")
    shop.refresh_from_db()
    with pytest.raises(NeedsPerson, match="last 60 days only") as refused:
        plan(shop, now() - 61 * DAY)
    assert refused.value.code == "BACKFILL_SCOPE"
    assert plan(shop, now() - 59 * DAY).state == "estimated"


def test_the_command_estimates_and_imports(world: World) -> None:
    shop_of(world)
    ordered(world, 3)
    since = f"{now() - DAY:%Y-%m-%d}"
    out = StringIO()
    call_command("backfill", shop=STORE, since=since, dry_run=True, stdout=out)
    assert "3 orders in Shopify" in out.getvalue()
    assert not Backfill.objects.exclude(state="estimated").exists()
    assert not Sync.objects.exists()
    out = StringIO()
    call_command("backfill", shop=STORE, since=since, cap=2, stdout=out)
    assert "2 staged" in out.getvalue()
    assert Sync.objects.count() == 2
    with pytest.raises(CommandError, match="no date"):
        call_command("backfill", shop=STORE, since="yesterday")


def test_one_shops_history_does_not_hold_up_fresh_orders(four_stores: World) -> None:
    """120 backfilled orders of one shop, two fresh ones of it, three of another: the five fresh ones come first."""
    from syncflows.pipeline.run import Drain

    shops = [shop_of(four_stores), next(shop for key, shop in four_stores.shops.items() if key != STORE)]
    for shop, first, count, lane in ((shops[0], 1, 120, 1), (shops[0], 201, 2, 0), (shops[1], 301, 3, 0)):
        Sync.objects.bulk_create(
            [
                Sync(shop=shop, source_id=str(n), name=f"#{n}", lane=lane, due_at=now() - DAY * (1 + lane))
                for n in range(first, first + count)
            ]
        )
    taken: list[list[str]] = []

    class Noting(Drain):
        def _claim(self, shop: Shop, lane: Any) -> Any:
            rows = list(self.rows.filter(shop=shop, lane=lane).claim(50))
            taken.append([row.name for row in rows])
            return []

    one = Noting(Sync.objects.all())
    one._turn(Lane.FRESH)
    assert sorted(map(len, taken)) == [2, 3]
    assert {name for names in taken for name in names} == {"#201", "#202", "#301", "#302", "#303"}
    taken.clear()
    assert [shop.key for shop in one._shops(Lane.BACKFILL)] == [STORE]
    for writer in one.writers.values():
        writer.finish()
    assert Sync.objects.filter(state="running").update(state="done", due_at=F("due_at")) == 5

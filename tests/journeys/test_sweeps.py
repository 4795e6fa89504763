"""Nothing lost: what discovery missed, what was lost here, and what vanished on the other side is found by itself."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F

from common.clock import now
from mappings.models import RecordLink
from sandbox.shopify.seeding import builder_for
from shops.models import Shop
from syncflows import schedules
from syncflows.models import (
    Cursor,
    Order,
    OrderRules,
    SweepFinding,
    SweepKind,
    SweepPhase,
    SweepRun,
    SweepTurn,
    Sync,
    WrittenDocument,
)
from syncflows.pipeline.run import drain
from syncflows.pipeline.staging import discover
from syncflows.sweeps import orders as sweep_orders
from syncflows.sweeps import running
from tests.journeys.world import STORE, World


def ordered(world: World, count: int, first: int = 5001, minutes_ago: float = 60) -> list[dict[str, Any]]:
    """Put small orders into the store, one a second, the first so long ago."""
    OrderRules.objects.update(write_back=False)  # the number on the order would be one more change
    builder = builder_for(STORE)
    begin = now() - timedelta(minutes=minutes_ago)
    made = [
        builder.build(
            {
                "name": f"#{first + n}",
                "created": f"{begin + timedelta(seconds=n):%Y-%m-%dT%H:%M:%SZ}",
                "lines": [{"sku": "TEE"}],
            }
        )
        for n in range(count)
    ]
    world.pour(made)
    return made


def seen() -> None:
    """Let the seconds of the last changes be over, as the next search finds them."""
    Sync.objects.update(source_updated_at=F("source_updated_at") + timedelta(seconds=1))


def shop_of(world: World) -> Shop:
    shop = world.shops[STORE]
    Shop.objects.filter(pk=shop.pk).update(scopes="read_orders,read_all_orders")
    shop.refresh_from_db()
    return shop


def sweep(world: World, kind: SweepKind = SweepKind.DEEP) -> SweepRun:
    """One sweep of everything, to its end."""
    run, _ = SweepRun.objects.begin(shop_of(world), kind, None)
    assert running.work(run.pk, seconds=60)
    run.refresh_from_db()
    assert run.state == "done", run.error
    return run


def found(run: SweepRun) -> dict[str, str]:
    return dict(run.findings.values_list("name", "outcome"))


def earlier(**columns: str) -> None:
    """Let what was done be an hour old: documents of the last minutes are not looked for."""
    hour = timedelta(hours=1)
    RecordLink.objects.update(created_at=F("created_at") - hour, verified_at=F("verified_at") - hour)
    Sync.objects.update(changed_at=F("changed_at") - hour)


def second_look() -> None:
    """Let the first look be a quarter of an hour old."""
    SweepFinding.objects.update(at=F("at") - timedelta(minutes=15))


def test_orders_discovery_lost_are_found_within_a_quarter_of_an_hour(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """100 orders, of which discovery loses 5; the schedule alone finds them: 95 in order, 5 staged and imported."""
    shop = shop_of(world)
    ordered(world, 100)
    discover(shop)
    seen()
    lost = [f"#{number}" for number in (5001, 5020, 5040, 5077, 5099)]
    Sync.objects.filter(name__in=lost).delete()  # the cursor is past them
    Cursor.objects.update(position=now() + timedelta(minutes=10))
    assert discover(shop).new == 0
    asked: list[int] = []
    monkeypatch.setattr("syncflows.schedules.request_sweep", asked.append)
    SweepTurn.objects.create(shop=shop, next_quick_at=now() + timedelta(minutes=15))
    schedules.tick()
    assert asked == []
    SweepTurn.objects.update(next_quick_at=F("next_quick_at") - timedelta(minutes=15))
    schedules.tick()
    (run_id,) = asked
    assert running.work(run_id)
    run = SweepRun.objects.get()
    assert (run.kind, run.state, run.counts) == ("quick", "done", {"in_order": 95, "missing": 5})
    assert found(run) == dict.fromkeys(lost, "missing")
    assert (run.repaired, run.unexplained, run.reported) == (5, 0, 0)
    assert run.shopify_requests == 2  # placed in the window, changed in it
    assert 0 < run.points <= 26
    drain(seconds=60, rows=Sync.objects.filter(name__in=lost))
    assert {world.outcome(name)[0] for name in lost} == {"done"}
    asked.clear()
    schedules.tick()
    assert asked == []
    assert SweepTurn.objects.get().next_quick_at is not None


def test_a_change_discovery_lost_is_taken_up(world: World) -> None:
    ordered(world, 2)
    world.run()
    seen()
    Sync.objects.filter(name="#5001").update(source_updated_at=F("source_updated_at") - timedelta(minutes=5))
    Cursor.objects.update(started_at=now() + timedelta(minutes=1), finished_at=now() + timedelta(minutes=1))
    run = sweep(world)
    assert run.counts == {"in_order": 1, "stale": 1}
    assert found(run) == {"#5001": "stale"}
    assert world.outcome("#5001") == ("pending", "")
    drain(seconds=60)
    assert world.outcome("#5001") == ("done", "")
    assert world.books.count() == 2


def test_a_document_deleted_in_the_erp_is_looked_for_twice_and_blocks_its_order(world: World) -> None:
    ordered(world, 2)
    world.run()
    seen()
    number = world.document("#5001").number
    world.books.send("DELETE", f"/record/v1/salesOrder/{world.document('#5001').id}")
    assert sweep(world).counts == {"in_order": 2}  # written a moment ago: not looked for yet
    earlier()
    first = sweep(world)
    assert (first.counts, first.unexplained) == ({"in_order": 1, "doubtful": 1}, 1)
    assert world.outcome("#5001") == ("done", "")
    again = sweep(world)  # too early for the second look: still one doubt
    assert (again.counts, SweepFinding.objects.filter(open=True).count()) == (
        {"in_order": 1, "doubtful": 1},
        1,
    )
    second_look()
    run = sweep(world)
    assert run.counts == {"document_gone": 1, "in_order": 1}
    assert world.outcome("#5001") == ("blocked", "READBACK_MISSING")
    assert number in world.sync("#5001").reason
    assert (run.unexplained, run.reported, SweepFinding.objects.filter(open=True).count()) == (0, 1, 0)
    assert sweep(world).counts == {"in_order": 2}  # blocked is a named state
    world.sync("#5001").retry()
    drain(seconds=60)
    assert world.outcome("#5001") == ("blocked", "READBACK_MISSING")
    assert world.books.count() == 1


def test_a_document_that_is_there_at_the_second_look_was_no_loss(world: World) -> None:
    ordered(world, 1)
    world.run()
    seen()
    earlier()
    link, run = RecordLink.objects.get(kind="sales_order"), sweep(world)
    SweepFinding.objects.create(
        run=run, shop=run.shop, sync=world.sync("#5001"), source_id=link.source_id, outcome="doubtful",
        erp_id=link.erp_id, open=True,
    )  # fmt: skip
    second_look()
    assert sweep(world).counts == {"in_order": 1}
    assert world.outcome("#5001") == ("done", "")
    assert not SweepFinding.objects.filter(open=True).exists()


def test_links_lost_with_an_old_backup_are_restored(world: World) -> None:
    """Four orders written. Here are lost: a whole order, a link, a link of an order blocked meanwhile, nothing."""
    ordered(world, 4)
    world.run()
    seen()
    lost = RecordLink.objects.filter(
        kind="sales_order", source_id__in=[world.names()[f"#500{n}"] for n in (1, 2, 3)]
    )
    WrittenDocument.objects.filter(link__in=lost).delete()
    lost.delete()
    Sync.objects.filter(name="#5001").delete()
    world.sync("#5002").retry()
    world.sync("#5002").hold_back("after the backup")
    Sync.objects.filter(name="#5003").update(state="blocked", reason_code="UNKNOWN_SKU")
    Cursor.objects.update(started_at=now(), finished_at=now())
    run = sweep(world)
    assert run.counts == {"missing": 1, "relinked": 2, "in_order": 1}
    assert found(run) == {"#5001": "missing", "#5002": "relinked", "#5003": "relinked"}
    drain(seconds=60)
    assert [world.outcome(f"#500{n}")[0] for n in (1, 2, 3, 4)] == ["done"] * 4
    assert world.books.count() == 4
    seen()
    assert sweep(world).counts == {"in_order": 4}


def test_what_shopify_deleted_is_reported(world: World) -> None:
    """#5001 is here and written, #5002 here only, #5003 in the ERP only."""
    ordered(world, 4)
    world.run()
    seen()
    ids = [world.names()[f"#500{n}"] for n in (1, 2, 3)]
    RecordLink.objects.filter(source_id__in=ids[1:]).delete()
    world.books.send("DELETE", f"/record/v1/salesOrder/{world.document('#5002').id}")
    Sync.objects.filter(name="#5002").update(state="skipped", reason_code="TEST_ORDER")
    Sync.objects.filter(name="#5003").delete()
    world.http.send(
        "DELETE", f"{world.link.shopify}/{STORE}/_sandbox/orders",
        headers={"Content-Type": "application/json"}, body=json.dumps({"ids": ids}),
    )  # fmt: skip
    run = sweep(world)
    assert run.counts == {"order_gone": 2, "in_order": 1, "orphan": 1}
    outcomes = dict(run.findings.values_list("source_id", "outcome"))
    assert outcomes == {ids[0]: "order_gone", ids[1]: "order_gone", ids[2]: "orphan"}
    assert (run.repaired, run.reported, run.unexplained) == (0, 3, 0)
    assert world.books.count() == 3


def test_a_sweep_killed_anywhere_ends_with_the_same_figures(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Six orders in pages of two, one lost. The worker dies in the n-th transaction, a second one goes on."""
    monkeypatch.setattr("shops.shopify.discovery.PAGE", 2)
    shop, save = shop_of(world), SweepRun.save
    ordered(world, 6)
    died = 0
    for killed_in in range(1, 12):
        Sync.objects.all().delete()
        Cursor.objects.all().delete()
        discover(shop)
        seen()
        Sync.objects.filter(name="#5003").delete()
        SweepRun.objects.all().delete()
        run, _ = SweepRun.objects.begin(shop, SweepKind.DEEP, None)
        calls = 0

        def dies(self: SweepRun, *args: Any, killed_in: int = killed_in, **kwargs: Any) -> None:
            nonlocal calls
            calls += 1
            save(self, *args, **kwargs)
            if calls == killed_in:
                raise KeyboardInterrupt  # no except of the product catches it

        monkeypatch.setattr(SweepRun, "save", dies)
        try:
            running.work(run.pk, seconds=60)
        except KeyboardInterrupt:
            died += 1
        monkeypatch.setattr(SweepRun, "save", save)
        assert running.work(run.pk, seconds=60)
        run.refresh_from_db()
        assert (run.state, run.counts) == ("done", {"in_order": 5, "missing": 1}), killed_in
        assert found(run) == {"#5003": "missing"}
        assert Sync.objects.count() == 6
    assert died == 9  # four ends of a phase, a page of documents, four spans


def test_a_sweep_waits_when_shopify_or_the_erp_is_away(world: World) -> None:
    shop = shop_of(world)
    ordered(world, 2)
    discover(shop)
    seen()
    world.fault("netsuite", match={"path": "suiteql"}, action="status_500", times=50)
    run, _ = SweepRun.objects.begin(shop, SweepKind.QUICK, now() - timedelta(days=1))
    assert running.work(run.pk) is False
    run.refresh_from_db()
    assert (run.state, run.phase, run.error_code) == ("running", SweepPhase.DOCUMENTS, "ERP_ERROR")
    assert run.due_at > now()
    world.clear_faults()
    SweepRun.objects.update(due_at=now())
    world.fault("shopify", match={"operation": "OrderHeaders"}, action="status_500", times=50)
    assert running.work(run.pk) is False
    run.refresh_from_db()
    assert (run.state, run.phase, run.error_code) == ("running", SweepPhase.CREATED, "SHOPIFY_DOWN")
    world.clear_faults()
    assert running.work(run.pk) is True
    run.refresh_from_db()
    assert (run.state, run.error, run.counts) == ("done", "", {"in_order": 2})


def test_one_sweep_of_a_shop_at_a_time_and_short_ones_first(world: World) -> None:
    shop = shop_of(world)
    deep, new = SweepRun.objects.begin(shop, SweepKind.DEEP, None)
    assert (new, SweepRun.objects.begin(shop, SweepKind.DEEP, None)) == (True, (deep, False))
    token = SweepTurn.take(shop.pk)
    assert running.work(deep.pk) is False
    SweepTurn.give_back(shop.pk, token)
    quick, _ = SweepRun.objects.begin(shop, SweepKind.QUICK, now() - timedelta(days=2))
    assert running.work(deep.pk) is False
    assert running.work(quick.pk) is True
    assert running.work(deep.pk) is True


def test_a_turn_that_was_lost_saves_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    shop = shop_of(world)
    ordered(world, 1)
    run, _ = SweepRun.objects.begin(shop, SweepKind.DEEP, None)
    here = sweep_orders.here

    def slow(*args: Any) -> Any:
        SweepTurn.objects.update(token="somebody-else")
        return here(*args)

    monkeypatch.setattr(sweep_orders, "here", slow)
    assert running.work(run.pk) is False
    assert not Sync.objects.exists()
    assert SweepRun.objects.get().counts == {}


def test_without_read_all_orders_the_window_ends_at_sixty_days(world: World) -> None:
    shop = shop_of(world)
    Shop.objects.update(scopes="read_orders")
    run, _ = SweepRun.objects.begin(shop, SweepKind.DEEP, None)
    assert running.work(run.pk)
    run.refresh_from_db()
    assert run.since == run.started_at - timedelta(days=60)
    assert "read_all_orders" in run.note


def test_windows() -> None:
    rules = OrderRules()
    assert now() - running.window(rules, SweepKind.QUICK) < timedelta(days=2, seconds=5)  # type: ignore[operator]
    assert now() - running.window(rules, SweepKind.DEEP) < timedelta(days=90, seconds=5)  # type: ignore[operator]
    rules.deep_sweep_days = 0
    assert running.window(rules, SweepKind.DEEP) is None
    rules.import_since = now() - timedelta(hours=3)
    assert running.window(rules, SweepKind.QUICK) == rules.import_since
    assert running.window(rules, SweepKind.DEEP) == rules.import_since


def test_an_order_the_list_lacks_is_asked_for_before_it_is_called_gone(world: World) -> None:
    """Placed an hour earlier by the hub's row than by Shopify's list: not in the list of that span, but there."""
    ordered(world, 2)
    discover(shop_of(world))
    seen()
    Order.objects.filter(name="#5002").update(created_at=F("created_at") - timedelta(hours=1))
    run = sweep(world)
    assert run.counts == {"in_order": 2}
    assert run.shopify_requests == 2  # the list, and the one order by its id


@pytest.mark.django_db
def test_runs_nobody_looks_at_any_more_are_dropped() -> None:
    shop = Shop.objects.create(key="demo", name="Demo", domain="demo.myshopify.com")
    kept = {}
    for name, kind, days, state in (
        ("young", "quick", 2, "done"), ("plain", "quick", 4, "done"), ("found", "quick", 4, "done"),
        ("deep", "deep", 80, "done"), ("old", "deep", 91, "done"), ("doubt", "deep", 92, "done"),
        ("open", "quick", 93, "running"),
    ):  # fmt: skip
        kept[name] = SweepRun.objects.create(
            shop=shop, kind=kind, state=state, started_at=now() - timedelta(days=days)
        )
    SweepFinding.objects.create(run=kept["found"], shop=shop, source_id="1", outcome="missing")
    SweepFinding.objects.create(run=kept["doubt"], shop=shop, source_id="2", outcome="doubtful", open=True)
    running.forget_old(shop)
    left = set(SweepRun.objects.values_list("pk", flat=True))
    assert {name for name, run in kept.items() if run.pk in left} == {
        "young",
        "found",
        "deep",
        "doubt",
        "open",
    }

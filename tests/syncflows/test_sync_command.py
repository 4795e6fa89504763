"""`manage.py sync orders`, and what people may do to orders, against both sandboxes."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django_q.models import OrmQ

from common.clock import now
from common.errors import NeedsPerson
from shops.models import Market, Shop
from syncflows import actions, jobs
from syncflows.models import Action, Cursor, OrderRules, Sync
from syncflows.pipeline.run import drain
from syncflows.pipeline.work import classify
from syncflows.states import Hold, State
from tests.syncflows.conftest import World


def sync_orders(*options: str) -> str:
    out = StringIO()
    call_command("sync", "orders", "--shop", "demo-store", *options, stdout=out)
    return out.getvalue()


def test_the_command_imports_and_sums_up(world: World) -> None:
    world.place("#1001", "#1019", "#1037")
    said = sync_orders()
    assert "Found 3 orders: 3 new, 0 changed." in said
    assert "Done            1" in said
    assert "Excluded        1" in said
    assert "Blocked         1" in said
    assert "#1037: UNKNOWN_SKU: Order #1037" in said
    assert [row.total for row in world.written()] == [Decimal("69.27")]


def test_a_dry_run_shows_the_document_and_writes_nothing(world: World) -> None:
    world.place("#1001", "#1037")
    said = sync_orders("--dry-run")
    assert "#1001: would be written for" in said
    assert '"externalId": "shp-demo-store-so-6100000001001"' in said
    assert "#1037: UNKNOWN_SKU: Order #1037" in said
    assert "Dry run: nothing was written." in said
    assert world.written() == []
    assert set(Sync.objects.values_list("state", flat=True)) == {State.PENDING}


def test_one_order_only(world: World) -> None:
    world.place("#1001", "#1005")
    sync_orders("--order", "1005")
    assert [row.external_id[-4:] for row in world.written()] == ["1005"]
    sync_orders("--order", "6100000001001", "--everything")
    assert len(world.written()) == 2


def test_what_cannot_be_found_is_said(world: World) -> None:
    with pytest.raises(CommandError, match=r"no shop 'nowhere'. Shops: demo-store"):
        call_command("sync", "orders", "--shop", "nowhere")
    with pytest.raises(CommandError, match="None of these orders was found in Demo Store: 9999"):
        sync_orders("--order", "9999")


def test_a_refused_login_ends_the_command_and_stands_on_the_cursor(world: World) -> None:
    Shop.objects.update(client_secret="wrong", access_token="", access_token_expires_at=None)
    with pytest.raises(CommandError, match="SHOPIFY_LOGIN"):
        sync_orders()
    assert Cursor.objects.get().error_code == "SHOPIFY_LOGIN"


def test_a_held_order_is_released_by_a_person_and_waits_for_approval(world: World) -> None:
    world.place("#1036")
    world.run()
    sync = world.sync("#1036")
    assert (sync.state, sync.reason_code) == (State.BLOCKED, "HIGH_RISK")
    user = (
        User.objects.get(username="support") if User.objects.exists() else User.objects.create(username="s")
    )
    assert actions.import_now(user, Sync.objects.filter(pk=sync.pk), "Called the customer") == 1
    drain(seconds=30)
    assert world.sync("#1036").state == State.DONE
    action = Action.objects.get()
    assert (action.kind, action.reason, action.user) == ("import", "Called the customer", user)


def test_without_automatic_import_orders_wait_for_a_person(world: World) -> None:
    OrderRules.objects.update(automatic=False)
    world.place("#1001")
    world.run()
    sync = world.sync("#1001")
    assert (sync.state, sync.hold) == (State.PENDING, Hold.REVIEW)
    assert actions.import_now(None, Sync.objects.all()) == 1
    drain(seconds=30)
    assert len(world.written()) == 1


def test_excluding_needs_a_reason_and_lasts(world: World) -> None:
    world.place("#1037")
    world.run()
    with pytest.raises(ValueError, match="Say why"):
        actions.exclude(None, Sync.objects.all(), "  ")
    assert actions.exclude(None, Sync.objects.all(), "Sold at the fair") == 1
    sync_orders("--everything")
    assert world.sync("#1037").state == State.SKIPPED
    assert actions.retry(None, Sync.objects.all()) == 1
    assert world.sync("#1037").state == State.PENDING


def test_a_preview_tells_what_would_happen(world: World) -> None:
    world.place("#1001", "#1036", "#1028")
    jobs.discover_shop(world.shop.pk)
    good = actions.preview(world.sync("#1001"))
    assert good.error is None
    assert good.components["total"] == ["69.27", "69.27"]
    assert good.payload["externalId"] == "shp-demo-store-so-6100000001001"
    shipped = actions.preview(world.sync("#1028"))
    assert shipped.warnings[0].startswith("Order #1028 was already shipped in Shopify (fulfilled).")
    assert shipped.payload["orderStatus"] == {"id": "A"}
    risky = actions.preview(world.sync("#1036"))
    assert isinstance(risky.error, NeedsPerson)
    assert risky.error.code == "HIGH_RISK"
    assert world.written() == []
    drain(seconds=30)
    written = world.sync("#1001")
    assert actions.preview(written).warnings == [
        f"The order is in the ERP already as {written.order.document_number}; importing it again writes nothing."
    ]


def test_the_jobs_find_and_import(world: World) -> None:
    world.place("#1001")
    assert jobs.discover_shop(world.shop.pk) == 1
    assert sorted(task.func() for task in OrmQ.objects.all()) == [
        "monitoring.completeness.refresh",
        "syncflows.jobs.drain",
    ]
    assert jobs.drain() == 1
    assert len(world.written()) == 1
    Shop.objects.update(is_active=False)
    assert jobs.discover_shop(world.shop.pk) == 0


def test_old_markets_are_read_again_and_a_failure_keeps_no_order_out(world: World) -> None:
    Shop.objects.update(scopes="read_markets")
    Market.objects.update_or_create(
        shop=world.shop,
        source_id="900103",
        defaults={"handle": "europe", "name": "Old", "fetched_at": now() - timedelta(days=2)},
    )
    Market.objects.exclude(source_id="900103").delete()
    world.place("#1001")
    world.fault("shopify", match={"operation": "Markets"}, action="status_500")
    assert jobs.discover_shop(world.shop.pk) == 1
    assert Market.objects.get().name == "Old"
    world.clear_faults()
    jobs.discover_shop(world.shop.pk)
    assert Market.objects.get(source_id="900103").name == "Europe"


def test_a_failing_search_is_no_failing_job(world: World) -> None:
    Shop.objects.update(client_secret="wrong", access_token="", access_token_expires_at=None)
    assert jobs.discover_shop(world.shop.pk) == 0
    actions.sync_now(None, world.shop)
    assert OrmQ.objects.count() == 1


def test_a_bug_becomes_a_cause_with_its_traceback() -> None:
    found = classify(ZeroDivisionError("x / 0"))
    assert isinstance(found, NeedsPerson)
    assert (found.code, found.message) == ("BUG", "Unexpected error: ZeroDivisionError. Nothing was written.")
    assert "x / 0" in found.detail

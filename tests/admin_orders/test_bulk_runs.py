"""Actions on many orders in the background: begun from a filter, followed, stopped, resumed, reported."""

from __future__ import annotations

import threading
import time
from datetime import timedelta
from html import unescape

import pytest
from django.contrib.auth.models import User
from django.db import connection, connections
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from common.clock import now
from shops.models import Shop
from syncflows.actions import bulk
from syncflows.actions.action import Ask
from syncflows.actions.registry import action_of
from syncflows.models import Action, BulkItem, BulkRun, ItemState, Order, Sync
from tests.factories import NOON, blocked, make_connection, make_person, make_shop, written

TO_IMPORT = "/admin/syncflows/sync/"
CHOICE = {"action": "exclude_selected", "select_across": "1", "index": "0"}


def many(shop: Shop, count: int) -> None:
    """So many blocked orders of 10.00 USD, quickly."""
    Sync.objects.bulk_create(
        Sync(
            shop=shop, source_id=str(7_000_000 + n), name=f"#{n}", state="blocked", reason_code="UNKNOWN_SKU",
            reason_value="TEE", source_updated_at=NOON, changed_at=NOON,
        )
        for n in range(1, count + 1)
    )  # fmt: skip
    Order.objects.bulk_create(
        Order(
            sync=sync, shop=shop, source_id=sync.source_id, name=sync.name, created_at=NOON, updated_at=NOON,
            total=10, currency="USD",
        )
        for sync in Sync.objects.filter(shop=shop)
    )  # fmt: skip


def start(client: Client, reason: str = "Old shop") -> BulkRun:
    first = Sync.objects.order_by("pk").first()
    assert first is not None
    post = {**CHOICE, "_selected_action": [first.pk], "confirmed": "1", "reason": reason}
    answer = client.post(f"{TO_IMPORT}?cause=UNKNOWN_SKU", post)
    run = BulkRun.objects.get()
    assert answer.headers["Location"] == f"/admin/syncflows/bulkrun/{run.pk}/change/"
    return run


def test_five_thousand_orders_are_fixed_at_once_and_done_later(as_operator: Client, shop: Shop) -> None:
    many(shop, 5_000)
    first = Sync.objects.order_by("pk").first()
    assert first is not None
    page = as_operator.post(f"{TO_IMPORT}?cause=UNKNOWN_SKU", {**CHOICE, "_selected_action": [first.pk]})
    assert "5000 orders, 50,000.00\xa0USD" in unescape(page.content.decode())
    assert BulkRun.objects.count() == 0
    began = time.monotonic()
    run = start(as_operator)
    assert time.monotonic() - began < 10
    assert (run.count, run.kind, run.chosen_by, run.amounts) == (
        5_000, "exclude", "cause: UNKNOWN_SKU", ["50,000.00\xa0USD"],
    )  # fmt: skip
    assert Sync.objects.filter(state="skipped").count() == 0
    late = blocked(shop, 9_999)
    assert bulk.work(run.pk) == 5_000
    run.refresh_from_db()
    assert (run.state, run.counts()["done"]) == ("done", 5_000)
    assert Sync.objects.filter(state="skipped", reason="Old shop").count() == 5_000
    assert Action.objects.filter(kind="exclude", user__username="olga").count() == 5_000
    late.refresh_from_db()
    assert late.state == "blocked"


@pytest.mark.pg
def test_old_statistics_of_the_database_cost_no_minutes(as_operator: Client, shop: Shop) -> None:
    """Right after a large import PostgreSQL may still take both tables for nearly empty."""
    many(shop, 5_000)
    first = Sync.objects.order_by("pk").first()
    assert first is not None
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE pg_class SET reltuples = 1, relpages = 1000 "
            "WHERE relname IN ('syncflows_sync', 'syncflows_order')"
        )
        cursor.execute("SET LOCAL statement_timeout = '5s'")
    page = as_operator.post(f"{TO_IMPORT}?cause=UNKNOWN_SKU", {**CHOICE, "_selected_action": [first.pk]})
    assert "5000 orders, 50,000.00\xa0USD" in unescape(page.content.decode())
    assert start(as_operator).count == 5_000


def test_a_run_goes_on_after_a_killed_worker_and_does_no_order_twice(as_operator: Client, shop: Shop) -> None:
    many(shop, 450)
    run = start(as_operator)
    assert bulk.work(run.pk, seconds=0) == 200
    assert run.take("a worker that is killed now", timedelta(minutes=2))
    assert bulk.work(run.pk) == 0, "the other one's lease stands"
    BulkRun.objects.update(due_at=now() - timedelta(seconds=1))
    assert bulk.work(run.pk) == 250
    assert Action.objects.count() == 450
    assert bulk.work(run.pk) == 0


def test_a_run_is_stopped(as_operator: Client, shop: Shop) -> None:
    many(shop, 450)
    run = start(as_operator)
    bulk.work(run.pk, seconds=0)
    answer = as_operator.post(f"/admin/syncflows/bulkrun/{run.pk}/stop/", {"_form_submitted": "True"})
    assert answer.headers["HX-Redirect"] == f"/admin/syncflows/bulkrun/{run.pk}/change/"
    assert bulk.work(run.pk) == 0
    run.refresh_from_db()
    assert (run.state, run.note, run.counts()["left"]) == ("stopped", "Stopped by olga.", 250)
    page = unescape(as_operator.get(f"/admin/syncflows/bulkrun/{run.pk}/change/").content.decode())
    assert "200 of 450" in page
    assert "Stopped by olga." in page


def test_the_report_names_every_order_and_starts_no_formula(as_operator: Client, shop: Shop) -> None:
    one, two = blocked(shop, 1, name="=SUM(A1)"), written(shop, 2)
    run = bulk.begin(
        action_of("exclude"),
        Sync.objects.filter(pk__in=[one.pk, two.pk]).values_list("pk", flat=True),
        Ask(User.objects.get(username="olga"), "x"),
    )
    bulk.work(run.pk)
    answer = as_operator.get(f"/admin/syncflows/bulkrun/{run.pk}/report.csv")
    assert answer.content.decode().splitlines() == [
        "Order,Shop,Total,Currency,Result,Message",
        "'=SUM(A1),Demo,69.2700,USD,Done,",
        '#2,Demo,69.2700,USD,Not touched,"In the ERP, being worked on, or left out already."',
    ]
    page = unescape(as_operator.get(f"/admin/syncflows/bulkrun/{run.pk}/progress/").content.decode())
    assert "being worked on" in page
    assert "hx-get" not in page


def test_a_run_needs_its_reason_and_a_permission_that_lasts(
    as_operator: Client, operator: User, shop: Shop
) -> None:
    many(shop, 201)
    with pytest.raises(ValueError, match="Say why"):
        bulk.begin(action_of("exclude"), Sync.objects.values_list("pk", flat=True), Ask(operator, " "))
    run = start(as_operator)
    operator.user_permissions.clear()
    assert bulk.work(run.pk) == 0
    run.refresh_from_db()
    assert (run.state, run.note) == ("stopped", "Whoever began this may not do it any more.")


def test_who_may_see_may_not_stop(client: Client, as_operator: Client, shop: Shop) -> None:
    many(shop, 201)
    run = start(as_operator)
    client.force_login(make_person("ann", "view_order", "import_order"))
    assert client.get(f"/admin/syncflows/bulkrun/{run.pk}/change/").status_code == 200
    stop = f"/admin/syncflows/bulkrun/{run.pk}/stop/"
    assert client.post(stop, {"_form_submitted": "True"}).status_code == 403
    client.force_login(make_person("otto"))
    for url in (stop, f"/admin/syncflows/bulkrun/{run.pk}/report.csv", "/admin/syncflows/bulkrun/"):
        assert client.get(url).status_code == 403
    run.refresh_from_db()
    assert run.state == "running"


def test_the_list_of_runs_asks_a_fixed_number_of_queries(
    as_operator: Client, operator: User, shop: Shop, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    blocked(shop, 1)

    def more(count: int) -> None:
        for _ in range(count):
            bulk.begin(
                action_of("retry"),
                Sync.objects.values_list("pk", flat=True),
                Ask(operator, ""),
                amounts=["69.27 USD"],
            )

    more(1)
    as_operator.get("/admin/syncflows/bulkrun/")
    with django_assert_num_queries(7):
        as_operator.get("/admin/syncflows/bulkrun/")
    more(10)
    with django_assert_num_queries(7):
        as_operator.get("/admin/syncflows/bulkrun/")


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif("connections['default'].vendor != 'postgresql'", reason="two at once need PostgreSQL")
def test_two_workers_share_a_run_without_doing_an_order_twice() -> None:
    shop = make_shop("twice", erp_connection=make_connection())
    many(shop, 600)
    user = make_person("olga", "exclude_order")
    run = bulk.begin(action_of("exclude"), Sync.objects.values_list("pk", flat=True), Ask(user, "x"))
    together = threading.Barrier(3)

    def worker() -> None:
        try:
            together.wait()
            bulk.work(run.pk)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=worker) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Action.objects.count() == 600
    assert BulkItem.objects.filter(state=ItemState.DONE).count() == 600

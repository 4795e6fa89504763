"""The pages of completeness sweeps, and the button that starts one."""

from __future__ import annotations

from html import unescape

import pytest
from django.contrib.auth.models import Permission
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from common.clock import now
from monitoring.completeness import figures
from monitoring.models import ShopifyCount
from shops.models import Shop
from syncflows.models import SweepFinding, SweepKind, SweepRun
from tests.factories import NOON, make_connection, make_person, make_shop, written

PAGE = "/admin/syncflows/sweeprun/"


@pytest.fixture
def shop(db: None) -> Shop:
    return make_shop("demo", name="Main Store", erp_connection=make_connection())


def a_run(shop: Shop, **values: object) -> SweepRun:
    counts = {"in_order": 95, "missing": 3, "order_gone": 1, "doubtful": 1}
    return SweepRun.objects.create(
        **{
            "shop": shop, "kind": "deep", "state": "done", "finished_at": now(), "counts": counts, "unexplained": 1,
            **values,
        }
    )  # fmt: skip


def finding(run: SweepRun, number: int, outcome: str, **values: object) -> SweepFinding:
    return SweepFinding.objects.create(
        run=run,
        shop=run.shop,
        source_id=str(5_000_000_000_000 + number),
        outcome=outcome,
        name=f"#{number}",
        **values,
    )


def test_the_list_counts_what_was_put_right_and_what_is_to_be_looked_at(client: Client, shop: Shop) -> None:
    client.force_login(make_person("vera", "view_order"))
    a_run(shop)
    with CaptureQueriesContext(connection) as one:
        page = unescape(client.get(PAGE).content.decode())
    assert "Main Store" in page
    for number in range(20):
        a_run(shop, kind="quick", counts={"in_order": number})
    with CaptureQueriesContext(connection) as many:
        client.get(PAGE)
    assert len(many) == len(one)


def test_the_page_lists_the_orders_of_an_outcome_with_links(client: Client, shop: Shop) -> None:
    client.force_login(make_person("vera", "view_order"))
    run, sync = a_run(shop), written(shop, 1)
    finding(run, 1, "order_gone", sync=sync, message="<b>gone</b>")
    finding(run, 2, "missing", message="It was staged.")
    finding(run, 3, "orphan", kind="sales_order", erp_id="77", erp_number="SO77")
    page = client.get(f"{PAGE}{run.pk}/change/")
    assert [row["name"] for row in page.context["rows"]] == ["#1", "#2", "#3"]
    text = page.content.decode()
    assert "&lt;b&gt;gone" in text
    assert f"/admin/syncflows/order/{sync.pk}/change/" in text
    assert "admin.shopify.com/store/demo/orders/5000000000002" in text
    assert "salesord.nl?id=77" in text
    only = client.get(f"{PAGE}{run.pk}/change/?outcome=missing")
    assert [row["name"] for row in only.context["rows"]] == ["#2"]
    assert client.get(f"{PAGE}999/change/").status_code == 404


def test_who_may_not_view_orders_sees_no_sweep(client: Client, shop: Shop) -> None:
    client.force_login(make_person("otto"))
    assert client.get(f"{PAGE}{a_run(shop).pk}/change/").status_code == 403


def test_the_button_begins_one_sweep(client: Client, shop: Shop) -> None:
    person = make_person("olga", "view_order", "start_sweeprun")
    person.user_permissions.add(Permission.objects.get(codename="view_shop"))
    client.force_login(person)
    url = reverse("admin:shops_shop_sweep_now", args=[shop.pk])
    pages = [
        client.post(url, {"kind": "deep", "_form_submitted": "1"}, headers={"HX-Request": "true"}).headers[
            "HX-Redirect"
        ]
        for _ in range(2)
    ]
    run = SweepRun.objects.get()
    assert pages == [f"{PAGE}{run.pk}/change/"] * 2
    assert (run.kind, run.asked_by) == (SweepKind.DEEP, person)


def test_the_button_needs_its_permission(client: Client, shop: Shop) -> None:
    person = make_person("vera", "view_order")
    person.user_permissions.add(Permission.objects.get(codename="view_shop"))
    client.force_login(person)
    client.post(
        reverse("admin:shops_shop_sweep_now", args=[shop.pk]), {"kind": "deep", "_form_submitted": "1"}
    )
    assert not SweepRun.objects.exists()


def test_a_deleted_order_does_not_hide_a_lost_one(shop: Shop) -> None:
    """Shopify counts 2; here are #1 and #2, of which #2 is gone there: one order is lost. One more is in doubt."""
    written(shop, 1)
    gone = written(shop, 2)
    ShopifyCount.objects.create(shop=shop, orders=2, until=NOON, counted_at=NOON)
    assert figures(shop)[0].unexplained == 0
    run = a_run(shop)
    finding(run, 2, "order_gone", sync=gone)
    assert figures(shop)[0].unexplained == 1
    finding(run, 1, "doubtful", open=True)
    (row,) = figures(shop)
    assert (row.unexplained, row.doubtful, row.found) == (2, 1, 3)


def test_the_command_names_an_unknown_shop(db: None) -> None:
    with pytest.raises(CommandError, match="There is no shop 'nobody'"):
        call_command("sweep", shop="nobody")

"""Lists cost the same number of queries however long they are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import django
import pytest
from auditlog.models import LogEntry
from django.contrib.admin import site
from django.contrib.auth.models import Group, User
from django.db import connection as database
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from erps.models import ErpConnection, ReferenceKind, ReferenceRecord
from integration_hub.unfold import navigation
from mappings.models import CustomerTemplate, RecordLink
from mappings.proxies import LocationMapping, TaxMapping
from shops.models import Location, Shop
from tests.admin_setup.conftest import AT

pytestmark = pytest.mark.django_db


def fill(start: int, stop: int) -> None:
    """Rows of every kind, each pointing at other rows."""
    for n in range(start, stop):
        connection = ErpConnection.objects.create(key=f"c{n}", name=f"C{n}", account_id=str(n))
        shop = Shop.objects.create(
            key=f"s{n}", name=f"S{n}", domain=f"s{n}.myshopify.com", erp_connection=connection
        )
        Location.objects.create(shop=shop, source_id="1", name="One", fetched_at=AT)
        ReferenceRecord.objects.create(
            connection=connection, kind=ReferenceKind.LOCATION, erp_id="7", name=f"W{n}", fetched_at=AT
        )
        LocationMapping.objects.create(shop=shop, source="1", target_id="7")
        TaxMapping.objects.create(shop=shop, source="Tax", target_id="7")
        CustomerTemplate.objects.create(shop=shop, country="US")
        RecordLink.objects.create(
            shop=shop,
            connection=connection,
            kind="sales_order",
            source_id=str(n),
            external_id=f"e{n}",
            erp_id="1",
        )
        User.objects.create_user(f"u{n}").groups.add(Group.objects.create(name=f"g{n}"))


@pytest.mark.parametrize(
    "name",
    [
        "shops_shop",
        "erps_erpconnection",
        "erps_referencerecord",
        "mappings_locationmapping",
        "mappings_taxmapping",
        "mappings_customertemplate",
        "mappings_recordlink",
        "auth_user",
        "auth_group",
        "auditlog_logentry",
    ],
)
def test_a_list_of_thirty_costs_what_a_list_of_two_costs(name: str, boss: Client) -> None:
    address = reverse(f"admin:{name}_changelist")
    fill(0, 2)
    boss.get(address)
    with CaptureQueriesContext(database) as few:
        assert boss.get(address).status_code == 200
    fill(2, 30)
    with CaptureQueriesContext(database) as many:
        assert boss.get(address).status_code == 200
    assert len(many) == len(few)
    assert len(many) <= 14


def test_a_map_with_waiting_orders_costs_five_queries_more_however_many_wait(
    boss: Client, block: Any, django_assert_num_queries: Any
) -> None:
    address = reverse("admin:mappings_locationmapping_changelist")
    boss.get(address)
    with CaptureQueriesContext(database) as nothing:
        boss.get(address)
    for number in range(30):
        block(number, "UNMAPPED_LOCATION", str(number % 7))
    # Two for what waits and what lets it go, three for what each value probably becomes.
    with django_assert_num_queries(len(nothing) + 5):
        answer = boss.get(address)
    assert len(answer.context["waiting"]) == 7


def test_the_log_is_written_for_each_kind_of_setting(boss: Client) -> None:
    fill(0, 1)
    kinds = set(LogEntry.objects.values_list("content_type__model", flat=True))
    assert {"shop", "erpconnection", "customertemplate", "valuemapping"} <= kinds


def test_no_page_of_ours_stands_in_for_one_of_the_admins() -> None:
    """A template under templates/admin takes the place of Django's own of that name wherever it is used."""
    theirs = {
        path.name for path in (Path(django.__file__).parent / "contrib/admin/templates/admin").glob("*.html")
    }
    ours = {path.name for path in Path("templates/admin").glob("*.html")}
    assert ours & theirs == {"login.html"}


@pytest.mark.parametrize(
    "name",
    [
        "mappings_locationmapping",
        "shops_shop",
        "syncflows_order",
        "syncflows_sync",
        "mappings_customertemplate",
    ],
)
def test_a_list_is_one_page(boss: Client, shop: Shop, name: str) -> None:
    page = boss.get(reverse(f"admin:{name}_changelist")).content.decode()
    assert page.count("<html") == 1


@pytest.mark.parametrize(
    ("path", "title"),
    [
        ("/admin/", "Overview"),
        ("/admin/syncflows/order/", "Orders"),
        ("/admin/syncflows/order/12/change/", "Orders"),
        ("/admin/syncflows/order/causes/", "Errors by cause"),
        ("/admin/syncflows/order/by-number/", "Import by number"),
        ("/admin/syncflows/sync/", "Orders to import"),
        ("/admin/password_change/", None),
    ],
)
def test_the_sidebar_marks_one_page(rf: RequestFactory, db: None, path: str, title: str | None) -> None:
    request = rf.get(path)
    request.user = User(is_superuser=True, is_active=True, is_staff=True)
    marked = [item["title"] for group in navigation(request) for item in group["items"] if item["active"]]
    assert marked == ([title] if title else [])


def test_every_list_says_in_its_own_words_that_it_is_empty(boss: Client) -> None:
    """What appears here and how it gets here; users and roles are never without any."""
    silent = [
        model.__name__
        for model, admin in site._registry.items()
        if model not in (User, Group) and not getattr(admin, "empty_words", "")
    ]
    assert silent == []
    page = boss.get(reverse("admin:syncflows_sync_changelist")).content.decode()
    assert "No order waits." in page

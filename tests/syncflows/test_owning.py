"""Two workers with one order in two records of a store, at the same moment."""

from __future__ import annotations

import threading

import pytest
from django.db import connection, transaction

from shops.models import Shop
from shops.stores import records_of_store, stores
from syncflows.models import Attempt, OrderFilter, Sync
from syncflows.pipeline.owning import Store, commit_intents
from syncflows.pipeline.work import Work
from syncflows.states import State
from tests.erps.making import sales_order
from tests.syncflows.making import make_shop, make_sync, order_facts


def two_records() -> tuple[Shop, Shop]:
    first = make_shop("demo")
    second = Shop.objects.create(key="pos", name="POS", domain="DEMO.myshopify.com")
    return first, second


def work_of(shop: Shop) -> Work:
    """The order #1001 of this record in a worker's hands, ready to be written."""
    make_sync(shop)
    (sync,) = Sync.objects.filter(shop=shop).claim(1)
    work = Work.start(sync)
    work.facts = order_facts(channel="Online Store")
    work.document = sales_order(external_id=f"shp-{shop.key}-so-5001")
    work.payload_hash = shop.key
    return work


def takes(shop: Shop, channels: str) -> None:
    OrderFilter.objects.update_or_create(shop=shop, defaults={"channels_include": channels})


@pytest.mark.django_db
def test_records_of_one_store_share_its_domain_or_its_api_address() -> None:
    first, second = two_records()
    third = make_shop("other", api_base_url="https://demo.myshopify.com/")
    fourth = make_shop("fourth", api_base_url="https://api.example.com/fourth")
    assert [one.key for one in records_of_store(second)] == ["demo", "pos", "other"]
    assert records_of_store(fourth) == [fourth]
    assert stores([fourth, first, third, second]) == [[fourth], [first, third, second]]


@pytest.mark.django_db
def test_reading_a_store_costs_two_queries_alone_and_five_with_another_record(
    django_assert_num_queries: object,
) -> None:
    alone = make_shop("alone")
    first, _ = two_records()
    with django_assert_num_queries(2):  # type: ignore[operator]
        Store.load(alone, ["5001"])
    with django_assert_num_queries(5):  # type: ignore[operator]
        Store.load(first, ["5001", "5002"])


@pytest.mark.pg
@pytest.mark.django_db(transaction=True)
def test_while_one_record_commits_its_intent_the_other_waits_and_then_sees_it() -> None:
    first, second = two_records()
    takes(first, "*")
    takes(second, "pos")
    ours, theirs = work_of(first), work_of(second)
    begun: list[list[Work]] = []

    def other_worker() -> None:
        takes(first, "pos")  # somebody changes the filters at this very moment
        takes(second, "*")
        begun.append(commit_intents([theirs]))
        connection.close()

    thread = threading.Thread(target=other_worker)
    with transaction.atomic():
        assert commit_intents([ours]) == [ours]
        thread.start()
        thread.join(timeout=1.5)
        assert thread.is_alive()  # it waits for the lock
    thread.join(timeout=30)
    assert begun == [[]]
    theirs.sync.refresh_from_db()
    assert (theirs.sync.state, theirs.sync.reason_code) == (State.WAITING, "OTHER_SHOP_WRITING")
    assert list(Attempt.objects.exclude(external_id="").values_list("external_id", flat=True)) == [
        "shp-demo-so-5001"
    ]


@pytest.mark.django_db(transaction=True)
def test_an_order_both_want_by_the_time_of_the_write_is_written_by_neither() -> None:
    first, second = two_records()
    for shop in (first, second):
        work = work_of(shop)
        assert commit_intents([work]) == []
        work.sync.refresh_from_db()
        assert (work.sync.state, work.sync.reason_code) == (State.BLOCKED, "TWO_SHOPS_WANT_IT")
        assert work.sync.reason == (
            f"Order #1001 passes the filters of shop {shop.name} and of shop "
            f"{(second if shop == first else first).name}. It is written through neither."
        )
    assert not Attempt.objects.exclude(external_id="").exists()

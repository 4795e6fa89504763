"""Which record became which: once, and never silently another."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import IntegrityError
from pytest_django import DjangoAssertNumQueries

from canonical.documents import DocumentKind, RecordRef
from common.errors import NeedsPerson
from mappings.links import live_links, record_link, unlink
from mappings.models import RecordLink
from shops.models import Shop
from tests.mappings.making import make_shop

pytestmark = pytest.mark.django_db
SO = DocumentKind.SALES_ORDER


def ref(number: str, external_id: str = "", *, recovered: bool = False) -> RecordRef:
    return RecordRef(kind=SO, id=number, number=f"SO{number}", external_id=external_id, recovered=recovered)


def test_a_link_keeps_what_was_written() -> None:
    shop = make_shop()
    record_link(
        shop, SO, "1001", ref("5", recovered=True), total=Decimal("69.27"), currency="USD", payload_hash="ab"
    )
    link = RecordLink.objects.get()
    assert (link.shop, link.connection, link.kind, link.source_id) == (
        shop,
        shop.erp_connection,
        "sales_order",
        "1001",
    )
    assert (link.external_id, link.erp_id, link.erp_number) == ("shp-demo-so-1001", "5", "SO5")
    assert (link.total, link.currency, link.payload_hash, link.recovered) == (
        Decimal("69.2700"),
        "USD",
        "ab",
        True,
    )


def test_the_records_own_external_id_is_kept() -> None:
    assert record_link(make_shop(), SO, "1001", ref("5", "typed-by-hand")).external_id == "typed-by-hand"


def test_the_same_link_again_is_the_same() -> None:
    shop = make_shop()
    first = record_link(shop, SO, "1001", ref("5"))
    assert record_link(shop, SO, "1001", ref("5")).pk == first.pk
    assert RecordLink.objects.count() == 1


def test_another_record_is_a_conflict() -> None:
    shop = make_shop()
    record_link(shop, SO, "1001", ref("5"))
    with pytest.raises(NeedsPerson) as caught:
        record_link(shop, SO, "1001", ref("6"))
    assert (caught.value.code, caught.value.value) == ("LINK_CONFLICT", "shp-demo-so-1001")
    assert caught.value.message == (
        "Sales order 1001 is linked to ERP record SO5 already, but now SO6 was found."
    )


def test_an_unlinked_record_can_be_linked_anew() -> None:
    shop = make_shop()
    link = record_link(shop, SO, "1001", ref("5"))
    unlink(link)
    broken_at = link.unlinked_at
    unlink(link)
    assert (RecordLink.objects.get().unlinked_at, broken_at is not None) == (broken_at, True)
    assert live_links(shop, SO, ["1001"]) == {}
    again = record_link(shop, SO, "1001", ref("6"))
    assert live_links(shop, SO, ["1001"]) == {"1001": again}


def test_links_are_apart_by_shop_and_kind() -> None:
    shop, other = make_shop(), make_shop("other")
    record_link(shop, SO, "1001", ref("5"))
    assert live_links(other, SO, ["1001"]) == {}
    assert live_links(shop, DocumentKind.CUSTOMER, ["1001"]) == {}


def test_many_are_read_with_few_queries(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    shop = make_shop()
    with django_assert_num_queries(2):
        live_links(shop, SO, [str(number % 501) for number in range(600)])


def test_a_shop_without_a_connection_has_no_links() -> None:
    with pytest.raises(NeedsPerson) as caught:
        record_link(Shop.objects.create(key="lone", name="Lone"), SO, "1", ref("5"))
    assert caught.value.code == "NO_CONNECTION"


def test_what_the_database_refuses_for_another_reason_is_not_hidden() -> None:
    shop = make_shop()
    with pytest.raises(IntegrityError):
        record_link(shop, SO, "1001", RecordRef(kind=SO, id=None, external_id="x"))  # type: ignore[arg-type]

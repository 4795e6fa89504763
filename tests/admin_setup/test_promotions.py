"""Discount rows that name a promotion: in the form, in long lists, and from a file."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from erps.models import ReferenceKind, ReferenceRecord
from mappings.models import ValueMapping
from shops.models import Shop
from tests.admin_setup.conftest import AT
from tests.admin_setup.test_mapping_files import confirm, faults, upload
from tests.admin_setup.test_mappings import errors, row

pytestmark = pytest.mark.django_db


def promotion(shop: Shop, number: str, name: str) -> ReferenceRecord:
    """A promotion as the reference data has it, not stored."""
    assert shop.erp_connection is not None
    return ReferenceRecord(
        connection=shop.erp_connection, kind=ReferenceKind.PROMOTION, erp_id=number, name=name, fetched_at=AT
    )


def test_a_discount_may_name_a_promotion_with_or_without_an_item(boss: Client, shop: Shop) -> None:
    for number, name in (("43", "Newsletter"), ("44", "Summer sale")):
        promotion(shop, number, name).save()
    add = "admin:mappings_discountmapping_add"
    page = boss.get(reverse(add), {"shop": str(shop.pk)}).content.decode()
    assert '<option value="promotion:43">Newsletter (43)</option>' in " ".join(page.split())
    assert boss.post(reverse(add), row(shop, source="NEWS", promotion="promotion:43")).status_code == 302
    boss.post(reverse(add), row(shop, source="SUMMER", promotion="promotion:44", typed_id="651"))
    boss.post(reverse(add), row(shop, source="NONE", promotion="promotion:44", behaviour="stop"))
    stored = ValueMapping.objects.order_by("pk").values_list(
        "source", "behaviour", "target_id", "promotion_id"
    )
    assert list(stored) == [
        ("NEWS", "use", "", "43"), ("SUMMER", "use", "651", "44"), ("NONE", "stop", "", ""),
    ]  # fmt: skip
    answer = boss.post(reverse(add), row(shop, source="BARE"))
    assert errors(answer)["target"] == [
        "Choose the record to use, or set the behaviour to leave empty or to stop."
    ]
    change = reverse(
        "admin:mappings_discountmapping_change", args=[ValueMapping.objects.get(source="NEWS").pk]
    )
    assert '<option value="promotion:43" selected>' in boss.get(change).content.decode()


def test_long_lists_of_promotions_are_searched(boss: Client, shop: Shop) -> None:
    ReferenceRecord.objects.bulk_create(promotion(shop, str(n), f"Code {n}") for n in range(1000, 1400))
    page = boss.get(reverse("admin:mappings_discountmapping_add"), {"shop": str(shop.pk)}).content.decode()
    address = f"{reverse('admin:mappings_discountmapping_targets')}?connection={shop.erp_connection_id}&kind=promotion"
    assert address.replace("&", "&amp;") in page
    found = boss.get(f"{address}&term=1234").json()
    assert found["results"] == [{"id": "promotion:1234", "text": "Code 1234 (1234)"}]


def test_a_file_of_discounts_may_name_promotions(boss: Client, shop: Shop) -> None:
    promotion(shop, "43", "Newsletter").save()
    name = "admin:mappings_discountmapping"
    head = "shop,source,behaviour,target_id,promotion_id\n"
    bad = upload(boss, name, f"{head}main-store,NEWS,use,,404\nmain-store,BARE,use,,\n")
    assert {number: list(found) for number, found in faults(bad).items()} == {
        1: ["promotion_id"],
        2: ["target_id"],
    }
    assert "no active promotion with the id 404" in str(faults(bad)[1])
    good = upload(boss, name, f"{head}main-store,NEWS,use,,43\nmain-store,STOP,stop,,43\n")
    assert confirm(boss, name, good).status_code == 302
    stored = ValueMapping.objects.order_by("source").values_list("source", "target_id", "promotion_id")
    assert list(stored) == [("NEWS", "", "43"), ("STOP", "", "")]
    text = boss.post(reverse(f"{name}_export"), {"format": "0", "resource": ""}).content.decode()
    assert "main-store,NEWS,,use,,,43" in text

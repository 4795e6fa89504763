"""Rows of maps read as a person would say them, each kind under its own name."""

from __future__ import annotations

import pytest

from canonical.documents import DocumentKind, RecordRef
from mappings.links import record_link
from mappings.models import CustomerTemplate, MapKind, ValueMapping
from mappings.proxies import DiscountMapping, LocationMapping
from tests.mappings.making import add_row, make_shop, row

pytestmark = pytest.mark.django_db


def test_rows_name_both_sides() -> None:
    assert str(row(MapKind.TAX, "VAT|20", "901", target_label="UK VAT")) == "Tax: VAT|20 → UK VAT"
    assert str(row(MapKind.TAX, "", "901", target_label="")) == "Tax: default → 901"
    assert str(row(MapKind.TAX, "", target_label="")) == "Tax: default → -"


def test_templates_and_links_name_what_they_are_for() -> None:
    shop = make_shop()
    assert str(CustomerTemplate(shop=shop, country="US")) == "Demo · US"
    assert str(CustomerTemplate(shop=shop)) == "Demo · all other countries"
    made = RecordRef(kind=DocumentKind.SALES_ORDER, id="5", number="SO5")
    link = record_link(shop, DocumentKind.SALES_ORDER, "1001", made)
    assert str(link) == "shp-demo-so-1001 → SO5"


def test_a_kind_has_its_own_rows() -> None:
    shop = make_shop()
    add_row(shop, MapKind.DISCOUNT, "SAVE10", "650")
    LocationMapping(shop=shop, source="71001", target_id="301").save()
    assert ValueMapping.objects.get(source="71001").kind == MapKind.LOCATION
    assert [each.source for each in LocationMapping.objects.all()] == ["71001"]
    assert [each.source for each in DiscountMapping.objects.all()] == ["SAVE10"]


def test_the_kind_is_known_before_a_row_is_checked() -> None:
    mapping = LocationMapping(shop=make_shop(), source="71001")
    mapping.full_clean()
    assert mapping.kind == MapKind.LOCATION
